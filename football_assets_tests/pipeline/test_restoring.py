"""Restoring a world: row by row what was published at the instant, beside the running data, swapped and undone."""

import functools
import json
import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from benchmarks.soccer_days import DAY, Day
from football_assets.cli.backup import app
from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.rooms import load_declarations
from football_assets.soccer.board import SAID, match_board
from football_assets.soccer.history import History
from football_assets.soccer.keeping import keep_cycle
from football_assets.soccer.prediction_schemas import HistoricalMatches, MatchPredictions, TeamLinks
from football_assets.soccer.schemas import (
    Corrections,
    EnrichedMatches,
    FlattenedMatches,
    Incidents,
    LiveMatches,
    MatchBoard,
    MatchStats,
    MatchSummary,
    OddsQuotes,
)
from football_assets.soccer.summary import match_summary
from football_assets.states import Source
from football_assets.tables import REGISTER, columns, conform, from_arrow, from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.backups import swapping
from football_assets.warehouse.backups.making import create_backup
from football_assets.warehouse.backups.restoring import put_in_place, restore, undo
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import Warehouse
from football_assets_tests.unit.warehouse.declared import ToyGames

SIMULATED = Source.SIMULATED
CYCLES = 4
SHOWN = ("live_matches", "flattened_matches", "incidents", "match_stats", "match_board", "match_summary", "corrections")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A world of published cycles around midnight, college published twice; its folder and what each cycle served."""
    home = tmp_path_factory.mktemp("built")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(publication, "REGISTER", registered())
        lake = Lake(home, SIMULATED)
        lake.write(HistoricalMatches, from_rows(HistoricalMatches, []), "2024")
        lake.write(TeamLinks, from_rows(TeamLinks, []))
        told = []
        for number, (at, tables) in enumerate(minutes()[:CYCLES]):
            _write(lake, tables)
            lake.write(Corrections, keep_cycle(lake, at).corrections)
            patched.setattr(publication, "now_utc", lambda at=at: at)
            publish(home, SIMULATED, "soccer")
            if number in (0, 2):
                games = [{"game_id": n, "season": 2024, "spread": float(number)} for n in range(3)]
                lake.write(ToyGames, from_rows(ToyGames, games), "2024")
                publish(home, SIMULATED, "ncaa")
            told.append((at, served(home)))
    return home, told


@pytest.fixture
def truth(built, monkeypatch):
    """What each cycle served; the world itself is a copy of this test's own."""
    home, told = built
    monkeypatch.setattr(publication, "REGISTER", registered())
    monkeypatch.setattr(publication, "now_utc", lambda: told[-1][0] + timedelta(hours=1))
    shutil.copytree(home, load_settings().folder)
    return told


def registered():
    load_declarations()
    soccer = {key: table for key, table in REGISTER.items() if key[0] == "soccer"}
    return {**soccer, ("ncaa", "toy_games"): ToyGames}


@functools.cache
def minutes():
    """Cycles around midnight: instant, and the tables of the history."""
    day = Day(matches_a_day=20)
    instants = [DAY + timedelta(hours=23, minutes=58, seconds=n * 61) for n in range(CYCLES + 1)]
    return [(at, day.cycle(at).tables) for at in instants]


def _write(lake, tables):
    frames = {name: from_arrow(data) for name, data in tables.items()}
    flattened = frames["flattened_matches"]
    for table in (FlattenedMatches, Incidents, MatchStats):
        lake.write(table, frames[table.table_name()])
    lake.write(LiveMatches, conform(LiveMatches, flattened[[each.name for each in columns(LiveMatches)]]))
    lake.write(EnrichedMatches, from_rows(EnrichedMatches, []))
    lake.write(OddsQuotes, from_rows(OddsQuotes, []))
    lake.write(MatchPredictions, from_rows(MatchPredictions, []))
    lake.write(MatchBoard, match_board(flattened))
    lake.write(MatchSummary, match_summary(flattened))


def served(home):
    """What the database serves, rows in the order of all their values."""
    warehouse = Warehouse(home / "simulated" / "warehouse.sqlite", SIMULATED)
    found = {name: warehouse.read(f"soccer_{name}") for name in SHOWN}
    found["match_board"] = found["match_board"].drop(columns=list(SAID.values()))
    found["toy_games"] = warehouse.read("ncaa_toy_games")
    return {name: frame.sort_values(list(frame.columns)).reset_index(drop=True) for name, frame in found.items()}


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, frame in wanted.items():
        assert_frame_equal(found[name], frame, obj=name)


def run(*arguments):
    return CliRunner().invoke(app, ["restore", *arguments])


def test_every_cycle_is_restored_row_by_row_also_when_the_database_is_lost(truth):
    settings = load_settings()
    create_backup(settings, SIMULATED)
    for at, wanted in truth:
        made = restore(settings, SIMULATED, at + timedelta(seconds=30))
        assert made.taken_from == "the running world"
        assert made.as_of["soccer"] == at
        assert_same(served(made.home), wanted)
        shutil.rmtree(made.home)
    (settings.folder / "simulated" / "warehouse.sqlite").write_bytes(b"not a database" * 1000)
    made = restore(settings, SIMULATED, truth[1][0])
    assert made.taken_from.startswith("backup football-")
    assert_same(served(made.home), truth[1][1])


