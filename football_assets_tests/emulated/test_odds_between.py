"""Looks at the odds feeds between two cycles: what is kept of them, and when nobody looks."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from football_assets.config import load_settings, now_utc
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import DESK
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.thesports import thesports_app
from football_assets.errors import SourceUnavailable
from football_assets.soccer.odds_between import (
    FILE,
    INTERVAL_S,
    KEPT_FOR,
    STRETCH_S,
    Look,
    keep_look,
    kept_looks,
    look_between,
    looked_at,
    wanted,
)
from football_assets.soccer.odds_feed import OddsChanges, OddsUpdate
from football_assets.soccer.outage import Outage
from football_assets.soccer.schemas import EnrichedMatches
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

AT = datetime(2026, 5, 16, 15, 30, tzinfo=UTC)
WORLD = SimulatedMatches(1, around=AT, matches_a_day=30)
ADDRESS = "http://127.0.0.1:1/v1/football"


def a_look(at=AT, home=2.5):
    rows = {"m1": {"2": {"eu": [[int(at.timestamp()), "30", home, 3.2, 2.9, 2, 0, "0-0"]]}}}
    return Look(at, OddsChanges(rows, {"m2"}, 1), [OddsUpdate("m1", "2", int(at.timestamp()))])


@pytest.fixture
def provider(monkeypatch):
    clock = EmulatedClock(AT, 0)
    with EmulatorInThread(thesports_app(WORLD, clock, Faults.parse([]))).running() as feed:
        monkeypatch.setenv("FOOTBALL_THESPORTS_URL", feed.url)
        feed.clock = clock
        yield feed


@pytest.fixture
def cycled():
    """A cycle has run already."""
    Lake(load_settings().folder, Source.SIMULATED).write(EnrichedMatches, from_rows(EnrichedMatches, []))


def asked(feed):
    paths = feed.app[DESK].statistics.as_dict()["paths"]
    return {path: counts["requests"] for path, counts in paths.items() if "odds" in path}


def kept():
    settings = load_settings()
    return kept_looks(settings.folder / "simulated" / "cache" / "soccer", settings.thesports_url)


@pytest.mark.parametrize("late_s", [0, 5])
@pytest.mark.parametrize(("interval_s", "minutes"), [(60, 30), (120, 30), (300, 30)])
@pytest.mark.parametrize("phase_s", range(30))
def test_a_look_is_wanted_once_a_minute_at_most_and_readings_stay_close(phase_s, interval_s, minutes, late_s):
    end = AT + timedelta(minutes=minutes)
    tick, looks = AT + timedelta(seconds=phase_s), []
    while tick < end:
        if wanted(looks[-1] if looks else None, interval_s, tick):
            looks.append(tick)
        tick += timedelta(seconds=INTERVAL_S + late_s)
    cycles = [AT + timedelta(seconds=number * interval_s + 2) for number in range(60 * minutes // interval_s)]
    readings = sorted([*cycles, *looks])
    assert max(after - before for before, after in pairwise(readings)) <= timedelta(seconds=STRETCH_S + late_s + 2)
    if interval_s == 60:
        assert len(looks) <= minutes + 1, "two looks a minute are one too many"


@pytest.mark.usefixtures("cycled")
def test_when_the_latest_look_was_is_known(provider):
    assert looked_at(load_settings()) is None
    look_between(load_settings())
    assert abs(looked_at(load_settings()) - now_utc()) < timedelta(minutes=1)


@pytest.mark.usefixtures("cycled")
def test_a_look_is_two_requests_and_is_kept_as_the_feeds_told_it(provider):
    assert "matches changed in the 60 s before 15:30:00 UTC" in look_between(load_settings())
    provider.clock.set(AT + timedelta(seconds=30))
    look_between(load_settings())
    first, second = kept()
    assert (first.served_at, second.served_at) == (AT, AT + timedelta(seconds=30))
    told = WORLD.odds_changes(AT - timedelta(seconds=60), AT)
    assert set(first.changes.rows) == {entry[0] for entries in told.values() for entry in entries}
    assert first.changes.rows
    assert {update.match_id for update in first.updates} == set(first.changes.rows)
    assert sorted(asked(provider).values()) == [2, 2]


def test_nobody_looks_before_the_first_cycle(provider):
    assert look_between(load_settings()) == "no cycle has run yet"
    assert asked(provider) == {}


@pytest.mark.usefixtures("cycled")
def test_what_the_plan_lacks_is_asked_once(provider):
    provider.break_with("not_in_plan@odds/live")
    assert "odds/live" in look_between(load_settings()) or kept() == []
    before = asked(provider)
    assert look_between(load_settings()) == "the odds feeds are not in the plan"
    assert asked(provider) == before
    assert kept() == []


@pytest.mark.usefixtures("cycled")
def test_a_look_that_fails_says_why_and_leaves_nothing(provider):
    provider.break_with("500")
    assert "HTTP 500" in look_between(load_settings())
    assert kept() == []


@pytest.mark.usefixtures("cycled")
def test_nobody_looks_while_the_provider_counts_as_down(provider):
    def refused(_probe):
        raise SourceUnavailable("TheSports", "reading the live list", "HTTP 500")

    for _ in range(5):
        with pytest.raises(SourceUnavailable):
            Outage.kept(load_settings()).attempt(refused, now_utc() - timedelta(seconds=1))
    assert look_between(load_settings()) == "TheSports counts as down"
    assert asked(provider) == {}


def test_looks_are_kept_for_minutes_and_of_one_address(tmp_path):
    looks = [a_look(AT + n * KEPT_FOR / 2) for n in range(4)]
    for each in looks:
        keep_look(tmp_path, ADDRESS, each)
    assert kept_looks(tmp_path, ADDRESS) == looks[1:]
    assert kept_looks(tmp_path, f"{ADDRESS}/other") == []
    keep_look(tmp_path, ADDRESS, a_look(AT - timedelta(hours=1)))
    assert len(kept_looks(tmp_path, ADDRESS)) == 1, "a clock that went back begins anew"


@pytest.mark.parametrize("damage", ["", "[]", "{", f'{{"address": "{ADDRESS}", "looks": [{{"served_at": "soon"}}]}}'])
def test_looks_that_cannot_be_read_are_told_and_left_out(tmp_path, caplog, damage):
    (tmp_path / FILE).write_text(damage, encoding="utf-8")
    assert kept_looks(tmp_path, ADDRESS) == []
    assert "unreadable" in caplog.text
