"""Draws curve.json of curve.py as an SVG of two panels: network calls, and CPU time, over the share that needs the
film."""

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 460, 340, 62, 16, 46, 52
SERIES = [("neural-only", "every film through the network", "#b3452c", "6 4"),
          ("gate20", "gate of 20 lines, then the network", "#8a7a2b", "2 3"),
          ("tenfold", "Tenfold", "#1f5f8b", "")]


def nice_top(value):
    """A round number at or above the value, for the end of an axis that starts at 0."""
    step = 1.0
    while step * 10 <= value:
        step *= 10
    while step > value:
        step /= 10
    return next(step * factor for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * factor >= value)


def panel(points, key, title, unit, offset):
    """One panel: shares on x (0 to the largest), `key` of each series' row on y (from 0)."""
    x_top = max(point["share_per_cent"] for point in points)
    values = [point["rows"][name].get(key) or 0 for point in points for name, *_ in SERIES]
    y_top = nice_top(max(max(values), 1e-9))
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(share):
        return offset + LEFT + wide * share / x_top

    def y(value):
        return TOP + high * (1 - value / y_top)

    out = [f'<text x="{offset + LEFT}" y="24" class="title">{title}</text>']
    for step in range(6):
        value = y_top * step / 5
        out.append(f'<line x1="{x(0):.1f}" x2="{x(x_top):.1f}" y1="{y(value):.1f}" y2="{y(value):.1f}" class="grid"/>')
        out.append(f'<text x="{x(0) - 8:.1f}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    for point in points:
        share = point["share_per_cent"]
        out.append(
            f'<line x1="{x(share):.1f}" x2="{x(share):.1f}" y1="{TOP + high}" y2="{TOP + high + 5}" class="axis"/>')
        shift = 6 if share < x_top * 0.08 and share != points[0]["share_per_cent"] else 0
        out.append(f'<text x="{x(share) + shift:.1f}" y="{TOP + high + 19}" text-anchor="middle">{share:g}</text>')
    out.append(f'<line x1="{x(0):.1f}" x2="{x(x_top):.1f}" y1="{TOP + high}" y2="{TOP + high}" class="axis"/>')
    out.append(f'<text x="{(x(0) + x(x_top)) / 2:.1f}" y="{HEIGHT - 12}" text-anchor="middle">patients whose question '
               'needs the film, %</text>')
    middle = TOP + high / 2
    out.append(f'<text x="{offset + 16}" y="{middle:.1f}" text-anchor="middle" transform="rotate(-90 {offset + 16} '
               f'{middle:.1f})">{unit}</text>')
    for name, _, colour, dash in SERIES:
        line = [(x(point["share_per_cent"]), y(point["rows"][name].get(key) or 0)) for point in points]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in line)
        out.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/>')
        out += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in line]
    return out


def svg(curve):
    points = curve["points"]
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT + 34}" role="img" '
           'font-family="sans-serif" font-size="12">',
           "<title>Network calls and CPU time over the share of patients whose question needs the film</title>",
           "<style>.grid{stroke:#ddd}.axis{stroke:#333}.title{font-size:14px;font-weight:bold}text{fill:#222}</style>",
           f'<rect width="{2 * WIDTH}" height="{HEIGHT + 34}" fill="#fff"/>']
    patients = points[0]["patients"]
    out += panel(points, "calls", f"Network calls for {patients} patients", "films seen by the network", 0)
    out += panel(points, "cpu_s", f"CPU time for {patients} patients", "seconds, whole process", WIDTH)
    at = LEFT
    for _, label, colour, dash in SERIES:
        out.append(f'<line x1="{at}" x2="{at + 26}" y1="{HEIGHT + 16}" y2="{HEIGHT + 16}" stroke="{colour}" '
                   f'stroke-width="2" stroke-dasharray="{dash}"/><text x="{at + 32}" y="{HEIGHT + 20}">{label}</text>')
        at += 60 + 7 * len(label)
    return "\n".join(out + ["</svg>"]) + "\n"
