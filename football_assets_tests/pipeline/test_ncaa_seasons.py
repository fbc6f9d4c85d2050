"""Eleven recorded seasons through the whole chain, from provider rows to predictions, by plain functions."""

from datetime import UTC, datetime

import pandas as pd
import pyarrow.parquet as pq
import pytest

from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.ncaa import models, rules
from football_assets.ncaa.features import features
from football_assets.ncaa.game_model import walk_forward
from football_assets.ncaa.predictions import game_predictions, metrics
from football_assets.ncaa.records import team_records
from football_assets.ncaa.schemas import Features, GamePredictions, Games, Lines, TeamGames, TeamRecords, TeamStats
from football_assets.ncaa.team_games import mark_duplicates, one_row_per_team
from football_assets.tables import from_rows, judge

FIRST, LAST = 2014, 2024
READ_AT = datetime(2025, 3, 1, tzinfo=UTC)
SPLITS = {
    "total": "",
    "conferenceGames": "conference_",
    "homeGames": "home_",
    "awayGames": "away_",
    "neutralSiteGames": "neutral_",
    "regularSeason": "regular_",
    "postseason": "postseason_",
}


@pytest.fixture(scope="module")
def chain():
    """Tables by name, computed by the first test that asks; the fixture `tables` gives it the recordings."""
    return {}


@pytest.fixture
def tables(chain, recordings):
    if not chain:
        chain |= computed(recordings)
    return chain


def computed(recordings):
    source = RecordedSeasons(recordings, keep=1)
    rows = {"games": [], "lines": [], "boxes": []}
    records = []
    for season in range(FIRST, LAST + 1):
        # The whole recording, not the emulator's answers: this chain is about eleven seasons, not about the wire.
        listed = [
            g
            for g in source.rows("games", season, READ_AT)
            if "fbs" in (g["homeClassification"], g["awayClassification"])
        ]
        ids = {game["id"] for game in listed}
        boxes = [box for box in source.rows("games/teams", season, READ_AT) if box["id"] in ids]
        rows["games"] += models.games(listed, "reading", READ_AT)
        rows["lines"] += models.lines(source.rows("lines", season, READ_AT), "reading", READ_AT)
        rows["boxes"] += models.team_stats(boxes, "reading", season, READ_AT)
        records += pq.read_table(recordings / "cfbd" / "records" / f"{season}.parquet").to_pylist()
    games = mark_duplicates(from_rows(Games, rows["games"]))
    lines, boxes = from_rows(Lines, rows["lines"]), from_rows(TeamStats, rows["boxes"])
    benches = one_row_per_team(games, lines, boxes)
    known = features(games, benches)
    walk = walk_forward(games, known)
    return {
        "games": games,
        "lines": lines,
        "team_stats": boxes,
        "team_games": benches,
        "team_records": team_records(benches),
        "features": known,
        "predictions": game_predictions(walk, games, lines),
        "gaps": walk.gaps,
        "recorded": records,
    }


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("games", Games),
        ("lines", Lines),
        ("team_stats", TeamStats),
        ("team_games", TeamGames),
        ("team_records", TeamRecords),
        ("features", Features),
        ("predictions", GamePredictions),
    ],
)
def test_every_table_of_eleven_seasons_fits_its_declaration(tables, name, table):
    verdict = judge(table, tables[name])
    assert verdict.passed, verdict.says


def test_every_rule_holds_over_eleven_seasons(tables):
    """The provider's own faults of these seasons are few and known; nothing of ours may break."""
    for verdict in (
        rules.benches_mirror(tables["team_games"]),
        rules.wins_equal_losses(tables["team_games"]),
        rules.records_add_up(tables["team_records"]),
        rules.learned_before_kickoff(tables["predictions"]),
        rules.listed_once(tables["games"]),
        rules.completed_games_have_points(tables["games"]),
    ):
        assert verdict.passed, verdict.says
    # Two of the provider's line scores stop before the end of the game.
    assert rules.line_scores_add_up(tables["games"]).figures["failing"] == 2
    boxes = rules.box_scores_complete(tables["team_stats"], tables["games"], list(range(FIRST, LAST + 1)))
    assert boxes.figures["failing"] <= 0.005 * boxes.figures["of"], boxes.says


def test_every_fbs_team_season_has_a_win_percentage(tables):
    records = tables["team_records"]
    assert records.groupby("season").size().between(127, 134).all()
    assert records["win_pct"].between(0, 1).all()


