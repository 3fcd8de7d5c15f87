"""Discrete problems with probabilistic inputs, as Scallop is measured on: kinship chains, formulas, sums of digits.

Each returns the text of a program. Inputs are exclusive distributions, drawn from a seed.
"""
import random

# Twenty kinds of kin as (generations up, line, gender), so that their composition is computed and not listed:
# a step up then down within one line is a sibling, a step aside and up an uncle, and so on.
KINDS = {
    "father": (1, 0, "m"), "mother": (1, 0, "f"), "son": (-1, 0, "m"), "daughter": (-1, 0, "f"),
    "brother": (0, 1, "m"), "sister": (0, 1, "f"), "grandfather": (2, 0, "m"), "grandmother": (2, 0, "f"),
    "grandson": (-2, 0, "m"), "granddaughter": (-2, 0, "f"), "uncle": (1, 1, "m"), "aunt": (1, 1, "f"),
    "nephew": (-1, 1, "m"), "niece": (-1, 1, "f"), "husband": (0, 2, "m"), "wife": (0, 2, "f"),
    "father-in-law": (1, 2, "m"), "mother-in-law": (1, 2, "f"), "son-in-law": (-1, 2, "m"),
    "daughter-in-law": (-1, 2, "f"),
}


def composition():
    """(first, second, composed): y is x's `first`, z is y's `second`; only pairs that say one thing."""
    by_shape = {shape: name for name, shape in KINDS.items()}
    table = []
    for first, (up1, line1, _) in KINDS.items():
        for second, (up2, line2, gender) in KINDS.items():
            if line1 > 0 and line2 > 0 and first != "wife" and first != "husband":
                continue
            if line1 == 2 and line2 != 0:
                continue
            if up1 > 0 > up2 and line1 + line2 == 0:  # up and down again: a sibling, if one generation
                shape = (up1 + up2, 1, gender)
            elif up1 < 0 < up2 and line1 + line2 == 0:  # a child's parent
                shape = (up1 + up2, 2, gender)
            else:
                shape = (up1 + up2, max(line1, line2), gender)
            if shape in by_shape:
                table.append((first, second, by_shape[shape]))
    return table


def distribution(rng, labels, sharp=4.0):
    weights = [rng.random() ** sharp for _ in labels]
    total = sum(weights)
    return [max(1e-6, round(w / total * (1 - 1e-4), 6)) for w in weights]


def exclusive(rows, probabilities):
    return "{" + "; ".join(f"{p:.6f}::{row}" for p, row in zip(probabilities, rows)) + "}"


def kinship(chains=60, hops=8, seed=1):
    rng = random.Random(seed)
    names = list(KINDS)
    out = ["type kin(chain: i32, x: i32, y: i32, kind: String)", "type composed(first: String, second: String, both: String)"]
    out.append("rel composed = {" + ", ".join(f'("{a}", "{b}", "{c}")' for a, b, c in composition()) + "}")
    for chain in range(chains):
        for hop in range(hops):
            rows = [f'({chain}, {hop}, {hop + 1}, "{n}")' for n in names]
            out.append("rel kin = " + exclusive(rows, distribution(rng, names)))
    out += [
        "rel derived(c, x, y, k) = kin(c, x, y, k)",
        "rel derived(c, x, z, k) = derived(c, x, y, k1) and derived(c, y, z, k2) and composed(k1, k2, k)",
        f"rel answer(c, k) = derived(c, 0, {hops}, k)",
        "query answer",
    ]
    return "\n".join(out) + "\n"


def formulas(count=10, symbols=7, candidates=3, seed=1):
    rng = random.Random(seed)
    out = ["type symbol(formula: i32, at: i32, s: String)", "type digit(s: String, v: f64)"]
    out.append("rel digit = {" + ", ".join(f'("{d}", {d}.0)' for d in range(10)) + "}")
    for f in range(count):
        for at in range(symbols):
            pool = [str(d) for d in range(1, 10)] if at % 2 == 0 else ["+", "-", "*", "/"]
            chosen = rng.sample(pool, candidates)
            rows = [f'({f}, {at}, "{s}")' for s in chosen]
            out.append("rel symbol = " + exclusive(rows, distribution(rng, chosen)))
    out += [
        "rel factor(f, v, b, b + 1) = symbol(f, b, s) and digit(s, v)",
        "rel term(f, v, b, e) = factor(f, v, b, e)",
        'rel term(f, v * w, b, e) = term(f, v, b, m) and symbol(f, m, "*") and factor(f, w, m + 1, e)',
        'rel term(f, v / w, b, e) = term(f, v, b, m) and symbol(f, m, "/") and factor(f, w, m + 1, e)',
        "rel formula(f, v, b, e) = term(f, v, b, e)",
        'rel formula(f, v + w, b, e) = formula(f, v, b, m) and symbol(f, m, "+") and term(f, w, m + 1, e)',
        'rel formula(f, v - w, b, e) = formula(f, v, b, m) and symbol(f, m, "-") and term(f, w, m + 1, e)',
        f"rel result(f, v) = formula(f, v, 0, {symbols})",
        "query result",
    ]
    return "\n".join(out) + "\n"


def sums(count=2000, seed=1):
    rng = random.Random(seed)
    out = ["type first(sum: i32, digit: i32)", "type second(sum: i32, digit: i32)"]
    for i in range(count):
        for name in ("first", "second"):
            rows = [f"({i}, {d})" for d in range(10)]
            out.append(f"rel {name} = " + exclusive(rows, distribution(rng, rows)))
    out += ["rel total(i, a + b) = first(i, a) and second(i, b)", "query total"]
    return "\n".join(out) + "\n"
