from datetime import UTC, datetime

import pytest

from football_assets.timing import TICK_TAG, Phases, after_tick

NOW = datetime(2026, 5, 16, 15, 0, 2, 500_000, tzinfo=UTC)


def test_phases_add_up_and_a_failing_one_counts_too():
    phases = Phases()
    with phases.measured("list_s"), phases.measured("board_s"):
        pass
    with pytest.raises(ValueError, match="x"), phases.measured("checks_s"):
        raise ValueError("x")
    first = phases.seconds["list_s"]
    with phases.measured("list_s"):
        pass
    assert list(phases.seconds) == ["board_s", "list_s", "checks_s"]
    assert phases.seconds["list_s"] >= first
    assert phases.only("checks_s") == {"checks_s": phases.seconds["checks_s"]}


def test_a_run_knows_how_long_ago_its_tick_was_due():
    assert after_tick("cycle_s", {TICK_TAG: "2026-05-16T15:00:00+00:00"}, NOW) == {"cycle_s": 2.5}


def test_of_a_run_that_somebody_started_that_is_not_told():
    assert after_tick("cycle_s", {}, NOW) == {}
