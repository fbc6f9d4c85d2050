"""The minute of a running match, by the provider's own rule."""

from dataclasses import dataclass
from datetime import datetime

from football_assets.soccer.codes import EXTRA_TIME, EXTRA_TIME_RETIRED, FIRST_HALF, HALF_TIME, SECOND_HALF

# Status -> (minutes played before the period, minute its stoppage time begins after). The kick-off of extra time
# serves both of its halves.
_PERIODS = {FIRST_HALF: (0, 45), SECOND_HALF: (45, 90), EXTRA_TIME: (90, 120), EXTRA_TIME_RETIRED: (90, 120)}
_CLOCK_SKEW_S = 60


@dataclass(frozen=True, slots=True)
class Minute:
    """`number` stops at 45, 90 or 120 where `text` reads `45+`, `90+` or `120+`; both None when not known."""

    number: int | None
    text: str | None


NO_MINUTE = Minute(None, None)


def match_minute(status_id: int | None, period_started_at: datetime | None, now: datetime) -> Minute:
    """The minute at `now`, the provider's clock when the score was read.

    Half-time reads `HT` without a number. A period that began less than a minute after `now` by the provider's own
    clocks is in its first minute; one that begins later has no minute.
    """
    if status_id == HALF_TIME:
        return Minute(None, "HT")
    if status_id not in _PERIODS or period_started_at is None:
        return NO_MINUTE
    before, last = _PERIODS[status_id]
    elapsed_s = (now - period_started_at).total_seconds()
    if elapsed_s < -_CLOCK_SKEW_S:
        return NO_MINUTE
    played = int(max(elapsed_s, 0) // 60) + before + 1
    return Minute(last, f"{last}+") if played > last else Minute(played, str(played))
