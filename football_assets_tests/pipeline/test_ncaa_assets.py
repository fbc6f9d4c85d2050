"""The college run through its real assets, against the emulator serving recorded seasons."""

import json
import shutil
import sys
import urllib.request
from datetime import UTC, datetime, timedelta

import dagster as dg
import pandas as pd
import pytest

from football_assets.config import load_settings, now_utc
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.college_football import college_football_app
from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.emulators.server import DESK
from football_assets.errors import StorageError
from football_assets.ncaa import model_files, models
from football_assets.ncaa.assets import ASSETS
from football_assets.ncaa.assets.seasons import RANGE_END, RANGE_START
from football_assets.ncaa.automation import ncaa_daily, ncaa_seasons
from football_assets.ncaa.backtest import permuted
from football_assets.ncaa.client import LISTS
from football_assets.ncaa.ledger_schemas import Ledger
from football_assets.ncaa.predictions import coming_week
from football_assets.ncaa.quota import Ledger as CallLedger
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.ncaa.season_schemas import (
    AdvancedStats,
    PpaGames,
    Ratings,
    Recruiting,
    ReturningProduction,
    Talent,
    Teams,
    Weather,
)
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.states import Source
from football_assets.warehouse import versions
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.publications import backup_asset, publication_asset
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import open_warehouse
from football_assets.warehouse.storage import LakeStorage
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

pytestmark = pytest.mark.on_files  # its two seasons are a folder that is copied for each test
WEEK_SEVEN = datetime(2013, 10, 10, 12, tzinfo=UTC)
PARTITION = "dagster/partition"


LISTS_ONLY = dg.define_asset_job(
    "ncaa_lists", selection=[dg.AssetKey(["ncaa", name]) for name in ("games", "score_corrections", *LISTS)]
)


class Provider(EmulatorInThread):
    """The college emulator, its clock and its quota."""

    def set_clock(self, at):
        self.app[DESK].clock.set(at, 0)

    def calls_left(self):
        question = urllib.request.Request(f"{self.url}/info", headers={"Authorization": "Bearer any"})
        with urllib.request.urlopen(question) as answer:
            return json.load(answer)["remainingCalls"]


@pytest.fixture(scope="module")
def recorded():
    """The recorded seasons, read once for all tests."""
    kept = {}

    def of(folder):
        return kept.setdefault(folder, RecordedSeasons(folder))

    return of


@pytest.fixture
def provider(recorded, recordings, monkeypatch, request):
    limit = getattr(request, "param", 1000)
    app = college_football_app(recorded(recordings), EmulatedClock(WEEK_SEVEN, 0), monthly_limit=limit)
    with Provider(app).running() as found:
        monkeypatch.setenv("FOOTBALL_CFBD_URL", found.url)
        monkeypatch.setenv("FOOTBALL_CFBD__PER_SECOND", "500")
        monkeypatch.setenv("FOOTBALL_CFBD__TRIES", "1")
        yield found


def run(job, **tags):
    definitions = dg.Definitions(
        assets=[*ASSETS, publication_asset("ncaa"), backup_asset(after=["ncaa"])],
        jobs=[ncaa_daily, ncaa_seasons, LISTS_ONLY],
        resources={"lake": LakeStorage(), "college_football": ProviderConnection(domain="ncaa")},
    )
    return definitions.resolve_job_def(job).execute_in_process(tags=tags, raise_on_error=False)


def published(name):
    return open_warehouse(load_settings(), Source.RECORDED).read(name)


def metadata_of(result, table):
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key.path[-1] == table][:1]
    return {name: value.value for name, value in event.materialization.metadata.items()}


def failed_checks(result):
    return {
        (each.asset_key.path[-1], each.check_name): each
        for each in result.get_asset_check_evaluations()
        if not each.passed
    }


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """What the run of both seasons left, made by the first test that needs it."""
    return {"home": tmp_path_factory.mktemp("seasons") / "home"}


