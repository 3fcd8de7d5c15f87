"""Medians, spreads, ratios and the table of the rule cases."""
from math import exp, log
from statistics import median


def summary(runs):
    walls, cpus = [r.wall_s for r in runs], [r.cpu_s for r in runs]
    return {"wall_s": median(walls), "wall_min_s": min(walls), "wall_max_s": max(walls), "cpu_s": median(cpus),
            "peak_mib": max(r.peak_mib for r in runs), "runs": len(runs)}


def cell(row, name):
    found = row["systems"].get(name)
    if not found:
        return "–"
    if "failed" in found:
        return f"failed ({found['failed']})"
    return f"{found['wall_s']:.3f} / {found['cpu_s']:.3f} / {found['peak_mib']:.0f}"


def ratio(row, name, other, key="wall_s"):
    """How many times `other` takes what `name` takes; None where either is missing."""
    a, b = row["systems"].get(name, {}).get(key), row["systems"].get(other, {}).get(key)
    return b / a if a and b else None


def mean(ratios):
    ratios = [r for r in ratios if r]
    return exp(sum(map(log, ratios)) / len(ratios)) if ratios else None


def names_of(rows):
    names = []
    for row in rows:
        names += [name for name in row["systems"] if name not in names]
    return sorted(names, key=lambda name: (not name.startswith("tenfold"), name))


def times(wall, cpu):
    """Ratios of wall time and, in brackets, CPU time, which other work on the machine hardly changes."""
    return "–" if wall is None or cpu is None else f"{wall:.1f}x ({cpu:.1f}x)"


def over(row, other):
    return times(ratio(row, "tenfold", other), ratio(row, "tenfold", other, "cpu_s"))


def mean_over(rows, other):
    return times(*(mean([ratio(row, "tenfold", other, key) for row in rows]) for key in ("wall_s", "cpu_s")))


def line(row):
    parts = [f"{name} {cell(row, name)}" for name in row["systems"]]
    return " | ".join(parts) + f" | sizes {row.get('sizes')} | agree {row['agree']}"


def table(rows):
    names = names_of(rows)
    others = [name for name in names if name != "tenfold"]
    head = ["case", "tuples"] + [f"{n}: wall s / CPU s / MiB" for n in names] + [f"over {n}, wall (CPU)" for n in others]
    out = ["| " + " | ".join(head) + " |", "|---|--:|" + "---|" * len(names) + "--:|" * len(others)]
    for row in rows:
        tuples = next((a[0] for a in row["answers"].values() if a), sum(row.get("sizes", {}).values()) or None)
        cells = [row["case"] + ("" if row["agree"] else " **answers differ**"), f"{tuples:,}" if tuples else "–"]
        cells += [cell(row, n) for n in names]
        cells += [over(row, n) for n in others]
        out.append("| " + " | ".join(cells) + " |")
    means = [mean_over(rows, n) for n in others]
    out.append("| geometric mean | |" + " |" * len(names) + " " + " | ".join(means) + " |")
    return "\n".join(out) + "\n"
