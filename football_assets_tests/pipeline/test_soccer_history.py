"""The history through its real assets: the live cycle appends, the nightly job compacts, commands read."""

import json
import sqlite3
from contextlib import closing

import dagster as dg
import pytest
from typer.testing import CliRunner

from football_assets.cli import live as command
from football_assets.cli import past
from football_assets.config import load_settings
from football_assets.emulators.recorded_matches import CAPTURED_AT
from football_assets.soccer.assets import ASSETS
from football_assets.soccer.automation import MAINTENANCE, soccer_maintenance
from football_assets.soccer.board import SAID
from football_assets.soccer.changelog import append
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.day_files import HOT
from football_assets.soccer.history import History
from football_assets.soccer.schemas import FlattenedMatches, OddsQuotes
from football_assets.states import Source
from football_assets.tables import to_arrow
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.storage import LakeStorage
from football_assets_tests.pipeline.test_soccer_cycle import feed, published, run_cycle

__all__ = ["feed"]


def history():
    return History(load_settings().folder, Source.RECORDED)


def recorded(board):
    """The board without what the model says: the history keeps what was observed."""
    return board.drop(columns=list(SAID.values()))


def kept_of(result):
    """The metadata and the check of the step that appends."""
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key.path[-1] == "corrections"]
    (check,) = [e for e in result.get_asset_check_evaluations() if e.check_name == "cycle"]
    return {key: value.value for key, value in event.materialization.metadata.items()}, check


def maintain():
    definitions = dg.Definitions(
        assets=ASSETS,
        jobs=[soccer_maintenance],
        resources={"lake": LakeStorage(), "thesports": ProviderConnection(domain="soccer")},
    )
    return definitions.resolve_job_def(MAINTENANCE).execute_in_process(raise_on_error=False)


def asked(*arguments):
    return CliRunner().invoke(command.app, [*arguments, "--source", "recorded"])


def test_a_cycle_is_kept_compacted_and_shown_again(feed):
    first = run_cycle()
    assert first.success
    figures, check = kept_of(first)
    assert check.metadata["history_grade"].value == "OK"
    assert (figures["cycle"], figures["new_quotes"], figures["new_corrections"]) == (1, 219_941, 0)
    assert published("soccer_corrections").empty

    board = published("soccer_match_board")
    assert recorded(history().board_at(CAPTURED_AT)).equals(recorded(board))

    quoted = published("soccer_flattened_matches").set_index("match_id").loc[board["match_id"].iloc[0]]
    odds = json.loads(asked("odds", quoted.name, "--json").stdout)["series"]
    own = next(each for each in odds if each["company"] == quoted["odds_company"] and each["market"] == "moneyline")
    assert own["state"] == quoted["moneyline_state"] == "open"
    assert own["now"]["prices"]["home"]["decimal"] == quoted["moneyline_home_decimal"]

    again = run_cycle()
    figures, _ = kept_of(again)
    assert (figures["cycle"], figures["new_quotes"]) == (2, 0)
    board = published("soccer_match_board")
    assert recorded(history().board_at(CAPTURED_AT)).equals(recorded(board))

    told = asked("board", "--as-of", CAPTURED_AT.isoformat(), "--json")
    about = json.loads(told.stdout)
    assert (about["source"], about["as_of"]) == ("recorded", CAPTURED_AT.isoformat())
    assert [each["match_id"] for each in about["matches"]] == board["match_id"].tolist()
    shown = " ".join(asked("board", "--as-of", "2025-05-28T18:00Z").stdout.split())
    assert "RECORDED as of 2025-05-28 18:00:00 UTC" in shown
    assert "the cycle of 2025-05-28 17:30:17 UTC" in shown
    assert "1783 s before" in shown

    one_day = history().folder / "2025-05-28"
    for file in one_day.iterdir():
        file.touch()
    assert maintain().success
    assert (one_day / HOT).exists(), "a day that may go on is left alone"

    lake = Lake(load_settings().folder, Source.RECORDED)
    tables = {name: to_arrow(table, lake.read(table)) for name, table in LOGGED.items()}
    later = CAPTURED_AT.replace(day=29)
    append(history().folder, tables, to_arrow(OddsQuotes, lake.read(OddsQuotes)), later)
    assert maintain().success
    assert [path.name for path in one_day.iterdir()] == ["part-1"]
    assert recorded(history().board_at(CAPTURED_AT)).equals(recorded(board))

    match_id = board["match_id"].iloc[0]
    changes = json.loads(asked("history", match_id, "--json").stdout)
    assert {"column": "home_team", "before": None, "after": board["home_team"].iloc[0]}.items() <= next(
        each for each in changes if each["column"] == "home_team"
    ).items()


def test_a_history_that_cannot_be_written_warns_and_the_board_is_published(feed):
    place = history().folder / "2025-05-28"
    place.mkdir(parents=True)
    (place / HOT).write_bytes(b"no database" * 500)
    result = run_cycle()
    assert result.success
    _, check = kept_of(result)
    assert not check.passed
    assert check.severity is dg.AssetCheckSeverity.WARN
    assert "not a database" in check.description
    assert len(published("soccer_match_board")) == 80


def test_a_correction_is_published_with_before_and_after(feed):
    assert run_cycle().success
    place = history().folder / "2025-05-28" / HOT
    row = json.dumps(
        {
            "match_id": "m1",
            "home_team": "IFK",
            "away_team": "HJK",
            "kind": "score fell",
            "subject": "score",
            "before": "1-0",
            "after": "0-0",
            "observed_at": 1_748_453_417_000_000,
            "previous_at": 1_748_453_357_000_000,
        }
    )
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("INSERT INTO corrections VALUES (1, ?)", (row,))
    assert run_cycle().success
    (found,) = published("soccer_corrections").to_dict("records")
    assert (found["kind"], found["before"], found["after"], found["seq"]) == ("score fell", "1-0", "0-0", 0)


@pytest.mark.parametrize("text", ["yesterday", "17:45"])
def test_an_instant_that_cannot_be_read_is_told(text):
    result = asked("board", "--as-of", text)
    assert "--as-of" in result.output
    assert FlattenedMatches.table_name() in past.SUBJECTS