@pytest.fixture
def both_seasons(provider, shared, monkeypatch, tmp_path):
    """Two seasons collected in one run on a Thursday of the second: a copy of them, and the run's result."""
    if "result" not in shared:
        with pytest.MonkeyPatch.context() as once:
            once.setenv("FOOTBALL_HOME", str(shared["home"]))
            shared["result"] = run("ncaa_seasons", **{RANGE_START: "2012", RANGE_END: "2013"})
    shutil.copytree(shared["home"], tmp_path / "home")
    return shared["result"]


def test_a_range_is_collected_in_one_run_and_the_coming_week_predicted(both_seasons):
    assert both_seasons.success
    # Of 2013 the provider has no opening lines, moneylines and defensive statistics: told, and not held back.
    told = {("data_quality", "nulls"), ("data_quality", "sound")}
    assert set(failed_checks(both_seasons)) == {("game_predictions", "missing"), ("weather", "plan")} | told
    about = metadata_of(both_seasons, "games")
    assert (about["seasons"], about["requests"], about["source"]) == ("2012, 2013", 2, "recorded")
    assert metadata_of(both_seasons, "player_stats")["quota_left"] < metadata_of(both_seasons, "lines")["quota_left"]
    games, predictions = published("ncaa_games"), published("ncaa_game_predictions")
    assert set(games["season"]) == {2012, 2013}
    assert not games.loc[games["kickoff_at"] > WEEK_SEVEN, "is_completed"].any()
    week = coming_week(predictions, pd.Timestamp(WEEK_SEVEN))
    assert set(zip(week["season"], week["week"], strict=True)) == {(2013, 7)}
    assert week["margin"].isna().all()
    assert (week["trained_through"] < week["kickoff_at"].min()).all()


SAID = ["p_home", "margin_mean", "margin_sd", "total_mean", "total_sd", "n_games", "trained_through"]


def test_the_day_after_shows_what_was_said_bit_for_bit_and_keeps_what_the_other_season_taught(both_seasons, provider):
    told = coming_week(published("ncaa_game_predictions"), pd.Timestamp(WEEK_SEVEN)).set_index("game_id")
    ledger = published("ncaa_ledger")
    assert set(told.index) <= set(ledger["game_id"])
    assert (ledger["said_at"] == pd.Timestamp(WEEK_SEVEN)).all()
    provider.set_clock(datetime(2013, 10, 13, 12, tzinfo=UTC))
    second = run("ncaa_daily", **{PARTITION: "2013"})
    assert second.success
    about = metadata_of(second, "team_stats")
    assert (about["seasons"], about["requests"] + about["cached_answers"]) == ("2013", 7)
    assert set(published("ncaa_team_games")["season"]) == {2012, 2013}, "the other season is still learned from"
    later = published("ncaa_game_predictions").set_index("game_id").loc[told.index]
    assert later["margin"].notna().all()
    pd.testing.assert_frame_equal(later[SAID], told[SAID], check_exact=True)
    assert set(told["state"]) == {"open"}
    assert set(later["state"]) == {"said"}
    assert (later["predicted_at"] == pd.Timestamp(WEEK_SEVEN)).all()
    assert not later["is_replay"].any()
    earlier = published("ncaa_game_predictions").query("kickoff_at < @WEEK_SEVEN")
    assert set(earlier["state"]) == {"replayed"}
    longer = published("ncaa_ledger")
    pd.testing.assert_frame_equal(longer.head(len(ledger)), ledger)
    assert len(longer) > len(ledger), "the week after was said"
    grades = published("ncaa_ledger_grades")
    assert set(grades["game_id"]) == set(told.index)
    assert grades["brier"].mean() < 0.25


