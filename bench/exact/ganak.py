#!/usr/bin/env python3
"""Exact inference beside Ganak, a weighted model counter: equal to 1e-9, then CPU seconds of both.

    VENV/bin/python bench/exact/ganak.py --tenfold build/opt/bin/tenfold [--limit 60] [--family NAME]

The environment has `pip install problog pyganak`. Ganak counts formulas, not programs: ProbLog grounds each program and breaks
its cycles (not timed), then Ganak counts the models of each query, one after the other. Tenfold's time is of the whole
process: reading, grounding and all queries.
"""
import argparse
import math
import multiprocessing
import queue
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import families
from run import tenfold_answers

TOLERANCE = 1e-9


def weighted_cnf(text):
    """(clauses, {variable: (weight, weight of not)}, {query: literal, or None where it cannot hold})."""
    from problog.cnf_formula import CNF
    from problog.evaluator import SemiringProbability
    from problog.formula import LogicDAG
    from problog.program import PrologString
    cnf = CNF.create_from(LogicDAG.create_from(PrologString(text)))
    weights = cnf.extract_weights(SemiringProbability())
    return cnf.clauses, {v: w for v, w in weights.items() if v > 0}, {str(n): k for n, k in cnf.queries()}


def count(cnf, answers):
    from pyganak import WeightedCounter
    clauses, weights, queries = cnf
    found, start = {}, time.process_time()
    for name, literal in queries.items():
        if not literal:  # 0 always holds, None never
            found[name] = 0.0 if literal is None else 1.0
            continue
        counter = WeightedCounter()
        for variable, (yes, no) in weights.items():
            counter.set_lit_weight(variable, yes)
            counter.set_lit_weight(-variable, no)
        counter.add_clauses(clauses)
        counter.add_clause([literal])
        found[name] = counter.count()
    answers.put((found, time.process_time() - start))


def ganak(text, limit):
    cnf = weighted_cnf(text)
    answers = multiprocessing.Queue()
    worker = multiprocessing.Process(target=count, args=(cnf, answers))
    worker.start()
    try:
        return answers.get(timeout=limit)
    except queue.Empty:
        return None, None
    finally:
        worker.kill()
        worker.join()


def tenfold(binary, program, limit):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        done = subprocess.run([binary, "run", str(program), "--provenance", "exact", "--timeout", str(limit), "--format", "csv"],
                              capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError:
        return None, None, False
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return tenfold_answers(done.stdout), cpu_s, "are bounds" not in done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenfold", required=True)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--family")
    args = parser.parse_args()
    print("| family | size | queries | Ganak, CPU s | Tenfold, CPU s | ratio | difference |\n|---|--:|--:|--:|--:|--:|--:|")
    ratios, wrong = [], 0
    with tempfile.TemporaryDirectory() as folder:
        for family, size, problog, text in families.cases():
            if args.family and args.family != family:
                continue
            program = Path(folder, "case.scl")
            program.write_text(text)
            theirs, their_s = ganak(problog, args.limit)
            ours, our_s, exact = tenfold(args.tenfold, program, args.limit)
            both = theirs is not None and ours is not None and exact
            worst = max(abs(p - ours.get(n.replace(" ", ""), 0.0)) for n, p in theirs.items()) if both else None
            wrong += both and worst > TOLERANCE
            ratios += [their_s / our_s] if both else []
            cells = [f"{their_s:.3f}" if theirs is not None else f"over {args.limit:.0f}",
                     f"{our_s:.3f}" if ours is not None and exact else "an interval" if ours is not None else "–",
                     f"{their_s / our_s:.1f}" if both else "", f"{worst:.0e}" if both else ""]
            print(f"| {family} | {size} | {len(theirs) if theirs else ''} | " + " | ".join(cells) + " |", flush=True)
    if ratios:
        print(f"\n{len(ratios)} cases that both solve: geometric mean of the ratios "
              f"{math.exp(statistics.mean(map(math.log, ratios))):.1f}, least {min(ratios):.1f}, most {max(ratios):.1f}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
