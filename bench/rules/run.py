#!/usr/bin/env python3
"""Compares tenfold with other Datalog engines on the cases of `cases.py`: answers first, then time and memory.

    bench/rules/run.py --tenfold build/default/bin/tenfold --souffle souffle --scallop scli
    bench/rules/run.py --only closure --runs 5 --threads 2

Systems that are not given are left out. A case is timed only for systems whose tuples (sorted, hashed) agree. Runs of
the systems alternate, so that what else the machine does falls on all; medians and spreads are reported, and ratios of
medians. Nothing is gated on time. Writes results.json and results.md into --out.
"""
import argparse
import json
import subprocess
import sys
import traceback
from pathlib import Path
from statistics import median

import report
from cases import CASES
from measure import run
from systems import Ascent, DuckDb, FlowLog, Scallop, Souffle, Tenfold, Unsupported


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenfold", default="build/default/bin/tenfold", help="the tenfold binary")
    parser.add_argument("--souffle", help="the souffle compiler")
    parser.add_argument("--scallop", help="Scallop's scli")
    parser.add_argument("--ascent", action="store_true", help="build the programs of ascent/ with cargo and run them")
    parser.add_argument("--duckdb", help="a Python that has the duckdb module")
    parser.add_argument("--flowlog", help="the flowlog-compiler")
    parser.add_argument("--threads", type=int, default=1, help="also run tenfold with so many threads")
    parser.add_argument("--only", action="append", help="cases whose name contains this; may be given again")
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each system on each case")
    parser.add_argument("--timeout", type=float, default=120, help="seconds for one run")
    parser.add_argument("--no-check", action="store_true", help="compare sizes only, not tuples")
    parser.add_argument("--out", type=Path, default=Path("build/bench/rules"), help="folder for inputs and results")
    return parser.parse_args()


def systems(options):
    out = options.out.resolve()
    chosen = []
    if options.souffle:
        chosen.append(Souffle(options.souffle, out))
    if options.tenfold and options.tenfold != "none":
        chosen.append(Tenfold(str(Path(options.tenfold).resolve()), out))
        if options.threads > 1:
            chosen.append(Tenfold(str(Path(options.tenfold).resolve()), out, options.threads))
    if options.scallop:
        chosen.append(Scallop(options.scallop, out))
    if options.ascent:
        chosen.append(Ascent(out))
    if options.duckdb:
        chosen.append(DuckDb(options.duckdb, out))
    if options.flowlog:
        chosen.append(FlowLog(options.flowlog, out))
    return chosen


def recipe(case):
    """What the input of a case is made by; `generate.py` itself changes rarely, then remove the folder."""
    return f"{case.make.func.__name__} {case.make.keywords}"


def input_folder(case, out):
    folder = (out / "data" / case.data).resolve()
    done = folder / "done"
    if not done.exists() or done.read_text() != recipe(case):
        folder.mkdir(parents=True, exist_ok=True)
        case.make(folder)
        done.write_text(recipe(case))
    return folder


def execute(system, case, mode, data, timeout_s):
    """One run; None and a line on stderr if the system fails."""
    command = system.prepare(case, mode)
    folder = system.folder(case)
    result = run(command, data, folder / "stdout", folder / "stderr", timeout_s)
    if result.status == 0:
        return result
    why = "no answer in time" if result.timed_out else f"status {result.status}"
    tail = (folder / "stderr").read_text(errors="replace")[-300:]
    print(f"  {system.name}: {case.name}: {why} {tail}", file=sys.stderr)
    return result


def fingerprint(system, case):
    """(tuples, hash of the sorted tuples), computed outside this process to keep it small."""
    text = f"{{ {system.answers(case)} ; }} | LC_ALL=C sort | tee >(wc -l >&2) | sha256sum"
    done = subprocess.run(["bash", "-c", text], capture_output=True, text=True, check=True)
    return int(done.stderr), done.stdout.split()[0]


