#!/usr/bin/env python3
"""Intents of a bank's customers: what each stage, each lever and simpler ways reach and cost.

After examples/intents/train.py:

    python3 bench/service/intents.py build/intents --tenfold build/default/bin/tenfold

Calibrates on calibration.csv (what training did not see), then runs intents.scl on all of messages.csv (the test texts)
once for each row. Accuracy is that of the likeliest intent against truth.csv, with a Wilson 95% interval; FLOPs are the
receipt's; CPU seconds are user time of the whole process, one thread. Comparisons resample messages 10,000 times
(paired, seed 1).
"""

import argparse
import csv
import json
import math
import os
import random
import resource
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import prefilter

PROMISES = {"2% otherwise than the encoder": ("against-dearest", "0.02"),
            "5% otherwise than the encoder": ("against-dearest", "0.05"),
            "12% wrong": ("accuracy", "0.12")}
LEVERS = ["demand", "order", "bounds", "cascade", "offload", "reuse", "distil"]


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def user_seconds():
    return sum(resource.getrusage(who).ru_utime for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


class Bench:
    def __init__(self, options):
        self.folder, self.tenfold = options.folder, str(options.tenfold)
        self.truth = {row["id"]: row["label"] for row in read(self.folder / "truth.csv")}
        self.messages = {row["id"]: row["text"] for row in read(self.folder / "messages.csv")}

    def run(self, **what):
        """(id -> (label, probability), FLOPs, user seconds, calls by stage)"""
        best = {}
        for who, label, p in self.all(**what):
            if who not in best or p > best[who][1]:
                best[who] = (label, p)
        return best, self.said["flops"], self.seconds, {row["stage"]: row["run"] for row in self.said["networks"]}

    def all(self, network="intent.toml", stage=None, without=LEVERS, site=None, messages=None, memo="off", keep=None):
        """Every (id, label, probability); the receipt and the user seconds stay in `said` and `seconds`."""
        ids = list(messages or self.messages)
        facts = self.folder / "asked.csv"
        with open(facts, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows((i, self.messages[i]) for i in ids)
        receipt = self.folder / (keep or "receipt.json")
        command = [self.tenfold, "run", str(self.folder / "intents.scl"), "--facts", f"message={facts}",
                   "--network", f"intent={self.folder}/networks/intent/{network}", "--query", "wants",
                   "--format", "csv", "--threads", "1", "--receipt", str(receipt), "--provenance", "exact"]
        command += ["--stage", stage] if stage else []
        command += ["--without", ",".join(without)] if without else []
        command += ["--site", str(site)] if site else []
        start = user_seconds()
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TENFOLD_MEMO": str(memo)})
        self.seconds = user_seconds() - start
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
        self.said = json.loads(receipt.read_text())
        for row in csv.reader(done.stdout.splitlines()):
            if row[0] == "wants":
                yield row[2], row[3], float(row[1])

    def calibrate(self, promise, error):
        """The site's folder; nothing where that cannot be promised."""
        site = self.folder / f"site-{promise}-{error}"
        out = subprocess.run([self.tenfold, "calibrate", str(self.folder), "--data", str(self.folder), "--labels",
                              str(self.folder / "calibration.csv"), "--promise", promise, "--error", error,
                              "--threads", "1", "--scores", str(self.folder / "scores.csv"), "--out", str(site)],
                             capture_output=True, text=True)
        print(out.stdout, out.stderr[-500:], sep="")
        return None if out.returncode else site

    def right(self, said):
        return [int(i in said and said[i][0] == self.truth[i]) for i in self.messages]


def wilson(right, n, z=1.959964):
    p = right / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def difference(a, b, times=10000):
    """95% interval of mean(a) - mean(b), paired."""
    chance, gaps = random.Random(1), [x - y for x, y in zip(a, b)]
    found = sorted(sum(chance.choices(gaps, k=len(gaps))) / len(gaps) for _ in range(times))
    return found[int(0.025 * times)], found[int(0.975 * times)]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--tenfold", type=Path, default=Path("build/default/bin/tenfold"))
    options = arguments.parse_args()
    bench = Bench(options)
    n = len(bench.truth)
    kept, spent_on = {}, {}

    def row(name, said, flops, seconds, calls=None):
        right = bench.right(said)
        low, high = wilson(sum(right), n)
        kept[name], spent_on[name] = (right, flops), seconds
        ran = ", ".join(f"{stage} {count}" for stage, count in (calls or {}).items())
        print(f"| {name} | {sum(right) / n:.4f} ({low:.4f} to {high:.4f}) | {flops / n / 1e6:.4f} | {seconds:.2f} | "
              f"{ran} |", flush=True)

    # --- promises and thresholds, on the calibration part; the levers are looked at under the first
    sites = [(name, bench.calibrate(*promise)) for name, promise in PROMISES.items()]
    site = sites[0][1]
    # A plain router: the lowest threshold at which the cascade is right as often on the calibration part as the dearest
    # stage alone. It has seen all of it, and promises nothing.
    scores = read(bench.folder / "scores.csv")
    router = plain_router(scores)
    text = (site / "networks" / "intent.toml").read_text().split("\n[guarantee]")[0]
    (bench.folder / "router" / "networks").mkdir(parents=True, exist_ok=True)
    lines = [f"accept = {router}" if line.startswith("accept") else line for line in text.split("\n")]
    (bench.folder / "router" / "networks" / "intent.toml").write_text("\n".join(lines) + "\n")
    print(f"router: from {router:.4f}\n")

    print("| | accuracy | MFLOP a message | CPU s | inputs run |\n|---|---|--:|--:|---|")
    common = Counter(row["label"] for row in read(bench.folder / "calibration.csv")).most_common(1)[0][0]
    row("majority", {i: (common, 1.0) for i in bench.truth}, 0.0, 0.0)
    row("always abstain", {}, 0.0, 0.0)
    for stage in ("linear", "minilm-int8", "minilm"):
        row(f"{stage} alone", *bench.run(network="all.toml", stage=stage))
    row("plain router", *bench.run(site=bench.folder / "router", without=[l for l in LEVERS if l != "cascade"]))
    start = user_seconds()
    known = {i: (prefilter.intent_of(text), 1.0) for i, text in bench.messages.items()}
    known = {i: said for i, said in known.items() if said[0]}
    spent = user_seconds() - start
    left = [i for i in bench.messages if i not in known]
    said, flops, seconds, calls = bench.run(stage="minilm-int8", messages=left)
    row("20 lines before minilm-int8", {**said, **known}, flops, seconds + spent, calls)
    right = [said[0] == bench.truth[i] for i, said in known.items()]
    print(f"  (the 20 lines answer {len(right)} messages, {sum(right)} rightly)")
    row("no lever (minilm-int8 on everything)", *bench.run(site=site))
    row("all but the cascade", *bench.run(site=site, without=["cascade"]))
    row("cascade alone", *bench.run(site=site, without=[l for l in LEVERS if l != "cascade"]))
    row("all levers", *bench.run(site=site, without=[], keep="all-levers.json"))
    for name, other in sites[1:]:
        if other:
            row(f"all levers, {name}", *bench.run(site=other, without=[]))
    memo = bench.folder / "memo"
    shutil.rmtree(memo, ignore_errors=True)
    bench.run(site=site, without=[], memo=memo)
    row("all levers, a second time", *bench.run(site=site, without=[], memo=memo))

    print("\npaired differences of accuracy, 95%")
    others = [f"all levers, {name}" for name, _ in sites[1:]]
    pairs = [(name, other) for name in others for other in ("minilm-int8 alone", "plain router")]
    for a, b in (("minilm-int8 alone", "linear alone"), ("minilm alone", "minilm-int8 alone"),
                 ("all levers", "minilm-int8 alone"), ("all levers", "plain router"),
                 ("all levers", "20 lines before minilm-int8"), ("all levers", "linear alone"), *pairs):
        if a not in kept:
            continue
        low, high = difference(kept[a][0], kept[b][0])
        gap = (sum(kept[a][0]) - sum(kept[b][0])) / n
        print(f"  {a} less {b}: {100 * gap:+.2f} ({100 * low:+.2f} to {100 * high:+.2f}) points; "
              f"FLOPs {kept[b][1] / kept[a][1]:.2f}x, "
              f"CPU {spent_on[b] / spent_on[a]:.2f}x")


def plain_router(scores):
    """From columns STAGE:LABEL; the threshold of the first stage."""
    stages = list(dict.fromkeys(key.rsplit(":", 1)[0] for key in scores[0] if ":" in key))
    def winner(item, stage):
        return max((float(value), key.rsplit(":", 1)[1]) for key, value in item.items() if key.startswith(stage + ":"))
    judged = []
    for item in scores:
        cheap, dear = winner(item, stages[0]), winner(item, stages[-1])
        judged.append((cheap[0], cheap[1] == item["label"], dear[1] == item["label"]))
    judged.sort(reverse=True)
    gain, best = 0, 1.0
    for confidence, cheap, dear in judged:
        gain += cheap - dear
        if gain >= 0:
            best = confidence
    return best


if __name__ == "__main__":
    main()
