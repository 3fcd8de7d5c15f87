"""95% intervals that the benches quote."""

import math
import random


def wilson(hits, total, z=1.959964):
    """Of a share (Wilson, JASA 1927); (0, 1) of nothing."""
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return (middle - spread) / scale, (middle + spread) / scale


def difference(a, b, times=10000):
    """Of mean(a) - mean(b), paired: bootstrap of the items, seed 1."""
    chance, gaps = random.Random(1), [x - y for x, y in zip(a, b)]
    found = sorted(sum(chance.choices(gaps, k=len(gaps))) / len(gaps) for _ in range(times))
    return found[int(0.025 * times)], found[int(0.975 * times)]