def test_the_ledger_survives_without_its_file_and_is_not_published_when_its_file_is_another(both_seasons, provider):
    ledger, lake = published("ncaa_ledger"), Lake(load_settings().folder, Source.RECORDED)
    lake.path(Ledger).unlink()
    provider.set_clock(WEEK_SEVEN + timedelta(minutes=10))
    assert run("ncaa_daily", **{PARTITION: "2013"}).success
    pd.testing.assert_frame_equal(published("ncaa_ledger"), ledger)
    lake.write(Ledger, ledger.assign(hash=ledger["hash"].str[::-1]))
    with pytest.raises(StorageError, match="lacks or changes the published row of sequence 1"):
        publish(load_settings().folder, Source.RECORDED, "ncaa")
    lake.write(Ledger, ledger.iloc[:-1])
    with pytest.raises(StorageError, match=f"published row of sequence {len(ledger)}"):
        publish(load_settings().folder, Source.RECORDED, "ncaa")
    pd.testing.assert_frame_equal(published("ncaa_ledger"), ledger)


def test_nothing_is_said_on_top_of_a_row_that_was_edited(both_seasons, provider):
    lake = Lake(load_settings().folder, Source.RECORDED)
    ledger = lake.read(Ledger)
    ledger.loc[4, "p_home"] = 0.5
    lake.write(Ledger, ledger)
    provider.set_clock(WEEK_SEVEN + timedelta(minutes=10))
    result = run("ncaa_daily", **{PARTITION: "2013"})
    (failure, *_) = result.filter_events(lambda event: event.is_step_failure)
    assert failure.step_key == "ncaa__ledger"
    assert "row 5 (entry 5" in failure.step_failure_data.error.to_string()


def test_a_model_that_learned_from_permuted_labels_is_refused_and_the_one_in_service_goes_on(
    both_seasons, provider, monkeypatch
):
    kept = published("ncaa_models")
    module = sys.modules["football_assets.ncaa.assets.game_predictions"]
    walk = module.walk_forward
    monkeypatch.setattr(module, "walk_forward", lambda games, features: walk(permuted(games, 7), features))
    monkeypatch.setattr(versions, "code_version", lambda domain: "0" * 64)
    monkeypatch.setattr(sys.modules["football_assets.ncaa.assets.model_registry"], "code_version", lambda _: "0" * 64)
    result = run("ncaa_daily", **{PARTITION: "2013"})
    assert result.success
    gate = failed_checks(result)["models", "gate"]
    assert gate.severity == dg.AssetCheckSeverity.WARN
    assert "the new model is not published" in gate.description
    models = published("ncaa_models")
    assert set(models.query("status == 'in_service'")["model_id"]) == set(kept["model_id"])
    refused = models.query("status == 'refused'")
    assert set(refused["target"]) == {"margin", "total"}
    assert refused["file"].isna().all()
    assert (refused["code_version"] == "0" * 64).all()
    week = coming_week(published("ncaa_game_predictions"), pd.Timestamp(WEEK_SEVEN))
    assert set(week["trained_through"]) == set(kept["trained_through"])


def test_the_models_kept_are_those_that_the_table_names(both_seasons):
    kept = published("ncaa_models")
    assert set(kept["status"]) == {"in_service"}
    assert (kept["trained_from"] < pd.Timestamp("2012-09-02T00:00Z")).all()
    world = load_settings().folder / "recorded"
    assert set(kept["target"]) == {"margin", "total"}
    for row in kept.itertuples():
        assert model_files.load(row.file, row.sha256, world).n_features_in_ > 5
        assert pd.Timestamp(WEEK_SEVEN) > row.trained_through


def test_players_and_records_come_out_whole_and_a_season_without_history_is_not_predicted(provider):
    result = run("ncaa_seasons", **{PARTITION: "2013"})
    assert result.success
    players = published("ncaa_player_stats")
    assert len(players) > 10_000
    assert players["passing_yards"].max() > 300
    records = published("ncaa_team_records")
    assert len(records) == 125
    assert records["win_pct"].between(0, 1).all()
    missing = failed_checks(result)["game_predictions", "missing"]
    assert "fewer than 200 earlier games" in missing.description
    assert missing.severity == dg.AssetCheckSeverity.WARN
    first_week = published("ncaa_games").query("week == 1")["game_id"]
    assert not set(first_week) & set(published("ncaa_game_predictions")["game_id"])


