"""What the fast lane saw, laid over what is published: a slower value never takes the place of a newer one."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from football_assets.serving.rows import as_text

if TYPE_CHECKING:
    from football_assets.soccer.observations import Observation

CHANNEL = "soccer.matches"
KEPT_CORRECTIONS_S = 600.0
LEFT_FOR = timedelta(hours=1)
Value = dict[str, Any]
_TOLD = ("match_id", "kind", "subject", "before", "after")


class Overlay:
    """The live rows as seen last, laid over what is published as long as they are newer. One event loop uses it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rows: dict[str, Value] = {}
        self._at = ""
        self._left: dict[str, str] = {}  # matches not listed any more, with when each was seen last
        self._corrected: dict[tuple[Any, ...], float] = {}

    def begin(self, rows: Mapping[str, Value], observed_at: datetime) -> None:
        """Go on from a whole list."""
        self._rows, self._at, self._left = dict(rows), as_text(observed_at), {}

    def take(self, seen: "Observation") -> None:
        """Take one look after the other."""
        self._rows.update(seen.matches)
        for key in seen.matches:
            self._left.pop(key, None)
        self._left |= {key: self._at for key in seen.gone if key in self._rows}
        self._at = as_text(seen.observed_at)
        self._forget_left(as_text(seen.observed_at - LEFT_FOR))
        for each in seen.corrections:
            self._corrected[_name(each)] = self._clock()

    def over(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values, with what was seen later than each: by the provider's clock, a tie keeps what is shown."""
        return {
            key: self._merged(value, self._rows[key], at)
            if key in self._rows and (at := self._left.get(key, self._at)) >= str(value["fetched_at"])
            else value
            for key, value in values.items()
        }

    def _forget_left(self, until: str) -> None:
        """Forget matches that left the list long ago: cycles said since what became of them."""
        for key in [key for key, at in self._left.items() if at < until]:
            del self._left[key], self._rows[key]

    def told(self, correction: Mapping[str, Any]) -> bool:
        """Whether a correction that a cycle found was told by a look already, of late."""
        until = self._clock() - KEPT_CORRECTIONS_S
        for name in [name for name, at in self._corrected.items() if at < until]:
            del self._corrected[name]
        return _name(correction) in self._corrected

    def _merged(self, value: Value, row: Value, at: str) -> Value:
        # Only what the channel shows: it holds no column that the published row has not.
        return {**value, **{name: each for name, each in row.items() if name in value}, "fetched_at": at}


def _name(correction: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(correction.get(name) for name in _TOLD)
