#!/usr/bin/env python3
"""Counts and sums over uncertain facts under `exact`, checked against a convolution written here.

  bench/aggregates/run.py --tenfold build/minimal/bin/tenfold [--seed 3]

Prints, per case, CPU seconds, peak MiB and the largest error; exit status 1 when one exceeds 1e-9."""
import argparse
import collections
import os
import pathlib
import random
import subprocess
import sys
import tempfile


def independent(n):
    facts = [(round(random.random(), 3), i) for i in range(n)]
    text = "rel d = {" + ", ".join(f"{p}::{i}" for p, i in facts) + "}\nrel a(c) = c := count(x: d(x))\nquery a\n"
    return text, [[(p, 1)] for p, _ in facts]


def readings(n, labels):
    groups = []
    for _ in range(n):
        weights = [random.random() for _ in range(labels)]
        groups.append([(round(0.999 * w / sum(weights), 4), v) for v, w in enumerate(weights)])
    text = "".join("rel d = {" + "; ".join(f"{p}::({i}, {v})" for p, v in group) + "}\n"
                   for i, group in enumerate(groups))
    return text + "rel a(t) = t := sum[i](v: d(i, v))\nquery a\n", groups


def convolved(groups):
    reached = {0: 1.0}
    for group in groups:
        after = collections.defaultdict(float)
        for total, weight in reached.items():
            after[total] += weight * (1.0 - sum(p for p, _ in group))
            for p, value in group:
                after[total + value] += weight * p
        reached = after
    return reached


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenfold", required=True)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    random.seed(options.seed)
    cases = [(f"count of {n} independent facts", independent(n)) for n in (100, 300, 1000)]
    cases += [(f"sum of {n} readings of 5 labels", readings(n, 5)) for n in (30, 100, 300)]
    worst = 0.0
    print("| case | CPU s | peak MiB | largest error |\n|---|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, (text, groups) in cases:
            program = pathlib.Path(folder) / "case.scl"
            program.write_text(text)
            child = subprocess.Popen([options.tenfold, "run", str(program), "--provenance", "exact", "--format", "csv"],
                                     stdout=subprocess.PIPE, text=True)
            out = child.stdout.read()
            _, status, used = os.wait4(child.pid, 0)
            if status != 0:
                return 1
            found = {int(value): float(p) for _, p, value in (line.split(",") for line in out.splitlines()[1:])}
            wanted = convolved(groups)
            error = max(abs(found.get(v, 0.0) - p) for v, p in wanted.items())
            worst = max(worst, error)
            print(f"| {name} | {used.ru_utime + used.ru_stime:.2f} | {used.ru_maxrss / 1024:.0f} | {error:.1e} |")
    return 1 if worst > 1e-9 else 0


if __name__ == "__main__":
    sys.exit(main())
