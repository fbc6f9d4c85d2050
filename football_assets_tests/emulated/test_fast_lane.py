"""The fast lane: from a change at the emulated provider to the clients of every serving process."""

import asyncio
import threading
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from football_assets.client import AsyncFootball
from football_assets.config import load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import DESK, serving
from football_assets.emulators.thesports import thesports_app
from football_assets.errors import ConfigError, SourceUnavailable, StorageError
from football_assets.serving import fast_lane
from football_assets.serving.stream.hub import Hub
from football_assets.serving.stream.overlay import Overlay
from football_assets.soccer.changes import microseconds
from football_assets.soccer.day_files import HOT, history_folder
from football_assets.soccer.fast_lane import FastLane
from football_assets.soccer.observations import Observation, ObservationLog
from football_assets.soccer.outage import Outage
from football_assets.soccer.schemas import Corrections, FlattenedMatches, Incidents
from football_assets.states import Source
from football_assets_tests.emulated.many_matches import ManyMatches
from football_assets_tests.emulated.served import AT, Served, keep, match, put, row, soccer_rows, world

CHANNEL = "soccer.matches"


class Matches(ManyMatches):
    """Matches whose score a test sets."""

    def __init__(self, **scores):
        super().__init__(0, AT)
        self.scores = scores

    def live(self, at):
        return [self._row(each, score) for each, score in self.scores.items()]

    def _row(self, match_id, score):
        slots = [[goals, 0, 0, 0, 0, 0, 0] for goals in score]
        return {"id": match_id, "score": [match_id, 4, *slots, int(AT.timestamp()) - 600, ""]}


class Provider:
    """An emulator in a loop of its own, for lanes that run their own loops."""

    def __init__(self, source):
        self.source, self.clock = source, EmulatedClock(AT, 0.0)
        self.app = thesports_app(source, self.clock, Faults.parse(()))

    def show(self, after_s, **scores):
        self.source.scores |= scores
        self.clock.set(AT + timedelta(seconds=after_s))

    @property
    def asked(self):
        return self.app[DESK].statistics.as_dict()["requests"]


@pytest.fixture
def provider(monkeypatch):
    made, loop, stop, up = (
        Provider(Matches(m001=(1, 0), m002=(0, 0))),
        asyncio.new_event_loop(),
        None,
        threading.Event(),
    )

    async def serve():
        nonlocal stop
        stop = asyncio.Event()
        async with serving(made.app) as url:
            monkeypatch.setenv("FOOTBALL_THESPORTS_URL", f"{url}")
            up.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert up.wait(10)
    yield made
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


def settings(monkeypatch, **more):
    monkeypatch.setenv("FOOTBALL_FAST_LANE__ENABLED", "true")
    monkeypatch.setenv("FOOTBALL_FAST_LANE__INTERVAL_S", "2")
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_a_look_enters_what_changed_since_the_one_before(provider, monkeypatch):
    lane = FastLane(settings(monkeypatch))
    assert set(lane.look().matches) == {"m001", "m002"}
    provider.show(5)
    assert not lane.look().is_news
    provider.show(10, m001=(2, 0))
    seen = lane.look()
    assert {key: (each["home_score"], each["is_in_play"]) for key, each in seen.matches.items()} == {"m001": (2, True)}
    assert seen.observed_at == AT + timedelta(seconds=10)
    del provider.source.scores["m002"]
    provider.show(15, m001=(1, 0))
    seen = lane.look()
    assert (set(seen.matches), seen.gone) == ({"m001"}, ["m002"])
    assert [(each["kind"], each["before"], each["after"]) for each in seen.corrections] == [
        ("score fell", "2-0", "1-0")
    ]
    assert len(lane.log.after(0)) == 4
    assert set(lane.log.latest().rows) == {"m001"}


def test_an_answer_older_than_the_last_one_is_left_out(provider, monkeypatch):
    lane = FastLane(settings(monkeypatch))
    provider.show(10, m001=(2, 0))
    lane.look()
    provider.show(5, m001=(1, 0))
    assert lane.look() is None
    assert lane.log.latest().rows["m001"]["home_score"] == 2


def test_the_next_holder_of_the_lease_goes_on_from_what_was_seen_last(provider, monkeypatch):
    FastLane(settings(monkeypatch)).look()
    provider.show(5, m002=(0, 1))
    assert set(FastLane(load_settings()).look().matches) == {"m002"}


def test_no_request_goes_out_while_the_cycles_count_the_provider_as_down(provider, monkeypatch):
    made = settings(monkeypatch)
    lane = FastLane(made)
    asked = provider.asked
    outage = Outage.kept(made)

    def fails(_probe):
        raise SourceUnavailable("TheSports", "reading the live list", "no answer", "")

    for _ in range(made.thesports.breaker.consecutive_failures):
        with pytest.raises(SourceUnavailable):
            outage.attempt(fails, AT)
    assert lane.look() is None
    assert provider.asked == asked


