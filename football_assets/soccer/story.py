"""A match as it went, cycle by cycle, from the change log: its score, and the chances by model and bookmaker.

All of it is what the cycles said then. Where nothing was read, or a chance was not given, there is none.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from football_assets.soccer.changelog import HotDay
from football_assets.soccer.changes import Values, advanced, frame_of
from football_assets.soccer.compaction import ColdPart
from football_assets.soccer.derived_chances import OUTCOMES, with_derived
from football_assets.soccer.history import History
from football_assets.soccer.markets import MONEYLINE
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.quote_series import quotes_of
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import plain_rows

# A match is on the live list for some hours at most, so it is in the newest kept days or nowhere.
DAYS = 3
LONGEST = 720
Three = tuple[float, float, float]
Pair = tuple[int, int]


@dataclass(frozen=True)
class Moment:
    """What one cycle showed; `at` is the provider's clock. None is what was not known."""

    at: datetime
    minute: str | None
    score: Pair | None
    reds: Pair | None
    model: Three | None
    market: Three | None


@dataclass(frozen=True)
class Event:
    """A goal or red card, dated by the first cycle that shows it; `after_gap`: cycles before that one are missing."""

    at: datetime
    minute: str | None
    what: str
    after_gap: bool


@dataclass(frozen=True)
class Price:
    """Decimal 1X2 prices from an instant on; None while no bets were taken."""

    at: datetime
    prices: Three | None


@dataclass(frozen=True)
class Story:
    """The moments, oldest first, what happened between them, the prices, and the models that spoke, in their order.

    `reason` is why no model spoke at the last moment; None when one did.
    """

    moments: Sequence[Moment]
    events: Sequence[Event]
    prices: Sequence[Price]
    model_ids: Sequence[str]
    reason: str | None


def story(history: History, match: Values, longest_step_s: float) -> Story:
    """The story of a match on the live list.

    Args:
        history: The change log.
        match: Its row of FlattenedMatches: `match_id`, and `odds_company_id` whose prices are told.
        longest_step_s: Cycles farther apart have a gap between them.
    """
    seen = seen_rows(history, match["match_id"])
    rows = plain_rows(frame_of(FlattenedMatches, {str(n): row for n, (row, _) in enumerate(seen)}))
    moments = [_moment(row, said) for row, (_, said) in zip(rows, seen, strict=True)]
    return Story(
        moments,
        list(events(moments, longest_step_s)),
        prices(history, match["match_id"], match["odds_company_id"]),
        list(dict.fromkeys(said["model_id"] for _, said in seen if "model_id" in said)),
        seen[-1][1].get("reason") if seen and moments[-1].model is None else None,
    )


def seen_rows(history: History, match_id: str) -> list[tuple[Values, Values]]:
    """(the match, what was said of it) at every kept cycle that lists it, oldest first; also where nothing changed."""
    found: list[tuple[Values, Values]] = []
    for day in list(reversed(history.days()))[:DAYS]:
        here = [pair for log in history.logs(day) for pair in _pairs_of(log, match_id)]
        if found and not here:
            break
        found += here
    return sorted(found, key=lambda pair: pair[0]["fetched_at"])[-LONGEST:]


def _pairs_of(log: HotDay | ColdPart, match_id: str) -> Iterator[tuple[Values, Values]]:
    names = FlattenedMatches.table_name(), MatchPredictions.table_name()
    told: dict[str, dict[int, Values | None]] = {name: {} for name in names}
    for table, _, (number, _, row) in log.versions(match_id):
        if table in told:
            told[table][number] = row
    now: dict[str, Values | None] = dict.fromkeys(names)
    for number, at_us in log.cycles() if told[names[0]] else ():
        for name in names:
            now[name] = told[name].get(number, now[name])
        row, said = (now[name] for name in names)
        if row is not None:
            yield advanced(row, at_us), with_derived(said or {})


def events(moments: Iterable[Moment], longest_step_s: float) -> Iterator[Event]:
    """Goals, goals taken back and red cards between moments."""
    for before, after in pairwise(moments):
        gap = after.at - before.at > timedelta(seconds=longest_step_s)
        if before.score and after.score and before.score != after.score:
            fell = sum(after.score) < sum(before.score)
            what = f"{after.score[0]}-{after.score[1]}" + (", a goal taken back" if fell else "")
            yield Event(after.at, after.minute, what, gap)
        if before.reds and after.reds and sum(after.reds) > sum(before.reds):
            sides = [side for n, side in enumerate(("home", "away")) if after.reds[n] > before.reds[n]]
            yield Event(after.at, after.minute, f"red card {' and '.join(sides)}", gap)


def prices(history: History, match_id: str, company_id: int | None) -> list[Price]:
    """What a bookmaker quoted on the result, oldest first."""
    if company_id is None:
        return []
    quotes = quotes_of(history, match_id)
    mine = quotes[(quotes["company_id"] == company_id) & (quotes["market"] == MONEYLINE.name)]
    names = [f"{side}_price" for side in OUTCOMES]
    told = [
        Price(row["quoted_at"], None if row["sealed"] else _three(row[name] for name in names))
        for row in plain_rows(mine.iloc[::-1])
    ]
    return [each for n, each in enumerate(told) if n == 0 or told[n - 1].prices != each.prices]


def _moment(row: Values, said: Values) -> Moment:
    return Moment(
        row["fetched_at"],
        row["minute_text"],
        _pair(row["home_score"], row["away_score"]),
        _pair(row["home_red_cards"], row["away_red_cards"]),
        _three(said.get(f"p_{side}") for side in OUTCOMES),
        _three(said.get(f"market_p_{side}") for side in OUTCOMES),
    )


def _pair(home: int | None, away: int | None) -> Pair | None:
    return None if home is None or away is None else (int(home), int(away))


def _three(values: Iterable[Any]) -> Three | None:
    home, draw, away = values
    return None if home is None or draw is None or away is None else (float(home), float(draw), float(away))
