"""Past seasons read from the simulated site: the invented leagues, what is absent, what fails, whose world it is."""

from contextlib import asynccontextmanager
from datetime import UTC, date, datetime

import pandas as pd
import pytest

from football_assets.config import load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.football_data import football_data_app
from football_assets.emulators.server import DESK, serving
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.simulation.soccer_history import SimulatedHistory
from football_assets.errors import ConfigError, SourceError
from football_assets.soccer.past_seasons import read_seasons, season_of, wanted_seasons
from football_assets.soccer.prediction_schemas import HistoricalMatches
from football_assets.states import Source
from football_assets.tables import judge
from football_assets.warehouse.lake import Lake

NOW = datetime(2026, 8, 20, 6, tzinfo=UTC)
SMALL = 10  # matches a day


@pytest.fixture(scope="module")
def source():
    return SimulatedHistory(3, around=NOW, matches_a_day=SMALL)


@asynccontextmanager
async def site(source, tmp_path, *faults, monkeypatch):
    app = football_data_app(source, EmulatedClock(NOW, 0), Faults.parse(faults))
    async with serving(app) as url:
        monkeypatch.setenv("FOOTBALL_FOOTBALL_DATA_URL", url)
        monkeypatch.setenv("FOOTBALL_FOOTBALL_DATA__PER_SECOND", "1000")
        monkeypatch.setenv("FOOTBALL_FOOTBALL_DATA__TRIES", "1")
        monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path))
        yield load_settings(), Lake(tmp_path, Source.SIMULATED), app[DESK]


def test_a_season_lasts_until_july():
    assert [season_of(datetime(2026, month, 1, tzinfo=UTC)) for month in (1, 7, 8, 12)] == [2025, 2025, 2026, 2026]
    assert wanted_seasons(2026, Source.SIMULATED) == [2024, 2025, 2026]
    assert wanted_seasons(2026, Source.REAL)[0] == 2010


async def test_the_running_season_of_every_invented_league_is_read(source, tmp_path, monkeypatch):
    async with site(source, tmp_path, monkeypatch=monkeypatch) as (settings, lake, _):
        found = await read_seasons(settings, lake, [2026], NOW)
    frame = found.frame
    assert judge(HistoricalMatches, frame).passed, judge(HistoricalMatches, frame).says
    assert found.files == frame["division"].nunique() >= 3
    assert frame["division_name"].str.contains("League").all()
    assert frame["played_on"].max() == pd.Timestamp(2026, 8, 19, tz="UTC"), "what was played by yesterday"
    assert frame["kickoff_at"].notna().all()
    assert frame["closing_home"].isna().all()
    assert (found.absent, found.gaps) == ([], [])


async def test_a_season_that_has_no_files_is_told_and_left_out(source, tmp_path, monkeypatch):
    async with site(source, tmp_path, monkeypatch=monkeypatch) as (settings, lake, _):
        found = await read_seasons(settings, lake, [2011], NOW)
    assert found.frame.empty
    assert len(found.absent) >= 3
    assert found.gaps == []


async def test_a_file_that_fails_keeps_what_the_lake_holds_of_it(source, tmp_path, monkeypatch):
    async with site(source, tmp_path, monkeypatch=monkeypatch) as (settings, lake, desk):
        first = (await read_seasons(settings, lake, [2026], NOW)).frame
        lake.write(HistoricalMatches, first, "2026")
        desk.faults = Faults.parse(["500@mmz4281/2627/X0.csv"])
        (tmp_path / "other").mkdir()
        monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path / "other"))
        found = await read_seasons(load_settings(), lake, [2026], NOW)
    assert len(found.gaps) == 1
    assert found.gaps[0].startswith("X0 2026/27: ")
    assert (found.frame["division"] == "X0").sum() == (first["division"] == "X0").sum() > 0
    assert len(found.frame) == len(first)


async def test_a_site_that_is_down_is_an_error(source, tmp_path, monkeypatch):
    async with site(source, tmp_path, "500@mmz4281", monkeypatch=monkeypatch) as (settings, lake, _):
        with pytest.raises(SourceError):
            await read_seasons(settings, lake, [2026], NOW)


async def test_a_simulated_feed_never_learns_from_the_real_site(tmp_path, monkeypatch):
    monkeypatch.delenv("FOOTBALL_FOOTBALL_DATA_URL", raising=False)
    with pytest.raises(ConfigError, match="never mix"):
        await read_seasons(load_settings(), Lake(tmp_path, Source.SIMULATED), [2026], NOW)


async def test_a_real_feed_never_learns_from_the_simulated_site(source, tmp_path, monkeypatch):
    async with site(source, tmp_path, monkeypatch=monkeypatch) as (settings, _, _):
        with pytest.raises(ConfigError, match="this site is simulated: worlds never mix"):
            await read_seasons(settings, Lake(tmp_path, Source.REAL), [2026], NOW)


def test_the_files_tell_the_results_that_the_live_feed_told():
    """Goals, half-time and red cards of the same match, at the same kickoff, by the clubs' names."""
    live = SimulatedMatches(3, around=NOW, matches_a_day=SMALL)
    history = SimulatedHistory(3, around=NOW, matches_a_day=SMALL)
    told = {}
    for code in history._leagues:
        for line in history.csv(2026, code, date(2026, 8, 19)).decode("utf-8-sig").splitlines()[1:]:
            cells = line.split(",")
            told[cells[3], cells[4], cells[1]] = tuple(
                map(int, (cells[5], cells[6], cells[8], cells[9], cells[11], cells[12]))
            )
    compared = 0
    for day in range(1, 19):
        for fixture in live._calendar.day(date(2026, 8, day).toordinal()):
            key = (fixture.home.name, fixture.away.name, f"{date.fromordinal(fixture.day):%d/%m/%Y}")
            if key in told and fixture.competition.kind == 1 and fixture.fate == "played":
                life = live._life(fixture.day, fixture.index)
                half = next(phase.at for phase in life.phases if phase.status == 3)
                reds = tuple(sum(e.kind in (4, 15) and e.side == side for e in life.events) for side in (1, 2))
                assert told[key] == (*life.goals(life.ended_at or 2**40), *life.goals(half), *reds)
                compared += 1
    assert compared > 40
