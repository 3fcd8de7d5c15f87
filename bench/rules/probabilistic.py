#!/usr/bin/env python3
"""Probabilistic cases of `worlds.py` under tenfold's `exact` and Scallop's provenances, against brute force.

    bench/rules/probabilistic.py --tenfold build/default/bin/tenfold --scallop scli

Each row says the time and the largest error of any probability. For Scallop the number of proofs k grows until the
error is at most 1e-3 or a run takes longer than --timeout; that k is the one to compare with.
"""
import argparse
import csv
import json
import re
import sys
from pathlib import Path
from statistics import median

import worlds
from measure import run

NEAR = 1e-3
K = (3, 10, 30, 100, 300, 1000, 3000)


def tenfold_answers(path):
    with open(path, newline="") as file:
        return {tuple(map(float, row[2:])): float(row[1]) for row in csv.reader(file) if row[0] != "relation"}


def scallop_answers(path):
    """relation: {0.25::(1, 2), (3, 4)}"""
    found = re.findall(r"(?:([0-9.e+-]+)::)?\(([^()]*)\)", Path(path).read_text().split(": {", 1)[1])
    return {tuple(float(a) for a in args.split(",")): float(p) if p else 1.0 for p, args in found}


def error(answers, truth):
    """The largest difference of any tuple; an absent one has probability 0."""
    return max((abs(answers.get(t, 0.0) - truth.get(t, 0.0)) for t in {*answers, *truth}), default=0.0)


def timed(command, folder, runs, timeout_s):
    taken = [run(command, folder, folder / "stdout", folder / "stderr", timeout_s)]
    while taken[-1].status == 0 and len(taken) < runs:
        taken.append(run(command, folder, folder / "stdout", folder / "stderr", timeout_s))
    if taken[-1].status != 0:
        text = (folder / "stderr").read_text(errors="replace").strip()
        return {"failed": "timeout" if taken[-1].timed_out else text[-200:] or taken[-1].status}
    return {"wall_s": median(r.wall_s for r in taken), "cpu_s": median(r.cpu_s for r in taken),
            "peak_mib": max(r.peak_mib for r in taken)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenfold", default="build/default/bin/tenfold")
    parser.add_argument("--provenance", action="append", help="of tenfold (default: exact); may be given again")
    parser.add_argument("--scallop", help="Scallop's scli")
    parser.add_argument("--only")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--out", type=Path, default=Path("build/bench/rules"))
    options = parser.parse_args()
    folder = (options.out / "probabilistic").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    tenfold = str(Path(options.tenfold).resolve())

    rows, wrong = [], 0
    for name, make in worlds.CASES.items():
        if options.only and options.only not in name:
            continue
        text, relation, truth = make()
        program = folder / (re.sub(r"\W+", "-", name) + ".scl")
        program.write_text(f"{text}query {relation}\n")
        best = truth  # without brute force, tenfold's exact answers are what the others are held against

        def one(system, command, read):
            row = {"case": name, "system": system, **timed(command, folder, options.runs, options.timeout)}
            answers = read(folder / "stdout") if "failed" not in row else None
            if answers is not None and best is not None:
                row["error"] = error(answers, best)
            rows.append(row)
            print(json.dumps(row), file=sys.stderr, flush=True)
            return row, answers

        for provenance in options.provenance or ["exact"]:
            command = [tenfold, "run", str(program), "--provenance", provenance, "--threads", "1", "--format", "csv"]
            row, answers = one(f"tenfold {provenance}", command, tenfold_answers)
            if provenance == "exact":
                wrong += truth is not None and row.get("error", 1.0) > 1e-9
                best = best if best is not None else answers
        if options.scallop:
            for provenance in ("unit", "minmaxprob"):
                one(f"scallop {provenance}", [options.scallop, str(program), "-p", provenance], scallop_answers)
            for k in K:
                command = [options.scallop, str(program), "-p", "topkproofs", "-k", str(k)]
                row, _ = one(f"scallop topkproofs k={k}", command, scallop_answers)
                if "failed" in row or row.get("error", 0.0) <= NEAR:
                    break
    (options.out / "probabilistic.json").write_text(json.dumps(rows, indent=1))
    print("| case | system | wall s | CPU s | MiB | largest error |\n|---|---|--:|--:|--:|--:|")
    for row in rows:
        if "failed" in row:
            print(f"| {row['case']} | {row['system']} | failed: {row['failed']} | | | |")
        else:
            off = f"{row['error']:.1e}" if "error" in row else "–"
            print(f"| {row['case']} | {row['system']} | {row['wall_s']:.3f} | {row['cpu_s']:.3f} | "
                  f"{row['peak_mib']:.0f} | {off} |")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
