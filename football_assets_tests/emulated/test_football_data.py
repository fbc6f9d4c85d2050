"""Season files over a real server on loopback: the emulator's routes, and the client through a transport of texts."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from football_assets.cli.emulate import app as command
from football_assets.emulators import football_data
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.football_data import RecordedHistory, football_data_app
from football_assets.emulators.server import serving
from football_assets.errors import SourceChanged, SourceRejected, SourceUnavailable, StorageError
from football_assets.sections import FootballDataService
from football_assets.soccer.football_data import NAME, FootballData
from football_assets.states import DataState, Source
from football_assets.transport import TEXT, open_transport

SERVICE = FootballDataService(per_second=None, backoff_s=0.0, tries=2)
END = datetime(2025, 7, 1, 6, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path):
    """A recording of three matches in two files."""
    rows = [
        {"season": "2018/19", "div": "SP1", "date": "2018-08-17", "home": "Betis", "away": "Levante", "ft_home": 0.0},
        {
            "season": "2024/25",
            "div": "SP1",
            "date": "2024-08-15",
            "home": "Ath Bilbao",
            "away": "Getafe",
            "ft_home": 1.0,
        },
        {"season": "2024/25", "div": "SP1", "date": "2024-08-18", "home": "Mallorca", "away": "Málaga", "ft_home": 1.0},
    ]
    table = pd.DataFrame(rows).assign(time_uk="18:00", ft_away=1.0)
    table["date"] = pd.to_datetime(table["date"]).dt.date
    every = {**football_data._PLAIN, **football_data._EARLY_1X2, **football_data._PINNACLE, **football_data._NEW}
    for name in every.values():
        if name not in table:
            table[name] = 2.5 if name.startswith(("x12", "ou25")) else None
    (tmp_path / "soccer").mkdir()
    pq.write_table(pa.Table.from_pandas(table), tmp_path / "soccer" / "matches.parquet")
    return tmp_path


@asynccontextmanager
async def reading(folder, at=END, faults=(), cache_dir=None):
    """The client of an emulator over `folder`, and the emulator's clock."""
    clock = EmulatedClock(at, 0)
    application = football_data_app(RecordedHistory(folder), clock, Faults.parse(list(faults), seed=1))
    async with (
        serving(application) as url,
        open_transport(NAME, url, SERVICE, expect_source=Source.RECORDED, cache_dir=cache_dir, form=TEXT) as transport,
    ):
        yield FootballData(transport), clock


async def test_a_season_file_is_read_with_the_time_it_was_served(folder):
    async with reading(folder) as (client, _):
        found = await client.season("SP1", 2024, finished=False)
    assert found.state is DataState.LIVE
    assert found.served_at == END
    assert found.matches["away_team"].tolist() == ["Getafe", "Málaga"]
    assert found.matches["kickoff_at"].iloc[0] == datetime(2024, 8, 15, 17, tzinfo=UTC)
    assert found.matches["home_goals"].tolist() == [1, 1]


async def test_an_old_file_comes_in_its_old_form(folder):
    async with reading(folder) as (client, _):
        found = (await client.season("SP1", 2018, finished=True)).matches
    assert found["played_on"].tolist() == [pd.Timestamp(2018, 8, 17)]
    assert found["kickoff_at"].isna().all()
    assert found["early_home"].tolist() == [2.5]


async def test_a_running_file_holds_what_was_played_by_yesterday(folder):
    async with reading(folder, at=datetime(2024, 8, 18, 23, tzinfo=UTC)) as (client, clock):
        assert len((await client.season("SP1", 2024, finished=False)).matches) == 1
        clock.set(datetime(2024, 8, 20, tzinfo=UTC), None)
    async with reading(folder, at=datetime(2024, 8, 19, 1, tzinfo=UTC)) as (client, _):
        assert len((await client.season("SP1", 2024, finished=False)).matches) == 2


@pytest.mark.parametrize(("division", "season", "at"), [("E0", 2024, END), ("SP1", 2011, END)])
async def test_a_file_that_does_not_exist_is_refused_at_once(folder, division, season, at):
    async with reading(folder, at=at) as (client, _):
        with pytest.raises(SourceRejected, match="HTTP 404"):
            await client.season(division, season, finished=False)


async def test_a_season_that_has_not_begun_has_no_file(folder):
    async with reading(folder, at=datetime(2024, 8, 1, tzinfo=UTC)) as (client, _):
        with pytest.raises(SourceRejected, match="404"):
            await client.season("SP1", 2024, finished=False)


async def test_a_finished_season_is_kept_as_text_and_not_asked_for_again(folder, tmp_path):
    async with reading(folder, cache_dir=tmp_path / "cache") as (client, _):
        first = await client.season("SP1", 2024, finished=True)
        again = await client.season("SP1", 2024, finished=True)
    assert again.state is DataState.CACHED
    pd.testing.assert_frame_equal(first.matches, again.matches)


async def test_a_site_that_is_down_is_unavailable(folder):
    async with reading(folder, faults=["500"]) as (client, _):
        with pytest.raises(SourceUnavailable):
            await client.season("SP1", 2024, finished=True)


async def test_a_page_in_place_of_a_file_is_a_changed_source(folder, monkeypatch):
    monkeypatch.setattr(RecordedHistory, "csv", lambda *_: b"<html><body>Back soon</body></html>")
    async with reading(folder) as (client, _):
        with pytest.raises(SourceChanged, match="Back soon"):
            await client.season("SP1", 2024, finished=True)


def test_the_command_needs_recordings_and_names_what_it_looked_for(tmp_path):
    missing = CliRunner().invoke(command, ["football-data", "--data", str(tmp_path)])
    assert isinstance(missing.exception, StorageError)
    assert "matches.parquet" in str(missing.exception)


async def test_the_real_sites_leagues_are_not_listed(folder):
    async with reading(folder) as (client, _):
        with pytest.raises(SourceRejected, match="HTTP 404"):
            await client.leagues()
