"""An answer says of the quality of its tables what their pipeline measured, and nothing where that is not known."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.serving.published import View
from football_assets.serving.quality import quality_of
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.soccer.summary import match_summary
from football_assets.states import Source
from football_assets.tables import columns, from_rows
from football_assets.warehouse.publication import Publication

AT = datetime(2026, 11, 22, 6, tzinfo=UTC)


def judged(table, score, *, at=AT, **given):
    about = {c.name: None for c in columns(DataQuality)} | {"rows": 1, "content": "c", "validity": score}
    return {**about, "judged_table": table, "measured_at": at, "score": score, **given}


def college(*rows, tables=("games", "player_stats"), **also):
    frames = {f"ncaa_{name}": pd.DataFrame() for name in tables}
    publication = Publication(1, "ncaa", Source.SIMULATED, AT, AT)
    return quality_of(View(publication, frames, None, from_rows(DataQuality, list(rows)), **also))


def test_the_score_is_the_lowest_of_the_tables_behind_the_answer():
    told = college(judged("games", 0.9), judged("player_stats", 0.7), judged("weather", 0.1))
    assert told["score"] == 0.7
    assert {name: each["score"] for name, each in told["tables"].items()} == {
        "ncaa_games": 0.9,
        "ncaa_player_stats": 0.7,
    }
    assert told["tables"]["ncaa_games"]["measured_at"] == AT


def test_the_newest_judgement_of_a_table_counts():
    told = college(judged("games", 0.9), judged("games", 0.6, at=AT - timedelta(days=1)), tables=("games",))
    assert told["score"] == 0.9


def test_a_table_without_a_judgement_or_without_a_score_is_told_as_such():
    told = college(judged("games", None))
    assert told["score"] is None
    assert told["tables"]["ncaa_games"]["score"] is None
    assert told["tables"]["ncaa_player_stats"] is None


def test_of_a_table_that_was_rolled_back_the_judgement_of_its_later_content_is_not_told():
    told = college(judged("games", 0.9), judged("player_stats", 0.7), rolled_back=frozenset({"ncaa_player_stats"}))
    assert told["tables"]["ncaa_player_stats"] is None
    assert told["score"] == 0.9


def test_where_no_quality_was_published_there_is_none():
    assert quality_of(View(Publication(1, "ncaa", Source.REAL, AT, AT), {"ncaa_games": pd.DataFrame()})) is None


def live(*states):
    rows = [
        {c.name: None for c in columns(FlattenedMatches)}
        | {"match_id": f"m{n}", "incidents": 0, "stats": n % 2, "fetched_at": AT, "home_team": "H", "away_team": "A"}
        | {"competition": "C" if n else None, "detail_state": state, "odds_state": "live", "names_state": "live"}
        | {"detail_gap": "timed out" if state == "missing" else None}
        for n, state in enumerate(states)
    ]
    summary = match_summary(from_rows(FlattenedMatches, rows))
    return quality_of(View(Publication(1, "soccer", Source.REAL, AT, AT), {}, None, summary))


def test_the_score_of_a_live_cycle_is_the_share_of_matches_without_a_stale_or_missing_part():
    told = live("live", "cached", "live", "missing")
    assert told["score"] == 0.75
    assert told["cycle"]["not_live"] == 1
    assert (told["cycle"]["named"], told["cycle"]["with_stats"], told["cycle"]["quoted"]) == (0.75, 0.5, 0.0)
    assert told["cycle"]["gaps"] == "detail: 1 of 4 missing: timed out"


def test_an_empty_live_list_has_no_score_and_says_that_it_is_empty():
    told = live()
    assert (told["score"], told["cycle"]["matches"]) == (None, 0)
    assert told["cycle"]["named"] is None


@pytest.mark.parametrize("state", ["stale", "missing"])
def test_one_part_that_is_not_live_is_enough(state):
    assert live("live", state)["score"] == 0.5
