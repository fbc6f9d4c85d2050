"""What a cycle costs the provider, counted at the server: connections, requests, the minute's budget."""

import asyncio
import functools
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from football_assets.config import TheSportsService, load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.server import DESK, serving
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.thesports import thesports_app
from football_assets.soccer.client import TheSports, judge
from football_assets.soccer.codes import IN_PLAY
from football_assets.soccer.cycle import enrich
from football_assets.soccer.live import live_rows
from football_assets.soccer.schemas import EnrichedMatches, LiveMatches, OddsQuotes
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.transport import Credentials, open_transport
from football_assets.warehouse.lake import Lake

CREDENTIALS = Credentials(query={"user": "reader", "secret": "open-sesame"})
SATURDAY = datetime(2026, 5, 16, 15, 0, tzinfo=UTC)


@functools.cache
def recorded(folder):
    """The recorded poll, read once, before any clock of a test runs."""
    return RecordedMatches(folder).loaded()


@asynccontextmanager
async def emulator(source, at, *faults, speed=0.0):
    app = thesports_app(source, EmulatedClock(at, speed), Faults.parse(faults))
    async with serving(app) as url:
        yield url, app[DESK]


async def cycle(url, folder, *, connections=30, deadline_s=None):
    """One cycle over the real transport; the files are written as the steps do. Returns the enriched matches."""
    service = TheSportsService(connections=connections, tries=1)
    settings = load_settings().model_copy(update={"thesports": service, "home": folder})
    lake = Lake(folder, Source.SIMULATED)
    async with open_transport(
        "TheSports",
        url,
        service,
        credentials=CREDENTIALS,
        judge=judge,
        cache_dir=folder / "cache",
        deadline_s=deadline_s,
    ) as transport:
        reading = await TheSports(transport).live()
        live = from_rows(LiveMatches, live_rows(reading.value[0], reading.served_at))
        found = await enrich(transport, live, lake, settings)
    lake.write(EnrichedMatches, found.matches)
    lake.write(OddsQuotes, found.quotes)
    return found.matches.merge(live[["match_id", "status_id"]], on="match_id")


@pytest.mark.parametrize("connections", [10, 30, 50])
async def test_peak_connections_are_the_limit_and_none_is_open_after_the_cycle(recordings, tmp_path, connections):
    async with emulator(recorded(recordings), CAPTURED_AT, "latency=60") as (url, desk):
        matches = await cycle(url, tmp_path, connections=connections)
        assert (matches["odds_state"] == "live").all()
        assert desk.statistics.as_dict()["peak_connections"] == connections
        for _ in range(100):
            if desk.statistics.as_dict()["connections"] == 0:
                break
            await asyncio.sleep(0.02)
        assert desk.statistics.as_dict()["connections"] == 0


async def test_a_minute_s_budget_goes_to_matches_in_play_and_the_rest_keep_their_last_odds(tmp_path):
    source = SimulatedMatches(3, around=SATURDAY, matches_a_day=400)
    async with emulator(source, SATURDAY, speed=1.0) as (url, desk):
        first = await cycle(url, tmp_path, deadline_s=45)
        assert len(first) > 130
        # It ends before the minute does.
        second = await cycle(url, tmp_path, deadline_s=10)
        counts = desk.statistics.as_dict()
        assert counts["violations"] == 0
        assert counts["paths"]["odds/history"]["peak_per_minute"] == 120
    asked = first[first["odds_state"] == "live"]
    assert len(asked) == 120
    left_out = first[first["odds_state"] == "missing"]
    assert left_out["odds_gap"].str.contains("limit of 120 a minute").all()
    if left_out["status_id"].isin(IN_PLAY).any():
        assert asked["status_id"].isin(IN_PLAY).all()
    # No history may be asked for within the minute; the feed alone carries on what is known.
    known = second[second["match_id"].isin(asked["match_id"])]
    assert set(known["odds_state"]) <= {"live", "stale"}
    assert (known["odds_state"] == "live").sum() > 100
    stale = known[known["odds_state"] == "stale"]
    assert stale["odds_age_s"].gt(0).all()


async def test_a_cycle_cut_by_its_deadline_lists_what_is_not_in_and_delivers_the_rest(recordings, tmp_path):
    async with emulator(recorded(recordings), CAPTURED_AT, "hang@odds/history", "latency=20") as (url, _):
        matches = await cycle(url, tmp_path, deadline_s=9)
    assert matches["home_team"].notna().all()
    assert set(matches["odds_state"]) == {"missing"}
    assert matches["odds_gap"].str.contains("deadline of 9 s").all()
