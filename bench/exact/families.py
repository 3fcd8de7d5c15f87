"""ProbLog's classic families at growing sizes, each as a ProbLog program and as ours, from a seed.

Facts are drawn once and written twice, so both systems are asked the same. A case is (family, size, problog, tenfold).
"""
import random


def number(rng, low=0.1, high=0.9):
    return round(rng.uniform(low, high), 3)


def reachability(nodes, degree, seed, both_ways=False):
    """Is the last node reached from the first, in a random graph with cycles?"""
    rng = random.Random(f"reach {nodes} {degree} {seed}")
    edges = {}
    for x in range(nodes):
        for _ in range(degree):
            y = rng.randrange(nodes)
            if x != y:
                edges[x, y] = number(rng)
                if both_ways:
                    edges[y, x] = number(rng)
    return graph(edges, 0, nodes - 1)


def graph(edges, source, target):
    problog = [f"{p}::edge({x},{y})." for (x, y), p in edges.items()]
    problog += ["path(X,Y) :- edge(X,Y).", "path(X,Y) :- edge(X,Z), path(Z,Y).", f"query(path({source},{target}))."]
    ours = ["type edge(x: i32, y: i32)", "rel edge = {" + ", ".join(f"{p}::({x}, {y})" for (x, y), p in edges.items()) + "}"]
    ours += ["rel path(x, y) = edge(x, y) or (edge(x, z) and path(z, y))", f"query path({source}, {target})"]
    return "\n".join(problog) + "\n", "\n".join(ours) + "\n"


def blocked_grid(side, seed):
    """From corner to corner of a grid whose fields may be blocked, right and down."""
    rng = random.Random(f"grid {side} {seed}")
    open_ = {(x, y): number(rng, 0.5, 0.95) for x in range(side) for y in range(side)}
    problog = [f"{p}::open({x},{y})." for (x, y), p in open_.items()]
    problog += [
        "reach(0,0) :- open(0,0).",
        f"reach(X,Y) :- X > 0, X1 is X - 1, reach(X1,Y), open(X,Y).",
        f"reach(X,Y) :- Y > 0, Y1 is Y - 1, reach(X,Y1), open(X,Y).",
        f"query(reach({side - 1},{side - 1})).",
    ]
    ours = ["type open(x: i32, y: i32)", "rel open = {" + ", ".join(f"{p}::({x}, {y})" for (x, y), p in open_.items()) + "}"]
    ours += ["rel reach(0, 0) = open(0, 0)", "rel reach(x, y) = reach(x - 1, y) and open(x, y)",
             "rel reach(x, y) = reach(x, y - 1) and open(x, y)", f"query reach({side - 1}, {side - 1})"]
    return "\n".join(problog) + "\n", "\n".join(ours) + "\n"


def smokers(people, friends, seed):
    """Stress and friends make smoke, around cycles of friends; smoking makes ill."""
    rng = random.Random(f"smokers {people} {friends} {seed}")
    pairs = sorted({(x, rng.randrange(people)) for x in range(people) for _ in range(friends)})
    pairs = [(x, y) for x, y in pairs if x != y]
    influence = {pair: number(rng, 0.1, 0.4) for pair in pairs}
    stress = {x: number(rng, 0.1, 0.5) for x in range(people)}
    asthma = {x: number(rng, 0.2, 0.5) for x in range(people)}
    problog = [f"{p}::stress({x})." for x, p in stress.items()]
    problog += [f"{p}::influences({x},{y})." for (x, y), p in influence.items()]
    problog += [f"{p}::weak({x})." for x, p in asthma.items()]
    problog += ["smokes(X) :- stress(X).", "smokes(X) :- influences(Y,X), smokes(Y).", "asthma(X) :- smokes(X), weak(X).",
                "query(asthma(X))."]
    ours = ["rel stress = {" + ", ".join(f"{p}::{x}" for x, p in stress.items()) + "}",
            "rel influences = {" + ", ".join(f"{p}::({x}, {y})" for (x, y), p in influence.items()) + "}",
            "rel weak = {" + ", ".join(f"{p}::{x}" for x, p in asthma.items()) + "}",
            "rel smokes(x) = stress(x) or (influences(y, x) and smokes(y))", "rel asthma(x) = smokes(x) and weak(x)",
            "query asthma"]
    return "\n".join(problog) + "\n", "\n".join(ours) + "\n"


def alarms(people, seed):
    """Burglary and earthquake ring the alarm; neighbours call, or do not."""
    rng = random.Random(f"alarms {people} {seed}")
    calls = {x: number(rng) for x in range(people)}
    tags = {"burglary": 0.1, "earthquake": 0.2, "both": 0.9, "one": 0.8, "other": 0.3, "none": 0.02}
    problog = [f"{p}::{n}." for n, p in tags.items()] + [f"{p}::hears({x})." for x, p in calls.items()]
    problog += ["alarm :- burglary, earthquake, both.", "alarm :- burglary, \\+earthquake, one.",
                "alarm :- \\+burglary, earthquake, other.", "alarm :- \\+burglary, \\+earthquake, none.",
                "calls(X) :- alarm, hears(X).", "quiet(X) :- hears(X), \\+calls(X).",
                "several :- calls(X), calls(Y), X < Y.", "query(several).", "query(quiet(0)).", "query(calls(X))."]
    ours = [f"rel {n} = {{{p}::()}}" for n, p in tags.items()]
    ours += ["rel hears = {" + ", ".join(f"{p}::{x}" for x, p in calls.items()) + "}",
             "rel alarm() = burglary() and earthquake() and both()",
             "rel alarm() = burglary() and not earthquake() and one()",
             "rel alarm() = not burglary() and earthquake() and other()",
             "rel alarm() = not burglary() and not earthquake() and none()",
             "rel calls(x) = alarm() and hears(x)", "rel quiet(x) = hears(x) and not calls(x)",
             "rel several() = calls(x) and calls(y) and x < y", "query several", "query quiet(0)", "query calls"]
    return "\n".join(problog) + "\n", "\n".join(ours) + "\n"


def cases(seed=1):
    for nodes in (6, 8, 10, 12, 14, 16, 20):
        yield ("reachability", nodes, *reachability(nodes, 2, seed))
    for nodes in (5, 6, 7, 8):
        yield ("reachability both ways", nodes, *reachability(nodes, 2, seed, both_ways=True))
    for side in (3, 4, 5, 6, 7, 8, 10):
        yield ("blocked grid", side, *blocked_grid(side, seed))
    for people in (4, 6, 8, 10, 12, 16):
        yield ("smokers", people, *smokers(people, 2, seed))
    for people in (4, 8, 16, 32):
        yield ("alarms", people, *alarms(people, seed))
