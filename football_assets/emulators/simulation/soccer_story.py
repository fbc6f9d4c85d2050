"""How a simulated match goes, from the seed and its id alone: made once, told as of any instant later.

The model: each side scores at a constant rate of play time (expected goals over the expected length of a match), which
red cards change; everything else happens around these goals. Prices (`soccer_prices`) use the same rates, so they are
the true chances of this world.
"""

import random
from collections.abc import Iterator
from itertools import pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from football_assets.emulators.simulation.soccer_calendar import UNPLAYED, UNREPORTED, Fixture
from football_assets.emulators.simulation.soccer_match import (
    BEYOND_S,
    BREAK,
    CANCELLED,
    CORNERS_A_MATCH,
    CUT_SHORT,
    DELAYED,
    DISALLOWED_GOAL,
    END,
    ENDED,
    EXPECTED_MATCH_S,
    EXTRA_OVER,
    EXTRA_PERIOD,
    EXTRA_TIME,
    FIRST_HALF,
    FIRST_PERIOD,
    GOAL,
    GOALS,
    HALF_S,
    HALF_TIME,
    INTERRUPTED,
    MISSED_PENALTY,
    OWN_GOAL,
    PENALTY,
    RED,
    SECOND_HALF,
    SECOND_PERIOD,
    SHOOT_OUT,
    SHOOT_OUT_GOAL,
    SHOOT_OUT_MISS,
    SHOOT_OUT_OVER,
    SHOOT_OUT_PERIOD,
    STOPPAGE,
    STOPPAGE_1,
    STOPPAGE_2,
    TO_BE_DETERMINED,
    VAR,
    Event,
    MatchLife,
    Moment,
    Phase,
    red_factor,
    without_corners,
)
from football_assets.emulators.simulation.soccer_sides import Sides
from football_assets.emulators.simulation.soccer_world import World

_PENALTY_SHARE, _OWN_GOAL_SHARE = 0.085, 0.03
_MISSED_PENALTIES, _DISALLOWED = 0.03, 0.045  # by side and match
_REVIEW_S = (60, 180)


class _Length(NamedTuple):
    """Play seconds at which the periods end."""

    first: int
    second: int
    extra_first: int
    extra: int


class Result(NamedTuple):
    """How a match ended after 90 minutes, as a table of results has it; pairs are (home, away)."""

    goals: tuple[int, int]
    half_time: tuple[int, int]
    reds: tuple[int, int]


class MatchMaker:
    """Makes lives of matches; the same fixture always has the same."""

    def __init__(self, world: World) -> None:
        self._world = world

    def life(self, fixture: Fixture, first_leg: tuple[int, int] | None = None) -> MatchLife:
        """The life of a match. `first_leg`: goals of this match's (home, away) side in the first leg of the tie."""
        life = MatchLife(fixture, first_leg=first_leg)
        if fixture.fate in UNPLAYED:
            life.phases = [Phase(fixture.fate_at, DELAYED if fixture.fate == "postponed" else CANCELLED, 0)]
        else:
            _Telling(self._world, life).tell()
        life.phases.sort()
        life.events.sort(key=attrgetter("at"))
        for moments in (*life.corners, *life.on_target, *life.off_target):
            moments.sort()
        gone = [e.gone_at for e in life.events if e.gone_at is not None]
        shown = [e.at for e in life.events]
        life.changes = sorted({p.at for p in life.phases} | {*shown, *gone, *life.corners[0], *life.corners[1]})
        return life

    def result(self, fixture: Fixture) -> Result | None:
        """The result of the same life, without telling all of it; None for a match that was not played to its end."""
        if fixture.fate in UNPLAYED or fixture.fate == "abandoned":
            return None
        return _Telling(self._world, MatchLife(fixture)).result()


