#!/usr/bin/env python3
"""Updates against recomputing: facts go or come, and the answer is carried through (`--delete`, `--insert`).

    bench/rules/updates.py --tenfold build/default/bin/tenfold --runs 5

For each case and change: the answers after the update must be those of a fresh run over the changed facts (counted
and, unless --no-check, compared tuple by tuple). Then, medians of runs that alternate: `fresh` evaluates the changed facts
from memory (reading files is left out on both sides), `update` is the update alone. `changed` is the share of the answer's
tuples that the update took away or added.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import geometric_mean, median

from cases import CASES
from run import input_folder
from systems import Tenfold

WANTED = ["closure of chain 1000", "closure of grid 45x45", "closure of random graph", "closure of random graph, right-linear",
          "closure of random graph, 5.8M tuples", "same generation", "points-to (andersen)",
          "context-sensitive pointers (cspa)", "negation", "shortest path (min, count, sum)", "group-by", "triangles"]
TIMEOUT_S = 60  # a few facts can join what was apart, and the answer is a hundred times as large
RELATION = {"same_generation": "parent", "andersen": "assign", "cspa": "assign", "group_by": "sale"}


def changes(lines, seed):
    """(name, lines that go, lines that come); what comes joins ends of different facts."""
    draw = random.Random(seed)
    cells = [line.split(",") for line in lines]
    def made(n):
        known, out = set(lines), []
        while len(out) < n:
            line = ",".join(draw.choice(cells)[c] for c in range(len(cells[0])))
            if line not in known:
                known.add(line)
                out.append(line)
        return out
    for share in (0, 0.001, 0.01):
        n = max(1, round(share * len(lines)))
        name = "1 fact" if share == 0 else f"{share:.1%}"
        yield f"delete {name}", draw.sample(lines, n), []
        yield f"insert {name}", [], made(n)


def stage(stderr, name):
    for line in stderr.splitlines():
        if line.startswith("{") and json.loads(line).get("stage") == name:
            return json.loads(line)
    raise RuntimeError(f"no stage {name}: {stderr[-300:]}")


def run(command, folder, out):
    with open(out, "wb") as file:
        done = subprocess.run(command, cwd=folder, stdout=file, stderr=subprocess.PIPE, text=True, timeout=TIMEOUT_S)
    if done.returncode != 0:
        raise RuntimeError(" ".join(map(str, command)) + "\n" + done.stderr[-500:])
    return done.stderr


def tuples(system, case, folder, changed, out, extra=()):
    run([*system.prepare(case, "tuples"), *extra], folder, out)
    with open(out, "rb") as file:
        return set(line for line in file if not line.startswith(b"relation,"))


def one_case(case, system, options):
    data = input_folder(case, options.out)
    relation = RELATION.get(case.program, "edge")
    lines = (data / f"{relation}.csv").read_text().split()
    with tempfile.TemporaryDirectory() as temporary:
        fresh = Path(temporary) / "fresh"
        fresh.mkdir()
        for file in data.glob("*.csv"):
            (fresh / file.name).write_bytes(file.read_bytes())
        out = Path(temporary) / "out.csv"
        before = None if options.no_check else tuples(system, case, data, None, out)
        for name, gone, come in changes(lines, 1):
            (fresh / f"{relation}.csv").write_text("\n".join(sorted(set(lines) - set(gone)) + come) + "\n")
            extra = []
            for option, facts in (("--delete", gone), ("--insert", come)):
                if facts:
                    path = Path(temporary) / f"{option}.csv"
                    path.write_text("\n".join(facts) + "\n")
                    extra += [option, f"{relation}={path}"]
            changed = None
            if not options.no_check:
                wanted = tuples(system, case, fresh, None, out)
                if tuples(system, case, data, None, out, extra) != wanted:
                    raise RuntimeError(f"{case.name}: {name}: the answers differ from a fresh run's")
                changed = len(before ^ wanted) / max(1, len(before))
                wanted = None
            times, in_place = {"fresh": [], "update": []}, []
            command = [*system.prepare(case, "size"), "--timings"]
            for _ in range(options.runs):
                plain = run(command, fresh, out)
                size = out.read_bytes()
                updated = run([*command, *extra], data, out)
                if out.read_bytes() != size:
                    raise RuntimeError(f"{case.name}: {name}: another number of answers than a fresh run's")
                read = stage(updated, "load")["ms"]
                times["fresh"].append(stage(plain, "load")["ms"] - read)
                times["update"].append(stage(updated, "update")["ms"])
                in_place.append(stage(updated, "update")["in_place"])
            row = {"case": case.name, "change": name, "changed": changed, "fresh_ms": median(times["fresh"]),
                   "update_ms": median(times["update"]), "in_place": sum(in_place) / len(in_place)}
            row["ratio"] = row["fresh_ms"] / row["update_ms"]
            yield row


def rows_of(case, system, options):
    try:
        yield from one_case(case, system, options)
    except subprocess.TimeoutExpired:
        print(f"  {case.name}: a run took more than {TIMEOUT_S} s; the rest of this case is left out", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenfold", default="build/default/bin/tenfold")
    parser.add_argument("--only", action="append", help="cases whose name contains this; may be given again")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--no-check", action="store_true", help="compare the number of answers only")
    parser.add_argument("--out", type=Path, default=Path("build/bench/rules"), help="folder for inputs and results")
    options = parser.parse_args()
    system = Tenfold(str(Path(options.tenfold).resolve()), options.out.resolve())
    rows = []
    print("| case | change | answer changed | fresh, ms | update, ms | times faster | in place |\n|---|---|---|---|---|---|---|")
    for case in CASES:
        if case.name not in WANTED or (options.only and not any(text in case.name for text in options.only)):
            continue
        for row in rows_of(case, system, options):
            rows.append(row)
            share = "" if row["changed"] is None else f"{row['changed']:.2%}"
            print(f"| {row['case']} | {row['change']} | {share} | {row['fresh_ms']:.1f} | {row['update_ms']:.2f} | "
                  f"{row['ratio']:.1f} | {row['in_place']:.0%} |", flush=True)
    small = [row["ratio"] for row in rows if row["changed"] is not None and row["changed"] <= 0.02]
    if small:
        print(f"\nwhere at most 2% changes: {sum(r >= 10 for r in small)} of {len(small)} at least 10 times as fast as a "
              f"fresh run, geometric mean {geometric_mean(small):.1f}")
    if rows:
        print(f"slowest update: {1 / min(row['ratio'] for row in rows):.2f} of a fresh run")
    (options.out / "updates.json").write_text(json.dumps(rows, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