def test_cycles_after_the_newest_backup_are_restored_from_the_log_that_is_left(truth):
    settings = load_settings()
    create_backup(settings, SIMULATED)
    lake = Lake(settings.folder, SIMULATED)
    at, tables = minutes()[CYCLES]
    _write(lake, tables)
    keep_cycle(lake, at)
    (settings.folder / "simulated" / "warehouse.sqlite").write_bytes(b"not a database" * 1000)
    made = restore(settings, SIMULATED, at, "soccer")
    assert made.as_of == {"soccer": at}
    wanted = conform(FlattenedMatches, from_arrow(tables["flattened_matches"]))
    found = served(made.home)["flattened_matches"]
    assert_frame_equal(found, wanted.sort_values(list(wanted.columns)).reset_index(drop=True))


def test_a_change_log_that_lost_cycles_or_is_damaged_is_taken_from_the_backup(truth):
    settings = load_settings()
    create_backup(settings, SIMULATED)
    world = settings.folder / "simulated"
    first, second = sorted((world / "history").iterdir())
    with closing(sqlite3.connect(first / "hot.sqlite")) as log:
        log.execute("DELETE FROM cycles WHERE id > 1")
        log.commit()
    (second / "hot.sqlite").write_bytes(b"not a database" * 1000)
    for at, wanted in (truth[1], truth[-1]):
        made = restore(settings, SIMULATED, at)
        assert made.as_of["soccer"] == at
        assert made.taken_from.startswith("backup")
        assert_same(served(made.home), wanted)


def test_without_yes_nothing_is_replaced_and_with_it_the_swap_can_be_undone_and_done_again(truth):
    settings = load_settings()
    (first, wanted), (_, last) = truth[0], truth[-1]
    at = f"{first:%Y-%m-%dT%H:%M:%S.%f}Z"
    beside = json.loads(run("--to", at, "--json").stdout)
    assert not beside["in_place"]
    assert_same(served(settings.folder), last)
    done = run("--to", at, "--yes")
    assert done.exit_code == 0, done.output
    assert_same(served(settings.folder), wanted)
    assert len(History(settings.folder, SIMULATED).logs(first.date())[0].cycles()) >= 1
    assert run("--undo", "--yes").exit_code == 0
    assert_same(served(settings.folder), last)
    undo(settings, SIMULATED)
    assert_same(served(settings.folder), wanted)


def test_a_restored_world_goes_on_with_the_next_cycle_and_keeps_every_one_before(truth):
    settings = load_settings()
    before = _cycles(settings)
    put_in_place(settings, restore(settings, SIMULATED, truth[2][0]))
    lake = Lake(settings.folder, SIMULATED)
    at, tables = minutes()[CYCLES]
    _write(lake, tables)
    lake.write(Corrections, keep_cycle(lake, at).corrections)
    publish(settings.folder, SIMULATED, "soccer")
    assert len(_cycles(settings)) == len(before) + 1
    wanted = conform(FlattenedMatches, from_arrow(tables["flattened_matches"]))
    assert_frame_equal(
        served(settings.folder)["flattened_matches"], wanted.sort_values(list(wanted.columns)).reset_index(drop=True)
    )


def _cycles(settings):
    history = History(settings.folder, SIMULATED)
    return [cycle for day in history.days() for log in history.logs(day) for cycle in log.cycles()]


def test_an_instant_that_nothing_reaches_back_to_is_refused_with_what_was_tried(truth):
    settings = load_settings()
    create_backup(settings, SIMULATED)
    refused = run("--to", "2020-01-01T00:00Z", "--yes")
    assert "begins at" in str(refused.exception)
    assert "backup football-" in str(refused.exception)
    assert not list(settings.folder.glob("restored-*"))
    assert_same(served(settings.folder), truth[-1][1])
    assert "is no instant" in run("--to", "yesterday").output
    assert isinstance(run("--undo", "--yes").exception, StorageError)


def test_a_database_that_is_being_written_is_waited_for_and_then_left_alone(truth, monkeypatch):
    monkeypatch.setattr(swapping, "_WAIT_S", 0.05)
    settings = load_settings()
    made = restore(settings, SIMULATED, truth[0][0])
    with _writing(settings), pytest.raises(StorageError, match="is being written"):
        put_in_place(settings, made)
    assert_same(served(settings.folder), truth[-1][1])


@contextmanager
def _writing(settings):
    with closing(sqlite3.connect(settings.folder / "simulated" / "warehouse.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def test_every_row_says_why_it_has_no_prediction(truth):
    made = restore(load_settings(), SIMULATED, truth[0][0])
    said = Warehouse(made.world / "warehouse.sqlite", SIMULATED).read("soccer_match_predictions")
    assert len(said) == len(truth[0][1]["flattened_matches"])
    assert said["reason"].str.contains("restored from the history").all()
    assert pd.isna(said["p_home"]).all()
