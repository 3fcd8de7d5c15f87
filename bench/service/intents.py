#!/usr/bin/env python3
"""Intents of customers' messages: what each stage, each lever and simpler ways reach and cost.

After examples/intents/train.py:

    python3 bench/service/intents.py build/intents --tenfold build/default/bin/tenfold
    python3 bench/service/intents.py build/clinc

Calibrates on calibration.csv (what training did not see), then runs intents.scl on all of messages.csv (the test texts)
once for each row. Accuracy is that of the likeliest intent against truth.csv, with a Wilson 95% interval; FLOPs are the
receipt's; CPU seconds are user time of the whole process, one thread. Comparisons resample messages 10,000 times
(paired, seed 1).

Of networks with a gate the same is run without it and with it. Accuracy is then of the messages that have an intent;
beside it stand how many of these are refused, how many of those outside of all intents (label oos in truth.csv) are,
and how many of all messages get what is right: their intent, or no answer where they have none.
"""

import argparse
import bisect
import csv
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import prefilter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from intervals import difference, wilson  # noqa: E402

FALSE_REFUSAL = "0.05"
PROMISES = {"2% otherwise than the encoder": ("against-dearest", "0.02"),
            "5% otherwise than the encoder": ("against-dearest", "0.05"),
            "12% wrong": ("accuracy", "0.12")}
