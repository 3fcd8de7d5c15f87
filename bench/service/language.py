#!/usr/bin/env python3
"""Does a language model know better than the encoder what a customer wants? On a random sample (seed 1) of the test
messages, since an answer costs seconds. After examples/intents/train.py:

    python3 bench/service/language.py build/intents --model MODEL.gguf --sample 200

Two ways: all intents are named before the message and the likeliest name is taken; or the encoder's five likeliest are
offered as A to E. The encoder's own answers on the same messages stand beside them, with the paired difference (95%,
10,000 resamples).
"""

import argparse
import csv
import hashlib
import json
import os
import random
import subprocess
import sys
from pathlib import Path

import intents

LETTERS = "ABCDE"


def toml(name, labels, model, system, flops):
    listed = ", ".join(json.dumps(label) for label in labels)
    checksum = hashlib.sha256(model.read_bytes()).hexdigest()
    return (f'name = "{name}"\nlabels = [{listed}]\n[[stage]]\nname = "language"\nbackend = "llama"\n'
            f'model = "{model.name}"\nsha256 = "{checksum}"\nflops = {flops}\n'
            f'options = {{ system = {json.dumps(system)}, context = 2048 }}\n')


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--model", type=Path, required=True)
    arguments.add_argument("--sample", type=int, default=200)
    arguments.add_argument("--tenfold", type=Path, default=Path("build/default/bin/tenfold"))
    arguments.add_argument("--ways", default="all,five")
    options = arguments.parse_args()
    bench = intents.Bench(options)
    networks = bench.folder / "networks" / "intent"
    if not (networks / options.model.name).exists():
        (networks / options.model.name).symlink_to(options.model.resolve())
    ids = random.Random(1).sample(sorted(bench.messages, key=int), options.sample)

    encoder = encoder_ranks(bench, ids)
    own = [int(encoder[i][0] == bench.truth[i]) for i in ids]
    n = len(ids)
    print(f"encoder on these {n}: {sum(own) / n:.3f}; right among its five likeliest: "
          f"{sum(bench.truth[i] in encoder[i] for i in ids) / n:.3f}", flush=True)

    def report(way, said, flops, seconds):
        right = [int(said.get(i) == bench.truth[i]) for i in ids]
        low, high = intents.difference(right, own)
        interval = intents.wilson(sum(right), n)
        gap = (sum(right) - sum(own)) / n
        print(f"{way}: {sum(right) / n:.3f} ({interval[0]:.3f} to {interval[1]:.3f}), less the encoder "
              f"{100 * gap:+.1f} ({100 * low:+.1f} to {100 * high:+.1f}) points; {flops / n / 1e9:.1f} GFLOP and "
              f"{seconds / n:.2f} CPU s a message", flush=True)

    if "all" in options.ways:
        known = {row["label"] for row in intents.read(bench.folder / "calibration.csv")}
        labels = sorted(known | set(bench.truth.values()))
        system = ("You sort messages of a bank's customers. Answer with the one intent that fits best, from this list "
                  "and nothing else: " + ", ".join(labels))
        (networks / "language.toml").write_text(toml("intent", labels, options.model, system, 1e12))
        said, flops, seconds, _ = bench.run(network="language.toml", messages=ids)
        report("all 77 named", {i: label for i, (label, _) in said.items()}, flops, seconds)
    if "five" in options.ways:
        system = "You sort messages of a bank's customers. Answer with one letter."
        (networks / "chooser.toml").write_text(toml("chooser", LETTERS, options.model, system, 1e12))
        program = bench.folder / "chooser.scl"
        offers = "".join(f"\\n{letter}: {{{letter.lower()}}}" for letter in LETTERS)
        columns = "".join(f", bound {letter.lower()}: String" for letter in LETTERS)
        program.write_text(
            f'@network("chooser", prompt = "Message: {{text}}\\nWhat does the customer want?{offers}", '
            f'labels = {json.dumps(list(LETTERS))})\ntype pick(bound text: String{columns}, label: String)\n'
            f'type offer(id: u32, text: String{columns.replace("bound ", "")})\n'
            'rel chosen(id, l) = offer(id, t, a, b, c, d, e) and pick(t, a, b, c, d, e, l)\nquery chosen\n')
        with open(bench.folder / "offer.csv", "w", newline="", encoding="utf-8") as file:
            offered = [(i, bench.messages[i], *(l.replace("_", " ") for l in encoder[i])) for i in ids]
            csv.writer(file, lineterminator="\n").writerows(offered)
        start = intents.user_seconds()
        done = subprocess.run(
            [bench.tenfold, "run", str(program), "--facts", f"offer={bench.folder}/offer.csv", "--network",
             f"chooser={networks}/chooser.toml", "--format", "csv", "--threads", "1", "--receipt",
             str(bench.folder / "chooser.json"), "--provenance", "exact"],
            capture_output=True, text=True, env={**os.environ, "TENFOLD_MEMO": "off"})
        seconds = intents.user_seconds() - start
        if done.returncode:
            sys.exit(done.stderr[-2000:])
        best = {}
        for row in csv.reader(done.stdout.splitlines()):
            if row[0] == "chosen" and (row[2] not in best or float(row[1]) > best[row[2]][0]):
                best[row[2]] = (float(row[1]), encoder[row[2]][LETTERS.index(row[3])])
        report("five offered", {i: label for i, (_, label) in best.items()},
               json.loads((bench.folder / "chooser.json").read_text())["flops"], seconds)


def encoder_ranks(bench, ids):
    """The encoder's five likeliest intents of each message."""
    ranked = {i: [] for i in ids}
    for i, label, p in bench.all(network="all.toml", stage="minilm-int8", messages=ids):
        ranked[i].append((p, label))
    return {i: [label for _, label in sorted(said, reverse=True)[:5]] for i, said in ranked.items()}


if __name__ == "__main__":
    main()
