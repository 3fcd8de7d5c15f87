"""Trains the gate: is this an upright frontal chest radiograph at all?

Writes gate.onnx, [n, 1, 28, 28] -> score [n, 1].

score = min(seen, spanned, spread); an image is refused where its score is below the threshold in chest-xray.toml.
  seen     logit of a small net trained on films (PneumoniaMNIST train) against generated strangers (strangers.py)
  spanned  how well the film's own principal components rebuild the image once its greys are standardised: it knows
           nothing of strangers, so it also stops what nobody thought of drawing
  spread   the deviation of the greys: a blank film has none
All three are scaled so that validation films lie above 0 except one in two hundred each; the threshold moves their
minimum, and is the score that `--refuse` of the validation films fall below.
"""

import argparse
import json
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import strangers
from export import export, folded, sha256
from films import read_train_and_val, vary
from learning import logits_of
from networks import block, flops, parameters

COMPONENTS = 48
BLANK = 0.02


class Seen(nn.Module):
    """Keeps the place of what it sees (no pooling over the field): lungs are where lungs belong."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*block(1, 12, 2), *block(12, 24, 2), *block(24, 32, 2), nn.Flatten(), nn.Dropout(0.3))
        self.head = nn.Linear(32 * 4 * 4, 1)

    def forward(self, image):
        return self.head(self.body(image * 2 - 1))


class Gate(nn.Module):
    """components [48, 784] orthonormal, middle [784]: of the standardised films. scale, shift: for seen, spanned."""

    def __init__(self, seen, components, middle, scale, shift):
        super().__init__()
        self.body, self.head = folded(seen.body), seen.head
        self.register_buffer("components", components.t().contiguous())
        self.register_buffer("middle", middle)
        self.scale, self.shift = [float(s) for s in scale], [float(s) for s in shift]

    def parts(self, image):
        flat = image.reshape(-1, 784)
        centred = flat - flat.mean(1, keepdim=True)
        deviation = (centred * centred).mean(1, keepdim=True).sqrt()
        standard = centred / (deviation + 0.01) - self.middle
        along = torch.matmul(standard, self.components)
        total = (standard * standard).sum(1, keepdim=True)
        missed = 1 - (along * along).sum(1, keepdim=True) / (total + 1)
        return self.head(self.body(image * 2 - 1)), missed, deviation

    def forward(self, image):
        seen, missed, deviation = self.parts(image)
        seen = seen * self.scale[0] + self.shift[0]
        spanned = missed * self.scale[1] + self.shift[1]
        return torch.minimum(torch.minimum(seen, spanned), (deviation - BLANK) * 100)


def framed(films, rng):
    """Some films with dark margins or corners, as collimation leaves them."""
    films = films.clone()
    for i in np.flatnonzero(rng.random(len(films)) < 0.15):
        dark = float(rng.uniform(0, 0.2))
        top, bottom, left, right = (int(rng.integers(0, 3)) for _ in range(4))
        films[i, :, :top], films[i, :, 28 - bottom :] = dark, dark
        films[i, :, :, :left], films[i, :, :, 28 - right :] = dark, dark
    return films


def train_seen(films, val, seed, epochs, drawn):
    torch.manual_seed(seed)
    random, rng = torch.Generator().manual_seed(seed), np.random.default_rng(seed)
    grey = films[:, 0].numpy()
    start = time.time()
    pool = torch.from_numpy(np.stack([strangers.draw(rng, grey) for _ in range(drawn)])).unsqueeze(1)
    print(f"{drawn} strangers drawn, {time.time() - start:.0f} s")
    net, n, batch = Seen(), len(films), 128
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=0.05)
    steps = epochs * (n // batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps, pct_start=0.15)
    for epoch in range(epochs):
        net.train()
        order, total = torch.randperm(n, generator=random), 0.0
        for i in range(0, n - batch + 1, batch):
            mine = vary(framed(films[order[i : i + batch]], rng), random, 1.1)
            other = pool[torch.from_numpy(rng.integers(0, drawn, batch))]
            hidden = grey[rng.integers(0, n, 40)]
            masked = torch.from_numpy(np.stack([strangers.disguised(rng, film) for film in hidden])).unsqueeze(1)
            images = torch.cat([mine, vary(torch.cat([other, masked.float()]), random, 0.7)])
            wanted = torch.zeros(len(images), 1)
            wanted[:batch] = 1
            out = net(images)
            loss = F.binary_cross_entropy_with_logits(out, wanted * 0.98 + 0.01)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += float(loss.detach())
        if epoch % 5 == 4:
            kept = float((logits_of(net, val) > 0).float().mean())
            print(
                f"gate epoch {epoch + 1}: loss {total / (n // batch):.4f}, val films kept at 0: {kept:.4f}", flush=True
            )
    return net.eval()


def components_of(films, random):
    """Principal components of the films and of lightly varied copies, standardised as Gate does."""
    both = torch.cat([films, vary(films, random, 0.7)]).reshape(-1, 784)
    centred = both - both.mean(1, keepdim=True)
    standard = centred / (centred.square().mean(1, keepdim=True).sqrt() + 0.01)
    middle = standard.mean(0)
    _, _, directions = torch.linalg.svd(standard - middle, full_matrices=False)
    return directions[:COMPONENTS].contiguous(), middle


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="../shared/data/health/pneumoniamnist")
    parser.add_argument("--out", default=".")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--drawn", type=int, default=30000)
    parser.add_argument("--refuse", type=float, default=0.01, help="share of validation films that may be refused")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    (films, _), (val, _) = read_train_and_val(options.data)
    seen = train_seen(films, val, options.seed, options.epochs, options.drawn)
    components, middle = components_of(films, torch.Generator().manual_seed(options.seed))
    raw = Gate(seen, components, middle, (1, 1), (0, 0)).eval()
    with torch.no_grad():
        seen_val, missed_val, _ = raw.parts(val)
    # One unit of score is the way from the median film to the edge that one film in two hundred lies beyond.
    low, median = np.quantile(seen_val, [0.005, 0.5])
    high, missed_median = np.quantile(missed_val, [0.995, 0.5])
    scale = (1 / (median - low), -1 / (high - missed_median))
    shift = (-low * scale[0], -high * scale[1])
    gate = Gate(seen, components, middle, scale, shift).eval()
    scores = logits_of(gate, val)[:, 0].numpy()
    threshold = float(np.quantile(scores, options.refuse))
    path = f"{options.out}/gate.onnx"
    export(gate, path, "score")
    print(
        json.dumps(
            {
                "sha256": sha256(path),
                "threshold": round(threshold, 5),
                "parameters": parameters(seen) + components.numel() + 784,
                "flops": flops(gate) + 2 * components.numel(),
                "val_refused": float((scores < threshold).mean()),
            }
        )
    )


if __name__ == "__main__":
    main()
