"""Exact inference beside ProbLog: equal to the eight decimals that it prints, then the times of both, whole process each.

    python3 bench/exact/run.py --tenfold build/opt/bin/tenfold --problog PATH/problog [--limit 60] [--out FILE.json]

ProbLog comes from `pip install problog pysdd`, outside the tree. Each case runs in turn through both, three times where
it takes less than a second; medians count. A case that ProbLog does not end within the limit is shown and not counted.
"""
import argparse
import csv
import io
import json
import math
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import families

TOLERANCE = 1e-8  # ProbLog prints eight decimals


def timed(command, limit):
    start = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return None, None
    return (done.stdout if done.returncode == 0 else None), time.perf_counter() - start


def repeat(command, limit):
    out, first = timed(command, limit)
    if out is None:
        return None, None
    times = [first]
    while len(times) < 3 and first < 1:
        times.append(timed(command, limit)[1])
    return out, statistics.median(times)


def problog_answers(text):
    """name(args) to probability; ProbLog leaves out nothing, but prints what cannot hold as 0."""
    return {m[1].replace(" ", ""): float(m[2]) for m in re.finditer(r"^\s*(\S.*?):\s+([0-9.e+-]+)\s*$", text, re.M)}


def tenfold_answers(text):
    found = {}
    for row in csv.reader(io.StringIO(text)):
        if not row or row[0] == "relation":
            continue
        name = row[0].split("(")[0]
        found[f"{name}({','.join(row[2:])})" if len(row) > 2 else name] = float(row[1])
    return found


def compare(theirs, ours):
    worst = 0.0
    for name, p in theirs.items():
        worst = max(worst, abs(p - ours.get(name, 0.0)))
    return worst


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tenfold", required=True)
    parser.add_argument("--problog", required=True)
    parser.add_argument("--limit", type=float, default=60)
    parser.add_argument("--family", help="only this one")
    parser.add_argument("--out")
    args = parser.parse_args()
    rows, failed = [], 0
    print(f"{'family':24} {'size':>4} {'problog s':>10} {'tenfold s':>10} {'ratio':>8} {'difference':>11} {'width':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for family, size, problog, tenfold in families.cases():
            if args.family and args.family != family:
                continue
            ours, theirs = Path(folder, "case.scl"), Path(folder, "case.pl")
            ours.write_text(tenfold)
            theirs.write_text(problog)
            command = [args.tenfold, "run", str(ours), "--provenance", "exact"]
            found, own_s = repeat(command + ["--format", "csv"], args.limit)
            text, problog_s = repeat([args.problog, str(theirs)], args.limit)
            width = 0.0
            if found is not None:
                shown = json.loads(timed(command + ["--format", "json"], args.limit)[0])
                width = max([a["interval"][1] - a["interval"][0] for a in shown["answers"] if "interval" in a], default=0.0)
            difference = None
            if found is not None and text is not None:
                difference = compare(problog_answers(text), tenfold_answers(found))
                failed += difference > TOLERANCE and width == 0.0
            ratio = problog_s / own_s if problog_s and own_s else None
            rows.append({"family": family, "size": size, "problog_s": problog_s, "tenfold_s": own_s, "ratio": ratio,
                         "difference": difference, "width": width})
            shown = [f"{v:.3f}" if isinstance(v, float) else "–" for v in (problog_s, own_s)]
            print(f"{family:24} {size:4} {shown[0]:>10} {shown[1]:>10} {f'{ratio:.1f}' if ratio else '–':>8} "
                  f"{f'{difference:.1e}' if difference is not None else '–':>11} {width:8.3g}", flush=True)
    solved = [r for r in rows if r["problog_s"]]
    ratios = [r["ratio"] for r in solved if r["ratio"]]
    if ratios:
        print(f"{len(rows)} cases, {len(solved)} that ProbLog solves; of these {len(ratios)} answered, "
              f"{sum(r['width'] <= 0.01 for r in solved if r['tenfold_s'])} with width at most 0.01; "
              f"geometric mean of ratios {math.exp(statistics.mean(map(math.log, ratios))):.1f}, least {min(ratios):.1f}")
    if args.out:
        Path(args.out).write_text(json.dumps(rows, indent=1))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