OUTSIDE = "oos"  # the label of messages outside of all intents
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
        self.inside = [i for i in self.messages if self.truth[i] != OUTSIDE]
        self.outside = [i for i in self.messages if self.truth[i] == OUTSIDE]
        self.has_gate = "\n[gate]\n" in (self.folder / "networks" / "intent" / "intent.toml").read_text()

    def run(self, **what):
        """(id -> (label, probability), FLOPs, user seconds, calls by stage)"""
        best = {}
        for who, label, p in self.all(**what):
            if who not in best or p > best[who][1]:
                best[who] = (label, p)
        return best, self.said["flops"], self.seconds, {row["stage"]: row["run"] for row in self.said["networks"]}

    def without_gate(self, network):
        """A copy of a network's file without its gate."""
        folder = self.folder / "networks" / "intent"
        text = re.sub(r"\n\[gate\]\n(?:[^\[\n].*\n)*", "\n", (folder / network).read_text())
        (folder / f"open-{network}").write_text(text)
        return f"open-{network}"

    def all(self, network="intent.toml", stage=None, without=LEVERS, site=None, messages=None, memo="off", keep=None,
            gate=False):
        """Every (id, label, probability); the receipt and the user seconds stay in `said` and `seconds`, and who was
        refused by the gate in `refused`."""
        network = network if gate or not self.has_gate else self.without_gate(network)
        ids = list(messages or self.messages)
        facts = self.folder / "asked.csv"
        with open(facts, "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows((i, self.messages[i]) for i in ids)
        receipt = self.folder / (keep or "receipt.json")
        command = [self.tenfold, "run", str(self.folder / "intents.scl"), "--facts", f"message={facts}",
                   "--network", f"intent={self.folder}/networks/intent/{network}", "--query", "wants", "--query",
                   "person", "--format", "csv", "--threads", "1", "--receipt", str(receipt), "--provenance", "exact"]
        command += ["--stage", stage] if stage else []
        command += ["--without", ",".join(without)] if without else []
        command += ["--site", str(site)] if site else []
        start = user_seconds()
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TENFOLD_MEMO": str(memo)})
        self.seconds = user_seconds() - start
        if done.returncode:
            sys.exit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
        self.said = json.loads(receipt.read_text())
        rows = list(csv.reader(done.stdout.splitlines()))
        self.refused = {row[2] for row in rows if row[0] == "person" and row[3] == "out-of-distribution"}
        for row in rows:
            if row[0] == "wants":
                yield row[2], row[3], float(row[1])

    def calibrate(self, promise, error):
        """The site's folder; nothing where that cannot be promised."""
        site = self.folder / f"site-{promise}-{error}"
        out = self.tenfold_calibrate("calibration.csv", "scores.csv", site, "--promise", promise, "--error", error,
                                     "--false-refusal", FALSE_REFUSAL)
        print(out.stdout, out.stderr[-500:], sep="")
        return None if out.returncode else site

    def tenfold_calibrate(self, items, scores, site, *more):
        command = [self.tenfold, "calibrate", self.folder, "--data", self.folder, "--labels", self.folder / items,
                   "--threads", "1", "--scores", self.folder / scores, "--out", site, *more]
        return subprocess.run([str(word) for word in command], capture_output=True, text=True)

    def right(self, said):
        return [int(i in said and said[i][0] == self.truth[i]) for i in self.inside]

    def settled(self, said):
        """Of all messages: the right intent, or no answer to one that has none."""
        return self.right(said) + [int(i not in said) for i in self.outside]

    def test_scores(self):
        """What each stage and its gate say of the test messages, by the same route as calibration's."""
        with open(self.folder / "test.csv", "w", newline="", encoding="utf-8") as file:
            rows = [(self.messages[i], "" if self.truth[i] == OUTSIDE else self.truth[i]) for i in self.messages]
            csv.writer(file, lineterminator="\n").writerows([("item", "label"), *rows])
        out = self.tenfold_calibrate("test.csv", "test-scores.csv", self.folder / "site-unused")
        if not (self.folder / "test-scores.csv").exists():
            sys.exit(out.stderr[-2000:])
        return read(self.folder / "test-scores.csv")


def share(count, n):
    low, high = wilson(count, n)
    return f"{count / n:.4f} ({low:.4f} to {high:.4f})"


def area(inside, outside):
    """Under the ROC curve; ties count half."""
    values = sorted([(v, 1) for v in inside] + [(v, 0) for v in outside])
    below = wins = at = 0
    while at < len(values):
        same = [kind for v, kind in values[at:bisect.bisect_right(values, (values[at][0], 2))]]
        wins += sum(same) * (below + (len(same) - sum(same)) / 2)
        below += len(same) - sum(same)
        at += len(same)
    return wins / (len(inside) * len(outside))


def separation(bench):
    """How well each stage's gate, and its confidence alone, tells messages with an intent from those without."""
    scores, kept = bench.test_scores(), read(bench.folder / "scores.csv")
    stages = [key.removesuffix(" gate") for key in scores[0] if key.endswith(" gate")]

    def values(row, stage):
        confidence = max(float(v) for key, v in row.items() if key.startswith(stage + ":"))
        return {"gate": float(row[stage + " gate"]), "confidence": confidence}

    print("\n| score | area under the ROC curve | refused at the 5% of the calibration items, outside | inside |"
          "\n|---|--:|--:|--:|")
    for stage in stages:
        for kind in ("gate", "confidence"):
            inside, outside = ([values(row, stage)[kind] for row in scores if bool(row["label"]) == known]
                               for known in (True, False))
            at = sorted(values(row, stage)[kind] for row in kept)[int(float(FALSE_REFUSAL) * len(kept))]
            chance = random.Random(1)
            again = sorted(area(chance.choices(inside, k=len(inside)), chance.choices(outside, k=len(outside)))
                           for _ in range(500))
            print(f"| {kind} of {stage} | {area(inside, outside):.4f} ({again[12]:.4f} to {again[487]:.4f}) | "
                  f"{share(sum(v < at for v in outside), len(outside))} | "
                  f"{share(sum(v < at for v in inside), len(inside))} |", flush=True)


def few_words(bench, rows):
    """What twenty lines of key words know is not asked."""
    start = user_seconds()
    known = {i: (prefilter.intent_of(text), 1.0) for i, text in bench.messages.items()}
    known = {i: said for i, said in known.items() if said[0]}
    spent = user_seconds() - start
    left = [i for i in bench.messages if i not in known]
    said, flops, seconds, calls = bench.run(stage="minilm-int8", messages=left)
    rows.add("20 lines before minilm-int8", {**said, **known}, flops, seconds + spent, calls)
    right = [said[0] == bench.truth[i] for i, said in known.items()]
    print(f"  (the 20 lines answer {len(right)} messages, {sum(right)} rightly)")


CASCADE_ALONE = [lever for lever in LEVERS if lever != "cascade"]


class Rows:
    """The table, a row a run."""

    def __init__(self, bench):
        self.bench, self.kept, self.spent_on = bench, {}, {}
        gate_columns = " refused wrongly | refused rightly | right in all |" if bench.has_gate else ""
        print(f"| | accuracy |{gate_columns} MFLOP a message | CPU s | inputs run |\n|---|---|"
              f"{'---|' * gate_columns.count('|')}--:|--:|---|")

    def add(self, name, said, flops, seconds, calls=None):
        bench, n = self.bench, len(self.bench.truth)
        right, settled = bench.right(said), bench.settled(said)
        self.kept[name], self.spent_on[name] = (right, flops, settled), seconds
        ran = ", ".join(f"{stage} {count}" for stage, count in (calls or {}).items())
        cells = [share(sum(right), len(right))]
        if bench.has_gate:
            refused, caught = (sum(i not in said for i in ids) for ids in (bench.inside, bench.outside))
            cells += [share(refused, len(bench.inside)), share(caught, len(bench.outside)) if bench.outside else "",
                      share(sum(settled), n)]
        print(f"| {name} | {' | '.join(cells)} | {flops / n / 1e6:.4f} | {seconds:.2f} | {ran} |", flush=True)

    def differences(self, pairs):
        """Of accuracy; with a gate, in which case a name begins so, of what is right in all."""
        print("\npaired differences, 95%")
        for a, b in pairs:
            if a not in self.kept or b not in self.kept:
                continue
            which = 2 if a.startswith("gate, ") else 0
            left, right = self.kept[a][which], self.kept[b][which]
            low, high = difference(left, right)
            print(f"  {a} less {b}: {100 * (sum(left) - sum(right)) / len(left):+.2f} ({100 * low:+.2f} to "
                  f"{100 * high:+.2f}) points; FLOPs {self.kept[b][1] / self.kept[a][1]:.2f}x, "
                  f"CPU {self.spent_on[b] / self.spent_on[a]:.2f}x")


def router_site(bench, site):
    """A plain router: the lowest threshold at which the cascade is right as often on the calibration part as the
    dearest stage alone. It has seen all of it, and promises nothing."""
    router = plain_router(read(bench.folder / "scores.csv"))
    text = (site / "networks" / "intent.toml").read_text().split("\n[guarantee]")[0]
    (bench.folder / "router" / "networks").mkdir(parents=True, exist_ok=True)
    lines = [f"accept = {router}" if line.startswith("accept") else line for line in text.split("\n")]
    (bench.folder / "router" / "networks" / "intent.toml").write_text("\n".join(lines) + "\n")
    print(f"router: from {router:.4f}\n")
    return bench.folder / "router"


def run_without_gate(bench, rows, site, router):
    common = Counter(row["label"] for row in read(bench.folder / "calibration.csv")).most_common(1)[0][0]
    rows.add("majority", {i: (common, 1.0) for i in bench.truth}, 0.0, 0.0)
    rows.add("always abstain", {}, 0.0, 0.0)
    for stage in ("linear", "minilm-int8") if bench.outside else ("linear", "minilm-int8", "minilm"):
        rows.add(f"{stage} alone", *bench.run(network="all.toml", stage=stage))
    rows.add("plain router", *bench.run(site=router, without=CASCADE_ALONE))
    if not bench.outside:
        few_words(bench, rows)
        rows.add("no lever (minilm-int8 on everything)", *bench.run(site=site))
        rows.add("all but the cascade", *bench.run(site=site, without=["cascade"]))
    rows.add("cascade alone", *bench.run(site=site, without=CASCADE_ALONE))
    rows.add("all levers", *bench.run(site=site, without=[], keep="all-levers.json"))


def run_with_gate(bench, rows, site, router):
    for stage in ("linear", "minilm-int8"):
        rows.add(f"gate, {stage} alone", *bench.run(site=site, stage=stage, gate=True))
    rows.add("gate, plain router", *bench.run(site=router, without=CASCADE_ALONE, gate=True))
    rows.add("gate, cascade alone", *bench.run(site=site, without=CASCADE_ALONE, gate=True))
    rows.add("gate, all levers", *bench.run(site=site, without=[], gate=True))
    print(f"  (of all that got no answer there the gate refused {len(bench.refused)})")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--tenfold", type=Path, default=Path("build/default/bin/tenfold"))
    bench = Bench(arguments.parse_args())

    # Promises and thresholds, on the calibration part; the levers are looked at under the first. With messages outside
    # of all intents the question is what a gate does, and one promise will do.
    promises = dict([*PROMISES.items()][: 1 if bench.outside else None])
    sites = {name: bench.calibrate(*promise) for name, promise in promises.items()}
    site = next(iter(sites.values()))
    router = router_site(bench, site)
    rows = Rows(bench)
    run_without_gate(bench, rows, site, router)
    if bench.has_gate:
        run_with_gate(bench, rows, site, router)
    others = [name for name, other in sites.items() if other and other != site]
    for name in others:
        rows.add(f"all levers, {name}", *bench.run(site=sites[name], without=[]))
    memo = bench.folder / "memo"
    shutil.rmtree(memo, ignore_errors=True)
    bench.run(site=site, without=[], memo=memo, gate=bench.has_gate)
    rows.add("all levers, a second time", *bench.run(site=site, without=[], memo=memo, gate=bench.has_gate))
    if bench.has_gate and bench.outside:
        separation(bench)

    against = [(name, other) for name in (*(f"all levers, {name}" for name in others), "gate, all levers")
               for other in ("minilm-int8 alone", "plain router")]
    rows.differences((
        ("minilm-int8 alone", "linear alone"), ("minilm alone", "minilm-int8 alone"),
        ("all levers", "minilm-int8 alone"), ("all levers", "plain router"),
        ("all levers", "20 lines before minilm-int8"), ("all levers", "linear alone"), *against,
        ("gate, all levers", "gate, minilm-int8 alone"), ("gate, all levers", "gate, plain router")))


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