def test_the_window_of_the_plan_is_shared_with_the_cycles_who_keep_half_of_it(provider, monkeypatch):
    limit = "FOOTBALL_THESPORTS__PER_MINUTE_BY_PATH"
    lane = FastLane(settings(monkeypatch, **{limit: '{"match/detail_live": 4}'}))
    assert lane.interval_s == 30
    lane.interval_s = 0.5  # as if the cycles had asked in between
    for _ in range(4):
        lane.look()
    asked = provider.asked
    with pytest.raises(SourceUnavailable, match="no room"):
        lane.look()
    assert provider.asked == asked
    with pytest.raises(ConfigError, match="2 or more"):
        FastLane(settings(monkeypatch, **{limit: '{"match/detail_live": 1}'}))


def seven_matches():
    """Settings of a home whose newest cycle shows what the provider does."""
    made = load_settings()
    rows = {**soccer_rows(), Incidents: []}
    rows[FlattenedMatches][2] = match(2, home_score=0)
    put(made.folder, "soccer", rows)
    keep(made.folder, rows)
    return made


async def test_a_change_at_the_provider_reaches_a_client_before_the_next_cycle(provider, monkeypatch):
    settings(monkeypatch)
    made = await asyncio.to_thread(seven_matches)
    with Served(made, looker=lambda: FastLane(made)).running() as served:
        async with AsyncFootball(served.url) as football:
            events = football.follow(CHANNEL, keys=["m001"])
            await asyncio.wait_for(anext(events), 10)
            provider.show(10, m001=(2, 0))
            heard = [await asyncio.wait_for(anext(events), 20)]
            while heard[-1].data["home_score"] != 2:
                heard.append(await asyncio.wait_for(anext(events), 20))
            assert heard[-1].data["home_team"] == "Home 1"
            provider.show(20, m001=(1, 0))
            taken_back = [await asyncio.wait_for(anext(events), 20) for _ in range(2)]
            told = served.http.get("/v1/stream/fast-lane").json()["data"]
            await events.aclose()
    assert [event.kind for event in taken_back] == ["change", "correction"]
    assert (taken_back[0].data["home_score"], taken_back[1].data["before"]) == (1, "2-0")
    assert (told["state"], told["corrections"], told["last_problem"]) == ("looking", 1, None)


@asynccontextmanager
async def following(monkeypatch):
    """A server that follows a log which another process writes, and a client of it that has its snapshot."""
    settings(monkeypatch)
    made = await asyncio.to_thread(world)
    with Served(made).running() as served:
        async with AsyncFootball(served.url) as football:
            events = football.follow(CHANNEL, keys=["m001"])
            await asyncio.wait_for(anext(events), 10)
            yield served, events
            await events.aclose()


def seen(after_s, score, *, taken_back=()):
    return Observation(AT + timedelta(seconds=after_s), {"m001": {"home_score": score}}, corrections=taken_back)


async def cycle(served, after_s, score, **tables):
    """Publish what a cycle read, and wait until the stream has taken it in."""
    rows = soccer_rows()
    rows[FlattenedMatches][1] = match(1, home_score=score, fetched_at=AT + timedelta(seconds=after_s))
    published = await asyncio.to_thread(put, served.settings.folder, "soccer", {**rows, **tables.get("also", {})})
    await until(lambda: served.services.hub.values("system")["soccer"]["publication_id"] == published.id)


async def test_a_slower_cycle_moves_nothing_back_and_a_newer_one_goes_on(monkeypatch):
    async with following(monkeypatch) as (served, events):
        log = ObservationLog(served.settings.folder, "simulated")
        log.append(seen(20, 2), {})
        assert (await asyncio.wait_for(anext(events), 10)).data["home_score"] == 2
        await cycle(served, 15, 1)  # read before the look, published after it
        await cycle(served, 60, 3)
        heard = await asyncio.wait_for(anext(events), 10)
        assert (heard.data["home_score"], heard.changed) == (3, ("home_score",))


async def test_what_a_look_took_back_is_told_once_though_a_cycle_finds_it_too(monkeypatch):
    told = {"match_id": "m001", "kind": "score fell", "subject": "score", "before": "2-0", "after": "1-0"}
    stamps = {"observed_at": microseconds(AT), "previous_at": microseconds(AT)}
    async with following(monkeypatch) as (served, events):
        log = ObservationLog(served.settings.folder, "simulated")
        log.append(seen(20, 2), {})
        log.append(seen(25, 1, taken_back=[{**told, **stamps}]), {})
        heard = [await asyncio.wait_for(anext(events), 10) for _ in range(3)]
        assert [event.kind for event in heard] == ["change", "change", "correction"]
        again = row(Corrections, **told, seq=0, observed_at=AT + timedelta(minutes=1))
        await cycle(served, 60, 4, also={Corrections: [again]})
        await cycle(served, 120, 5, also={Corrections: [again]})
        heard = [await asyncio.wait_for(anext(events), 10) for _ in range(2)]
        assert [(event.kind, event.data["home_score"]) for event in heard] == [("change", 4), ("change", 5)]


