"""Predictions of the live matches: by the kept model, as each match stands, beside the bookmaker's prices.

A match gets chances only when everything they rest on is known: both teams by a link, the league by its division, the
clock, the score, the red cards. Else its row says what is missing. Chances concern the 90 minutes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from football_assets.soccer.codes import (
    DELAYED,
    ENDED,
    EXTRA_TIME,
    EXTRA_TIME_RETIRED,
    FIRST_HALF,
    HALF_TIME,
    NOT_STARTED,
    SECOND_HALF,
    SHOOT_OUT,
)
from football_assets.soccer.de_vig import shin
from football_assets.soccer.derived_chances import rounded
from football_assets.soccer.goals_model import outcome_probabilities, over_probabilities, score_grid
from football_assets.soccer.identity import LINKED, REVIEW
from football_assets.soccer.in_play import HALF_TIME as HALF_TIME_SHARE
from football_assets.soccer.in_play import FinalScores, goals_to_come, share_to_come
from football_assets.soccer.match_features import Floats
from football_assets.soccer.model_files import SoccerModelFile
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import NO_MODEL, PREDICTED
from football_assets.soccer.team_links import Identified
from football_assets.tables import from_rows

Row = dict[str, Any]

# What a match's row is read for.
NEEDED = (
    *("match_id", "fetched_at", "status_id", "status", "minute", "minute_text", "period_started_at", "kickoff_at"),
    *("competition_id", "competition", "competition_type", "country", "is_neutral_ground"),
    *("home_team_id", "home_team", "away_team_id", "away_team"),
    *("home_score_regular", "away_score_regular", "home_red_cards", "away_red_cards"),
    *("moneyline_state", "moneyline_at_other_score"),
    *("moneyline_home_decimal", "moneyline_draw_decimal", "moneyline_away_decimal"),
)
GRID_GOALS = 6
# A second half that has been running for so long is a clock nobody stopped.
LONGEST_STOPPAGE_MIN = 20
# The results are dated by the day in the United Kingdom, and a season of theirs begins in July.
_ZONE = ZoneInfo("Europe/London")
_SEASON_BEGINS = 7
_SIDES = ("home", "away")
_OUTCOMES = ("home", "draw", "away")
_BEFORE = frozenset({NOT_STARTED, DELAYED})
_AFTER_NINETY = frozenset({EXTRA_TIME, EXTRA_TIME_RETIRED, SHOOT_OUT})


@dataclass(frozen=True)
class _Standing:
    """How a match stands: share of the goals to come, goals and red cards of both sides; or why that is not known."""

    share: float = np.nan
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    unknown: str | None = None


@dataclass
class _Fixture:
    """A match that the model can predict, and where its teams are in the results."""

    row: Row
    division: str
    teams: tuple[str, str]
    confidence: float
    day: pd.Timestamp
    season: int
    found: Row = field(default_factory=dict)


def match_rows(flattened: pd.DataFrame) -> list[Row]:
    """What predictions read of FlattenedMatches, as plain rows."""
    return list(pa.Table.from_pandas(flattened[list(NEEDED)], preserve_index=False).to_pylist())


def match_predictions(rows: Iterable[Row], model: SoccerModelFile | str, identified: Identified) -> pd.DataFrame:
    """MatchPredictions of rows as of `match_rows`; `model` may be the reason why there is none."""
    rows = list(rows)
    market = _market(rows)
    fixtures: list[_Fixture] = []
    found: list[Row] = []
    for at, row in enumerate(rows):
        said = _fixture(row, model, identified) if isinstance(model, SoccerModelFile) else model
        base = {"match_id": row["match_id"], "fetched_at": row["fetched_at"], **_named("market_p", market[at])}
        if isinstance(said, str):
            found.append({**base, "state": NO_MODEL, "reason": said})
        else:
            said.found = {**base, "state": PREDICTED}
            fixtures.append(said)
            found.append(said.found)
    if fixtures and isinstance(model, SoccerModelFile):
        _predict(fixtures, model)
    return from_rows(MatchPredictions, [rounded(row) for row in found])


def summary(predictions: pd.DataFrame) -> dict[str, Any]:
    """How many matches have a model, have chances now, and why the others have none."""
    missing = predictions.loc[predictions["state"] == NO_MODEL, "reason"].value_counts()
    return {
        "predicted": int((predictions["state"] == PREDICTED).sum()),
        "with_chances_now": int(predictions["p_home"].notna().sum()),
        "beside_a_price": int(predictions["edge_home"].notna().sum()),
        "no_model": [f"{count} of {len(predictions)}: {reason}" for reason, count in missing.head(20).items()],
    }


def _fixture(row: Row, model: SoccerModelFile, identified: Identified) -> _Fixture | str:
    """The match in terms of the results, or why the model does not know it."""
    country, competition = row["country"], row["competition"] or "its competition"
    if row["competition_id"] not in identified.divisions:
        return _no_results(row, country, competition, model)
    links = [identified.links.get(row[f"{side}_team_id"]) for side in _SIDES]
    for side, link in zip(_SIDES, links, strict=True):
        team = row[f"{side}_team"] or f"the {side} team"
        if link is None or link["state"] != LINKED:
            waits = link is not None and link["state"] == REVIEW
            return f"{team}: {'its link to the results waits for a review' if waits else 'not found in the results'}"
    if row["kickoff_at"] is None:
        return "the kickoff is not known"
    if row["is_neutral_ground"]:
        return "neutral ground: the model knows home matches only"
    home, away = (str(link["history_team"]) for link in links if link is not None)
    local = row["kickoff_at"].astimezone(_ZONE).replace(tzinfo=None)
    day = pd.Timestamp(local.year, local.month, local.day)
    for team in (home, away):
        if not model.strengths.knows(country, team, day):
            return f"{team}: too few recent results to know it"
        if (model.strengths.last_day(country, team) or 0) >= (day - pd.Timestamp(0)).days:
            return f"{team}: the model has learned from results of that day already"
    season = local.year if local.month >= _SEASON_BEGINS else local.year - 1
    confidence = min(float(link["confidence"]) for link in links if link is not None)
    return _Fixture(row, identified.divisions[row["competition_id"]], (home, away), confidence, day, season)


def _no_results(row: Row, country: str | None, competition: str, model: SoccerModelFile) -> str:
    if row["competition_type"] != "league":
        return "not a league match" if row["competition_type"] else "the kind of competition is not known"
    if country is None or not model.divisions_of(country):
        return f"no results are kept of {country or 'this country'}"
    return f"no results are kept of {competition}"


def _predict(fixtures: list[_Fixture], model: SoccerModelFile) -> None:
    """Fill in what is predicted of each fixture."""
    fixtures.sort(key=lambda each: (each.day, str(each.row["match_id"])))
    expected = np.concatenate(
        [_expected(list(group), model) for _, group in groupby(fixtures, key=lambda each: each.day)]
    )
    grid = score_grid(expected, model.model.tie)
    before, over = outcome_probabilities(grid), over_probabilities(grid)
    standing = [_standing(each.row) for each in fixtures]
    shares = np.array([each.share for each in standing])
    counts = np.array([each.counts for each in standing], np.int64).reshape(len(fixtures), 4).T
    final = FinalScores(expected, model.model.tie, shares, counts[0], counts[1], counts[2], counts[3])
    now, over_now = final.outcomes(), final.over()
    to_come = goals_to_come(expected, shares, counts[0] - counts[1], counts[2], counts[3])
    for at, each in enumerate(fixtures):
        each.found |= {
            "division": each.division,
            "home_history_team": each.teams[0],
            "away_history_team": each.teams[1],
            "link_confidence": each.confidence,
            "model_id": model.model_id,
            "trained_through": model.trained_through,
            "expected_home_goals": float(expected[at, 0]),
            "expected_away_goals": float(expected[at, 1]),
            **_over("pre_p", over[at]),
            "score_grid": json.dumps(np.round(grid[at, : GRID_GOALS + 1, : GRID_GOALS + 1], 4).tolist()),
            "reason": standing[at].unknown,
            **_named("pre_p", before[at]),
        }
        if standing[at].unknown is None:
            each.found |= _named("p", now[at])
            each.found |= _over("p", over_now[at])
            each.found |= {f"{side}_goals_to_come": float(to_come[at, n]) for n, side in enumerate(_SIDES)}


def _expected(fixtures: list[_Fixture], model: SoccerModelFile) -> Floats:
    """(fixtures, 2): expected goals of the fixtures of one day."""
    frame = pd.DataFrame(
        {
            "played_on": [each.day for each in fixtures],
            "season": [each.season for each in fixtures],
            "division": [each.division for each in fixtures],
            "tier": [model.divisions[each.division].tier for each in fixtures],
            "country": [each.row["country"] for each in fixtures],
            "home_team": [each.teams[0] for each in fixtures],
            "away_team": [each.teams[1] for each in fixtures],
        }
    )
    return model.model.expected_goals(model.strengths.expect(frame))


def _standing(row: Row) -> _Standing:
    """How a match stands in its 90 minutes."""
    status_id = row["status_id"]
    if status_id in _BEFORE:
        return _Standing(share=1.0)
    if status_id == ENDED:
        return _Standing(unknown="the match is over")
    if status_id in _AFTER_NINETY:
        return _Standing(unknown="the 90 minutes are over")
    if status_id not in (FIRST_HALF, HALF_TIME, SECOND_HALF):
        return _Standing(unknown=f"the match is {row['status'] or 'in no known state'}")
    counts = tuple(row[f"{side}_{what}"] for what in ("score_regular", "red_cards") for side in _SIDES)
    if any(each is None for each in counts[:2]):
        return _Standing(unknown="the score is not known")
    if any(each is None for each in counts[2:]):
        return _Standing(unknown="red cards are not reported")
    share = HALF_TIME_SHARE if status_id == HALF_TIME else _share(row)
    if isinstance(share, str):
        return _Standing(unknown=share)
    return _Standing(share, (counts[0], counts[1], counts[2], counts[3]))


def _share(row: Row) -> float | str:
    """The share of goals to come in a running half, or why it is not known."""
    minute, text = row["minute"], row["minute_text"]
    if minute is None or text is None:
        return "the minute is not known"
    if not text.endswith("+"):
        return share_to_come(minute)
    started: datetime | None = row["period_started_at"]
    if started is None:
        return share_to_come(minute, in_stoppage=True)
    stoppage = int((row["fetched_at"] - started).total_seconds() // 60) - 44
    if stoppage > LONGEST_STOPPAGE_MIN:
        return f"the clock has been running for {stoppage} minutes of stoppage time"
    return share_to_come(minute, in_stoppage=True, stoppage_minute=stoppage)


def _market(rows: list[Row]) -> Floats:
    """(rows, 3): the bookmaker's chances of the result; NaN without an open quote at the score shown."""
    prices = np.full((len(rows), 3), np.nan)
    for at, row in enumerate(rows):
        # Before the kickoff no score is shown; later a quote has to be of the score that is.
        is_of_now = row["moneyline_at_other_score"] is False or row["status_id"] in _BEFORE
        if row["moneyline_state"] == "open" and is_of_now:
            quoted = [row[f"moneyline_{outcome}_decimal"] for outcome in _OUTCOMES]
            prices[at] = [np.nan if price is None else price for price in quoted]
    return shin(prices)


def _named(prefix: str, chances: Floats) -> Mapping[str, float | None]:
    return {
        f"{prefix}_{outcome}": _chance(chance) if np.isfinite(chance) else None
        for outcome, chance in zip(_OUTCOMES, chances, strict=True)
    }


def _over(prefix: str, over: float) -> Mapping[str, float]:
    return {f"{prefix}_over": _chance(over)}


def _chance(value: float) -> float:
    """A sum of probabilities, which rounding may have carried past 0 or 1."""
    return min(max(float(value), 0.0), 1.0)
