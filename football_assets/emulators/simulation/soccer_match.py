"""What the life of a simulated match consists of: codes, phases, events, and the lengths and rates of play.

How a life comes about is `soccer_story`; how it reads in the provider's rows at some instant is `soccer_rows`.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, NamedTuple

from football_assets.emulators.simulation.soccer_calendar import Fixture

# status_id
NOT_STARTED, FIRST_HALF, HALF_TIME, SECOND_HALF, EXTRA_TIME, SHOOT_OUT = 1, 2, 3, 4, 5, 7
ENDED, DELAYED, INTERRUPTED, CUT_SHORT, CANCELLED, TO_BE_DETERMINED = 8, 9, 10, 11, 12, 13
IN_PLAY = frozenset({FIRST_HALF, HALF_TIME, SECOND_HALF, EXTRA_TIME, SHOOT_OUT})

# incident types; CORNER is counted but never an incident
GOAL, CORNER, YELLOW, RED, PENALTY, SUBSTITUTION, BREAK, END = 1, 2, 3, 4, 8, 9, 11, 12
SECOND_YELLOW, MISSED_PENALTY, OWN_GOAL, STOPPAGE = 15, 16, 17, 19
EXTRA_OVER, SHOOT_OUT_OVER, VAR, SHOOT_OUT_GOAL, SHOOT_OUT_MISS = 26, 27, 28, 29, 30
DISALLOWED_GOAL = -1  # to be written as a goal, its end and a VAR decision
GOALS = frozenset({GOAL, PENALTY, OWN_GOAL})
DISMISSALS = frozenset({RED, SECOND_YELLOW})

HALF_S = 2700
STOPPAGE_1 = ((1, 0.25), (2, 0.30), (3, 0.22), (4, 0.14), (5, 0.09))
STOPPAGE_2 = ((2, 0.08), (3, 0.20), (4, 0.27), (5, 0.21), (6, 0.13), (7, 0.07), (8, 0.04))
BEYOND_S = 20  # play goes on for about this long after the announced minutes
EXPECTED_HALF_S = (
    HALF_S + 60 * sum(m * p for m, p in STOPPAGE_1) + BEYOND_S,
    HALF_S + 60 * sum(m * p for m, p in STOPPAGE_2) + BEYOND_S,
)
EXPECTED_MATCH_S = sum(EXPECTED_HALF_S)
SHORT_HANDED = 0.72  # a side's scoring rate after each red card of its own
OUTNUMBERING = 1.25  # and after each of the opponent's
CORNERS_A_MATCH = (5.2, 4.3)

FIRST_PERIOD, SECOND_PERIOD, EXTRA_PERIOD, SHOOT_OUT_PERIOD = "first half", "second half", "extra time", "shoot-out"


class Phase(NamedTuple):
    """From `at` on the match has this status; `kickoff` is what the score tuple says meanwhile (0 when nothing)."""

    at: int
    status: int
    kickoff: int


class Event(NamedTuple):
    """Something that shows from `at` on, until `gone_at` if it is taken back; `side` 0 neutral, 1 home, 2 away."""

    at: int
    kind: int
    side: int
    period: str
    gone_at: int | None
    row: dict[str, Any]


@dataclass(slots=True)
class MatchLife:
    """All that ever happens in one match, in Unix seconds and in order.

    `corners`, `on_target` and `off_target` hold the moments by side (home, away). `play` are the running periods:
    (kick-off, end, play seconds before it). `announced_s` are the lengths the officials announce for both halves.
    """

    fixture: Fixture
    phases: list[Phase] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    corners: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    on_target: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    off_target: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))
    play: list[tuple[int, int, int]] = field(default_factory=list)
    announced_s: tuple[int, int] = (0, 0)
    regular_end_at: int | None = None
    ended_at: int | None = None
    has_extra: bool = False
    has_shoot_out: bool = False
    first_leg: tuple[int, int] | None = None
    changes: list[int] = field(default_factory=list)

    def phase(self, at: int) -> Phase:
        """The phase of the match at an instant."""
        n = bisect_right(self.phases, at, key=attrgetter("at"))
        return self.phases[n - 1] if n else Phase(0, NOT_STARTED, 0)

    def last_change(self, at: int) -> int | None:
        """When anything of this match last changed, up to `at`; None before the first change."""
        n = bisect_right(self.changes, at)
        return self.changes[n - 1] if n else None

    def played_s(self, at: int) -> int:
        """Seconds of play up to an instant, stoppage time included."""
        played = 0
        for start, end, before in self.play:
            if at > start:
                played = before + min(at, end) - start
        return played

    def goals(self, at: int) -> tuple[int, int]:
        """Goals shown at an instant, shoot-out aside."""
        shown = [
            e.side for e in self.events if e.kind in GOALS and e.at <= at and (e.gone_at is None or at < e.gone_at)
        ]
        return shown.count(1), shown.count(2)


class Moment(NamedTuple):
    """An event before it has a clock: `u` is play time in seconds since the start, over all periods."""

    u: float
    kind: int
    side: int


def red_factor(own: int, opponents: int) -> float:
    """How red cards change the rate at which a side scores."""
    return float(SHORT_HANDED**own * OUTNUMBERING**opponents)


def without_corners(fixture: Fixture) -> bool:
    """Whether nobody counts corners in this competition."""
    return fixture.competition.coverage == 0
