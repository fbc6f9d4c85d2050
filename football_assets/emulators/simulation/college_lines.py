"""Betting lines of the simulated games: what the true strengths promise, as three invented books quote it.

The expectation is a formula fitted to many games of `college_game`, so lines know the strengths but never a result. A
book opens six to eight days before kick-off some points off, and moves towards a close that is nearer to the truth.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from football_assets.emulators.simulation.college_game import Matchup
from football_assets.emulators.simulation.college_world import dice
from football_assets.emulators.sources import Row

MARGIN_SD = 15.4
OPEN_SD, CLOSE_SD = 2.4, 1.1  # of the whole market around the truth
BOOK_OPEN_SD, BOOK_CLOSE_SD = 0.7, 0.4  # of one book around the market
HOLD = 0.045
USUAL_WIND = 0.2
SURE_THING = 0.985  # no moneyline beyond


@dataclass(frozen=True, slots=True)
class Book:
    """A bookmaker: whether it publishes openings and moneylines, and how often it takes games against FCS teams."""

    name: str
    complete: bool
    lower_division: float


BOOKS = (Book("Harborline", True, 0.9), Book("Blue Mesa", True, 0.5), Book("Tollgate Sports", False, 0.0))


@dataclass(frozen=True, slots=True)
class Expectation:
    """True expected home margin and total of a game, when the books know its wind and before they do."""

    margin: float
    total: float
    early_total: float


def expected_points(own: float, other: float, pace: float) -> float:
    """Points an attack of advantage `own` scores on average while the other side's is `other`; fitted, not exact."""
    level = 55.14 / (1 + math.exp(-(own - 4.43) / 14.99)) + 2.72
    return level * (1 - 0.0394 * pace) * (1 - 0.194 * math.tanh(other / 30))


def expectation(matchup: Matchup) -> Expectation:
    """What to expect of a match-up."""
    home, away = _scores(matchup, matchup.wind)
    early = sum(_scores(matchup, USUAL_WIND if matchup.wind else 0.0))
    return Expectation(home - away, home + away, early)


def win_chance(margin: float) -> float:
    """The home side's chance of winning when `margin` is expected."""
    return 0.5 * (1 + math.erf(margin / (MARGIN_SD * math.sqrt(2))))


def american(chance: float) -> int:
    """The American price that pays `chance`, in steps of five."""
    exact = -100 * chance / (1 - chance) if chance >= 0.5 else 100 * (1 - chance) / chance
    return round(exact / 5) * 5


@dataclass(frozen=True, slots=True)
class Market:
    """One game for the books: names for the formatted spread, when it can open, when it closes."""

    seed: int
    game_id: int
    home: str
    away: str
    lower_division: bool
    announced_at: datetime
    kickoff: datetime
    expected: Expectation

    def quotes(self, at: datetime) -> list[Row]:
        """The `lines` of the game's BettingGame row as of `at`; none before the books have opened."""
        rng = dice(self.seed, "lines", self.game_id)
        opening = (self.expected.margin + rng.gauss(0, OPEN_SD), self.expected.early_total + rng.gauss(0, OPEN_SD))
        closing = (self.expected.margin + rng.gauss(0, CLOSE_SD), self.expected.total + rng.gauss(0, CLOSE_SD))
        quotes: list[Row] = []
        for book in BOOKS:
            taken = rng.random() < book.lower_division
            opens_at = max(
                self.kickoff - timedelta(hours=24 * rng.uniform(6, 8)), self.announced_at + timedelta(hours=2)
            )
            first = [value + rng.gauss(0, BOOK_OPEN_SD) for value in opening]
            last = [value + rng.gauss(0, BOOK_CLOSE_SD) for value in closing]
            if at >= opens_at and (taken or not self.lower_division):
                quotes.append(self._quote(book, first, self._moved(book, first, last, opens_at, at)))
        return quotes

    def _moved(
        self, book: Book, first: list[float], last: list[float], opens_at: datetime, at: datetime
    ) -> list[float]:
        """Where margin and total stand: a straight way from open to close with bumps that change every six hours."""
        part = min((at - opens_at) / (self.kickoff - opens_at), 1.0)
        slot = int((at - opens_at).total_seconds() // 21_600)
        rng = dice(self.seed, "bump", self.game_id, book.name, slot)
        size = 2.4 * part * (1 - part)
        return [a + (b - a) * part + rng.gauss(0, 1) * size for a, b in zip(first, last, strict=True)]

    def _quote(self, book: Book, first: list[float], now: list[float]) -> Row:
        spread = _spread(now[0])
        home, away = _moneylines(now[0]) if book.complete else (None, None)
        return {
            "provider": book.name,
            "spread": spread,
            "formattedSpread": f"{self.home if spread < 0 else self.away} -{abs(spread):g}",
            "spreadOpen": _spread(first[0]) if book.complete else None,
            "overUnder": _half(now[1]),
            "overUnderOpen": _half(first[1]) if book.complete else None,
            "homeMoneyline": home,
            "awayMoneyline": away,
        }


def _scores(matchup: Matchup, wind: float) -> tuple[float, float]:
    """Expected points, home first; a gale costs an attack as much as two points of strength and its kicks."""
    home, away = (advantage - 2.6 * wind for advantage in matchup.advantage)
    return expected_points(home, away, matchup.pace), expected_points(away, home, matchup.pace)


def _moneylines(margin: float) -> tuple[float | None, float | None]:
    chance = win_chance(margin)
    if not 1 - SURE_THING < chance < SURE_THING:
        return None, None
    home, away = chance + HOLD / 2, 1 - chance + HOLD / 2
    return (float(american(min(home, 0.995))), float(american(min(away, 0.995))))


def _half(value: float) -> float:
    return round(value * 2) / 2


def _spread(margin: float) -> float:
    return -_half(margin) or 0.0