def test_the_daily_job_takes_a_range_beside_its_own_partition(provider):
    provider.set_clock(datetime(2012, 9, 5, tzinfo=UTC))
    result = run("ncaa_daily", **{PARTITION: "2012", RANGE_START: "2011", RANGE_END: "2011"})
    assert result.success
    assert Lake(load_settings().folder, Source.RECORDED).seasons(Games) == ["2011", "2012"]
    assert metadata_of(result, "player_stats")["seasons"] == "2011, 2012"


def test_lists_of_a_season_are_published_with_team_ids_and_the_weather_says_why_it_is_empty(provider):
    provider.set_clock(datetime(2024, 3, 1, tzinfo=UTC))
    result = run("ncaa_lists", **{PARTITION: "2023"})
    assert result.success
    lake = Lake(load_settings().folder, Source.RECORDED)
    michigan = lake.read(Teams, "2023").query("team == 'Michigan'")["team_id"].item()
    for table in (Talent, Recruiting, ReturningProduction, Ratings, AdvancedStats, PpaGames):
        frame = lake.read(table, "2023")
        assert set(frame.query("team == 'Michigan'")["team_id"]) == {michigan}, table
    assert set(lake.read(Ratings, "2023")["system"]) == {"sp", "fpi", "srs"}
    assert lake.read(Weather, "2023").empty
    (refused,) = failed_checks(result).values()
    assert (refused.check_name, refused.severity) == ("plan", dg.AssetCheckSeverity.WARN)
    assert "Tier 1" in refused.metadata["answer"].value


@pytest.mark.parametrize("provider", [45], indirect=True)
def test_calls_are_counted_and_a_run_that_would_exceed_the_month_makes_none(provider):
    provider.set_clock(datetime(2024, 3, 1, tzinfo=UTC))
    ledger = CallLedger(load_settings().folder / "recorded")
    assert run("ncaa_lists", **{PARTITION: "2023"}).success
    usage = ledger.read()
    assert (usage.month, usage.counted, usage.used, usage.limit) == ("2024-03", 11, 11, 45)
    refused = run("ncaa_daily", **{PARTITION: "2022"})
    (failure, *_) = refused.filter_events(lambda event: event.is_step_failure)
    says = failure.step_failure_data.error.to_string()
    assert "QuotaExceeded: collecting the season 2022 by about 47 calls, which takes 31 days (none now" in says
    assert provider.calls_left() == 34, "nothing was asked"
    assert ledger.read().counted == 11


def test_a_season_without_games_is_an_empty_table_and_no_failure(provider):
    running = str(load_settings().running_season(now_utc()))
    result = run("ncaa_daily", **{PARTITION: running})
    assert result.success
    assert published("ncaa_games").empty
    assert published("ncaa_game_predictions").empty
    assert published("ncaa_models").empty


def lake_files():
    """Every file of the lake: where, when it was written, which one it is."""
    root = load_settings().folder / "recorded" / "lake"
    return {
        str(path.relative_to(root / "ncaa")): (path.stat().st_mtime_ns, path.stat().st_ino)
        for path in root.rglob("*")
        if path.is_file()
    }


def rows_written(result):
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key.path == ["warehouse", "ncaa"]]
    return event.materialization.metadata["rows_written"].value


def unchanged(result):
    """The tables that their step handed on without computing them."""
    return {
        event.asset_key.path[-1]
        for event in result.get_asset_materialization_events()
        if event.materialization.metadata.get("unchanged")
    }


def data_versions(result):
    return {
        event.asset_key.path[-1]: event.materialization.tags["dagster/data_version"]
        for event in result.get_asset_materialization_events()
        if event.asset_key.path[0] == "ncaa"
    }


RAW_TABLES = {"games", "score_corrections", "lines", "team_stats", "player_stats", "venues", *LISTS}
OF_GAMES = {"team_games", "team_records", "features", "models", "game_predictions"}