def check(system, case, data, options, known):
    """The tuples of one system, from the cache if program, input and system have not changed."""
    command = system.prepare(case, "tuples")
    programs = [part for part in command if part.endswith((".scl", ".dl", ".sql"))]
    key = "|".join([system.name, case.name, recipe(case), *map(hash_of, [command[0], *programs])])
    if key not in known:
        result = execute(system, case, "tuples", data, 10 * options.timeout)
        if result.status != 0:
            return None
        known[key] = fingerprint(system, case)
    return tuple(known[key])


def hash_of(path):
    return subprocess.run(["sha256sum", str(path)], capture_output=True, text=True).stdout.split()[0]


def one_case(case, chosen, options, known):
    data = input_folder(case, options.out)
    row = {"case": case.name, "variant": case.variant, "show": case.show, "systems": {}}
    answers = {}
    able = []
    for system in chosen:
        try:
            system.prepare(case, case.show)
            if not options.no_check:
                answers[system.name] = check(system, case, data, options, known)
            able.append(system)
        except Unsupported:
            continue
    found = [a for a in answers.values() if a]
    row["answers"] = answers
    row["agree"] = len(set(found)) <= 1
    if not row["agree"]:
        print(f"  ANSWERS DIFFER on {case.name}: {answers}", file=sys.stderr)
    runs = {system.name: [] for system in able if options.no_check or answers.get(system.name)}
    sizes = {}
    for _ in range(options.runs):
        for system in able:
            if system.name not in runs:
                continue
            result = execute(system, case, case.show, data, options.timeout)
            if result.status != 0:
                row["systems"][system.name] = {"failed": "timeout" if result.timed_out else result.status}
                del runs[system.name]
                continue
            runs[system.name].append(result)
            if case.show == "size":
                sizes[system.name] = system.sizes(case)
    if len({json.dumps(s, sort_keys=True) for s in sizes.values()}) > 1:
        row["agree"] = False
        print(f"  SIZES DIFFER on {case.name}: {sizes}", file=sys.stderr)
    row["sizes"] = next(iter(sizes.values()), {})
    for name, taken in runs.items():
        row["systems"][name] = report.summary(taken)
    return row


def start_up(options, runs=20):
    """Median wall milliseconds of a program with one fact: what every run pays before it does anything."""
    program = options.out / "empty.scl"
    program.write_text("rel fact = {1}\nquery fact\n")
    tenfold = str(Path(options.tenfold).resolve())
    out, err = options.out / "stdout", options.out / "stderr"
    taken = [run([tenfold, "run", str(program)], ".", out, err, 10) for _ in range(runs)]
    return {"wall_ms": 1e3 * median(r.wall_s for r in taken), "cpu_ms": 1e3 * median(r.cpu_s for r in taken),
            "wall_min_ms": 1e3 * min(r.wall_s for r in taken)}


def main():
    options = arguments()
    options.out.mkdir(parents=True, exist_ok=True)
    cache = options.out / "answers.json"
    known = json.loads(cache.read_text()) if cache.exists() else {}
    rows = []
    chosen = systems(options)
    for case in CASES:
        if options.only and not any(part in case.name for part in options.only):
            continue
        print(f"{case.name}", file=sys.stderr)
        try:
            rows.append(one_case(case, chosen, options, known))
        except RuntimeError:
            traceback.print_exc()
            continue
        print("  " + report.line(rows[-1]), file=sys.stderr)
        cache.write_text(json.dumps(known))
        (options.out / "results.json").write_text(json.dumps(rows, indent=1))
        (options.out / "results.md").write_text(report.table(rows))
    print(report.table(rows))
    if options.tenfold != "none":
        start = start_up(options)
        (options.out / "start.json").write_text(json.dumps(start))
        print(f"start-up: {start['wall_ms']:.1f} ms wall, {start['cpu_ms']:.1f} ms CPU (best {start['wall_min_ms']:.1f})")
    return 0 if all(row["agree"] for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
