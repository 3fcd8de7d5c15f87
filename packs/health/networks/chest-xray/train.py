"""The recipe of the chest network: trains the sweep of sizes over several seeds, then ships two of them.

  train.py fit   --data DATA --work WORK   one checkpoint a size and seed; skips those that are there
  train.py teach --data DATA --work WORK   what the large nets say together of varied films
  train.py fit   --data DATA --work WORK --sizes conv-small-taught,conv-large-taught
  train.py ship  --data DATA --work WORK   sweep.json, sweep.md, small.onnx, large.onnx

Only the training split is fitted. Validation chooses the epoch, and, in varied copies, which seed is shipped (lowest
negative log likelihood). `ship` is the only step that opens the test half, after everything is chosen.
All of it takes under an hour on two idle cores (two `fit` processes side by side, one thread each).
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from export import Classifier, export, run_onnx, sha256
from films import LABELS, as_tensor, read_split, read_train_and_val, vary
from learning import figures, fit, logits_of, temperature_of
from networks import SIZES, Net, flops, parameters

# Chosen on validation (README.md, "Recipe"): a small net is held back by strong variation, a large one is not. Where
# validation did not tell two settings apart, the stronger variation: validation shares patients with training.
RECIPES = {
    "logistic": dict(epochs=60, rate=4e-3, strength=0.25, smoothing=0.0, dropout=0.0, decay=0.001),
    "perceptron": dict(epochs=60, rate=4e-3, strength=0.5, smoothing=0.0, dropout=0.1),
    "conv-tiny": dict(epochs=60, rate=4e-3, strength=0.5, smoothing=0.0, dropout=0.0),
    "conv-small": dict(epochs=50, rate=4e-3, strength=0.5, smoothing=0.0, dropout=0.0),
    "conv-medium": dict(epochs=35, rate=4e-3, strength=0.7, smoothing=0.0, dropout=0.1),
    "conv-large": dict(epochs=22, rate=2e-3, strength=1.0, smoothing=0.02, dropout=0.2),
}
TEACHERS = "conv-large"
# Students: (size, recipe). They learn from what all nets of size TEACHERS in the work folder say together.
STUDENTS = {
    "conv-small-taught": ("conv-small", dict(epochs=60, rate=4e-3, dropout=0.0)),
    "conv-large-taught": ("conv-large", dict(epochs=20, rate=2e-3, dropout=0.2)),
}
LESSON_COPIES, LESSON_STRENGTH = 16, 1.3
SHIPPED = {"small": "conv-small-taught", "large": "conv-large-taught"}


def checkpoint(work, size, seed):
    return Path(work) / f"{size}-{seed}.pt"


def size_of(name):
    return STUDENTS[name][0] if name in STUDENTS else name


def seeds_of(work, name):
    return sorted(int(path.stem.rsplit("-", 1)[1]) for path in Path(work).glob(f"{name}-[0-9]*.pt"))


def teach(options):
    """lesson.pt: sixteen varied copies of every training film, with the mean probability the teachers give each."""
    torch.set_num_threads(options.threads)
    (images, labels), _ = read_train_and_val(options.data)
    teachers = [
        load(options.work, TEACHERS, seed).to(memory_format=torch.channels_last)
        for seed in seeds_of(options.work, TEACHERS)
    ]
    random, seen, said = torch.Generator().manual_seed(77), [], []
    for copy in range(LESSON_COPIES):
        for i in range(0, len(images), 512):
            films = (vary(images[i : i + 512], random, LESSON_STRENGTH) * 255).round().to(torch.uint8)
            seen.append(films[:, 0])
            x = films.float().div(255).contiguous(memory_format=torch.channels_last)
            with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
                said.append(sum(torch.softmax(teacher(x).float(), 1) for teacher in teachers) / len(teachers))
        print(f"lesson: copy {copy + 1} of {LESSON_COPIES}, {len(teachers)} teachers", flush=True)
    lesson = {"images": torch.cat(seen), "teachers": torch.cat(said), "labels": labels.repeat(LESSON_COPIES)}
    torch.save(lesson, Path(options.work) / "lesson.pt")


def varied_validation(val):
    """Validation films in four varied copies, for students: validation shares patients with training, so that varied
    films tell more about films of other children."""
    random = torch.Generator().manual_seed(5)
    return torch.cat([vary(val[0], random, 1.0) for _ in range(4)]), val[1].repeat(4)


def fit_all(options):
    torch.set_num_threads(options.threads)
    train, val = read_train_and_val(options.data)
    Path(options.work).mkdir(parents=True, exist_ok=True)
    for size in options.sizes.split(","):
        for seed in map(int, options.seeds.split(",")):
            path = checkpoint(options.work, size, seed)
            if path.exists():
                continue
            if size in STUDENTS:
                lesson = torch.load(Path(options.work) / "lesson.pt", weights_only=True)
                recipe = STUDENTS[size][1] | {"lesson": lesson}
                judge = varied_validation(val)
            else:
                recipe, judge = RECIPES[size], val
            net = fit(size_of(size), train, judge, seed, **recipe, log=lambda line: print(size, line, flush=True))
            torch.save(net.state_dict(), path)


def load(work, size, seed):
    net = Net(size_of(size))
    net.load_state_dict(torch.load(checkpoint(work, size, seed), weights_only=True))
    return net.eval()


def judged(net, val, varied, test):
    """Validation, varied validation and test figures of one net; the temperature comes from validation."""
    val_logits, test_logits = logits_of(net, val[0]), logits_of(net, test[0])
    temperature = temperature_of(val_logits, val[1])
    return {
        "temperature": round(temperature, 5),
        "val": figures(val_logits, val[1], temperature),
        "val_ece_before": figures(val_logits, val[1])["ece"],
        "varied": figures(logits_of(net, varied[0]), varied[1], temperature),
        "test": figures(test_logits, test[1], temperature),
        "test_ece_before": figures(test_logits, test[1])["ece"],
    }


def majority(labels):
    """The row that answers the commoner training label, with its training share as the probability."""
    share = float((labels == 1).float().mean())
    return {"auc": 0.5, "accuracy": round(share, 5)}


def sweep(options, val, test, train_labels):
    rows, varied = [], varied_validation(val)
    prior = float((train_labels == 1).float().mean())
    row = {"size": "majority", "flops": 0, "parameters": 0, "seeds": 0, "mean": {}}
    for split, labels in (("val", val[1]), ("test", test[1])):
        row["mean"]["varied"] = majority(val[1])
        row["mean"][split] = majority(labels) | {"ece": round(abs(majority(labels)["accuracy"] - prior), 5)}
    rows.append(row)
    for size in [*SIZES, *STUDENTS]:
        seeds = seeds_of(options.work, size)
        if not seeds:
            continue
        runs = [judged(load(options.work, size, seed), val, varied, test) | {"seed": seed} for seed in seeds]
        net = Net(size_of(size))
        row = {"size": size, "flops": flops(net), "parameters": parameters(net), "seeds": len(seeds), "runs": runs}
        row["mean"], row["deviation"] = {}, {}
        for split in ("val", "varied", "test"):
            for name, by in (("mean", np.mean), ("deviation", np.std)):
                row[name][split] = {k: round(float(by([r[split][k] for r in runs])), 5) for k in runs[0][split]}
                if split == "varied":
                    continue
                row[name][split]["ece_before"] = round(float(by([r[split + "_ece_before"] for r in runs])), 5)
        rows.append(row)
    return rows


def table(rows, test):
    lines = [
        "# Sizes of the chest network",
        "",
        f"Mean (deviation) over seeds; test: the {len(test[1])} films shipped of the PneumoniaMNIST test split's 624.",
        "Temperature from validation; varied: four varied copies of the validation films; taught: learned from the",
        "conv-large nets together. Made by `train.py ship`; every run is in sweep.json.",
        "",
        "| size | FLOPs an input | parameters | seeds | val AUC | val accuracy | val ECE | varied AUC "
        "| test AUC | test accuracy | test ECE |",
        "| --- | --: | --: | --: | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        cells = [row["size"], f"{row['flops']:,}", f"{row['parameters']:,}", str(row["seeds"])]
        for split, keys in (
            ("val", ("auc", "accuracy", "ece")),
            ("varied", ("auc",)),
            ("test", ("auc", "accuracy", "ece")),
        ):
            for key in keys:
                spread = f" ({row['deviation'][split][key]:.4f})" if "deviation" in row else ""
                cells.append(f"{row['mean'][split][key]:.4f}{spread}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def ship(options):
    torch.set_num_threads(options.threads)
    (_, train_labels), val = read_train_and_val(options.data)
    images, labels = read_split(options.data, "test")
    test, out = (as_tensor(images), torch.from_numpy(labels)), Path(options.out)
    rows = sweep(options, val, test, train_labels)
    (out / "sweep.json").write_text(
        json.dumps({"labels": LABELS, "test_films": len(labels), "sizes": rows}, indent=1) + "\n"
    )
    (out / "sweep.md").write_text(table(rows, test))
    print(table(rows, test))
    for stage, size in SHIPPED.items():
        row = next(r for r in rows if r["size"] == size)
        best = min(row["runs"], key=lambda run: run["varied"]["nll"])
        path = out / f"{stage}.onnx"
        export(Classifier(load(options.work, size, best["seed"])), path, "logits")
        temperature = temperature_of(run_onnx(path, val[0].numpy()), val[1])
        print(
            json.dumps(
                {
                    "stage": stage,
                    "size": size,
                    "seed": best["seed"],
                    "sha256": sha256(path),
                    "temperature": round(temperature, 5),
                    "flops": row["flops"],
                    "parameters": row["parameters"],
                }
            )
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=["fit", "teach", "ship"])
    parser.add_argument("--data", default="../shared/data/health/pneumoniamnist")
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", default=str(Path(__file__).parent))
    parser.add_argument("--sizes", default=",".join(SIZES))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    {"fit": fit_all, "teach": teach, "ship": ship}[options.step](options)


if __name__ == "__main__":
    main()
