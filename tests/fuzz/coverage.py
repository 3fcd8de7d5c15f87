#!/usr/bin/env python3
"""Adds up the `covered AGGREGATE PROVENANCE PROGRAMS` lines that fuzz_tests prints, over the logs given, as a table.

  TENFOLD_FUZZ_AGGREGATE=each TENFOLD_FUZZ_RUNS=24000 fuzz_tests --gtest_filter=Fuzz.EngineSays* > LOG
  coverage.py LOG…

Exit status 1 when some pair has fewer than 1,000 programs (--least)."""
import argparse
import collections
import sys


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--least", type=int, default=1000)
    options.add_argument("logs", nargs="+")
    options = options.parse_args()
    covered = collections.Counter()
    totals = collections.Counter()
    for log in options.logs:
        for line in open(log, encoding="utf-8"):
            words = line.split()
            if line.startswith("covered "):
                covered[words[1], words[2]] += int(words[3])
            elif " programs, " in line and "runs compared" in line:
                for part in line.split(", "):
                    number, what = part.strip().split(" ", 1)
                    totals[what] += int(number)
    aggregates = sorted({a for a, _ in covered})
    provenances = sorted({p for _, p in covered})
    print("| aggregate | fewest programs, under | most programs, under |")
    print("|---|---|---|")
    for aggregate in aggregates:
        row = sorted((covered[aggregate, p], p) for p in provenances)
        print(f"| {aggregate} | {row[0][0]:,}, {row[0][1]} | {row[-1][0]:,}, {row[-1][1]} |")
    fewest = min((covered[a, p], a, p) for a in aggregates for p in provenances)
    print(f"\n{len(aggregates)} aggregates x {len(provenances)} provenances; fewest {fewest[0]:,} ({fewest[1]}, {fewest[2]})")
    print(", ".join(f"{number:,} {what}" for what, number in totals.items()))
    return 0 if fewest[0] >= options.least else 1


if __name__ == "__main__":
    sys.exit(main())
