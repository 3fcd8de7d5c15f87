"""The cases: a program of `programs/`, its input, what is asked of it and how.

`show` is "size" where printing would be the larger part (as Soufflé's `.printsize`) and "tuples" where the tuples are
written to a file (`.output`). Every case is checked on its whole tuples all the same. `variant` says what differs from
the plain form of the same problem: the way it recurs, columns permuted, or keys that are strings.
"""
from dataclasses import dataclass, field
from functools import partial
from typing import Callable

import generate as g


@dataclass(frozen=True)
class Case:
    name: str
    program: str
    data: str  # cases with the same data share its files
    make: Callable  # make(folder) writes the input
    outputs: dict = field(hash=False)  # relation: arity
    show: str = "size"
    variant: str = ""
    named: bool = False  # keys are strings


def graph(nodes, edges, seed=1, **options):
    return partial(g.random_graph, nodes=nodes, edges=edges, seed=seed, **options)


MEDIUM = graph(1000, 4000)
FAMILY = partial(g.family, generations=7, people=600, parents=2, seed=2)
POINTERS = partial(g.pointers, variables=3000, objects=900, assigns=2200, accesses=300, seed=3)
FLOWS = partial(g.flows, modules=60, variables=150, assigns=110, dereferences=55, seed=4)
SALES = partial(g.sales, rows=400_000, shops=200, items=2000, seed=5)
HUBS = partial(g.hubs, nodes=20_000, edges=200_000, power=5, seed=6)
TOWNS = partial(g.communities, count=800, nodes=500, edges=1000, seed=9)
PATH, BACK = {"path": 2}, {"reached_from": 2}
ALIASES = {"value_flow": 2, "memory_alias": 2, "value_alias": 2}

CASES = [
    Case("closure of chain 1000", "tc_left", "chain-1000", partial(g.chain, nodes=1000), PATH),
    Case("closure of chain 1000, right-linear", "tc_right", "chain-1000", partial(g.chain, nodes=1000), PATH,
         variant="right-linear"),
    Case("closure of grid 45x45", "tc_left", "grid-45", partial(g.grid, side=45), PATH),
    Case("closure of grid 45x45, right-linear", "tc_right", "grid-45", partial(g.grid, side=45), PATH,
         variant="right-linear"),
    Case("closure of random graph", "tc_left", "random-1000", MEDIUM, PATH),
    Case("closure of random graph, written out", "tc_left", "random-1000", MEDIUM, PATH, show="tuples"),
    Case("closure of random graph, right-linear", "tc_right", "random-1000", MEDIUM, PATH, variant="right-linear"),
    Case("closure of random graph, non-linear", "tc_double", "random-300", graph(300, 1200), PATH,
         variant="non-linear"),
    Case("closure of random graph, permuted", "tc_permuted", "random-1000", MEDIUM, BACK, variant="permuted"),
    Case("closure of random graph, strings", "tc_left", "random-1000-named", partial(MEDIUM, named=True), PATH,
         show="tuples", variant="strings", named=True),
    Case("closure of random graph, 5.8M tuples", "tc_left", "random-2460", graph(2460, 9840), PATH),
    Case("closure of sparse graph, 1M nodes", "tc_left", "sparse", graph(1_000_000, 850_000), PATH),
    Case("same generation", "same_generation", "family", FAMILY, {"same": 2}),
    Case("same generation, strings", "same_generation", "family-named", partial(FAMILY, named=True), {"same": 2},
         variant="strings", named=True),
    Case("points-to (andersen)", "andersen", "pointers", POINTERS, {"points_to": 2}),
    Case("points-to (andersen), permuted", "andersen_permuted", "pointers", POINTERS, {"pointed_by": 2},
         variant="permuted"),
    Case("points-to (andersen), strings", "andersen", "pointers-named", partial(POINTERS, named=True),
         {"points_to": 2}, show="tuples", variant="strings", named=True),
    Case("context-sensitive pointers (cspa)", "cspa", "flows", FLOWS, ALIASES),
    Case("context-sensitive pointers (cspa), permuted", "cspa_permuted", "flows", FLOWS,
         {"flow_value": 2, "memory_alias": 2, "value_alias": 2}, variant="permuted"),
    Case("negation", "negation", "random-700-nodes", graph(700, 1200, with_nodes=True),
         {"apart": 2, "one_way": 2, "final": 1}),
    Case("shortest path (min, count, sum)", "shortest", "random-1000-thin", graph(1000, 2500),
         {"distance": 3, "reached": 3, "total": 2}),
    Case("group-by", "group_by", "sales", SALES, {"sales_of": 2, "turnover": 2, "cheapest": 3, "dearest": 3},
         show="tuples"),
    Case("group-by, strings", "group_by", "sales-named", partial(SALES, named=True),
         {"sales_of": 2, "turnover": 2, "cheapest": 3, "dearest": 3}, show="tuples", variant="strings", named=True),
    Case("triangles", "triangles", "hubs", HUBS, {"triangle": 3}),
    Case("triangles, permuted", "triangles_permuted", "hubs", HUBS, {"triangle": 3}, variant="permuted"),
    Case("cliques of four", "cliques", "hubs-small", partial(g.hubs, nodes=8000, edges=100_000, power=3.5, seed=7),
         {"clique": 4}),
    Case("skewed star", "star", "star", partial(g.star, centres=2000, leaves=1200, rows=20_000, seed=8),
         {"pair": 2}),
    Case("single source by demand", "demand", "communities", TOWNS, {"found": 1}, show="tuples"),
    Case("single source by demand, right-linear", "demand_right", "communities", TOWNS, {"found": 1}, show="tuples",
         variant="right-linear"),
]
