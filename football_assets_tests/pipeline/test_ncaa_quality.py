"""The last steps of the college run: tables judged, and published only when they are good enough."""

from datetime import UTC, datetime

import dagster as dg
import pandas as pd
import pytest

from football_assets.config import load_settings
from football_assets.ncaa.assets import ASSETS
from football_assets.ncaa.assets.features import features
from football_assets.ncaa.assets.quality import JUDGED, data_quality
from football_assets.ncaa.features import features as known_at_kickoff
from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.ncaa.records import team_records
from football_assets.ncaa.schemas import Features, Games, Lines, TeamGames, TeamRecords, TeamStats
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.publications import publication_asset
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.reader import open_warehouse
from football_assets.warehouse.storage import LakeStorage
from football_assets_tests.unit.ncaa.conftest import game_row, league_rows

READ_AT = datetime(2022, 12, 1, tzinfo=UTC)


@pytest.fixture
def lake():
    """A small season and the one before it, stored as the earlier steps leave them."""
    lake = Lake(load_settings().folder, Source.REAL)
    elo = {"home_pregame_elo": 1500, "away_pregame_elo": 1500}
    # Nobody scores a single point.
    points = [{side: 4 for side in ("home_points", "away_points") if row[side] == 1} for row in league_rows()]
    rows = [row | {"fetched_at": READ_AT} | elo | changed for row, changed in zip(league_rows(), points, strict=True)]
    games = from_rows(Games, rows)
    benches = one_row_per_team(games, from_rows(Lines, []), from_rows(TeamStats, []))
    for table, frame in tables_of(games, benches).items():
        if not table.about().by_season:
            lake.write(table, frame)
            continue
        for season in ("2021", "2022"):
            lake.write(table, frame[frame["season"] == int(season)], season)
    return lake


def tables_of(games, benches):
    made = {Games: games, TeamGames: benches, TeamRecords: team_records(benches)}
    made[Features] = known_at_kickoff(games, benches)
    return {table: made.get(table, from_rows(table, [])) for table in JUDGED}


def run(*assets):
    return dg.materialize(list(assets), resources={"lake": LakeStorage()}, raise_on_error=False)


def judged_and_published():
    return run(data_quality, publication_asset("ncaa"))


def metadata_of(result, name):
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key.path[-1] == name]
    return {key: value.value for key, value in event.materialization.metadata.items()}


def test_sound_tables_are_judged_published_and_their_scores_shown(lake):
    result = judged_and_published()
    assert result.success
    scores = open_warehouse(load_settings(), Source.REAL).read("ncaa_data_quality").set_index("judged_table")
    assert set(scores.index) == {table.table_name() for table in JUDGED}
    games = scores.loc["games"]
    assert (games["validity"], games["consistency"], games["freshness"]) == (1.0, 1.0, 1.0)
    assert games["run_id"] == result.run_id
    assert pd.isna(scores.loc["lines", "score"])
    assert metadata_of(result, "data_quality")["score_games"] == pytest.approx(games["score"], abs=1e-4)


def test_a_second_run_with_nothing_changed_adds_no_row_and_writes_nothing(lake):
    judged_and_published()
    before = lake.path(DataQuality).stat()
    result = judged_and_published()
    assert metadata_of(result, "data_quality")["unchanged"] is True
    assert lake.path(DataQuality).stat() == before
    assert metadata_of(result, "ncaa")["rows_written"] == 0


def test_a_bad_season_is_not_published_and_the_previous_version_stays(lake):
    judged_and_published()
    warehouse = open_warehouse(load_settings(), Source.REAL)
    before = warehouse.publication("ncaa").id
    games = lake.read(Games, "2022")
    lake.write(Games, games.assign(home_points=games["home_points"].mask(games.index % 2 == 0)), "2022")
    result = judged_and_published()
    assert not result.success
    (failure,) = result.filter_events(lambda event: event.is_step_failure)
    says = failure.step_failure_data.error.to_string()
    assert "publishing ncaa: the data quality is below 0.8 in games 0." in says
    assert "results_within_24_h 52/208" in says
    sound = next(each for each in result.get_asset_check_evaluations() if each.check_name == "sound")
    assert (sound.passed, sound.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert warehouse.publication("ncaa").id == before
    assert warehouse.read("ncaa_games")["home_points"].notna().all()


def test_the_least_score_is_a_setting(lake, monkeypatch):
    monkeypatch.setenv("FOOTBALL_QUALITY__GOOD_DATA_QUALITY_SCORE", "1")
    monkeypatch.setenv("FOOTBALL_QUALITY__MIN_DATA_QUALITY_SCORE", "0.999")
    assert not judged_and_published().success
    monkeypatch.setenv("FOOTBALL_QUALITY__MIN_DATA_QUALITY_SCORE", "0.5")
    assert judged_and_published().success


def test_a_feature_that_peeks_blocks_what_depends_on_it(lake, monkeypatch):
    def peeking(games, team_games, lists):
        frame = known_at_kickoff(games, team_games, lists)
        mean = team_games.groupby("team_id")["margin"].mean().astype("float64")
        return frame.assign(home_form=frame["home_team_id"].map(mean))

    @dg.asset(deps=[features])
    def reader():
        return None

    monkeypatch.setattr("football_assets.ncaa.features.features", peeking)
    resources = {"lake": LakeStorage(), "college_football": ProviderConnection(domain="ncaa")}
    job = dg.materialize([*ASSETS, reader], selection=[features, reader], resources=resources, raise_on_error=False)
    assert not job.success
    refused = next(each for each in job.get_asset_check_evaluations() if each.check_name == "no_peeking")
    assert (refused.passed, refused.severity) == (False, dg.AssetCheckSeverity.ERROR)
    assert "home_form" in refused.description
    assert [event.asset_key.path[-1] for event in job.get_asset_materialization_events()] == ["features"]


def test_a_game_far_from_over_is_not_yet_due(lake):
    games = lake.read(Games, "2022")
    coming = from_rows(
        Games, [game_row(1, 1, 2, season=2022, kickoff=datetime(2022, 12, 3, tzinfo=UTC), fetched_at=READ_AT)]
    )
    lake.write(Games, pd.concat([games, coming], ignore_index=True), "2022")
    assert run(data_quality).success
    row = lake.read(DataQuality).query("judged_table == 'games'").iloc[0]
    assert (row["freshness"], row["consistency"]) == (1.0, 1.0)
