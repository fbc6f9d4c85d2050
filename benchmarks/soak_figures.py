"""What a soak is judged by: from samples of processes and databases to figures, ratios and broken limits."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

LEAST_SUCCESS_PCT = 99.5
MOST_MB_PER_1000 = 1.0
# A file that stays open once in a hundred cycles is a leak of ten; less than one in a thousand is a connection's coming
# and going.
MOST_FILES_PER_1000 = 1.0
MOST_DATABASE_RATIO = 1.10
LEAST_SPEED = 60.0
# What a process loads on its first use is no leak: the slope begins after so large a part of the cycles.
WARM_SHARE = 0.2
SHOWN = 8
# From fewer moments nothing is told.
LEAST_MOMENTS = 3


@dataclass(frozen=True)
class Sample:
    """One process at a moment: how many cycles were over, its memory and its open files."""

    process: str
    cycles: int
    rss_mb: float
    files: int


def slope_per_1000(points: Sequence[tuple[float, float]]) -> float | None:
    """By how much a figure grows in 1,000 cycles: the median of the slopes of all pairs (Theil and Sen)."""
    found = [(y - b) / (x - a) for (a, b), (x, y) in combinations(points, 2) if x != a]
    return round(1000 * statistics.median(found), 3) if len({x for x, _ in points}) >= LEAST_MOMENTS else None


def grown(samples: Sequence[Sample], cycles: int) -> dict[str, dict[str, Any]]:
    """By process: memory and files at some moments of the warm part, the first and last among them; their growth."""
    warm = [each for each in samples if each.cycles >= WARM_SHARE * cycles]
    found = {}
    for name in sorted({each.process for each in warm}):
        of = [each for each in warm if each.process == name]
        found[name] = {
            "rss_mb": [of[round(n * (len(of) - 1) / (SHOWN - 1))].rss_mb for n in range(SHOWN)],
            "rss_mb_per_1000": slope_per_1000([(each.cycles, each.rss_mb) for each in of]),
            "files": [of[round(n * (len(of) - 1) / (SHOWN - 1))].files for n in range(SHOWN)],
            "files_per_1000": slope_per_1000([(each.cycles, each.files) for each in of]),
        }
    return found


def bounded(sizes: Sequence[tuple[int, int]]) -> float | None:
    """How large a database is at most in the second half beside the first, once pruning has begun to remove."""
    if len(sizes) < 4:
        return None
    middle = len(sizes) // 2
    return round(max(size for _, size in sizes[middle:]) / max(size for _, size in sizes[:middle]), 3)


def broken(figures: Mapping[str, Any]) -> list[str]:
    """The limits that the figures break, and those that they cannot show."""
    found = []
    if figures["success_pct"] is None or figures["success_pct"] < LEAST_SUCCESS_PCT:
        found.append(f"cycle success {figures['success_pct']} %, at least {LEAST_SUCCESS_PCT} %")
    for name, of in figures["processes"].items():
        for key, most, what in (
            ("rss_mb_per_1000", MOST_MB_PER_1000, "MB of memory"),
            ("files_per_1000", MOST_FILES_PER_1000, "open files"),
        ):
            if of[key] is None:
                found.append(f"{name}: too few samples to tell whether {what} grow")
            elif of[key] >= most:
                found.append(f"{name}: {of[key]:+g} {what} per 1,000 cycles, less than {most:g}")
    for name, ratio in figures["database_ratio"].items():
        if ratio is None:
            found.append(f"{name}: too few cycles to tell whether it grows")
        elif ratio > MOST_DATABASE_RATIO:
            found.append(f"{name}: grew {ratio:g} times after pruning had begun, at most {MOST_DATABASE_RATIO:g}")
    if figures["speed"] < LEAST_SPEED:
        found.append(f"speed {figures['speed']:g}x, at least {LEAST_SPEED:g}x: cycles took longer than a second")
    return found
