"""Bookmakers' prices of a simulated match: rows of `odds/history`.

Each company quotes the true chances (`soccer_chances`) with its own margin and a little noise: loosely when it opens
days before, closely at kick-off, every few minutes in play. Around goals and red cards markets are sealed.
"""

import random
from bisect import bisect_right
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from football_assets.emulators.simulation import soccer_match as match
from football_assets.emulators.simulation.soccer_calendar import UNPLAYED, Fixture
from football_assets.emulators.simulation.soccer_chances import Chances, Line, chances
from football_assets.emulators.simulation.soccer_match import MatchLife, Phase
from football_assets.emulators.simulation.soccer_world import World

Quote = list[Any]
History = dict[str, dict[str, list[Quote]]]

OPENS_BEFORE_S = 72 * 3600  # no market opens earlier than this before kickoff
BET365 = 2
# Company and how often it quotes a well covered match.
_COMPANIES = (
    (2, 0.86),
    (3, 0.5),
    (4, 0.5),
    (5, 0.45),
    (9, 0.5),
    (10, 0.4),
    (11, 0.4),
    (13, 0.35),
    (16, 0.45),
    (17, 0.55),
)
_MORE_COMPANIES = ((21, 0.4), (22, 0.45))
_MOST_COMPANIES = 10
_WITHOUT_ODDS = (0.50, 0.12, 0.05)  # by coverage: about 15 % of all matches
_MARKETS = (("asia", 0.78), ("eu", 1.0), ("bs", 0.93), ("cr", 0.35))
_PRICES_CAP = 501.0
_LONGEST = 0.93  # a two-way side more certain than this is no longer offered


@dataclass(frozen=True, slots=True)
class _Company:
    """How one company quotes one match. `margin` is the overround of the 1X2 before kick-off (1.06 = 6 %)."""

    number: int
    margin: float
    in_play: bool
    coarse: bool
    delay_s: int
    markets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """Which companies quote a match, and when the market moves before kick-off (Unix seconds, ascending)."""

    companies: tuple[_Company, ...]
    moves: tuple[int, ...]


def market_plan(world: World, fixture: Fixture) -> MarketPlan:
    """The plan of a match; no companies when nobody offers it."""
    rng = random.Random(f"{world.seed}/market/{fixture.number}")
    coverage = fixture.competition.coverage
    if rng.random() < _WITHOUT_ODDS[coverage]:
        return MarketPlan((), ())
    keen = (0.65, 0.95, 1.05)[coverage]
    numbers = [
        n for n, often in (*_COMPANIES, *_MORE_COMPANIES) if rng.random() < (often if n == BET365 else often * keen)
    ]
    while len(numbers) > _MOST_COMPANIES:
        numbers.remove(rng.choice(numbers[1:]))
    corners = not match.without_corners(fixture)
    companies = tuple(_company(world, rng, n, corners=corners) for n in numbers or [BET365])
    moves = sorted(fixture.kickoff - int(OPENS_BEFORE_S * rng.random() ** 2.2) for _ in range(rng.randrange(2, 5)))
    moves = [
        fixture.kickoff - rng.randrange(24 * 3600, OPENS_BEFORE_S - 600),
        *moves,
        fixture.kickoff - rng.randrange(150, 1500),
    ]
    last = fixture.fate_at if fixture.fate in UNPLAYED | {"delayed"} else fixture.kickoff - 120
    return MarketPlan(companies, tuple(sorted({move for move in moves if move < last - 100})))


def _company(world: World, rng: random.Random, number: int, *, corners: bool) -> _Company:
    usual = random.Random(f"{world.seed}/company/{number}").uniform(1.048, 1.088)
    markets = tuple(m for m, often in _MARKETS if rng.random() < often and (corners or m != "cr"))
    return _Company(
        number=number,
        margin=usual + rng.uniform(-0.006, 0.006),
        in_play=rng.random() < (0.95 if number == BET365 else 0.6),
        coarse=number in {2, 5, 9, 11, 13},
        delay_s=0 if number == BET365 else rng.randrange(1, 90),
        markets=markets,
    )


def before_kickoff(world: World, fixture: Fixture, plan: MarketPlan) -> History:
    """All pre-match rows, oldest first. The market starts unsure of both sides and learns until kick-off."""
    rng = random.Random(f"{world.seed}/opening/{fixture.number}")
    history: History = {str(c.number): {market: [] for market in c.markets} for c in plan.companies}
    unsure = (rng.gauss(0.0, 0.11), rng.gauss(0.0, 0.11))
    for move in plan.moves:
        share = max(0.0, fixture.kickoff - move) / OPENS_BEFORE_S
        home, away = (
            goals * 2.718281828459045 ** (error * (0.08 + 0.92 * share))
            for goals, error in zip(fixture.goals, unsure, strict=True)
        )
        fair = chances((home, away))
        for company in plan.companies:
            for market, rows in history[str(company.number)].items():
                if not rows or move == plan.moves[-1] or rng.random() < 0.55:
                    _quote(rng, rows, market, company, fair, (move + company.delay_s, "", 1, "0-0"), 0.0)
    return history


