"""Restoring a world: row by row what was published at the instant, beside the running data, swapped and undone."""

import functools
import json
import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import timedelta

import pandas as pd
import pyarrow as pa
import pytest
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from benchmarks.soccer_days import DAY, Day
from football_assets.cli.backup import app
from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.rooms import load_declarations
from football_assets.soccer.board import match_board
from football_assets.soccer.changelog import append
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.day_files import history_folder
from football_assets.soccer.flatten import flatten
from football_assets.soccer.history import History
from football_assets.soccer.keeping import keep_cycle
from football_assets.soccer.look_keeping import append_look
from football_assets.soccer.looks import Listed
from football_assets.soccer.odds import QUOTES_SCHEMA, quotes_of
from football_assets.soccer.past_quotes import NOT_TOLD, past_enriched, past_quotes
from football_assets.soccer.prediction_schemas import HistoricalMatches, MatchPredictions, TeamLinks
from football_assets.soccer.restoring import write_past
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

pytestmark = pytest.mark.on_files  # its worlds are folders that are copied; system/test_backups.py has both databases
SIMULATED = Source.SIMULATED
CYCLES = 4
SHOWN = (
    *("live_matches", "flattened_matches", "incidents", "match_stats", "match_board", "match_summary", "corrections"),
    "match_predictions",
)


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
    return [(at, day.cycle(at).tables | {"odds_quotes": _quotes(day, at)}) for at in instants]


def _quotes(day, at):
    """Every quote by an instant, as a cycle that asks everything writes it."""
    batches = [quotes_of(match["id"], day.source.odds(match["id"], at))[0] for match in day.source.live(at)]
    return pa.Table.from_batches(batches, schema=QUOTES_SCHEMA)


def _write(lake, tables):
    frames = {name: from_arrow(data) for name, data in tables.items()}
    flattened = frames["flattened_matches"]
    for table in (FlattenedMatches, Incidents, MatchStats):
        lake.write(table, frames[table.table_name()])
    lake.write(LiveMatches, conform(LiveMatches, flattened[[each.name for each in columns(LiveMatches)]]))
    lake.write(EnrichedMatches, from_rows(EnrichedMatches, []))
    lake.write(OddsQuotes, frames["odds_quotes"])
    lake.write(MatchPredictions, frames["match_predictions"])
    lake.write(MatchBoard, match_board(flattened, predictions=frames["match_predictions"]))
    lake.write(MatchSummary, match_summary(flattened))


def served(home):
    """What the database serves, rows in the order of all their values."""
    warehouse = Warehouse(home / "simulated" / "warehouse.sqlite", SIMULATED)
    found = {name: warehouse.read(f"soccer_{name}") for name in SHOWN}
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


def test_looks_of_the_fast_lane_come_back_with_the_change_log_and_are_in_no_restored_table(truth):
    settings = load_settings()
    world = settings.folder / "simulated"
    (at, wanted), *_ = truth
    match_id = wanted["flattened_matches"]["match_id"].iloc[0]
    seen = Listed({match_id: {"status_id": 4, "home_score": 77, "away_score": 0, "is_in_play": True}}, {})
    assert append_look(world / "history", seen, at + timedelta(seconds=5)) is not None
    create_backup(settings, SIMULATED)
    for lost in (None, "warehouse.sqlite"):
        if lost:
            shutil.rmtree(world / "history")
            (world / lost).write_bytes(b"not a database" * 1000)
        made = restore(settings, SIMULATED, at + timedelta(seconds=30))
        assert made.taken_from.startswith("backup" if lost else "the running")
        assert made.as_of["soccer"] == at
        assert_same(served(made.home), wanted)
        past = History(made.home, SIMULATED).at(at + timedelta(seconds=30))
        assert (past.observed_at, past.is_look) == (at + timedelta(seconds=5), True)
        assert past.flattened.set_index("match_id").loc[match_id, "home_score"] == 77
        shutil.rmtree(made.home)


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
    assert "'yesterday' is not an instant" in run("--to", "yesterday").output
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


def test_where_no_prediction_was_kept_yet_every_row_says_so(tmp_path, monkeypatch):
    at, tables = minutes()[0]
    with monkeypatch.context() as before:
        before.delitem(LOGGED, "match_predictions")
        kept = {name: tables[name] for name in LOGGED}
        append(history_folder(tmp_path, SIMULATED.value), kept, QUOTES_SCHEMA.empty_table(), at)
    assert write_past(tmp_path, SIMULATED, at) == at
    said = Lake(tmp_path, SIMULATED).read(MatchPredictions)
    assert len(said) == tables["flattened_matches"].num_rows > 0
    assert said["reason"].str.contains("does not have what the model said then").all()
    assert pd.isna(said["p_home"]).all()


def by_key(frame):
    return frame.sort_values(["match_id", "company_id", "market", "seq"]).reset_index(drop=True)


def test_every_quote_of_a_cycle_is_restored_and_gives_its_board_again(truth):
    settings, counts, priced = load_settings(), [], 0
    for (at, wanted), (_, tables) in zip(truth, minutes(), strict=False):
        made = restore(settings, SIMULATED, at)
        lake = Lake(made.home, SIMULATED)
        assert_frame_equal(by_key(lake.read(OddsQuotes)), by_key(from_arrow(tables["odds_quotes"])))
        again = flatten(lake.read(LiveMatches), lake.read(EnrichedMatches))
        assert_frame_equal(again.sort_values(list(again.columns)).reset_index(drop=True), wanted["flattened_matches"])
        counts.append(len(lake.read(OddsQuotes)))
        priced += again["moneyline_state"].isin(["open", "suspended", "closed"]).sum()
        shutil.rmtree(made.home)
    assert len(set(counts)) > 1
    assert priced > 0


def test_quotes_that_the_history_tells_otherwise_are_not_shown(truth):
    """A quote is missing from the log of its match: its number no longer fits, and the match says so."""
    past = History(load_settings().folder, SIMULATED).at(truth[-1][0])
    history = History(load_settings().folder, SIMULATED)
    whole = past_quotes(history, past)
    flattened = past.flattened
    match_id = flattened.loc[flattened["odds_company_id"].notna(), "match_id"].iloc[0]
    flattened.loc[flattened["match_id"] == match_id, "odds_quotes"] += 1
    quotes = past_quotes(history, past)
    assert set(whole["match_id"].to_pylist()) - set(quotes["match_id"].to_pylist()) == {match_id}
    rows = past_enriched(past, quotes, (2, 6)).set_index("match_id")
    assert rows.loc[match_id, "odds_gap"] == NOT_TOLD
    assert (rows["odds_gap"] == NOT_TOLD).sum() == 1
