"""Who is on the pitch in a simulated match: cards, substitutions and the names behind goals."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from football_assets.emulators.simulation.soccer_calendar import Fixture
from football_assets.emulators.simulation.soccer_match import GOAL, RED, SECOND_YELLOW, SUBSTITUTION, YELLOW, Moment
from football_assets.emulators.simulation.soccer_world import LINE_UP, World

_STRAIGHT_REDS, _YELLOWS = 0.045, 1.8  # by side and match
_NAMED = (0.0, 0.65, 0.97)  # how often a player is named, by coverage
_ASSISTED = (0.0, 0.25, 0.6)

Process = Callable[[float, float, float], Iterator[float]]
"""Moments of play with (events a match, from, to)."""


class Sides:
    """Both line-ups of a match as they change.

    `reds` are the dismissals (moment, side) and `who` the player fields of every card and substitution.
    """

    def __init__(self, world: World, fixture: Fixture, rng: random.Random) -> None:
        self._world = world
        self._rng = rng
        self._coverage = fixture.competition.coverage
        self._clubs = (fixture.home.number, fixture.away.number)
        # Shirts from a moment on, by side, the goalkeeper first.
        self._pitch = tuple([(-1.0, list(range(LINE_UP)))] for _ in range(2))
        self._bench = [LINE_UP, LINE_UP]
        self._booked: set[tuple[int, int]] = set()
        self.reds: list[tuple[float, int]] = []
        self.who: dict[Moment, dict[str, Any]] = {}

    def cards_and_changes(self, process: Process, half: float, end: float) -> list[Moment]:
        """All cards and substitutions of normal time, in order; `half` is when the second half starts."""
        planned: list[Moment] = []
        for side in (1, 2):
            planned += [Moment(u, RED, side) for u in process(_STRAIGHT_REDS, 0.0, end)]
            # Bookings get more frequent as the match goes on.
            bookings = [u for u in process(_YELLOWS, 0.0, end) if self._rng.random() < 0.6 + u / end]
            planned += [Moment(u, YELLOW, side) for u in bookings]
            planned += [Moment(u, SUBSTITUTION, side) for u in self._change_times(half) if u < end]
        return [self._change(m) if m.kind == SUBSTITUTION else self._card(m) for m in sorted(planned)]

    def _change_times(self, half: float) -> list[float]:
        """Up to five substitutions: some at the break, most later; none where nobody writes them down."""
        rng = self._rng
        if self._coverage == 0:
            return []
        return [
            half + (rng.random() * 20 if rng.random() < 0.2 else rng.uniform(300, 2800))
            for _ in range(rng.choices((2, 3, 4, 5), (1, 2, 3, 4))[0])
        ]

    def _change(self, moment: Moment) -> Moment:
        side = moment.side - 1
        on = self.on_pitch(moment.side, moment.u)
        came, went = self._bench[side], self._rng.choice(on[1:])
        self._bench[side] += 1
        self._pitch[side].append((moment.u, [came if shirt == went else shirt for shirt in on]))
        in_id, in_name = self._world.player(self._clubs[side], came)
        out_id, out_name = self._world.player(self._clubs[side], went)
        coming = {"in_player_id": in_id, "in_player_name": in_name}
        self.who[moment] = {**coming, "out_player_id": out_id, "out_player_name": out_name}
        if self._rng.random() < 0.09:
            self.who[moment]["reason_type"] = self._rng.choice((3, 4))
        return moment

    def _card(self, moment: Moment) -> Moment:
        """Give a card to somebody; a second yellow for the same player is a dismissal."""
        rng, side = self._rng, moment.side
        on = self.on_pitch(side, moment.u)
        shirt = rng.choice(on[1:])
        if moment.kind == YELLOW and (side, shirt) in self._booked:
            # Booked players take care.
            if rng.random() < 0.6:
                shirt = next((s for s in on[1:] if (side, s) not in self._booked), shirt)
            if (side, shirt) in self._booked:
                moment = moment._replace(kind=SECOND_YELLOW)
        self.who[moment] = self.named(side, shirt)
        if moment.kind == YELLOW:
            self._booked.add((side, shirt))
        else:
            self.reds.append((moment.u, side))
            self._pitch[side - 1].append((moment.u, [s for s in on if s != shirt]))
        if self._coverage and moment.kind != SECOND_YELLOW and rng.random() < 0.25:
            reasons = (1, 4, 5, 7, 19) if moment.kind == YELLOW else (9, 12, 14)
            self.who[moment]["reason_type"] = rng.choice(reasons)
        return moment

    def red_count(self, u: float) -> tuple[int, int]:
        """Dismissals of both sides up to a moment."""
        return sum(s == 1 and t <= u for t, s in self.reds), sum(s == 2 and t <= u for t, s in self.reds)

    def on_pitch(self, side: int, u: float) -> list[int]:
        """Shirts of a side at a moment, the goalkeeper first."""
        return next(shirts for since, shirts in reversed(self._pitch[side - 1]) if since <= u)

    def named(self, side: int, shirt: int) -> dict[str, Any]:
        """The player fields, or none where coverage does not name players."""
        if self._rng.random() >= _NAMED[self._coverage]:
            return {}
        identifier, name = self._world.player(self._clubs[side - 1], shirt)
        return {"player_id": identifier, "player_name": name}

    def striker(self, moment: Moment) -> dict[str, Any]:
        """Who had the shot at goal, and for a goal from play perhaps who set it up."""
        field = self.on_pitch(moment.side, moment.u)[1:]
        shirt = self._rng.choice(field[len(field) // 2 :] if self._rng.random() < 0.6 else field)
        who = self.named(moment.side, shirt)
        if who and moment.kind == GOAL and self._rng.random() < _ASSISTED[self._coverage]:
            other = self._rng.choice([s for s in field if s != shirt])
            who["assist1_id"], who["assist1_name"] = self._world.player(self._clubs[moment.side - 1], other)
        return who