@pytest.mark.parametrize(("season", "team", "wins", "losses"), [(2023, "Michigan", 15, 0), (2024, "Ohio State", 14, 2)])
def test_the_champions_have_the_records_that_everybody_knows(tables, season, team, wins, losses):
    (row,) = tables["team_records"].query("season == @season and team == @team").to_dict("records")
    assert (row["wins"], row["losses"], row["ties"]) == (wins, losses, 0)


def test_records_equal_the_recorded_ones_in_every_split(tables):
    """No mismatch: both count the completed games of the season, bowls included, by team id."""
    ours = tables["team_records"].set_index(["season", "team_id"])
    assert len(ours) == len(tables["recorded"]) > 1400
    mismatches = []
    for row in tables["recorded"]:
        mine = ours.loc[(row["year"], row["teamId"])]
        for split, prefix in SPLITS.items():
            told = [row[split][word] for word in ("wins", "losses", "ties")]
            counted = [int(mine[f"{prefix}{word}"]) for word in ("wins", "losses", "ties")]
            if told != counted:
                mismatches.append((row["year"], row["team"], split, told, counted))
    assert mismatches == []


def test_each_week_of_2024_is_predicted_by_models_that_saw_only_earlier_games(tables):
    games = tables["games"].query("season == 2024 and is_completed")
    predicted = tables["predictions"].query("season == 2024 and is_completed")
    assert set(predicted["game_id"]) == set(games["game_id"])
    regular = predicted[predicted["season_type"] == "regular"]
    assert set(regular["week"]) == set(range(1, 17))
    for _, week in regular.groupby("week"):
        assert week["trained_through"].nunique() == 1
        assert week["trained_through"].max() < week["kickoff_at"].min()
    assert (predicted["trained_through"] < predicted["kickoff_at"]).all()


def test_games_that_cannot_be_predicted_are_named_with_the_reason(tables):
    played = tables["games"].query("is_completed")
    assert set(tables["gaps"]) == set(played["game_id"]) - set(tables["predictions"]["game_id"])
    seasons = played[played["game_id"].isin(tables["gaps"])]["season"]
    assert set(seasons) == {FIRST}


def test_a_cancelled_game_has_neither_features_nor_a_prediction(tables):
    (called_off,) = tables["games"].query("not is_completed")["game_id"]
    assert called_off not in set(tables["features"]["game_id"])
    assert called_off not in set(tables["predictions"]["game_id"])


def test_margins_come_close_to_the_closing_line(tables):
    """FBS games of 2021-2024 with an opening and a closing spread, predicted week by week."""
    quoted = tables["lines"].dropna(subset=["spread", "spread_open"])["game_id"]
    frame = tables["predictions"]
    judged = frame[frame["season"].between(2021, 2024) & frame["game_id"].isin(quoted)]
    found = metrics(judged, "margin")
    assert found["evaluated_games"] > 2900
    assert found["mae"] < 12.9
    assert found["brier"] < 0.195
    assert found["market_mae"] < found["mae"], "who beats the closing line by this much has seen the future"


def test_probabilities_and_spreads_are_calibrated(tables):
    frame = tables["predictions"].dropna(subset=["margin"])
    won = (frame["margin"] > 0).astype(float)
    for _, part in frame.assign(won=won).groupby(pd.cut(frame["p_home"], [0, 0.2, 0.4, 0.6, 0.8, 1])):
        assert part["won"].mean() == pytest.approx(part["p_home"].mean(), abs=0.05)
    for target in ("margin", "total"):
        misses = (frame[target].astype(float) - frame[f"{target}_mean"]) / frame[f"{target}_sd"]
        assert misses.std() == pytest.approx(1.0, abs=0.05)
        assert misses.mean() == pytest.approx(0.0, abs=0.06)


def test_a_team_s_form_at_kickoff_is_its_record_before(tables):
    """Games and wins known at kickoff, recounted from the results that were over by then."""
    known = tables["features"].query("season == 2022")
    benches = tables["team_games"].query("season == 2022")
    for row in known.sample(150, random_state=1).itertuples():
        before = benches[
            (benches["team_id"] == row.home_team_id)
            & (benches["kickoff_at"] < row.kickoff_at)
            & benches["result"].notna()
        ]
        assert row.home_games == len(before)
        if len(before):
            assert row.home_win_pct == pytest.approx((before["result"] == "W").mean())
