"""An hour without the provider, on a clock of its own: few runs, one alert, two log lines."""

import json
import logging
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from football_assets.config import load_settings
from football_assets.errors import SourceUnavailable
from football_assets.sections import Breaker
from football_assets.soccer.outage import ALERTS, STATE, Outage, alerts

NOON = datetime(2026, 5, 16, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Platform:
    """The clock, the provider, and what the schedule and its runs do; each run and tick knows only the files."""

    def __init__(self, folder):
        self.folder = folder
        self.now = NOON
        self.is_down = lambda _at: False
        self.probes, self.runs, self.skips, self.events = [], [], [], []

    def outage(self, address="http://provider/v1"):
        return Outage(
            self.folder,
            Breaker(),
            60,
            provider="TheSports",
            address=address,
            now=lambda: self.now,
            sleep=lambda wait_s: setattr(self, "now", self.now + timedelta(seconds=wait_s)),
        )

    def read(self, probe):
        if probe:
            self.probes.append(self.now)
        if self.is_down(self.now):
            raise SourceUnavailable("TheSports", "reading the live list", "HTTP 500")
        return "the list"

    def run(self, *, is_scheduled=True):
        """One run; whether it went well."""
        outage = self.outage()
        try:
            assert outage.attempt(self.read, self.now + MINUTE if is_scheduled else self.now) == "the list"
            ok = True
        except SourceUnavailable:
            ok = False
        self.events += outage.events
        self.runs.append((self.now, ok))
        return ok

    def tick_through(self, minutes):
        """The schedule's ticks; a tick at which the last run has not ended starts none."""
        start = self.now
        for tick in (start + n * MINUTE for n in range(minutes)):
            if self.now > tick:
                continue
            self.now = tick
            why = self.outage().skip_reason()
            if why:
                self.skips.append(why)
            else:
                self.run()


@pytest.fixture
def platform(tmp_path):
    return Platform(tmp_path / "soccer")


def down_for(platform, length):
    begin = platform.now
    platform.is_down = lambda at: begin <= at < begin + length


def waits(instants):
    return [(b - a).total_seconds() for a, b in pairwise(instants)]


def test_an_hour_of_outage_makes_few_runs_one_alert_and_two_log_lines(platform, caplog):
    caplog.set_level(logging.INFO)
    down_for(platform, timedelta(hours=1))
    platform.tick_through(70)

    failed = [at for at, ok in platform.runs if not ok]
    assert failed[:4] == [NOON + n * MINUTE for n in range(4)]
    opened_at = NOON + 4 * MINUTE
    assert (platform.probes[0] - opened_at).total_seconds() == 5
    assert waits(platform.probes) == [10, 20, 40, 80, 160, *[300] * 11]
    assert len(failed) == 18, "five that count to the opening, and one for each probe that is not within their minute"
    assert len(platform.skips) > 40

    recovered_at = next(at for at, ok in platform.runs if ok)
    assert recovered_at == platform.probes[-1]
    assert recovered_at - (NOON + timedelta(hours=1)) <= timedelta(seconds=300), "within one probe"
    assert platform.runs[-1][1], "from then on cycles run as ever"

    assert [event for event, _ in platform.events] == ["alert", "recovered"]
    (alert,) = alerts(platform.folder)
    assert (alert.failing_since, alert.opened_at, alert.closed_at) == (NOON, opened_at, recovered_at)
    assert alert.reason == "HTTP 500"
    assert alert.cycles_missed == round((recovered_at - NOON) / MINUTE)
    assert alert.probes == len(platform.probes)

    begin, end = [record for record in caplog.records if record.name.startswith("football_assets")]
    assert begin.levelname == "ERROR"
    assert "5 cycles in a row have failed since 2026-05-16 12:00:00 UTC, the last: HTTP 500" in begin.getMessage()
    assert end.getMessage().endswith(
        f"could not be read for 1 h {round((recovered_at - NOON) / MINUTE) - 60} min, "
        f"from 2026-05-16 12:00:00 UTC, and {alert.cycles_missed} cycles were missed."
    )


def test_four_failed_cycles_and_a_good_one_are_no_outage(platform):
    for _ in range(3):
        down_for(platform, timedelta(minutes=4))
        platform.tick_through(5)
        assert platform.runs[-1][1]
    assert platform.skips == platform.events == alerts(platform.folder) == []
    assert len([ok for _, ok in platform.runs if not ok]) == 12


def test_the_alert_is_open_while_the_outage_lasts_and_a_skip_says_why(platform):
    down_for(platform, timedelta(hours=1))
    platform.tick_through(20)
    (alert,) = alerts(platform.folder)
    assert (alert.closed_at, alert.cycles_missed) == (None, None)
    assert platform.skips[0] == (
        "TheSports cannot be read since 12:00:00 UTC (HTTP 500); the next probe is at 12:09:15 UTC"
    )
    line = json.loads((platform.folder / ALERTS).read_text(encoding="utf-8"))
    assert line["kind"] == "outage"
    assert line["closed_at"] is None


def test_two_outages_are_two_alerts(platform):
    for _ in range(2):
        down_for(platform, timedelta(minutes=10))
        platform.tick_through(30)
    assert [event for event, _ in platform.events] == ["alert", "recovered"] * 2
    assert all(alert.closed_at for alert in alerts(platform.folder))
    assert len(alerts(platform.folder)) == 2


def test_a_run_that_a_person_starts_asks_at_once_and_only_once(platform):
    down_for(platform, timedelta(hours=1))
    platform.tick_through(20)
    before, at = len(platform.probes), platform.now
    assert not platform.run(is_scheduled=False)
    assert len(platform.probes) == before + 1
    assert platform.now == at


def test_the_outage_of_another_address_does_not_count(platform):
    down_for(platform, timedelta(hours=1))
    platform.tick_through(20)
    assert platform.outage().is_open
    assert not platform.outage("http://other/v1").is_open


def test_a_clock_that_is_put_back_holds_no_probe_up(platform):
    down_for(platform, timedelta(days=400))
    platform.tick_through(20)
    platform.now -= timedelta(days=1)
    assert platform.outage().skip_reason() is None


def test_an_alert_written_by_a_run_that_died_is_not_told_twice(platform):
    down_for(platform, timedelta(hours=1))
    platform.tick_through(4)
    kept = (platform.folder / STATE).read_text(encoding="utf-8")
    platform.tick_through(1)
    (platform.folder / STATE).write_text(kept, encoding="utf-8")
    platform.run()
    assert len(alerts(platform.folder)) == 1


@pytest.mark.parametrize("text", ["", "{", '{"address": 7}'])
def test_unreadable_files_start_afresh(platform, text):
    platform.folder.mkdir(parents=True)
    for name in (STATE, ALERTS):
        (platform.folder / name).write_text(text, encoding="utf-8")
    assert platform.run()
    assert alerts(platform.folder) == []


def test_a_folder_that_cannot_be_written_costs_no_cycle(platform):
    platform.folder.parent.mkdir(parents=True, exist_ok=True)
    platform.folder.write_text("a file in the way", encoding="utf-8")
    down_for(platform, MINUTE)
    assert not platform.run()
    platform.now += MINUTE
    assert platform.run()


def test_the_settings_say_where_when_and_whose():
    settings = load_settings()
    outage = Outage.kept(settings)
    assert not outage.is_open
    assert outage.skip_reason() is None
    assert outage.attempt(lambda probe: probe, NOON) is False
    assert not (settings.folder / "soccer").exists(), "a good cycle writes nothing"
