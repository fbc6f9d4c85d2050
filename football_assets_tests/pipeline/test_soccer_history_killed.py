"""A process that is killed while it appends loses that cycle at most, wherever it was."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from football_assets.soccer.changelog import HotDay
from football_assets.soccer.day_files import HOT
from football_assets_tests.pipeline.killed_appends import (
    AT_RANDOM,
    FIRST,
    FIRST_LOOK,
    LOOKS,
    POINTS,
    START,
    looked,
    played,
)

DEATHS = [*POINTS, *FIRST, *(f"at random {n}" for n in range(AT_RANDOM))]
KEPT_BUT_NOT_REPORTED = {"after the commit"}


@pytest.fixture(scope="module")
def deaths(tmp_path_factory):
    """(where they happened, what each had reported)."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-m", "football_assets_tests.pipeline.killed_appends", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return folder, json.loads(done.stdout)


def scores(log):
    return [log.state_at(number)["flattened_matches"]["m1"]["home_score"] for number, _ in log.cycles()]


@pytest.mark.parametrize("death", DEATHS)
def test_a_process_killed_while_appending_loses_that_cycle_at_most(deaths, death):
    folder, told = deaths
    reported = told[death]["reported"]
    assert told[death]["signal"] == 9
    assert reported == list(range(1, len(reported) + 1))

    path = folder / death / START.date().isoformat() / HOT
    log = HotDay(path)
    kept = scores(log) if death not in FIRST else []
    allowed = [len(reported), len(reported) + 1]
    if not death.startswith("at random"):
        allowed = [allowed[death in KEPT_BUT_NOT_REPORTED]]
    assert len(kept) in allowed, "every reported cycle is there, and one that was not reported is whole or not there"
    assert kept == list(range(1, len(kept) + 1))

    after = played(folder / death, len(kept) + 1)
    assert (after.cycle, after.quotes) == (len(kept) + 1, 1)
    assert scores(log) == list(range(1, len(kept) + 2))
    assert log.quotes()["home_price"].to_pylist() == [1.5 + n / 100 for n in range(1, len(kept) + 2)]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("death", [*LOOKS, *FIRST_LOOK])
def test_a_process_killed_while_it_enters_a_look_loses_that_look_at_most(deaths, death):
    folder, told = deaths
    reported = told[death]["reported"]
    assert told[death]["signal"] == 9
    kept = len(reported) + (death == "after the commit of a look")
    log = HotDay(folder / death / START.date().isoformat() / HOT)
    assert [each.entry.number for each in log.looks.told()] == list(range(1, kept + 1))
    assert len(log.cycles()) == len(reported) + 1
    assert len(log.corrections()) == 3 * kept
    again = looked(folder / death, len(reported) + 1)
    assert again.number == kept + 1
    assert len(again.corrections) == (0 if kept > len(reported) else 3)
    assert log.looks.seen_at(again.number).matches["m1"]["home_score"] == len(reported)
    with closing(sqlite3.connect(log.path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
