"""Pictures of how well probabilities hold: calibration as PNG bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from football_assets.soccer.match_features import Flags, Floats, Ints

TENTHS = 10
FEWEST_SHOWN = 20


@dataclass(frozen=True)
class Tenth:
    """Probabilities between `start` and `start` + 0.1: their mean, the share that happened, and how many."""

    start: float
    predicted: float
    happened: float
    count: int


def tenths(chances: Floats, happened: Flags) -> list[Tenth]:
    """By tenths of the probability, those that have any."""
    which = np.minimum((chances * TENTHS).astype(np.int64), TENTHS - 1)
    return [
        Tenth(at / TENTHS, float(chances[which == at].mean()), float(happened[which == at].mean()), int(count))
        for at, count in enumerate(np.bincount(which, minlength=TENTHS))
        if count
    ]


def one_against_rest(chances: Floats, outcomes: Ints) -> list[Tenth]:
    """Calibration of home win, draw and away win together; `chances` (matches, 3), `outcomes` 0, 1, 2."""
    return tenths(chances.ravel(), (outcomes[:, None] == np.arange(3)).ravel())


def calibration_png(found: Mapping[str, Sequence[Tenth]], title: str) -> bytes:
    """What happened against what was said, one line a name; bars of one standard error."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.2, 4.6), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, zorder=0)
    for name, rows in found.items():
        shown = [row for row in rows if row.count >= FEWEST_SHOWN]
        said = np.array([row.predicted for row in shown])
        seen = np.array([row.happened for row in shown])
        error = np.sqrt(np.maximum(seen * (1 - seen), 1e-4) / np.array([row.count for row in shown]))
        axes.errorbar(said, seen, yerr=error, marker="o", markersize=4, linewidth=1, capsize=2, label=name)
    axes.set(xlabel="said", ylabel="happened", xlim=(0, 1), ylim=(0, 1), title=title)
    axes.grid(alpha=0.3)
    axes.legend(loc="upper left")
    out = BytesIO()
    figure.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()
