"""What a cycle costs the provider, counted at the server: connections, requests, the minute's budget."""

import asyncio
import functools
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from football_assets.config import load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.server import DESK, relative_path, serving
from football_assets.emulators.thesports import thesports_app
from football_assets.sections import Breaker, TheSportsService
from football_assets.soccer.client import TheSports, judge
from football_assets.soccer.codes import IN_PLAY
from football_assets.soccer.cycle import enrich
from football_assets.soccer.live import live_rows
from football_assets.soccer.schemas import EnrichedMatches, LiveMatches, OddsQuotes
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.transport import Credentials, open_transport, windows
from football_assets.warehouse.lake import Lake
from football_assets_tests.emulated.many_matches import ManyMatches
from football_assets_tests.emulated.skipping_loop import run_skipping

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


async def cycle(url, folder, *, connections=30, deadline_s=None, **service):
    """One cycle over the real transport; the files are written as the steps do. Returns the enriched matches."""
    service = TheSportsService(connections=connections, tries=1, **service)
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


class Saturday:
    """Cycles on a busy Saturday, on a clock that skips all waiting, counted at the emulator.

    `late_s(seconds since the beginning)` is how long a request for odds is on its way there. It arrives even when the
    client has given it up meanwhile.
    """

    def __init__(self, loop, monkeypatch, folder, matches, late_s=lambda _at_s: 0.0):
        self.loop, self.folder, self.late_s = loop, folder, late_s
        self.source = ManyMatches(matches, SATURDAY)
        self.began = loop.time()
        monkeypatch.setattr(windows, "now_ms", lambda: 1_700_000_000_000 + round(1000 * loop.time()))

    @asynccontextmanager
    async def serving(self):
        app = thesports_app(self.source, EmulatedClock(SATURDAY, monotonic=self.loop.time))
        app.middlewares.insert(0, self._late)  # before the emulator counts: on the way there
        self.desk = app[DESK]
        self.desk.statistics.monotonic = self.loop.time
        async with serving(app) as self.url:
            yield self

    @web.middleware
    async def _late(self, request, handler):
        path = relative_path(request)
        late_s = self.late_s(self.at_s) if path == "odds/history" else 0.0
        arrives_at = self.loop.time() + late_s
        try:
            await asyncio.sleep(late_s)
        except asyncio.CancelledError:
            self.loop.call_at(arrives_at, self._arrived_for_nobody, path)
            raise
        return await handler(request)

    def _arrived_for_nobody(self, path):
        self.desk.statistics.arrived(path, "given up", None)
        self.desk.statistics.left()

    @property
    def at_s(self):
        return self.loop.time() - self.began

    @property
    def counts(self):
        counted = self.desk.statistics.as_dict()
        return {"violations": counted["violations"], "requests": 0, **counted["paths"].get("odds/history", {})}

    async def cycle(self, at_s=0.0, **service):
        await asyncio.sleep(max(0.0, at_s - self.at_s))
        return await cycle(self.url, self.folder, deadline_s=45, **service)


def fresh(matches):
    return matches["odds_state"] == "live"


@pytest.mark.parametrize("total", [150, 600])
def test_a_minute_s_budget_goes_to_matches_in_play_and_the_rest_keep_their_last_odds(tmp_path, monkeypatch, total):
    async def afternoon(loop):
        async with Saturday(loop, monkeypatch, tmp_path, total).serving() as saturday:
            found = [await saturday.cycle(at_s) for at_s in (0, 0, 60, 120)]
            assert saturday.counts["violations"] == 0
            assert saturday.counts["peak_per_minute"] == 120
            assert saturday.counts["requests"] == 360
        return found

    first, second, *later = run_skipping(afternoon)
    assert len(first) == total
    assert fresh(first).sum() == 120
    left_out = first[~fresh(first)]
    assert left_out["odds_gap"].str.contains("limit of 120 a minute").all()
    # Within the same minute no history may be asked for; the feed alone carries on what is known.
    known = second[second["match_id"].isin(first.loc[fresh(first), "match_id"])]
    assert set(known["odds_state"]) == {"live"}
    for matches in (first, *later):
        in_play = matches["status_id"].isin(IN_PLAY)
        assert fresh(matches)[in_play].all() or not fresh(matches)[~in_play].any(), "in play comes first"
    stale = later[-1][later[-1]["odds_state"] == "stale"]
    assert len(stale) > 0
    assert stale["odds_age_s"].between(50, 130).all()
    assert stale["odds_gap"].str.contains("limit of 120 a minute").all()
    ever = set().union(*(matches.loc[fresh(matches), "match_id"] for matches in (first, *later)))
    assert len(ever) == min(total, 300), "each in play gets its turn"


