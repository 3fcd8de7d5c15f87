#!/usr/bin/env python3
"""Updates of programs with probabilities against recomputing.

    bench/rules/tagged_updates.py --tenfold build/default/bin/tenfold --runs 5

For each case, change and provenance: the answers and their probabilities after the update must be those of a fresh run over
the changed facts. Then, medians of runs that alternate: `fresh` evaluates the changed facts with an update to come that
changes nothing, `update` is the update alone; neither counts reading files nor writing answers. `exact` is left out: it
computes a probability when it is asked for, which neither time has in it.
"""
import argparse
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import geometric_mean, median

from updates import stage

HOPS = """rel two(x, z) = edge(x, y) and edge(y, z)
rel three(x, w) = two(x, z) and edge(z, w)
query three
"""
DEGREE = """rel two(x, z) = edge(x, y) and edge(y, z)
rel many(x, n) = n := count(y: edge(x, y))
rel crowded(x, z) = two(x, z) and many(x, n) and n > 3
query crowded
"""
REACH = """rel path(x, y) = edge(x, y)
rel path(x, z) = path(x, y) and edge(y, z)
query path
"""
NOT = """rel two(x, z) = edge(x, y) and edge(y, z) and not edge(x, z)
query two
"""


def graph(nodes, edges, seed):
    draw = random.Random(seed)
    return sorted({(draw.randrange(nodes), draw.randrange(nodes)) for _ in range(edges)})


def layers(layers, width, degree, seed):
    draw = random.Random(seed)
    return sorted({(layer * width + i, (layer + 1) * width + draw.randrange(width))
                   for layer in range(layers) for i in range(width) for _ in range(degree)})


CASES = [("three hops", HOPS, graph(2000, 6000, 1)), ("two hops, not one", NOT, graph(2000, 8000, 2)),
         ("two hops from where many start (count)", DEGREE, graph(400, 1200, 3)),
         ("reachability, 12 layers", REACH, layers(12, 60, 2, 4)), ("reachability, one big component", REACH, graph(300, 600, 5))]
PROVENANCES = ["minmaxprob", "addmultprob", "topkproofs"]
SLOW = {("reachability, one big component", "addmultprob"),  # its cycles do not settle
        ("reachability, one big component", "topkproofs"), ("two hops from where many start (count)", "topkproofs")}


def changes(edges, seed):
    """(name, edges that go, edges that come)."""
    draw = random.Random(seed)
    for share in (0, 0.01):
        n = max(1, round(share * len(edges)))
        name = "1 fact" if share == 0 else f"{share:.0%}"
        yield f"delete {name}", draw.sample(edges, n), []
        come = set()
        while len(come) < n:
            edge = (draw.choice(edges)[0], draw.choice(edges)[1])
            if edge not in edges:
                come.add(edge)
        yield f"insert {name}", [], sorted(come)


def run(tenfold, program, provenance, extra=()):
    command = [tenfold, "run", program.name, "--provenance", provenance, "--format", "csv", "--timings", *extra]
    done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def write(folder, name, text, facts):
    program = folder / name
    program.write_text(text + "".join(f"rel {p}::edge({x}, {y})\n" for (x, y), p in facts.items()))
    return program


def one_case(name, text, edges, provenance, options, folder):
    draw = random.Random(6)
    known = {edge: round(draw.uniform(0.1, 0.9), 3) for edge in edges}
    before = write(folder, "before.scl", text, known)
    start, _ = run(options.tenfold, before, provenance)
    (folder / "nothing.csv").write_text("-1,-1\n")
    for change, gone, come in changes(edges, 7):
        after = write(folder, "after.scl", text,
                      {e: p for e, p in known.items() if e not in gone} | {e: 1.0 for e in come})
        (folder / "gone.csv").write_text("".join(f"{x},{y}\n" for x, y in gone) or "-1,-1\n")
        (folder / "come.csv").write_text("".join(f"{x},{y}\n" for x, y in come))
        extra = ["--delete", "edge=gone.csv", *(["--insert", "edge=come.csv"] if come else [])]
        times, in_place = {"fresh": [], "update": []}, []
        plain, _ = run(options.tenfold, after, provenance)
        for _ in range(options.runs):
            wanted, err = run(options.tenfold, after, provenance, ["--delete", "edge=nothing.csv"])
            times["fresh"].append(stage(err, "evaluate")["ms"])
            found, err = run(options.tenfold, before, provenance, extra)
            times["update"].append(stage(err, "update")["ms"])
            in_place.append(stage(err, "update")["in_place"])
            if found != wanted or found != plain:
                raise RuntimeError(f"{name}: {change}: {provenance}: the answers differ from a fresh run's")
        old, new = set(start.splitlines()), set(found.splitlines())
        yield {"change": change, "changed": len(new ^ old) / (2 * len(old)), "fresh": median(times["fresh"]),
               "update": median(times["update"]), "in_place": all(in_place)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenfold", default="build/default/bin/tenfold")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    options.tenfold = str(Path(options.tenfold).resolve())
    print("| case | provenance | change | answer changed | fresh, ms | update, ms | times faster | in place |\n"
          "|---|---|---|--:|--:|--:|--:|---|")
    small, all_of_them = [], []
    with tempfile.TemporaryDirectory() as temporary:
        for name, text, edges in CASES:
            for provenance in PROVENANCES:
                if (name, provenance) in SLOW:
                    continue
                for row in one_case(name, text, edges, provenance, options, Path(temporary)):
                    ratio = row["fresh"] / row["update"]
                    all_of_them.append(ratio)
                    if row["changed"] <= 0.02:
                        small.append(ratio)
                    print(f"| {name} | {provenance} | {row['change']} | {row['changed']:.2%} | {row['fresh']:.1f} | "
                          f"{row['update']:.2f} | {ratio:.1f} | {'yes' if row['in_place'] else 'no'} |", flush=True)
    print(f"\nwhere at most 2% changes: {sum(r >= 10 for r in small)} of {len(small)} at least 10 times as fast as a fresh "
          f"run, geometric mean {geometric_mean(small):.0f}\nslowest update: {1 / min(all_of_them):.2f} of a fresh run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
