"""The command line: tables into every format, clear errors, exit codes, masked secrets."""

import json
from datetime import UTC, datetime

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from football_assets.config import load_settings
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets_tests.unit.warehouse.declared import ToyMatches

AT = datetime(2025, 5, 28, 17, 30, tzinfo=UTC)
FRAME = from_rows(
    ToyMatches,
    [{"match_id": "m0", "home_score": 2, "fetched_at": AT}, {"match_id": "m1", "home_score": None, "fetched_at": AT}],
)


@pytest.fixture
def _published(monkeypatch):
    monkeypatch.setattr(publication, "REGISTER", {("soccer", "toy_matches"): ToyMatches})
    home = load_settings().folder
    Lake(home, Source.SIMULATED).write(ToyMatches, FRAME)
    publish(home, Source.SIMULATED, "soccer")


@pytest.mark.usefixtures("_published")
def test_a_table_goes_into_each_format_and_back(football, tmp_path):
    for suffix in ("parquet", "csv", "json"):
        code, out, _ = football("table", "soccer_toy_matches", "--out", str(tmp_path / f"t.{suffix}"))
        assert code == 0
        assert "2 rows (simulated)" in out
    assert_frame_equal(pd.read_parquet(tmp_path / "t.parquet"), FRAME)
    assert json.loads((tmp_path / "t.json").read_text())[1] == {
        "match_id": "m1",
        "home_score": None,
        "fetched_at": "2025-05-28T17:30:00.000000Z",
    }
    assert (tmp_path / "t.csv").read_text().splitlines()[1:] == [
        "m0,2,2025-05-28T17:30:00.000000Z",
        "m1,,2025-05-28T17:30:00.000000Z",
    ]


@pytest.mark.usefixtures("_published")
def test_tables_are_listed_and_shown_with_their_world(football):
    assert "soccer_toy_matches" in football("table")[1]
    listed = json.loads(football("table", "--json")[1])
    assert [(row["name"], row["rows"], row["source"]) for row in listed] == [("soccer_toy_matches", 2, "simulated")]
    code, out, _ = football("table", "soccer_toy_matches")
    assert code == 0
    assert "simulated" in out


@pytest.mark.usefixtures("_published")
def test_a_wrong_table_or_format_is_a_clear_error(football, tmp_path):
    code, _, err = football("table", "soccer_nothing")
    assert code == 1
    assert "There are: soccer_toy_matches" in err
    code, _, err = football("table", "soccer_toy_matches", "--out", str(tmp_path / "t.xlsx"))
    assert code == 1
    assert ".parquet, .csv, .json" in err
    assert not (tmp_path / "t.xlsx").exists()


def test_before_the_first_run_every_reader_says_what_to_run(football):
    for command in (["table"], ["table", "soccer_match_board"], ["backup", "create"]):
        code, _, err = football(*command)
        assert code != 0
        assert "make run" in err


@pytest.mark.usefixtures("_published")
def test_a_backup_is_made_and_reported(football):
    (made,) = json.loads(football("backup", "create", "--json")[1])
    assert made["total_rows"] >= 4  # two rows in the lake's file and the same two in the database
    assert "verified" in football("backup", "create")[1]


def test_a_wrong_command_line_exits_64(football):
    assert football("tabel")[0] == 64
    assert football("table", "--no-such-option")[0] == 64
    assert football("--help")[0] == 0


def test_config_show_masks_secrets_and_names_origins(football, monkeypatch):
    monkeypatch.setenv("CFBD_API_KEY", "canary-1234")
    code, out, _ = football("config", "show", "--json")
    shown = json.loads(out)
    assert code == 0
    assert shown["cfbd_api_key"] == {"value": "********", "from": "environment CFBD_API_KEY"}
    assert "canary" not in out + football("config", "show")[1]