class InPlay:
    """The rows of one match from kick-off to the end of normal time."""

    def __init__(self, world: World, life: MatchLife, plan: MarketPlan) -> None:
        self._life = life
        self._plan = plan
        self._rng = random.Random(f"{world.seed}/in play/{life.fixture.number}")
        self._sealed: list[tuple[int, int]] = []
        self._chances: dict[int, Chances] = {}

    def history(self, opening: History) -> History:
        """Opening rows with everything that follows, oldest first."""
        history = {number: {m: rows.copy() for m, rows in markets.items()} for number, markets in opening.items()}
        life = self._life
        if not life.play or life.regular_end_at is None:
            return history
        self._sealed = self._seals()
        moments = self._moments()
        for company in self._plan.companies:
            markets = history[str(company.number)]
            self._waiting(company, markets)
            if company.in_play:
                for market, rows in markets.items():
                    self._series(company, market, rows, moments)
        return history

    def _waiting(self, company: _Company, markets: dict[str, list[Quote]]) -> None:
        """A match that should have started: rows repeat the last prices under its new status."""
        first = self._life.phases[0]
        if first.status not in {match.DELAYED, match.TO_BE_DETERMINED} or self._rng.random() < 0.4:
            return
        at = first.at + 20 + company.delay_s
        if self._life.phase(at).status != first.status:
            return
        for rows in markets.values():
            if rows:
                rows.append([at, "", *rows[-1][2:5], first.status, self._rng.randrange(2), "0-0"])

    def _seals(self) -> list[tuple[int, int]]:
        """When markets are sealed: from each goal, reversal, red card and interruption until it has been digested."""
        life, rng = self._life, self._rng
        shocks = [e.at for e in life.events if e.kind in match.GOALS | match.DISMISSALS]
        shocks += [e.gone_at for e in life.events if e.gone_at is not None]
        windows = [(at, at + rng.randrange(60, 120)) for at in shocks]
        for phase, after in zip(life.phases, life.phases[1:], strict=False):
            if phase.status == match.INTERRUPTED:
                windows.append((phase.at, after.at + 60))
        merged: list[tuple[int, int]] = []
        for start, end in sorted(windows):
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return merged

    def _is_sealed(self, at: int) -> bool:
        n = bisect_right(self._sealed, (at, 1 << 60))
        return n > 0 and at < self._sealed[n - 1][1]

    def _moments(self) -> list[tuple[int, str]]:
        """When something may be quoted: (instant, why), in order."""
        life, rng = self._life, self._rng
        moments: list[tuple[int, str]] = []
        for start, end, _ in life.play:
            if life.regular_end_at is not None and start < life.regular_end_at:
                at = start + rng.randrange(10, 50)
                while at < end - 20:
                    moments.append((at, "time"))
                    at += rng.randrange(60, 180)
        moments += [(life.play[0][1] + rng.randrange(60, 700), "time") for _ in range(2)]
        moments += [(at + rng.randrange(3, 20), "corner") for side in life.corners for at in side]
        moments += [(start + 2, "seal") for start, _ in self._sealed]
        moments += [(end, "open") for _, end in self._sealed]
        return sorted(moments)

    def _series(self, company: _Company, market: str, rows: list[Quote], moments: list[tuple[int, str]]) -> None:
        rng, life = self._rng, self._life
        end = life.regular_end_at or 0
        busy = company.number == BET365
        for moment, why in moments:
            at = moment + (0 if why == "seal" else rng.randrange(0, 8))
            if at >= end - 15:
                continue
            phase = life.phase(at)
            if why == "seal" and phase.status not in {2, 3, 4, match.INTERRUPTED}:
                continue
            if why == "seal":
                if rows:
                    rows.append(self._seal(rows[-1], at, phase, market))
                continue
            if phase.status not in {2, 3, 4} or self._is_sealed(at) or (rows and at <= rows[-1][0]):
                continue
            if why == "open" or rng.random() < self._eagerness(busy=busy, market=market, why=why):
                where = (at, _minute(phase, at), phase.status, self._score(market, at))
                offered = _quote(rng, rows, market, company, self._fair(moment, at), where, 0.015)
                if not offered and rows and not rows[-1][6]:
                    rows.append(self._seal(rows[-1], at, phase, market))

    @staticmethod
    def _eagerness(*, busy: bool, market: str, why: str) -> float:
        """How likely a company moves one of its markets at a moment without a shock."""
        if why == "corner":
            return (0.6 if busy else 0.2) if market == "cr" else 0.0
        return 0.42 if busy else 0.09

    def _fair(self, moment: int, at: int) -> Chances:
        """Chances at a moment, shared by all who quote within the same seconds."""
        # An unsealed quote a few seconds later has the same score and cards; a corner or a whistle may lie between.
        if self._life.phase(moment) != self._life.phase(at):
            return chances(self._life.fixture.goals, self._life, at)
        key = moment if self._corners(moment) == self._corners(at) else at
        if key not in self._chances:
            self._chances[key] = chances(self._life.fixture.goals, self._life, key)
        return self._chances[key]

    def _corners(self, at: int) -> tuple[int, int]:
        home, away = self._life.corners
        return bisect_right(home, at), bisect_right(away, at)

    def _score(self, market: str, at: int) -> str:
        home, away = self._corners(at) if market == "cr" else self._life.goals(at)
        return f"{home}-{away}"

    def _seal(self, last: Quote, at: int, phase: Phase, market: str) -> Quote:
        """A sealed row: the last prices, or none."""
        prices = last[2:5]
        if self._rng.random() < 0.25:
            prices = [0.0, prices[1] if market != "eu" else 0.0, 0.0]
        return [at, _minute(phase, at), *prices, phase.status, 1, self._score(market, at)]


