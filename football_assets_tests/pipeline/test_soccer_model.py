"""The model job through its real assets against the simulated site, and a live cycle that uses what it keeps."""

from datetime import UTC, datetime

import dagster as dg
import pytest
from typer.testing import CliRunner

from football_assets.cli.identity import app as identity
from football_assets.config import load_settings
from football_assets.definitions import defs
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.football_data import football_data_app
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.simulation.soccer_history import SimulatedHistory
from football_assets.emulators.thesports import thesports_app
from football_assets.errors import ConfigError
from football_assets.soccer import goals_model
from football_assets.soccer.assets import ASSETS
from football_assets.soccer.assets.model_schedule import PARTITION, soccer_model_daily, tags_of
from football_assets.soccer.automation import live_cycle
from football_assets.soccer.model_files import SoccerModelFile
from football_assets.soccer.predicting import kept_model
from football_assets.soccer.prediction_schemas import HistoricalMatches, SoccerModel
from football_assets.states import Source
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.publications import publication_asset
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.reader import open_warehouse
from football_assets.warehouse.storage import LakeStorage
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

SEED, MATCHES_A_DAY = 3, 15


def busy_instant():
    """An instant of November 2025 at which a match of a league with results and full reports is in its first half."""
    start = datetime(2025, 11, 3, tzinfo=UTC)
    live = SimulatedMatches(SEED, around=start, matches_a_day=MATCHES_A_DAY)
    history = SimulatedHistory(SEED, around=start, matches_a_day=MATCHES_A_DAY)
    kept = {league.number for league in history._leagues.values()}
    return next(
        datetime.fromtimestamp(each.kickoff + 1500, UTC)
        for day in range(start.toordinal(), start.toordinal() + 7)
        for each in live._calendar.day(day)
        if each.competition.number in kept and each.competition.coverage and each.fate == "played"
    )


@pytest.fixture
def world(monkeypatch):
    monkeypatch.setattr(goals_model, "FEWEST_MATCHES", 1000)
    at = busy_instant()
    site = football_data_app(SimulatedHistory(SEED, around=at, matches_a_day=MATCHES_A_DAY), EmulatedClock(at, 0))
    feed = thesports_app(SimulatedMatches(SEED, around=at, matches_a_day=MATCHES_A_DAY), EmulatedClock(at, 0))
    with EmulatorInThread(site).running() as results, EmulatorInThread(feed).running() as matches:
        monkeypatch.setenv("FOOTBALL_FOOTBALL_DATA_URL", results.url)
        monkeypatch.setenv("FOOTBALL_FOOTBALL_DATA__PER_SECOND", "1000")
        monkeypatch.setenv("FOOTBALL_THESPORTS_URL", matches.url)
        yield Lake(load_settings().folder, Source.SIMULATED)


def run(job, **how):
    definitions = dg.Definitions(
        assets=[*ASSETS, publication_asset("soccer")],
        jobs=[live_cycle, soccer_model_daily],
        resources={"lake": LakeStorage(), "thesports": ProviderConnection(domain="soccer")},
    )
    return definitions.resolve_job_def(job).execute_in_process(raise_on_error=False, **how)


def published(name):
    return open_warehouse(load_settings(), Source.SIMULATED).read(name)


def test_past_seasons_become_a_model_and_live_matches_get_predictions(world):
    assert run("live_cycle").success
    before = published("soccer_match_predictions")
    assert before["reason"].str.startswith("no model is kept yet").all()
    assert published("soccer_team_links").empty

    season = 2025
    learned = run("soccer_model_daily", partition_key=str(season))
    assert learned.success
    assert all(each.passed for each in learned.get_asset_check_evaluations())
    assert world.seasons(HistoricalMatches) == [str(year) for year in range(season - 2, season + 1)]
    made = {(e.asset_key.path[-1], e.partition) for e in learned.get_asset_materialization_events()}
    assert {("historical_matches", str(year)) for year in range(season - 2, season + 1)} <= made
    (event,) = [e for e in learned.get_asset_materialization_events() if e.asset_key.path[-1] == "soccer_model"]
    assert "data:image/png;base64," in event.materialization.metadata["calibration"].value
    scores = world.read(SoccerModel).groupby("family")["rps"].mean()
    assert scores["no_market"] < scores["frequencies"]
    assert isinstance(kept_model(world), SoccerModelFile)

    assert run("live_cycle").success
    found = published("soccer_match_predictions").set_index("match_id")
    told = found[found["state"] == "predicted"]
    assert len(told) >= 1
    assert told["p_home"].notna().any()
    assert (told["trained_through"] < told["fetched_at"]).all()
    board = published("soccer_match_board").set_index("match_id")
    assert board["model_state"].notna().all()
    assert board["p_home"].equals(found["p_home"].reindex(board.index))
    links = published("soccer_team_links")
    assert (links["team"] == links["history_team"]).all(), "the simulated site uses the clubs' own names"
    assert set(links["state"]) == {"linked"}

    team = links.iloc[0]
    refused = CliRunner().invoke(identity, ["accept", team["team_id"], "Nobody Wanderers"])
    assert isinstance(refused.exception, ConfigError)
    assert CliRunner().invoke(identity, ["reject", team["team_id"], team["history_team"]]).exit_code == 0
    assert CliRunner().invoke(identity, ["review"]).exit_code == 3
    assert run("live_cycle").success
    review = CliRunner().invoke(identity, ["review", "--json"])
    assert review.exit_code == 0
    assert team["team_id"] in review.stdout
    assert published("soccer_team_links").set_index("team_id")["state"][team["team_id"]] != "linked"
    decided = CliRunner().invoke(identity, ["decisions"])
    assert decided.exit_code == 0
    assert "rejected" in decided.stdout

    # A model file that was changed takes no score from the board.
    (file,) = (world.root.parent / "models").glob("soccer-*.json")
    file.write_bytes(file.read_bytes() + b" ")
    result = run("live_cycle")
    assert result.success
    assert published("soccer_match_predictions")["reason"].str.contains("sha256").all()
    assert published("soccer_flattened_matches")["home_score"].notna().any()
    failed = {each.asset_key.path[-1] for each in result.get_asset_check_evaluations() if not each.passed}
    assert "match_predictions" in failed


def test_the_job_runs_daily_for_the_running_season_and_never_in_the_live_cycle():
    assert tags_of(datetime(2026, 7, 31, tzinfo=UTC)) == {PARTITION: "2025"}
    assert tags_of(datetime(2026, 8, 1, tzinfo=UTC)) == {PARTITION: "2026"}
    keys = {
        name: {key.path[-1] for key in defs.resolve_job_def(name).asset_layer.selected_asset_keys}
        for name in ("live_cycle", "soccer_model_daily")
    }
    assert keys["soccer_model_daily"] == {"historical_matches", "soccer_features", "soccer_model"}
    assert not keys["live_cycle"] & keys["soccer_model_daily"]
    assert {"match_predictions", "team_links"} <= keys["live_cycle"]
