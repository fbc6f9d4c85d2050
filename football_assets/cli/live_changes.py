"""What a new publication says that the one before did not: goals, cards, statuses, prices that moved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from football_assets.cli.live_cells import Moves, Row, minute, pair
from football_assets.soccer.codes import GOAL, OVER, SHOOT_OUT
from football_assets.soccer.markets import MARKETS

OWN_GOAL, PENALTY = 17, 8
GOALS = (GOAL, OWN_GOAL, PENALTY)
COUNTS = tuple(f"{side}_{what}" for side in ("home", "away") for what in ("score", "red_cards", "score_penalties"))
PRICES = tuple(
    f"{market.name}_{selection}_decimal"
    for market in MARKETS.values()
    if market.code != "cr"
    for selection in market.selections
)
# A price of another line is another bet: it neither rose nor fell.
LINES = {"handicap": "home_spread", "total": "total_line"}
Rows = Mapping[str, Row]


@dataclass(frozen=True, slots=True)
class News:
    """One line of what happened; `at` is the provider's clock of the reading that shows it."""

    at: datetime | None
    what: str
    text: str
    style: str = ""


def moves_between(before: Rows, after: Rows) -> Moves:
    """Of each match that both have, the counts and prices that rose (1) or fell (-1)."""
    found: dict[str, dict[str, int]] = {}
    for match_id in before.keys() & after.keys():
        old, new = before[match_id], after[match_id]
        moved = {}
        for name in (*COUNTS, *PRICES):
            line = LINES.get(name.partition("_")[0])
            comparable = old[name] is not None and new[name] is not None and (not line or old[line] == new[line])
            if comparable and old[name] != new[name]:
                moved[name] = 1 if new[name] > old[name] else -1
        if moved:
            found[match_id] = moved
    return found


def news_between(
    before: Rows, after: Rows, listed: Rows, incidents: pd.DataFrame, at: datetime | None
) -> Iterator[News]:
    """What people want to be told, goals first; `listed` has every match of the newer publication."""
    both = [(before[match_id], after[match_id]) for match_id in after if match_id in before]
    for old, new in both:
        yield from _scores(old, new, incidents, at)
    for old, new in both:
        yield from _cards(old, new, at)
        yield from _status(old, new, at)
    for match_id in after.keys() - before.keys():
        yield News(at, "new", _match(after[match_id]), "dim")
    for match_id in before.keys() - after.keys():
        row = listed.get(match_id)
        if row is None:
            yield News(at, "not listed", f"{_match(before[match_id])}, as last seen", "yellow")
        else:
            yield News(at, row["status"] or "?", _match(row), "bold" if row["status_id"] in OVER else "yellow")


def scorer(incidents: pd.DataFrame, match_id: str, home: Any, away: Any) -> str | None:
    """Who scored the goal that made it `home`-`away`; None when no incident says so."""
    own = incidents[(incidents["match_id"] == match_id) & incidents["type_id"].isin(GOALS)]
    made = own[(own["home_score"] == home) & (own["away_score"] == away)].dropna(subset=["player"])
    if made.empty:
        return None
    last = made.iloc[-1]
    return f"{last['player']} (own goal)" if last["type_id"] == OWN_GOAL else str(last["player"])


def _scores(old: Row, new: Row, incidents: pd.DataFrame, at: datetime | None) -> Iterator[News]:
    counts = [(old[f"{side}_score"], new[f"{side}_score"]) for side in ("home", "away")]
    if any(value is None for both in counts for value in both):
        return
    if any(now < was for was, now in counts):
        was = pair(old, "score")
        yield News(at, "TAKEN BACK", f"{_match(new)}: it was {was}", "bold red")
    elif any(now > was for was, now in counts):
        who = scorer(incidents, new["match_id"], new["home_score"], new["away_score"])
        goals = sum(now - was for was, now in counts)
        what = "GOAL" if goals == 1 else f"{goals} GOALS"
        yield News(at, what, f"{_match(new)}{f': {who}' if who else ''}", "bold green")


def _cards(old: Row, new: Row, at: datetime | None) -> Iterator[News]:
    for side in ("home", "away"):
        was, now = old[f"{side}_red_cards"], new[f"{side}_red_cards"]
        if was is not None and now is not None and was != now:
            what = "RED CARD" if now > was else "RED CARD TAKEN BACK"
            yield News(at, what, f"{_match(new)}: {new[f'{side}_team'] or side} has {now}", "bold red")


def _status(old: Row, new: Row, at: datetime | None) -> Iterator[News]:
    if old["status_id"] != new["status_id"]:
        yield News(at, new["status"] or "?", _match(new))
    elif new["status_id"] == SHOOT_OUT and pair(old, "score_penalties") != pair(new, "score_penalties"):
        yield News(at, "shoot-out", f"{_match(new)}: {pair(new, 'score_penalties') or '?'}")


def _match(row: Row) -> str:
    """`71' IFK 2-1 HJK`; what is not known reads `?`."""
    return f"{minute(row).plain} {row['home_team'] or '?'} {pair(row, 'score') or '?'} {row['away_team'] or '?'}"
