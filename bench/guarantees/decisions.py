#!/usr/bin/env python3
"""What rules decide from a network's scores, as `guarantees_bench` reads scores: for promises about the decision.

    tenfold run build/clinc/intents.scl --facts message=build/clinc/messages.csv … --query desk --format csv > desks.csv
    tenfold calibrate build/clinc --data build/clinc --labels TEST.csv --scores scores.csv --out build/clinc/unused
    bench/guarantees/decisions.py scores.csv desks.csv > decided.csv
    guarantees_bench decided.csv

desks.csv says which decision each label leads to. A stage's row has its confidence at the decision that its likeliest
label leads to, and 0 at the others: thresholds are on the network's confidence, and right is the decision.
"""

import csv
import sys


def main():
    scores, mapping = sys.argv[1:3]
    with open(mapping, newline="", encoding="utf-8") as file:
        desk = {row["arg1"]: row["arg2"] for row in csv.DictReader(file)}
    decisions = sorted(set(desk.values()))
    with open(scores, newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        head = next(rows)
        columns = {}  # by stage: (column, label)
        for at, name in enumerate(head[3:], 3):
            if ":" in name:  # others are scores of a gate
                stage, label = name.split(":", 1)
                columns.setdefault(stage, []).append((at, label))
        out = csv.writer(sys.stdout, lineterminator="\n")
        out.writerow(head[:3] + [f"{stage}:{name}" for stage in columns for name in decisions])
        for number, row in enumerate(rows):
            line = [f"m{number}", row[1], desk.get(row[2], "")]
            for stage in columns.values():
                at, label = max(stage, key=lambda c: float(row[c[0]]))
                line += [row[at] if name == desk[label] else 0 for name in decisions]
            out.writerow(line)


if __name__ == "__main__":
    main()
