"""A model of two invented leagues and rows of live matches of theirs."""

import functools
from datetime import UTC, datetime

import pandas as pd
import pytest

from football_assets.soccer import goals_model, training
from football_assets.soccer.football_data import DIVISIONS
from football_assets.soccer.match_predictions import NEEDED
from football_assets.soccer.past_seasons import table_of
from football_assets.soccer.prediction_schemas import TeamLinks
from football_assets.soccer.team_links import Identified
from football_assets.tables import from_rows
from football_assets_tests.unit.soccer.seasons import played_seasons

TREES = ["Alder", "Birch", "Cedar", "Doum", "Elm", "Fir", "Gum", "Hazel", "Ivy", "Jarrah", "Kapok", "Larch"]
CLUBS = {
    f"{code} {n}": f"{tree} {word}" for code, word in (("D1", "Town"), ("D2", "Rovers")) for n, tree in enumerate(TREES)
}
HOME, AWAY = CLUBS["D1 1"], CLUBS["D1 2"]
READ_AT = datetime(2019, 6, 30, 6, tzinfo=UTC)
KICKOFF = datetime(2019, 8, 10, 13, 30, tzinfo=UTC)


def with_names(matches):
    """The clubs by names that can be told apart; numbers in names mean little to links."""
    return matches.assign(home_team=matches["home_team"].map(CLUBS), away_team=matches["away_team"].map(CLUBS))


@functools.cache
def results():
    """HistoricalMatches of four seasons."""
    matches = with_names(played_seasons(4)).assign(kickoff_at=pd.Series(pd.NaT, dtype="datetime64[s, UTC]"))
    parts = [
        table_of(part.reset_index(drop=True), DIVISIONS[code], READ_AT) for code, part in matches.groupby("division")
    ]
    return pd.concat(parts, ignore_index=True)


@functools.cache
def trained():
    """The whole training; 200 matches are enough here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(goals_model, "FEWEST_MATCHES", 200)
        patch.setattr(training, "FEWEST_COMPARED", 50)
        return training.train(results())


def match(number=1, **changes):
    """One live match of the first league, before its kickoff unless changed."""
    row = dict.fromkeys(NEEDED)
    row |= {
        "match_id": f"m{number}",
        "fetched_at": KICKOFF,
        "status_id": 1,
        "status": "not started",
        "kickoff_at": KICKOFF,
        "competition_id": "c1",
        "competition": "German Bundesliga",
        "competition_type": "league",
        "country": "Germany",
        "is_neutral_ground": False,
        "home_team_id": "t1",
        "home_team": HOME,
        "away_team_id": "t2",
        "away_team": AWAY,
    }
    return row | changes


def running(minute=60, home=0, away=0, reds=(0, 0), **changes):
    """The same match in its second half, or at half-time for the minute `HT`."""
    at_break = minute == "HT"
    row = match(
        status_id=3 if at_break else 4 if minute > 45 else 2,
        status="running",
        minute=None if at_break else minute,
        minute_text=str(minute),
        home_score_regular=home,
        away_score_regular=away,
        home_red_cards=reds[0],
        away_red_cards=reds[1],
    )
    return row | changes


def identified(**changes):
    """Both teams linked; a change to a team's link by its id."""
    links = {
        f"t{n}": {"state": "linked", "history_team": name, "confidence": 0.9 + n / 100, **changes.get(f"t{n}", {})}
        for n, name in ((1, HOME), (2, AWAY))
    }
    return Identified(links, {"c1": "D1"}, from_rows(TeamLinks, []))
