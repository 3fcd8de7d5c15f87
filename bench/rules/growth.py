#!/usr/bin/env python3
"""How cost grows: CPU seconds and peak memory of five cases over the size of their input, as JSON and an SVG.

    bench/rules/growth.py --tenfold build/default/bin/tenfold --souffle souffle --plot docs/growth.svg
"""
import argparse
import json
import multiprocessing
import sys
from functools import partial
from pathlib import Path

import generate as g
import report
from cases import Case, graph
from growth_plot import svg
from run import execute, input_folder
from systems import Souffle, Tenfold

# name, program, relation, arity, sizes, input of a size (facts in the input grow in proportion to the size)
FAMILIES = [
    ("closure of random graphs", "tc_left", "path", 2, (300, 600, 1200, 2400),
     lambda n: graph(n, 4 * n)),
    ("same generation", "same_generation", "same", 2, (150, 300, 600, 1200),
     lambda n: partial(g.family, generations=7, people=n, parents=2, seed=2)),
    ("context-sensitive pointers", "cspa", "value_alias", 2, (10, 20, 40, 80),
     lambda n: partial(g.flows, modules=n, variables=150, assigns=110, dereferences=55, seed=4)),
    ("shortest path", "shortest", "distance", 3, (250, 500, 1000, 2000),
     lambda n: graph(n, 5 * n // 2)),
    ("triangles", "triangles", "triangle", 3, (50_000, 100_000, 200_000, 400_000),
     lambda n: partial(g.hubs, nodes=20_000, edges=n, power=5, seed=6)),
]


def points(options):
    out = options.out.resolve()
    systems = [Tenfold(str(Path(options.tenfold).resolve()), out)]
    if options.souffle:
        systems.append(Souffle(options.souffle, out))
    for name, program, relation, arity, sizes, make in FAMILIES:
        for size in sizes:
            case = Case(name, program, f"growth-{program}-{size}", make(size), {relation: arity})
            # In a process of its own: a child's peak is never less than its parent's was (measure.py).
            maker = multiprocessing.Process(target=input_folder, args=(case, options.out))
            maker.start()
            maker.join()
            data = input_folder(case, options.out)
            facts = sum(sum(1 for _ in open(file)) for file in data.glob("*.csv"))
            runs = {system.name: [] for system in systems}
            for _ in range(options.runs):
                for system in systems:
                    if system.name in runs:
                        result = execute(system, case, "size", data, options.timeout)
                        if result.status != 0:
                            del runs[system.name]
                        else:
                            runs[system.name].append(result)
                            tuples = system.sizes(case)[relation]
            yield {"family": name, "facts": facts, "tuples": tuples if runs else None,
                   "systems": {system: report.summary(taken) for system, taken in runs.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenfold", default="build/default/bin/tenfold")
    parser.add_argument("--souffle", help="the souffle compiler")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--out", type=Path, default=Path("build/bench/rules"))
    parser.add_argument("--plot", type=Path, help="also write the SVG here")
    options = parser.parse_args()
    rows = []
    for row in points(options):
        rows.append(row)
        print(json.dumps(row), file=sys.stderr, flush=True)
    (options.out / "growth.json").write_text(json.dumps(rows, indent=1))
    (options.plot or options.out / "growth.svg").write_text(svg(rows))


if __name__ == "__main__":
    main()
