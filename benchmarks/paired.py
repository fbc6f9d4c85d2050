"""How far a latency moves when something is added: short phases without and with it, one pair after the other.

On a machine that does other things, too, two long runs differ by more than what is looked for. Here both kinds take
turns of seconds, each pair in a random order, and the interval comes from drawing the pairs again.
"""

import random
import statistics
from collections.abc import Sequence
from typing import Any

DRAWS = 2_000
Pair = tuple[Sequence[float], Sequence[float]]


def p99(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[int(len(ordered) * 0.99)]


def moved(pairs: Sequence[Pair]) -> dict[str, Any]:
    """p50 and p99 without and with, and by how many percent p99 moved: of all values together, and of the median pair.

    The interval holds 90 of 100 draws of as many pairs.
    """
    rng = random.Random(1)
    drawn = sorted(_pct(rng.choices(pairs, k=len(pairs))) for _ in range(DRAWS))
    without, beside = ([value for pair in pairs for value in pair[n]] for n in (0, 1))
    return {
        "pairs": len(pairs),
        "without_p50_ms": round(statistics.median(without), 3),
        "with_p50_ms": round(statistics.median(beside), 3),
        "without_p99_ms": round(p99(without), 3),
        "with_p99_ms": round(p99(beside), 3),
        "p99_moved_pct": round(_pct(pairs), 1),
        "p99_moved_pct_90": [round(drawn[int(DRAWS * level)], 1) for level in (0.05, 0.95)],
        "p99_moved_pct_median_pair": round(statistics.median(100 * (p99(b) / p99(a) - 1) for a, b in pairs), 1),
    }


def _pct(pairs: Sequence[Pair]) -> float:
    """Of medians over the pairs: a phase in which the machine was busy with something else does not decide."""
    return 100 * (statistics.median(p99(b) for _, b in pairs) / statistics.median(p99(a) for a, _ in pairs) - 1)
