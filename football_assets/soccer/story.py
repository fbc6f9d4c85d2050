"""A match as it went, cycle by cycle, from the change log: its score, and the chances by model and bookmaker.

All of it is what the cycles said then, and where the fast lane saw another score or red card between two of them, that.
Where nothing was read, or a chance was not given, there is none.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from football_assets.soccer.arrivals import Log
from football_assets.soccer.changes import CLOCK, Values, advanced, frame_of
from football_assets.soccer.derived_chances import OUTCOMES, with_derived
from football_assets.soccer.history import LATEST_US, History
from football_assets.soccer.looks import Seen, only, shown_row
from football_assets.soccer.markets import MONEYLINE
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.quote_series import quotes_of
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import plain_rows

# A match is on the live list for some hours at most, so it is in the newest kept days or nowhere.
DAYS = 3
LONGEST = 720
Three = tuple[float, float, float]
Score = tuple[int, int]
Pair = tuple[Values, Values]
# What of a match moves its story.
TOLD = tuple(f"{side}_{name}" for name in ("score", "red_cards") for side in ("home", "away"))


@dataclass(frozen=True)
class Moment:
    """What one cycle or look showed; `at` is the provider's clock. None is what was not known."""

    at: datetime
    minute: str | None
    score: Score | None
    reds: Score | None
    model: Three | None
    market: Three | None


@dataclass(frozen=True)
class Event:
    """A goal or red card, dated by the first cycle or look that shows it; `after_gap`: those before are missing."""

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


def seen_rows(history: History, match_id: str) -> list[Pair]:
    """(the match, what was said of it) at every kept cycle that lists it, oldest first; also where nothing changed.

    Where the fast lane saw what moves the story between two of them, that is one more: with what was said before it.
    """
    found: list[Pair] = []
    seen: list[Values] = []
    for day in list(reversed(history.days()))[:DAYS]:
        logs = history.logs(day)
        here = [pair for log in logs for pair in _pairs_of(log, match_id)]
        if found and not here:
            break
        found += here
        seen += [row for log in logs for row in _looks_of(log, match_id)]
    ordered = sorted(found, key=lambda pair: pair[0][CLOCK])
    return list(_with_looks(ordered, sorted(seen, key=lambda row: row[CLOCK])))[-LONGEST:]


def _looks_of(log: Log, match_id: str) -> Iterator[Values]:
    """What looks saw of a match whenever that was something new."""
    seen = Seen()
    for look in log.looks.told(naming=match_id):
        seen.take(only(look.told, match_id), look.entry.observed_us)
        if match_id in look.told.matches:
            yield {**seen.matches[match_id], CLOCK: look.entry.observed_us}


def _with_looks(pairs: list[Pair], looks: list[Values]) -> Iterator[Pair]:
    """The pairs, and after each the looks before the next one that show another score or card than what is before."""
    ends = [row[CLOCK] for row, _ in pairs[1:]] + [LATEST_US] * bool(pairs)
    waiting = deque(looks)
    for (row, said), end_us in zip(pairs, ends, strict=True):
        yield row, said
        shown = row
        while waiting and waiting[0][CLOCK] < end_us:
            look = waiting.popleft()
            if look[CLOCK] > shown[CLOCK] and any(look.get(name) != shown.get(name) for name in TOLD):
                shown = shown_row(row, look)
                yield shown, said


def _pairs_of(log: Log, match_id: str) -> Iterator[Pair]:
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


def _pair(home: int | None, away: int | None) -> Score | None:
    return None if home is None or away is None else (int(home), int(away))


def _three(values: Iterable[Any]) -> Three | None:
    home, draw, away = values
    return None if home is None or draw is None or away is None else (float(home), float(draw), float(away))
