"""Inputs of the rule cases, from fixed seeds: each function writes CSV files without a header into a folder.

Only `random.Random(seed)` and integers are used, so the same bytes come out on every machine.
"""
import random


def write(folder, name, rows):
    with open(folder / f"{name}.csv", "w") as file:
        file.writelines(",".join(map(str, row)) + "\n" for row in rows)


def strings(rows):
    """The same facts over string keys that are longer than a machine word and share a prefix, as real names do."""
    return [tuple(f"org.example.n{value}" for value in row) for row in rows]


def chain(folder, nodes):
    write(folder, "edge", [(i, i + 1) for i in range(nodes)])


def grid(folder, side):
    """Edges to the right and down: acyclic, many ways between two nodes."""
    right = [(y * side + x, y * side + x + 1) for y in range(side) for x in range(side - 1)]
    down = [(y * side + x, (y + 1) * side + x) for y in range(side - 1) for x in range(side)]
    write(folder, "edge", right + down)


def distinct_edges(rng, nodes, edges):
    """Directed edges drawn evenly; no loops, none twice; in the order of drawing."""
    met = {}
    while len(met) < edges:
        edge = rng.randrange(nodes), rng.randrange(nodes)
        if edge[0] != edge[1]:
            met[edge] = None
    return list(met)


def random_graph(folder, nodes, edges, seed, named=False, with_nodes=False):
    rows = distinct_edges(random.Random(seed), nodes, edges)
    if with_nodes:
        write(folder, "node", [(i,) for i in range(nodes)])
    write(folder, "edge", strings(rows) if named else rows)


def communities(folder, count, nodes, edges, seed):
    """Many graphs of `nodes` nodes side by side under shuffled ids: one source reaches a share of its own alone."""
    rng = random.Random(seed)
    label = list(range(count * nodes))
    rng.shuffle(label)
    rows = []
    for c in range(count):
        rows += [(label[c * nodes + a], label[c * nodes + b]) for a, b in distinct_edges(rng, nodes, edges)]
    rng.shuffle(rows)
    write(folder, "edge", rows)


def family(folder, generations, people, parents, seed, named=False):
    """`people` in each generation, each with `parents` drawn from the generation before."""
    rng = random.Random(seed)
    rows = []
    for g in range(1, generations):
        for i in range(people):
            chosen = rng.sample(range(people), parents)
            rows += [(g * people + i, (g - 1) * people + p) for p in chosen]
    write(folder, "parent", strings(rows) if named else rows)


def pointers(folder, variables, objects, assigns, accesses, seed, named=False):
    """A made-up program for Andersen's analysis: assignments mostly between neighbours, as within one function."""
    rng = random.Random(seed)

    def near(v, reach=40):
        return (v + rng.randrange(1, reach)) % variables if rng.random() < 0.9 else rng.randrange(variables)

    address = {(rng.randrange(variables), variables + o): None for o in range(objects)}
    address.update({(rng.randrange(variables), rng.randrange(variables)): None for _ in range(objects)})
    tables = {"address_of": list(address)}
    for name, count in (("assign", assigns), ("load", accesses), ("store", accesses)):
        rows = {}
        while len(rows) < count:
            v = rng.randrange(variables)
            rows[v, near(v)] = None
        tables[name] = list(rows)
    for name, rows in tables.items():
        write(folder, name, strings(rows) if named else rows)


def flows(folder, modules, variables, assigns, dereferences, seed):
    """Made-up modules for the context-sensitive pointer analysis. Assignments and dereferences stay within a module, as
    in code whose modules pass few pointers; across modules everything would soon alias everything."""
    rng = random.Random(seed)
    assign, dereference = [], []
    for module in range(modules):
        first = module * variables
        assign += [(first + a, first + b) for a, b in distinct_edges(rng, variables, assigns)]
        dereference += [(first + a, first + b) for a, b in distinct_edges(rng, variables, dereferences)]
    rng.shuffle(assign)
    rng.shuffle(dereference)
    write(folder, "assign", assign)
    write(folder, "dereference", dereference)


def sales(folder, rows, shops, items, seed, named=False):
    rng = random.Random(seed)
    table = {}
    while len(table) < rows:
        table[rng.randrange(shops), int(items * rng.random() ** 2), rng.randrange(1, 1000)] = None
    if named:
        write(folder, "sale", [(f"shop {s}", f"item number {i}", a) for s, i, a in table])
    else:
        write(folder, "sale", list(table))


def hubs(folder, nodes, edges, power, seed):
    """Undirected edges, each as (smaller, larger), with a heavy tail: ends are powers of evenly drawn numbers, so
    few nodes have thousands of neighbours and most have a handful."""
    rng = random.Random(seed)
    met = {}
    while len(met) < edges:
        a, b = int(nodes * rng.random() ** power), int(nodes * rng.random() ** power)
        if a != b:
            met[min(a, b), max(a, b)] = None
    label = list(range(nodes))
    rng.shuffle(label)  # ids say nothing about degrees
    write(folder, "edge", [tuple(sorted((label[a], label[b]))) for a, b in met])


def star(folder, centres, leaves, rows, seed):
    """Three relations from centres to leaves; a centre's share falls off as 1/rank, and a third of the heavy centres is
    missing in the last relation, so the join order matters."""
    rng = random.Random(seed)
    weight, total = [], 0.0
    for rank in range(centres):
        total += 1.0 / (rank + 1)
        weight.append(total)
    for name in ("r", "s", "t"):
        met = {}
        while len(met) < rows:
            centre = rng.choices(range(centres), cum_weights=weight)[0]
            if name == "t" and centre % 3 == 0:
                continue
            met[centre, rng.randrange(leaves)] = None
        write(folder, name, list(met))