def test_nothing_changed_means_nothing_computed_nothing_written_nothing_published(both_seasons, provider):
    first = run("ncaa_daily", **{PARTITION: "2013"})
    before, failed = lake_files(), failed_checks(first)
    provider.set_clock(WEEK_SEVEN + timedelta(minutes=10))
    second = run("ncaa_daily", **{PARTITION: "2013"})
    assert second.success
    assert lake_files() == before
    assert rows_written(second) == 0
    assert unchanged(second) == set(data_versions(second)) - RAW_TABLES
    assert data_versions(second) == data_versions(first)
    again = failed_checks(second)
    assert {key: each.description for key, each in again.items()} == {key: c.description for key, c in failed.items()}
    assert published("ncaa_score_corrections").empty


def test_a_corrected_score_recomputes_its_descendants_and_is_kept_as_a_fact(both_seasons, provider, monkeypatch):
    first = run("ncaa_daily", **{PARTITION: "2013"})
    before, lake = lake_files(), Lake(load_settings().folder, Source.RECORDED)
    game = lake.read(Games, "2013").query("is_completed and home_points > away_points").iloc[0]
    read = models.games

    def corrected(*arguments):
        rows = read(*arguments)
        for row in rows:
            if row["game_id"] == game["game_id"]:
                row["home_points"] += 1
        return rows

    monkeypatch.setattr(models, "games", corrected)
    at = WEEK_SEVEN + timedelta(minutes=10)
    provider.set_clock(at)
    second = run("ncaa_daily", **{PARTITION: "2013"})
    assert second.success
    (fact,) = published("ncaa_score_corrections").to_dict("records")
    points = int(game["home_points"])
    assert (fact["game_id"], fact["field"]) == (game["game_id"], "home_points")
    assert (fact["old"], fact["new"], fact["seen_at"]) == (points, points + 1, at)
    assert not unchanged(second) & OF_GAMES
    written = {name for name, state in lake_files().items() if before.get(name) != state}
    by_season = {name for name in written if "/" in name and not name.startswith(".made/")}
    assert by_season == {"games/2013.parquet", "score_corrections/2013.parquet"}
    assert written >= {f"{name}.parquet" for name in OF_GAMES}
    now = data_versions(second)
    changed = {name for name, version in data_versions(first).items() if now[name] != version}
    assert changed & RAW_TABLES == {"games", "score_corrections"}
    assert changed >= OF_GAMES


def test_when_the_provider_fails_what_is_published_stays(both_seasons, provider):
    before = open_warehouse(load_settings(), Source.RECORDED).publication("ncaa").id
    provider.break_with("500@games")
    assert not run("ncaa_daily", **{PARTITION: "2013"}).success
    warehouse = open_warehouse(load_settings(), Source.RECORDED)
    assert warehouse.publication("ncaa").id == before
    assert len(warehouse.read("ncaa_games")) > 800


def test_an_asset_that_breaks_a_rule_reaches_no_reader(both_seasons, monkeypatch):
    def without_a_bench(*frames):
        return one_row_per_team(*frames).iloc[1:]

    before = open_warehouse(load_settings(), Source.RECORDED).publication("ncaa").id
    module = sys.modules["football_assets.ncaa.assets.team_games"]  # its name is also that of the asset
    monkeypatch.setattr(module, "one_row_per_team", without_a_bench)
    monkeypatch.setattr(versions, "code_version", lambda domain: f"other code of {domain}")
    result = run("ncaa_daily", **{PARTITION: "2013"})
    assert not result.success
    assert ("team_games", "mirror") in failed_checks(result)
    assert open_warehouse(load_settings(), Source.RECORDED).publication("ncaa").id == before


def test_the_lake_keeps_the_players_of_each_season_apart(both_seasons):
    lake = Lake(load_settings().folder, Source.RECORDED)
    for season in ("2012", "2013"):
        assert set(lake.read(PlayerStats, season)["season"]) == {int(season)}
