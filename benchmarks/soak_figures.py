"""What a soak is judged by: from samples of processes and databases to figures, and from these to verdicts."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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
# A slope by the median would not see a single step: what was gained from the first to the last such part is told too.
END_SHARE = 0.2
SHOWN = 8
# Stands for the provider: it keeps what it has simulated, 500 histories at most, and a day of matches has 350.
NOT_JUDGED = "emulator"
# From fewer moments nothing is told, and over fewer cycles a breath of a process looks like growth or hides it.
LEAST_MOMENTS, LEAST_SPAN = 3, 100


@dataclass(frozen=True)
class Sample:
    """One process at a moment: how many cycles were over, its memory and its open files."""

    process: str
    cycles: int
    rss_mb: float
    files: int


@dataclass(frozen=True)
class Verdict:
    """A requirement, what was measured of it, its limit, and whether it holds; None when that was not shown.

    What is not `judged` is told and breaks nothing.
    """

    requirement: str
    measured: str
    limit: str
    holds: bool | None
    judged: bool = True

    def __str__(self) -> str:
        said = {True: "holds", False: "BROKEN", None: "NOT SHOWN"}[self.holds] if self.judged else "not judged"
        return f"{self.requirement:<28} {self.measured:>24}   {self.limit:<28} {said}"


def slope_per_1000(points: Sequence[tuple[float, float]]) -> float | None:
    """By how much a figure grows in 1,000 cycles: the median of the slopes of all pairs (Theil and Sen)."""
    found = [(y - b) / (x - a) for (a, b), (x, y) in combinations(points, 2) if x != a]
    return round(1000 * statistics.median(found), 3) if len({x for x, _ in points}) >= LEAST_MOMENTS else None


def told(points: Sequence[tuple[float, float]]) -> float | None:
    """The slope of a process, when it was seen over enough cycles."""
    long = bool(points) and points[-1][0] - points[0][0] >= LEAST_SPAN
    return slope_per_1000(points) if long else None


def gained(points: Sequence[tuple[float, float]]) -> float | None:
    """By how much the median of the last part of the points lies above that of the first."""
    if len(points) < LEAST_MOMENTS:
        return None
    part = max(1, round(END_SHARE * len(points)))
    first, last = ([y for _, y in each] for each in (points[:part], points[-part:]))
    return round(statistics.median(last) - statistics.median(first), 2)


def grown(samples: Sequence[Sample], cycles: int) -> dict[str, dict[str, Any]]:
    """By process: memory and files at some moments of the warm part, the first and last among them; their growth."""
    warm = [each for each in samples if each.cycles >= WARM_SHARE * cycles]
    found = {}
    for name in sorted({each.process for each in warm}):
        of = [each for each in warm if each.process == name]
        found[name] = {
            "rss_mb": [of[round(n * (len(of) - 1) / (SHOWN - 1))].rss_mb for n in range(SHOWN)],
            "rss_mb_per_1000": told([(each.cycles, each.rss_mb) for each in of]),
            "rss_mb_per_1000_late": told([(each.cycles, each.rss_mb) for each in of if 2 * each.cycles >= cycles]),
            "rss_mb_gained": gained([(each.cycles, each.rss_mb) for each in of]),
            "files": [of[round(n * (len(of) - 1) / (SHOWN - 1))].files for n in range(SHOWN)],
            "files_per_1000": told([(each.cycles, each.files) for each in of]),
        }
    return found


def bounded(sizes: Sequence[tuple[int, int]]) -> float | None:
    """How large a database is at most in the second half beside the first, once pruning has begun to remove."""
    if len(sizes) < 4:
        return None
    middle = len(sizes) // 2
    return round(max(size for _, size in sizes[middle:]) / max(size for _, size in sizes[:middle]), 3)


def verdicts(figures: Mapping[str, Any]) -> list[Verdict]:
    """Each requirement of a soak, in the order of their importance."""
    made, asked, success = figures["cycles"], figures["cycles_asked"], figures["success_pct"]
    return [
        Verdict("cycles", f"{made}", f"at least {asked}", made >= asked),
        _at_least("speed", figures["speed"], LEAST_SPEED, "x"),
        _at_least("cycle success", success, LEAST_SUCCESS_PCT, " %"),
        *_of_processes(figures["processes"]),
        *(_of_database(name, ratio) for name, ratio in figures["database_ratio"].items()),
    ]


def broken(figures: Mapping[str, Any]) -> list[str]:
    """The limits that the figures break, and those that they cannot show."""
    return [
        f"{each.requirement}: {each.measured}, {each.limit}"
        for each in verdicts(figures)
        if each.judged and each.holds is not True
    ]


def _at_least(what: str, measured: float | None, least: float, unit: str) -> Verdict:
    limit = f"at least {least:g}{unit}"
    if measured is None:
        return Verdict(what, "none", limit, None)
    return Verdict(what, f"{measured:g}{unit}", limit, measured >= least)


def _of_processes(processes: Mapping[str, Mapping[str, Any]]) -> Iterator[Verdict]:
    for name, of in processes.items():
        memory = _below(f"memory of {name}", of["rss_mb_per_1000"], MOST_MB_PER_1000, "MB")
        yield replace(memory, judged=name != NOT_JUDGED)
    for name, of in processes.items():
        yield _below(f"open files of {name}", of["files_per_1000"], MOST_FILES_PER_1000, "files")
    if not processes:
        yield Verdict("memory and open files", "no process seen", "of each process", None)


def _below(what: str, measured: float | None, most: float, unit: str) -> Verdict:
    limit = f"less than {most:g} {unit} in 1,000"
    if measured is None:
        return Verdict(what, "too few cycles", limit, None)
    return Verdict(what, f"{measured:+g} {unit} in 1,000", limit, measured < most)


def _of_database(name: str, ratio: float | None) -> Verdict:
    what, limit = f"size of {name}", f"at most {MOST_DATABASE_RATIO:g} times"
    if ratio is None:
        return Verdict(what, "too few cycles", limit, None)
    return Verdict(what, f"{ratio:g} times since pruning", limit, ratio <= MOST_DATABASE_RATIO)