class _Telling:
    """Tells one match from the first whistle to the last."""

    def __init__(self, world: World, life: MatchLife) -> None:
        self._world = world
        self._life = life
        self._fixture = fixture = life.fixture
        self._rng = rng = random.Random(f"{world.seed}/match/{fixture.number}")
        self._coverage = fixture.competition.coverage
        minutes_1, minutes_2 = _draw(rng, STOPPAGE_1), _draw(rng, STOPPAGE_2)
        life.announced_s = (HALF_S + 60 * minutes_1, HALF_S + 60 * minutes_2)
        first = life.announced_s[0] + rng.randrange(0, 2 * BEYOND_S)
        second = first + life.announced_s[1] + rng.randrange(0, 2 * BEYOND_S)
        extra_first = second + 900 + rng.randrange(20, 120)
        self._length = _Length(first, second, extra_first, extra_first + 900 + rng.randrange(20, 150))
        self._sides = Sides(world, fixture, rng)
        # Where play stops for good or for a while, if it does.
        self._stop_u = float("inf")
        self._abandoned = fixture.fate == "abandoned"

    def tell(self) -> None:
        """Fill the life."""
        self._whistles()
        self._end_u = end = self._stop_u if self._abandoned else self._length.second
        people = self._sides.cards_and_changes(self._process, self._length.first, end)
        goals = self._goals(0.0, end)
        moments = sorted([*people, *goals, *self._disallowed(goals), *self._missed_penalties(end)])
        score = self._write(moments)
        self._ambience(end)
        if not self._abandoned:
            self._after_ninety(score)
        if self._fixture.fate in UNREPORTED:
            self._hide()

    def result(self) -> Result:
        """The same goals and dismissals as `tell` gives, drawn in the same order; nothing else is told."""
        self._whistles()
        length = self._length
        self._sides.cards_and_changes(self._process, length.first, length.second)
        goals = self._goals(0.0, length.second)
        return Result(
            (sum(goal.side == 1 for goal in goals), sum(goal.side == 2 for goal in goals)),
            (
                sum(goal.side == 1 and goal.u < length.first for goal in goals),
                sum(goal.side == 2 and goal.u < length.first for goal in goals),
            ),
            self._sides.red_count(length.second),
        )

    # --- the clock -------------------------------------------------------------------------------------------------

    def _whistles(self) -> None:
        life, rng, fixture = self._life, self._rng, self._fixture
        start = fixture.kickoff + (rng.randrange(-30, 240) if rng.random() < 0.93 else rng.randrange(240, 760))
        if fixture.fate == "delayed":
            start = fixture.kickoff + rng.randrange(900, 4200)
            life.phases.append(Phase(fixture.fate_at, DELAYED, 0))
        length = self._length
        rest = start + length.first + rng.randrange(870, 1080)
        life.play = [(start, start + length.first, 0), (rest, rest + length.second - length.first, length.first)]
        life.phases += [
            Phase(start, FIRST_HALF, start),
            Phase(start + length.first, HALF_TIME, 0),
            Phase(rest, SECOND_HALF, rest),
        ]
        if fixture.fate in {"interrupted", "abandoned"}:
            self._interrupt(rest)
        life.regular_end_at = life.play[-1][1]

    def _interrupt(self, rest: int) -> None:
        """Stop the second half; resume it after the pause, or abandon the match then."""
        life, first = self._life, self._length.first
        seconds = self._rng.randrange(400, 2300)
        pause = self._rng.randrange(900, 2700)
        stop = rest + seconds
        self._stop_u = first + seconds
        life.phases.append(Phase(stop, INTERRUPTED, 0))
        life.play[1] = (rest, stop, first)
        if self._abandoned:
            life.phases.append(Phase(stop + pause, CUT_SHORT, 0))
            return
        # The kick-off moves with the pause, so that the minute goes on where it stopped.
        life.phases.append(Phase(stop + pause, SECOND_HALF, rest + pause))
        life.play.append((stop + pause, rest + pause + self._length.second - first, first + seconds))

    def _at(self, u: float) -> int:
        """The instant of a moment of play."""
        for start, end, before in reversed(self._life.play):
            if u >= before:
                return min(int(start + u - before), end)
        return self._life.play[0][0]

    def _minute(self, u: float) -> dict[str, int]:
        """The time fields of an incident: the minute goes on in stoppage time, `add_time` counts it from 1."""
        length = self._length
        if u < length.first:
            base, end, seconds = 0, 45, u
        elif u < length.second:
            base, end, seconds = 45, 90, u - length.first
        elif u < length.extra_first:
            base, end, seconds = 90, 105, u - length.second
        else:
            base, end, seconds = 105, 120, u - length.extra_first
        minute = base + int(seconds) // 60 + 1
        return {"time": minute, "add_time": minute - end} if minute > end else {"time": minute}

    def _period(self, u: float) -> str:
        if u < self._length.first:
            return FIRST_PERIOD
        return SECOND_PERIOD if u < self._length.second else EXTRA_PERIOD

    # --- what happens ----------------------------------------------------------------------------------------------

    def _process(self, mean: float, start: float, end: float) -> Iterator[float]:
        """Moments of a Poisson process with `mean` events in a match of expected length."""
        u = start
        while True:
            u += self._rng.expovariate(1.0) * EXPECTED_MATCH_S / mean
            if u >= end:
                return
            yield u

    def _goals(self, start: float, end: float) -> list[Moment]:
        """Goals of both sides, at rates that change with every red card."""
        rng = self._rng
        cuts = [start, *sorted(u for u, _ in self._sides.reds if start < u < end), end]
        goals: list[Moment] = []
        for since, until in pairwise(cuts):
            reds = self._sides.red_count(since)
            for side in (1, 2):
                mean = self._fixture.goals[side - 1] * red_factor(reds[side - 1], reds[2 - side])
                for u in self._process(mean, since, until):
                    draw = rng.random()
                    kind = PENALTY if draw < _PENALTY_SHARE else GOAL
                    kind = OWN_GOAL if draw > 1 - _OWN_GOAL_SHARE else kind
                    goals.append(Moment(u, kind, side))
        return sorted(goals)

    def _disallowed(self, goals: list[Moment]) -> list[Moment]:
        """Goals given and then taken back by VAR; play stands still meanwhile, so none close to another goal."""
        length = self._length
        found: list[Moment] = []
        for side in (1, 2):
            for u in self._process(_DISALLOWED, 0.0, self._end_u):
                half_end = length.first if u < length.first else length.second
                near = any(abs(other.u - u) < 240 for other in [*goals, *found])
                if not near and u + 240 < half_end and abs(u - self._stop_u) > 300:
                    found.append(Moment(u, DISALLOWED_GOAL, side))
        return found

    def _missed_penalties(self, end: float) -> list[Moment]:
        return [Moment(u, MISSED_PENALTY, s) for s in (1, 2) for u in self._process(_MISSED_PENALTIES, 0.0, end)]

    # --- writing it down -------------------------------------------------------------------------------------------

    def _write(self, moments: list[Moment]) -> list[int]:
        """Events for all moments of normal time; returns the goals."""
        score = [0, 0]
        for moment in moments:
            if moment.kind in GOALS:
                self._write_goal(moment, score)
            elif moment.kind == DISALLOWED_GOAL:
                self._write_disallowed(moment, score)
            elif moment.kind == MISSED_PENALTY:
                self._write_review(moment, (4, 3), 0.3)
                self._add(moment.u, MISSED_PENALTY, moment.side, self._sides.striker(moment))
                self._life.on_target[moment.side - 1].append(self._at(moment.u))
            else:
                if moment.kind == RED:
                    self._write_review(moment, (6, 7), 0.2, self._sides.who[moment])
                self._add(moment.u, moment.kind, moment.side, self._sides.who[moment])
        self._write_breaks()
        return score

    def _write_breaks(self) -> None:
        """The rows of half-time and full time, and announced stoppage where there is someone to write it down."""
        life, length = self._life, self._length
        ended = not self._abandoned
        if self._coverage == 2 or (self._coverage == 1 and self._rng.random() < 0.3):
            self._add(HALF_S, STOPPAGE, 0, {}, time={"time": 45, "add_time": (life.announced_s[0] - HALF_S) // 60})
            if ended:
                added = (life.announced_s[1] - HALF_S) // 60
                self._add(length.first + HALF_S, STOPPAGE, 0, {}, time={"time": 90, "add_time": added})
        at = life.play[0][1]
        life.events.append(Event(at, BREAK, 0, FIRST_PERIOD, None, {"type": BREAK, "position": 0, "time": 45}))
        if ended:
            at = life.play[-1][1]
            life.events.append(Event(at, END, 0, SECOND_PERIOD, None, {"type": END, "position": 0, "time": 90}))

    def _add(
        self,
        u: float,
        kind: int,
        side: int,
        extra: dict[str, Any],
        *,
        gone_at: int | None = None,
        time: dict[str, int] | None = None,
    ) -> None:
        row = {"type": kind, "position": side, **(time or self._minute(u)), **extra}
        self._life.events.append(Event(self._at(u), kind, side, self._period(u), gone_at, row))

    def _write_goal(self, moment: Moment, score: list[int]) -> None:
        score[moment.side - 1] += 1
        who: dict[str, Any] = {}
        if moment.kind != OWN_GOAL:
            who = self._sides.striker(moment)
            self._life.on_target[moment.side - 1].append(self._at(moment.u))
        if moment.kind == PENALTY:
            self._write_review(moment, (4, 3), 0.3, who)
        self._add(moment.u, moment.kind, moment.side, {**who, "home_score": score[0], "away_score": score[1]})

    def _write_disallowed(self, moment: Moment, score: list[int]) -> None:
        shown = score.copy()
        shown[moment.side - 1] += 1
        who = self._sides.striker(moment)
        review = self._rng.randrange(*_REVIEW_S)
        gone_at = self._at(moment.u + review)
        self._add(moment.u, GOAL, moment.side, {**who, "home_score": shown[0], "away_score": shown[1]}, gone_at=gone_at)
        self._add(moment.u + review, VAR, moment.side, {**who, "var_reason": 1, "var_result": 2})
        self._life.on_target[moment.side - 1].append(self._at(moment.u))

    def _write_review(
        self, moment: Moment, ruling: tuple[int, int], chance: float, who: dict[str, Any] | None = None
    ) -> None:
        """Now and then VAR is asked before a penalty or a red card."""
        before = moment.u - self._rng.uniform(50, 100)
        if (
            self._coverage
            and self._rng.random() < chance
            and before > 0
            and self._period(before) == self._period(moment.u)
        ):
            who = {key: value for key, value in (who or {}).items() if key in {"player_id", "player_name"}}
            self._add(before, VAR, moment.side, {**who, "var_reason": ruling[0], "var_result": ruling[1]})

    def _ambience(self, end: float) -> None:
        """Corners and shots that nobody writes down one by one; the better side has more of them."""
        life = self._life
        for side in (0, 1):
            life.corners[side].extend(self._at(u) for u in self._process(CORNERS_A_MATCH[side], 0.0, end))
            tilt = (self._fixture.goals[side] / self._fixture.goals[1 - side]) ** 0.4
            life.on_target[side].extend(self._at(u) for u in self._process(2.9 * tilt, 0.0, end))
            life.off_target[side].extend(self._at(u) for u in self._process(5.6 * tilt, 0.0, end))
        if without_corners(self._fixture):
            life.corners = ([], [])

    # --- endings ---------------------------------------------------------------------------------------------------

    def _after_ninety(self, score: list[int]) -> None:
        life, rng = self._life, self._rng
        over_at = life.play[-1][1]
        first_leg = life.first_leg or (0, 0)
        if not self._fixture.knockout or score[0] + first_leg[0] != score[1] + first_leg[1]:
            life.phases.append(Phase(over_at, ENDED, 0))
            life.ended_at = over_at
            return
        # The provider ends some matches before it learns that they go on.
        if rng.random() < 0.4:
            life.phases.append(Phase(over_at + rng.randrange(0, 20), ENDED, 0))
        extra = life.fixture.leg == 2 or rng.random() < 0.65
        if extra:
            over_at = self._extra_time(over_at + rng.randrange(150, 330), score)
        if score[0] + first_leg[0] == score[1] + first_leg[1]:
            over_at = self._shoot_out(over_at + rng.randrange(100, 240), "120" if extra else "90")
        life.phases.append(Phase(over_at, ENDED, 0))
        life.ended_at = over_at

    def _extra_time(self, start: int, score: list[int]) -> int:
        life, length = self._life, self._length
        life.has_extra = True
        life.phases.append(Phase(start, EXTRA_TIME, start))
        turn = start + length.extra_first - length.second
        again = turn + 60
        over_at = again + length.extra - length.extra_first
        life.play += [(start, turn, length.second), (again, over_at, length.extra_first)]
        for goal in self._goals(length.second, length.extra):
            self._write_goal(goal, score)
        for side in (0, 1):
            for mean, moments in ((CORNERS_A_MATCH[side], life.corners[side]), (2.9, life.on_target[side])):
                if moments is not life.corners[side] or not without_corners(self._fixture):
                    moments.extend(self._at(u) for u in self._process(mean, length.second, length.extra))
        row = {"type": EXTRA_OVER, "position": 0, "time": 120}
        life.events.append(Event(over_at, EXTRA_OVER, 0, EXTRA_PERIOD, None, row))
        return over_at

    def _shoot_out(self, start: int, minute: str) -> int:
        life, rng = self._life, self._rng
        life.has_shoot_out = True
        life.phases.append(Phase(start, SHOOT_OUT, 0))
        kicks, scored, at = [0, 0], [0, 0], start
        side = rng.randrange(2)
        while not _decided(kicks, scored):
            at += rng.randrange(35, 65)
            shirts = self._sides.on_pitch(side + 1, float("inf"))
            hit = rng.random() < 0.75
            scored[side] += hit
            row = {"type": SHOOT_OUT_GOAL if hit else SHOOT_OUT_MISS, "position": side + 1, "time": int(minute)}
            row |= self._sides.named(side + 1, shirts[-1 - kicks[side] % len(shirts)])
            if hit or rng.random() < 0.5:
                row |= {"home_score": scored[0], "away_score": scored[1]}
            kicks[side] += 1
            life.events.append(Event(at, row["type"], side + 1, SHOOT_OUT_PERIOD, None, row))
            side = 1 - side
        over_at = at + rng.randrange(3, 15)
        row = {"type": SHOOT_OUT_OVER, "position": 0, "time": 120}
        life.events.append(Event(over_at, SHOOT_OUT_OVER, 0, SHOOT_OUT_PERIOD, None, row))
        return over_at

    def _hide(self) -> None:
        """Nobody reports at first: status 13 from kick-off, then everything so far arrives at once."""
        life, rng = self._life, self._rng
        life.events.sort(key=attrgetter("at"))
        start = life.play[0][0]
        end = life.phases[-1].at
        late = self._fixture.fate == "late_feed"
        found = start + rng.randrange(150, 900) if late else end + rng.randrange(0, 600)
        during = max((phase for phase in life.phases if phase.at <= found), key=attrgetter("at"))
        later = [phase for phase in life.phases if phase.at > found]
        life.phases = [Phase(start + rng.randrange(30, 120), TO_BE_DETERMINED, 0), during._replace(at=found), *later]
        life.events = [e._replace(at=max(e.at, found)) for e in life.events if e.gone_at is None or e.gone_at > found]
        for moments in (*life.corners, *life.on_target, *life.off_target):
            moments[:] = [max(at, found) for at in moments]
        if life.ended_at is not None:
            life.ended_at = max(life.ended_at, found)


def _decided(kicks: list[int], scored: list[int]) -> bool:
    """Whether a shoot-out is over: five kicks each, then one each until they differ."""
    if max(kicks) > 5 or kicks == [5, 5]:
        return kicks[0] == kicks[1] and scored[0] != scored[1]
    left = [max(0, 5 - kick) for kick in kicks]
    return scored[0] > scored[1] + left[1] or scored[1] > scored[0] + left[0]


def _draw(rng: random.Random, weights: tuple[tuple[int, float], ...]) -> int:
    values, shares = zip(*weights, strict=True)
    return int(rng.choices(values, shares)[0])
