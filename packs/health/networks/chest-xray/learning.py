"""One training run (cosine schedule, averaged weights, epoch chosen on validation alone) and the figures of a net."""

import copy
import time

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.metrics import roc_auc_score

from films import vary
from networks import Net


def logits_of(net, images, batch=1024):
    net.eval()
    with torch.no_grad():
        return torch.cat([net(images[i : i + batch]) for i in range(0, len(images), batch)])


def expected_calibration_error(probability, labels, bins=15):
    """Guo et al., "On Calibration of Modern Neural Networks", ICML 2017: |accuracy - confidence| over equal bins of the
    confidence of the answered label, weighted by how many films fall in each."""
    probability, labels = np.asarray(probability, np.float64), np.asarray(labels)
    answer = (probability >= 0.5).astype(int)
    confidence = np.where(answer == 1, probability, 1 - probability)
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = place == b
        if inside.any():
            error += inside.mean() * abs((answer[inside] == labels[inside]).mean() - confidence[inside].mean())
    return float(error)


def figures(logits, labels, temperature=1.0):
    """AUC, accuracy, calibration error and negative log likelihood of logits [n, 2]."""
    logits, labels = torch.as_tensor(logits).double() / temperature, torch.as_tensor(labels)
    probability = torch.softmax(logits, 1)[:, 1].numpy()
    return {
        "auc": round(float(roc_auc_score(labels, probability)), 5),
        "accuracy": round(float(((probability >= 0.5) == labels.numpy()).mean()), 5),
        "ece": round(expected_calibration_error(probability, labels), 5),
        "nll": round(float(F.cross_entropy(logits, labels)), 5),
    }


def temperature_of(logits, labels):
    """The one number that, dividing validation logits, makes their likelihood largest."""
    logits, labels = torch.as_tensor(logits).double(), torch.as_tensor(labels)
    log_temperature = torch.zeros(1, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_temperature], lr=0.1, max_iter=200, line_search_fn="strong_wolfe")

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(logits / log_temperature.exp(), labels)
        value.backward()
        return value

    optimizer.step(loss)
    return float(log_temperature.exp().detach())


def drawn_batches(train, random, batch, strength, smoothing):
    """One pass over the films, freshly varied: (images, targets [n, 2])."""
    images, labels = train
    order = torch.randperm(len(images), generator=random)
    for i in range(0, len(order) - batch + 1, batch):
        pick = order[i : i + batch]
        yield vary(images[pick], random, strength), F.one_hot(labels[pick], 2).float() * (1 - smoothing) + smoothing / 2


def taught_batches(lesson, length, random, batch):
    """`length` films of a lesson (`teach` in train.py), any order: the label for 0.3, what the teachers say for 0.7."""
    order = torch.randperm(len(lesson["labels"]), generator=random)[:length]
    for i in range(0, length - batch + 1, batch):
        pick = order[i : i + batch]
        target = 0.3 * F.one_hot(lesson["labels"][pick].long(), 2).float() + 0.7 * lesson["teachers"][pick]
        yield lesson["images"][pick].float().div(255).unsqueeze(1), target


def fit(
    size,
    train,
    val,
    seed,
    *,
    epochs,
    rate=2e-3,
    decay=0.02,
    smoothing=0.05,
    dropout=0.2,
    strength=1.0,
    average=0.998,
    lesson=None,
    batch=128,
    log=None,
):
    """Trains one net of `size` and returns the averaged weights of its best validation epoch (lowest negative log
    likelihood after temperature: validation AUC saturates).

    average is the decay of the moving average of the weights. With a lesson the films come from it instead of `train`.
    """
    torch.manual_seed(seed)
    random = torch.Generator().manual_seed(1000 + seed)
    net = Net(size, dropout).to(memory_format=torch.channels_last)
    averaged = copy.deepcopy(net)
    films = len(train[0])
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, rate, total_steps=epochs * (films // batch), pct_start=0.15
    )
    best, best_state, step, start = None, None, 0, time.time()
    for epoch in range(epochs):
        net.train()
        if lesson is None:
            batches = drawn_batches(train, random, batch, strength, smoothing)
        else:
            batches = taught_batches(lesson, films, random, batch)
        for images, target in batches:
            with torch.autocast("cpu", torch.bfloat16):
                out = net(images.contiguous(memory_format=torch.channels_last))
            loss = -(target * F.log_softmax(out.float(), 1)).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            step += 1
            follow(averaged, net, min(average, step / (step + 20)))
        if epoch < epochs // 3:
            continue
        now = logits_of(averaged, val[0])
        scored = float(F.cross_entropy(now / temperature_of(now, val[1]), val[1]))
        if best is None or scored < best:
            best, best_state, best_epoch = scored, copy.deepcopy(averaged.state_dict()), epoch
    averaged.load_state_dict(best_state)
    if log is not None:
        found = figures(logits_of(averaged, val[0]), val[1])
        log(f"{size} seed {seed}: epoch {best_epoch + 1} of {epochs}, val {found}, {time.time() - start:.0f} s")
    return averaged.eval()


def follow(averaged, net, keep):
    """Moves the averaged weights towards the net's; counters are copied."""
    with torch.no_grad():
        for mine, theirs in zip(averaged.state_dict().values(), net.state_dict().values()):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - keep)
            else:
                mine.copy_(theirs)