def seen_by(http, after_s, match_id="m001"):
    """What is served of a match now, of its incidents, and of it at an instant."""
    then = {"as_of": (AT + timedelta(seconds=after_s)).isoformat()}
    paths = (f"/v1/soccer/matches/{match_id}", f"/v1/soccer/matches/{match_id}/events")
    return [http.get(path, params=params).json() for path in paths for params in ({}, then)]


async def test_what_the_lane_saw_is_served_with_the_past_and_the_changes(provider, monkeypatch):
    settings(monkeypatch)
    made = await asyncio.to_thread(seven_matches)
    with Served(made, looker=lambda: FastLane(made)).running() as served:
        await until(lambda: served.services.fast_lane.counts["looks"])
        cursor = served.http.get("/v1/soccer/changes?limit=200").json()["meta"]["next_cursor"]
        before = served.http.get("/v1/soccer/matches/m001").headers["etag"]
        provider.show(10, m001=(2, 0))
        await until(lambda: (AT + timedelta(seconds=10)).strftime("%H:%M:%S") in served.services.fast_lane.looked.mark)
        now, then, *_ = await asyncio.to_thread(seen_by, served.http, 9)
        assert (now["data"]["home_score"], then["data"]["home_score"]) == (2, 1)
        assert (now["data"]["home_team"], now["data"]["stats"]) == ("Home 1", 1)
        instant = (AT + timedelta(seconds=10)).isoformat().replace("+00:00", "")
        assert now["data"]["fetched_at"].startswith(instant)
        assert now["meta"]["data_as_of"].startswith(instant)
        assert served.http.get("/v1/soccer/matches/m001", headers={"If-None-Match": before}).status_code == 200
        assert served.http.get("/v1/soccer/matches?limit=5").json()["data"][0]["competition"] == "Cobalt League"
        told = served.http.get("/v1/soccer/changes", params={"cursor": cursor, "match_id": "m001"}).json()
        values = [each for row in told["data"] for each in row["values"] if each["column"] == "home_score"]
        assert values == [{"column": "home_score", "before": 1, "after": 2}]
        later = served.http.get("/v1/soccer/changes", params={"cursor": told["meta"]["next_cursor"]}).json()
        assert later["data"] == []
        odds = served.http.get("/v1/soccer/matches/m001/odds").json()
        assert odds["meta"]["data_as_of"].startswith(AT.isoformat().replace("+00:00", ""))
        # A cycle that was read before the look and comes after it.
        slow = [match(n, home_score=1, note="late", fetched_at=AT + timedelta(seconds=5)) for n in range(7)]
        keep(made.folder, {**soccer_rows(), Incidents: [], FlattenedMatches: slow})
        put(made.folder, "soccer", {**soccer_rows(), Incidents: [], FlattenedMatches: slow})
        await until(lambda: served.services.published.newest("soccer").id == 2)
        now, then, *_ = await asyncio.to_thread(seen_by, served.http, 9)
        assert (now["data"]["home_score"], now["data"]["note"]) == (2, "late")
        assert (then["data"]["home_score"], then["data"]["note"]) == (1, "late")


async def test_a_look_that_the_change_log_does_not_take_is_passed_on_and_told(provider, monkeypatch):
    lane = FastLane(settings(monkeypatch))
    place = history_folder(load_settings().folder, "simulated") / AT.date().isoformat()
    place.mkdir(parents=True)
    (place / HOT).write_bytes(b"no database" * 500)
    with pytest.raises(StorageError, match="history"):
        await asyncio.to_thread(lane.look)
    assert len(lane.log.after(0)) == 1


class _Published:
    def newest(self, _domain):
        return type("Publication", (), {"source": Source.SIMULATED})


class _Looker:
    world, interval_s = Source.SIMULATED, 0.01

    def __init__(self):
        self.looks = 0

    def look(self):
        self.looks += 1


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come")


async def test_one_process_looks_and_another_takes_over_when_it_ends(monkeypatch):
    monkeypatch.setattr(fast_lane, "LEASE_S", 0.02)
    lookers = [_Looker(), _Looker()]
    lanes = [
        fast_lane.FastLane(settings(monkeypatch), Hub(), _Published(), Overlay(), lambda each=each: each)
        for each in lookers
    ]
    tasks = [asyncio.create_task(lanes[0].run())]
    await until(lambda: lookers[0].looks > 3)
    tasks.append(asyncio.create_task(lanes[1].run()))
    await until(lambda: lookers[0].looks > 10)
    assert ([lane.is_leading for lane in lanes], lookers[1].looks) == ([True, False], 0)
    tasks[0].cancel()
    await asyncio.gather(tasks[0], return_exceptions=True)
    await until(lambda: lookers[1].looks > 3)
    assert [lane.is_leading for lane in lanes] == [False, True]
    tasks[1].cancel()
    await asyncio.gather(tasks[1], return_exceptions=True)