def _minute(phase: Phase, at: int) -> str:
    """The minute text of a row."""
    minute = (at - phase.kickoff) // 60 + 1
    if phase.status == match.FIRST_HALF:
        return str(minute) if minute <= 45 else "45+"
    if phase.status == match.HALF_TIME:
        return "midfield"
    return str(45 + minute) if phase.status == match.SECOND_HALF else ""


def _quote(
    rng: random.Random,
    rows: list[Quote],
    market: str,
    company: _Company,
    fair: Chances,
    where: tuple[int, str, int, str],
    dearer: float,
) -> bool:
    """Append a row with `company`'s prices unless nothing moved; False when the market has no sensible price."""
    at, minute, status, score = where
    if market == "eu":
        prices = _three_way(rng, fair.result, company.margin + dearer, coarse=company.coarse)
    else:
        line = {"asia": fair.handicap, "bs": fair.total, "cr": fair.corners}[market]
        two_way = 1.0 + 0.7 * (company.margin - 1.0) + dearer
        prices = _two_way(rng, line, two_way) if line is not None else None
    if prices is None:
        return False
    row = [at, minute, *prices, status, 0, score]
    if not rows or rows[-1][2:] != row[2:]:
        rows.append(row)
    return True


def _three_way(
    rng: random.Random, result: tuple[float, float, float], margin: float, *, coarse: bool
) -> list[float] | None:
    """Decimal prices. Raising chances to a power keeps favourites above evens and loads the margin on outsiders."""
    noisy = [max(1e-6, p) * 2.718281828459045 ** rng.gauss(0.0, 0.006) for p in result]
    whole = sum(noisy)
    noisy = [p / whole for p in noisy]
    low, high = 0.02, 1.0
    for _ in range(16):
        power = (low + high) / 2
        if sum(p**power for p in noisy) > margin:
            low = power
        else:
            high = power
    return [min(_PRICES_CAP, _tick(p**-high, coarse=coarse)) for p in noisy]


def _tick(price: float, *, coarse: bool) -> float:
    """A price on the company's ladder."""
    if not coarse or price < 3:
        return round(price, 2)
    if price < 8:
        return round(round(price * 20) / 20, 2)
    return round(price * 2) / 2 if price < 20 else float(round(price))


def _two_way(rng: random.Random, line: Line, margin: float) -> list[float] | None:
    """Hong Kong prices around a line, or None when one side is as good as certain."""
    chance = line.chance * 2.718281828459045 ** rng.gauss(0.0, 0.006)
    if not 1 - _LONGEST < chance < _LONGEST:
        return None
    prices = [1.0 / (p * margin) - 1.0 for p in (chance, 1.0 - chance)]
    if min(prices) < 0.01:
        return None
    return [round(prices[0], 2), line.line, round(prices[1], 2)]


def shown(history: History, at: int) -> dict[str, dict[str, list[Quote]]]:
    """The rows up to `at`, newest first, without empty markets and companies."""
    visible: dict[str, dict[str, list[Quote]]] = {}
    for number, markets in history.items():
        rows = {m: [q.copy() for q in reversed(quotes) if q[0] <= at] for m, quotes in markets.items()}
        rows = {m: quotes for m, quotes in rows.items() if quotes}
        if rows:
            visible[number] = rows
    return visible


def changed(history: History, since: int, until: int) -> list[tuple[str, str, Quote]]:
    """Rows with `since < ts <= until` as (company, market, row), newest first."""
    found = [
        (number, market, quote.copy())
        for number, markets in history.items()
        for market, quotes in markets.items()
        for quote in quotes
        if since < quote[0] <= until
    ]
    return sorted(found, key=lambda change: itemgetter(0)(change[2]), reverse=True)
