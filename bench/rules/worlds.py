"""Probabilistic cases: programs with their facts, drawn from fixed seeds, and what brute force says of them.

Each function returns (program text without queries, relation asked, {tuple: probability}). The probabilities come from
enumerating worlds or, for kinship, from the worlds of one chain after another; nothing is shared with any engine.
"""
import itertools
import random


def distribution(rng, labels, count, sharp):
    """`count` of the labels with probabilities that sum to one, the first likeliest."""
    chosen = rng.sample(labels, count)
    weight = [rng.random() ** sharp + 1e-3 for _ in chosen]
    weight.sort(reverse=True)
    total = sum(weight)
    rounded = [round(w / total, 6) for w in weight]
    rounded[0] = round(1.0 - sum(rounded[1:]), 6)
    return list(zip(chosen, rounded))


def group(name, prefix, labels):
    """One exclusive set of facts: exactly one label holds."""
    def text(v):
        return f'"{v}"' if isinstance(v, str) else str(v)
    return f"rel {name} = {{" + "; ".join(
        f"{p:.6f}::({', '.join(map(text, prefix))}, {text(l)})" for l, p in labels) + "}\n"


def digit_sums(count=2000, seed=11):
    rng = random.Random(seed)
    text = "type digit(pair: i32, place: i32, label: i32)\n"
    truth = {}
    for pair in range(count):
        two = [distribution(rng, range(10), 10, 6) for _ in range(2)]
        text += group("digit", (pair, 0), two[0]) + group("digit", (pair, 1), two[1])
        for (a, p), (b, q) in itertools.product(*two):
            truth[pair, a + b] = truth.get((pair, a + b), 0.0) + p * q
    text += "rel total(pair, a + b) = digit(pair, 0, a) and digit(pair, 1, b)\n"
    return text, "total", truth


FORMULA = """\
type symbol(formula: i32, at: i32, sign: String)
rel value = {("0", 0), ("1", 1), ("2", 2), ("3", 3), ("4", 4), ("5", 5), ("6", 6), ("7", 7), ("8", 8), ("9", 9)}
rel factor(f, i, i + 1, v) = symbol(f, i, s) and value(s, v)
rel term(f, i, j, v) = factor(f, i, j, v)
rel term(f, i, k, v * w) = term(f, i, j, v) and symbol(f, j, "*") and factor(f, j + 1, k, w)
rel sum(f, i, j, v) = term(f, i, j, v)
rel sum(f, i, k, v + w) = sum(f, i, j, v) and symbol(f, j, "+") and term(f, j + 1, k, w)
rel sum(f, i, k, v - w) = sum(f, i, j, v) and symbol(f, j, "-") and term(f, j + 1, k, w)
"""


def formulas(count=10, symbols=7, candidates=4, seed=12):
    """Handwritten formulas: each symbol has a few readings; one in five readings is of the wrong kind."""
    rng = random.Random(seed)
    text, truth = FORMULA, {}
    for f in range(count):
        readings = []
        for at in range(symbols):
            digits, signs = list("0123456789"), list("+-*")
            good, bad = (digits, signs) if at % 2 == 0 else (signs, digits)
            pool = rng.sample(good, min(candidates - 1, len(good))) + rng.sample(bad, 1)
            readings.append(distribution(rng, pool, len(pool), 2))
            text += group("symbol", (f, at), readings[-1])
        for world in itertools.product(*readings):
            signs = [s for s, _ in world]
            if all(s.isdigit() == (i % 2 == 0) for i, s in enumerate(signs)):
                p = 1.0
                for _, q in world:
                    p *= q
                key = f, eval("".join(signs))  # digits and + - * alone
                truth[key] = truth.get(key, 0.0) + p
    text += f"rel result(f, v) = sum(f, 0, {symbols}, v)\n"
    return text, "result", truth


def kinship(chains=60, hops=8, labels=20, entries=96, seed=13, brackets="all", per_hop=None):
    """Chains of uncertain kinship composed by a partial table. `brackets`: "all" composes any two neighbouring spans,
    "left" grows a chain hop by hop (another answer, as the table is not associative). Truth is None for "all" where
    there are too many worlds to enumerate."""
    rng = random.Random(seed)
    pairs = rng.sample(list(itertools.product(range(labels), repeat=2)), entries)
    compose = {pair: rng.randrange(labels) for pair in pairs}
    text = "type hop(chain: i32, at: i32, label: i32)\nrel compose = {" + ", ".join(
        f"({a}, {b}, {c})" for (a, b), c in compose.items()) + "}\n"
    truth = {}
    for chain in range(chains):
        readings = [distribution(rng, range(labels), per_hop or labels, 4) for _ in range(hops)]
        for at, reading in enumerate(readings):
            text += group("hop", (chain, at), reading)
        found = left_chain(readings, compose) if brackets == "left" else all_brackets(readings, compose)
        truth = None if found is None or truth is None else truth | {(chain, l): p for l, p in found.items()}
    text += "rel kin(c, i, i + 1, l) = hop(c, i, l)\n"
    if brackets == "left":
        text += "rel kin(c, 0, j + 1, n) = kin(c, 0, j, l) and hop(c, j, m) and compose(l, m, n)\n"
    else:
        text += "rel kin(c, i, k, n) = kin(c, i, j, l) and kin(c, j, k, m) and compose(l, m, n)\n"
    text += f"rel answer(c, l) = kin(c, 0, {hops}, l)\n"
    return text, "answer", truth


def left_chain(readings, compose):
    """Distribution of what a chain composes to, hop by hop: the hops are independent and each label is one event."""
    now = dict(readings[0])
    for reading in readings[1:]:
        then = {}
        for (l, p), (m, q) in itertools.product(now.items(), reading):
            if (l, m) in compose:
                then[compose[l, m]] = then.get(compose[l, m], 0.0) + p * q
        now = then
    return now


def all_brackets(readings, compose, most=300_000):
    """World by world, what any bracketing derives."""
    worlds = 1
    for reading in readings:
        worlds *= len(reading)
    if worlds > most:
        return None
    hops, found = len(readings), {}
    for world in itertools.product(*readings):
        p = 1.0
        spans = {}
        for at, (label, q) in enumerate(world):
            p *= q
            spans[at, at + 1] = {label}
        for width in range(2, hops + 1):
            for i in range(hops - width + 1):
                spans[i, i + width] = {compose[l, m] for j in range(i + 1, i + width) for l in spans[i, j]
                                       for m in spans[j, i + width] if (l, m) in compose}
        for label in spans[0, hops]:
            found[label] = found.get(label, 0.0) + p
    return found


CASES = {
    "60 kinship chains of 8 hops": kinship,
    "60 kinship chains of 8 hops, left to right": lambda: kinship(brackets="left"),
    "20 kinship chains of 6 hops, 6 labels a hop": lambda: kinship(chains=20, hops=6, per_hop=6, entries=160),
    "10 formulas of 7 symbols": formulas,
    "2,000 sums of two digits": digit_sums,
}