def test_requests_that_arrive_late_never_make_the_provider_count_too_many(tmp_path, monkeypatch):
    """The first minute's requests are six seconds on their way, the next minute's none.

    Counted by departure, both would lie in one window of the provider's.
    """

    async def two_minutes(loop):
        late = Saturday(loop, monkeypatch, tmp_path, 200, lambda at_s: 6.0 if at_s < 30 else 0.0)
        async with late.serving() as saturday:
            found = [await saturday.cycle(at_s, connections=100) for at_s in (0, 68)]
            assert (saturday.counts["violations"], saturday.counts["peak_per_minute"]) == (0, 120)
            assert saturday.counts["requests"] == 240
        return found

    for matches in run_skipping(two_minutes):
        assert fresh(matches).sum() >= 120


def test_requests_that_were_given_up_count_as_long_as_they_may_still_arrive(tmp_path, monkeypatch):
    """They are given up after ten seconds and reach the provider after eighteen."""
    lenient = Breaker(consecutive_failures=1000, window_tries=10_000)

    async def two_minutes(loop):
        late = Saturday(loop, monkeypatch, tmp_path, 100, lambda at_s: 18.0 if at_s < 15 else 0.0)
        async with late.serving() as saturday:
            found = [await saturday.cycle(at_s, connections=100, breaker=lenient) for at_s in (0, 75)]
            assert (saturday.counts["violations"], saturday.counts["peak_per_minute"]) == (0, 120)
            assert saturday.counts["requests"] == 200
        return found

    first, second = run_skipping(two_minutes)
    assert first["odds_gap"].str.contains("no complete answer within 10 s").all()
    assert fresh(second).all()


def test_two_processes_share_one_budget(tmp_path, monkeypatch):
    async def together(loop):
        async with Saturday(loop, monkeypatch, tmp_path, 100, lambda _at_s: 2.0).serving() as saturday:
            service = TheSportsService(connections=60, tries=1)
            shared = {"credentials": CREDENTIALS, "judge": judge, "cache_dir": tmp_path / "cache", "deadline_s": 100}
            async with (
                open_transport("TheSports", saturday.url, service, **shared) as ours,
                open_transport("TheSports", saturday.url, service, **shared) as theirs,
            ):
                ids = [row["id"] for row in saturday.source.live(SATURDAY)]
                await asyncio.gather(*(TheSports(each).odds(match_id) for match_id in ids for each in (ours, theirs)))
            assert saturday.counts["requests"] == 200
            assert (saturday.counts["violations"], saturday.counts["peak_per_minute"]) == (0, 120)

    run_skipping(together)


async def test_a_cycle_cut_by_its_deadline_lists_what_is_not_in_and_delivers_the_rest(recordings, tmp_path):
    async with emulator(recorded(recordings), CAPTURED_AT, "hang@odds/history", "latency=20") as (url, _):
        matches = await cycle(url, tmp_path, deadline_s=9)
    assert matches["home_team"].notna().all()
    assert set(matches["odds_state"]) == {"missing"}
    assert matches["odds_gap"].str.contains("deadline of 9 s").all()
