"""Draws growth.json of growth.py: time and memory over input size, both axes logarithmic, a colour a family, solid for
tenfold and dashed for Soufflé."""
from math import ceil, floor, log10

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 470, 360, 64, 40, 44, 52
COLOURS = ["#1f5f8b", "#b3452c", "#4b8b3b", "#8a5fa8", "#8a7a2b"]


def decades(values):
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    return low, max(high, low + 1)


def panel(rows, families, key, title, offset):
    xs = decades([row["facts"] for row in rows])
    ys = decades([s[key] for row in rows for s in row["systems"].values()])
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(value):
        return offset + LEFT + wide * (log10(value) - xs[0]) / (xs[1] - xs[0])

    def y(value):
        return TOP + high * (1 - (log10(value) - ys[0]) / (ys[1] - ys[0]))

    out = [f'<text x="{offset + LEFT}" y="24" class="title">{title}</text>']
    for power in range(ys[0], ys[1] + 1):
        at = y(10.0 ** power)
        out.append(f'<line x1="{offset + LEFT}" x2="{offset + LEFT + wide}" y1="{at:.1f}" y2="{at:.1f}" class="grid"/>'
                   f'<text x="{offset + LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0 ** power:g}</text>')
    for power in range(xs[0], xs[1] + 1):
        at = x(10.0 ** power)
        out.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{TOP + high}" class="grid"/>'
                   f'<text x="{at:.1f}" y="{TOP + high + 19}" text-anchor="middle">{10 ** power:,}</text>')
    out.append(f'<text x="{offset + LEFT + wide / 2}" y="{HEIGHT - 12}" text-anchor="middle">input facts</text>')
    for family, colour in zip(families, COLOURS):
        for system, dash in (("tenfold", ""), ("souffle", "5 4")):
            line = [(x(row["facts"]), y(row["systems"][system][key])) for row in rows
                    if row["family"] == family and system in row["systems"]]
            path = " ".join(f"{a:.1f},{b:.1f}" for a, b in line)
            out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" '
                       f'stroke-dasharray="{dash}"/>')
            out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2.5" fill="{colour}"/>' for a, b in line]
    return out


def svg(rows):
    rows = [row for row in rows if row["systems"]]
    families = list(dict.fromkeys(row["family"] for row in rows))
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT + 54}" role="img" '
           'font-family="sans-serif" font-size="12">',
           "<title>CPU time and peak memory over the number of input facts</title>",
           "<style>.grid{stroke:#ddd}.title{font-size:14px;font-weight:bold}text{fill:#222}</style>",
           f'<rect width="{2 * WIDTH}" height="{HEIGHT + 54}" fill="#fff"/>']
    out += panel(rows, families, "cpu_s", "CPU seconds, whole process", 0)
    out += panel(rows, families, "peak_mib", "Peak memory, MiB", WIDTH)
    at = LEFT
    for family, colour in zip(families, COLOURS):
        out.append(f'<line x1="{at}" x2="{at + 22}" y1="{HEIGHT + 14}" y2="{HEIGHT + 14}" stroke="{colour}" '
                   f'stroke-width="2"/><text x="{at + 27}" y="{HEIGHT + 18}">{family}</text>')
        at += 50 + 6.2 * len(family)
    out.append(f'<text x="{LEFT}" y="{HEIGHT + 42}">solid: Tenfold · dashed: Soufflé compiled, one thread</text>')
    return "\n".join(out + ["</svg>"]) + "\n"
