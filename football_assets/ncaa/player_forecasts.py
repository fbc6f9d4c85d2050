"""One player's distribution as a text that is kept beside the projection, and what can be asked of it."""

import json
from dataclasses import dataclass

import numpy as np

from football_assets.ncaa.player_distributions import Counts, Distribution, Spreads, against

# Six digits keep every probability to a millionth.
_DIGITS = 6


def texts(found: Distribution) -> list[str]:
    """One JSON text a row: its kind, the step between two values, and the chances or points."""
    if isinstance(found, Counts):
        return [_text("counts", found.step, row) for row in found.chance]
    assert isinstance(found, Spreads)
    return [_text("points", found.step, row) for row in found.points]


def _text(kind: str, step: float, values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> str:
    rounded = [float(value) for value in np.round(values, _DIGITS)]
    return json.dumps({"kind": kind, "step": step, "values": rounded}, separators=(",", ":"))


@dataclass(frozen=True)
class Chances:
    """Chances of over, under and push against a line; they sum to 1."""

    over: float
    under: float
    push: float


class Forecast:
    """The distribution of one player, game and stat, from its text."""

    def __init__(self, text: str) -> None:
        self.text = text
        told = json.loads(text)
        values = np.array([told["values"]], dtype=np.float64)
        if told["kind"] == "counts":
            # What rounding took away goes back to where it is least: in proportion.
            self._found: Distribution = Counts(values / values.sum(), told["step"])
        elif told["kind"] == "points":
            self._found = Spreads(values, told["step"])
        else:
            raise ValueError(f"no distribution of the kind {told['kind']!r} is known")

    def against(self, line: float) -> Chances:
        """The chances against a line."""
        over, under, push = against(self._found, np.array([line]))
        return Chances(float(over[0]), float(under[0]), float(push[0]))

    def mean(self) -> float:
        """Expected value."""
        return float(self._found.mean()[0])

    def sd(self) -> float:
        """Standard deviation."""
        return float(self._found.sd()[0])

    def quantile(self, level: float) -> float:
        """The smallest value that is not exceeded with at least this chance."""
        return float(self._found.quantile(level)[0])
