"""`football ncaa quota`: what is used, what is left, who says so."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from football_assets.cli.ncaa import app
from football_assets.config import load_settings
from football_assets.ncaa.quota import Ledger

NOVEMBER = datetime(2013, 11, 22, 6, tzinfo=UTC)


def show(*arguments):
    return CliRunner().invoke(app, ["quota", *arguments])


@pytest.fixture
def ledger():
    return Ledger(load_settings().folder / "recorded")


def test_before_the_first_call_there_is_nothing_to_show():
    assert show().exit_code == 3
    assert json.loads(show("--json").output) is None


def test_the_line_says_what_is_used_and_when_it_begins_anew(ledger):
    ledger.answered(NOVEMBER, 700)
    found = show("--source", "recorded")
    assert found.exit_code == 0
    assert found.output.startswith("recorded, 2013-11: 300 of 1,000 calls used (1 from here), 700 left, the provider")
    assert found.output.rstrip().endswith("begins anew 2013-12-01 00:00 UTC")


def test_the_json_holds_the_same_numbers(ledger):
    ledger.answered(NOVEMBER, None)
    about = json.loads(show("--json", "--source", "recorded").output)
    numbers = {name: about[name] for name in ("used", "left", "limit", "counted", "said_by_provider")}
    assert numbers == {"used": 1, "left": 999, "limit": 1000, "counted": 1, "said_by_provider": False}
    assert about["resets_at"] == "2013-12-01T00:00:00+00:00"
    assert about["age_s"] < 600


def test_a_month_of_the_real_provider_that_is_over_counts_for_nothing():
    Ledger(load_settings().folder / "real").answered(NOVEMBER, 3)
    about = json.loads(show("--json", "--source", "real").output)
    assert (about["used"], about["left"], about["counted"]) == (0, 1000, 0)
