"""What a transport keeps: memory, disk and Redis, and what it serves when the provider or a tier is down."""

import asyncio
import json
import shutil
import socket
import sqlite3
import subprocess
import time
from contextlib import asynccontextmanager, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from aiohttp import web
from aiohttp.test_utils import TestServer

from football_assets.blob_store import FILE
from football_assets.errors import ConfigError, SourceRejected, SourceUnavailable
from football_assets.sections import Service
from football_assets.states import DataState, Source
from football_assets.transport import CachePolicy, open_transport
from football_assets.transport import cache as cache_module

DAY = CachePolicy(fresh_s=86_400, stale_s=7 * 86_400)
AT_ONCE_STALE = CachePolicy(fresh_s=0, stale_s=600)
SERVICE = Service(connections=4, timeout_s=5, tries=1, backoff_s=0.01, breaker={"consecutive_failures": 2})


class Provider:
    """Numbers its answers; answers `status` instead when one is set."""

    def __init__(self):
        self.asked = 0
        self.status = 200
        self.delay_s = 0.01
        self.headers = {"Date": "Sat, 05 Oct 2024 14:30:00 GMT", "X-CallLimit-Remaining": "12"}
        self.url = ""

    async def handle(self, _request):
        self.asked += 1
        await asyncio.sleep(self.delay_s)
        body = json.dumps({"number": self.asked}).encode()
        return web.Response(status=self.status, body=body, headers=self.headers)


@pytest.fixture
async def provider():
    provider = Provider()
    app = web.Application()
    app.router.add_get("/{path:.*}", provider.handle)
    async with TestServer(app) as server:
        provider.url = str(server.make_url("/v1"))
        yield provider


@asynccontextmanager
async def reader(provider, policy=DAY, **options):
    """A transport and a function that reads the teams, or whatever `params` say."""
    async with open_transport("TheSports", provider.url, SERVICE, **options) as transport:

        async def teams(**params):
            return await transport.get("team/list", doing="reading the teams", params=params, cache=policy)

        yield transport, teams


@contextmanager
def redis_server(folder, port=0):
    """A real Redis server on loopback, stopped at the end."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("redis-server is not installed: the Redis tier was NOT tested")
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
    arguments = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(
        [binary, *arguments, "--requirepass", "canary-77", "--dir", str(folder)], stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.02)
        yield process, f"redis://:canary-77@127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


async def test_a_fresh_answer_is_not_asked_again(provider):
    async with reader(provider) as (transport, teams):
        first, second = await teams(page=1), await teams(page=1)
        assert (first.state, second.state) == (DataState.LIVE, DataState.CACHED)
        assert second.body == first.body and provider.asked == 1
        assert second.served_at == datetime(2024, 10, 5, 14, 30, tzinfo=UTC)
        assert first.headers["x-calllimit-remaining"] == "12"
        assert "x-calllimit-remaining" not in second.headers
        stats = transport.stats.as_dict()
        assert (stats["cache_hits"], stats["cache_misses"]) == ({"memory": 1}, 1)


async def test_changing_a_cached_body_does_not_change_the_cache(provider):
    async with reader(provider) as (_, teams):
        await teams()
        (await teams()).body["number"] = "tampered"
        assert (await teams()).body == {"number": 1}


async def test_other_parameters_are_another_answer_and_their_order_does_not_matter(provider):
    async with reader(provider) as (_, teams):
        await teams(page=1, uuid="a")
        assert (await teams(uuid="a", page=1)).state is DataState.CACHED
        assert (await teams(page=2, uuid="a")).body == {"number": 2}


async def test_without_a_policy_every_answer_is_live(provider, tmp_path):
    async with reader(provider, policy=None, cache_dir=tmp_path) as (transport, teams):
        await teams()
        assert (await teams()).state is DataState.LIVE
        assert transport.stats.cache_misses == 0
    assert not (tmp_path / "answers").exists()


async def test_an_old_answer_is_asked_again(provider):
    with time_machine.travel(datetime.now(UTC)) as clock:
        async with reader(provider, CachePolicy(fresh_s=60, stale_s=600)) as (_, teams):
            await teams()
            clock.shift(59)
            cached = await teams()
            assert cached.state is DataState.CACHED and cached.age_s == pytest.approx(59, abs=1)
            clock.shift(2)
            assert (await teams()).body == {"number": 2}


async def test_the_last_known_answer_is_served_with_its_age_while_the_provider_is_down(provider):
    """Also while the breaker is open, when the provider is not even asked; not beyond what the policy allows."""
    with time_machine.travel(datetime.now(UTC)) as clock:
        async with reader(provider, CachePolicy(fresh_s=60, stale_s=600)) as (transport, teams):
            await teams()
            provider.status = 503
            for age_s in (120, 240, 360):
                clock.shift(120)
                answer = await teams()
                assert (answer.state, answer.body) == (DataState.STALE, {"number": 1})
                assert answer.age_s == pytest.approx(age_s, abs=2)
            assert provider.asked <= 1 + 3
            assert transport.stats.stale_served == 3
            clock.shift(300)
            with pytest.raises(SourceUnavailable):
                await teams()


async def test_who_accepts_less_age_is_not_served_what_another_had_kept_longer(provider):
    with time_machine.travel(datetime.now(UTC)) as clock:
        async with reader(provider) as (transport, teams):
            await teams()
            provider.status = 503
            clock.shift(120)
            strict = CachePolicy(fresh_s=30, stale_s=60)
            with pytest.raises(SourceUnavailable):
                await transport.get("team/list", doing="reading the teams", cache=strict)


async def test_a_rejection_is_not_hidden_behind_an_old_answer(provider):
    async with reader(provider, AT_ONCE_STALE) as (_, teams):
        await teams()
        provider.status = 401
        with pytest.raises(SourceRejected):
            await teams()


async def test_a_problem_is_never_cached(provider):
    async with reader(provider) as (_, teams):
        provider.status = 404
        with pytest.raises(SourceRejected):
            await teams()
        provider.status = 200
        assert (await teams()).body == {"number": 2}


async def test_the_last_known_answer_stands_in_for_one_that_the_deadline_cut(provider):
    async with reader(provider, AT_ONCE_STALE, deadline_s=0.5) as (_, teams):
        await teams()
        provider.delay_s = 5
        answer = await asyncio.wait_for(teams(), 2)
        assert (answer.state, answer.body) == (DataState.STALE, {"number": 1})


async def test_the_disk_tier_survives_reopening(provider, tmp_path):
    for expected_state, tiers in ((DataState.LIVE, {}), (DataState.CACHED, {"disk": 1})):
        async with reader(provider, cache_dir=tmp_path) as (transport, teams):
            assert (await teams()).state is expected_state
            assert transport.stats.as_dict()["cache_hits"] == tiers
            await teams()
            assert transport.stats.cache_hits["memory"] == 1
    assert provider.asked == 1


async def test_no_file_stays_open_after_closing(provider, tmp_path):
    async with reader(provider, cache_dir=tmp_path) as (_, teams):
        await asyncio.gather(*(teams(page=number) for number in range(20)))
        assert open_files_below(tmp_path)
    assert not open_files_below(tmp_path)


async def test_a_finished_season_is_kept_for_good(provider, tmp_path):
    for_good = CachePolicy(fresh_s=float("inf"), stale_s=float("inf"))
    async with reader(provider, for_good, cache_dir=tmp_path) as (_, teams):
        await teams()
    with time_machine.travel(time.time() + 5 * 365 * 86_400):
        async with reader(provider, for_good, cache_dir=tmp_path) as (_, teams):
            assert (await teams()).state is DataState.CACHED


@contextmanager
def the_one_entry(folder):
    """The file's only entry: a function to read and one to change it."""
    with closing(sqlite3.connect(folder / "answers" / FILE)) as file, file:
        yield file, file.execute("SELECT value FROM kept").fetchall()[0][0]


async def test_what_lies_on_disk_is_json(provider, tmp_path):
    async with reader(provider, cache_dir=tmp_path) as (_, teams):
        await teams()
    with the_one_entry(tmp_path) as (_, kept):
        head, body = kept.split(b"\n")
    assert json.loads(body) == {"number": 1}
    assert set(json.loads(head)) == {"read_at", "keep_until", "served_at", "headers", "bytes"}


@pytest.mark.parametrize(
    "planted",
    [b"", b"{}\n{}", b"[1]\n{}", b"\xff\n", b'{"read_at": 1}', 7, "text", b"cos\nsystem\n(S'exit 1'\ntR."],
    ids=lambda value: f"{value!r:.12}",
)
async def test_a_damaged_entry_is_a_miss(provider, tmp_path, planted):
    async with reader(provider, cache_dir=tmp_path) as (_, teams):
        await teams()
    with the_one_entry(tmp_path) as (file, _):
        file.execute("UPDATE kept SET value = ?", (planted,))
    async with reader(provider, cache_dir=tmp_path) as (_, teams):
        assert (await teams()).body == {"number": 2}


async def test_a_cut_off_entry_is_a_miss(provider, tmp_path):
    async with reader(provider, cache_dir=tmp_path) as (_, teams):
        await teams()
    with the_one_entry(tmp_path) as (file, kept):
        file.execute("UPDATE kept SET value = ?", (kept[:-3],))
    async with reader(provider, cache_dir=tmp_path) as (_, teams):
        assert (await teams()).state is DataState.LIVE


async def test_a_broken_disk_makes_answers_slower_not_different(provider, tmp_path, caplog):
    (tmp_path / "answers").write_text("a file where the folder should be")
    async with reader(provider, cache_dir=tmp_path) as (_, teams):
        assert [(await teams()).state for _ in range(2)] == [DataState.LIVE, DataState.CACHED]
    assert "The disk cache failed" in caplog.text


async def test_two_worlds_never_share_an_entry(provider, tmp_path):
    """The same address can serve another world tomorrow."""
    for source in (Source.RECORDED, Source.SIMULATED):
        provider.headers["X-Football-Source"] = source.value
        async with reader(provider, cache_dir=tmp_path, expect_source=source) as (_, teams):
            answer = await teams()
            assert answer.state is DataState.LIVE
            assert answer.headers["x-football-source"] == source.value


async def test_redis_is_shared_by_processes_and_its_death_changes_no_answer(provider, tmp_path, monkeypatch, caplog):
    with redis_server(tmp_path) as (process, url):
        async with reader(provider, redis_url=url) as (_, teams):
            await teams()
        async with reader(provider, redis_url=url) as (transport, teams):
            assert (await teams()).state is DataState.CACHED
            assert transport.stats.as_dict()["cache_hits"] == {"redis": 1}
            process.kill()
            process.wait()
            started = time.monotonic()
            assert (await teams()).body == {"number": 1}
            assert (await teams(page=2)).body == {"number": 2}
            assert (await teams(page=2)).state is DataState.CACHED
            assert time.monotonic() - started < 5 * cache_module.REDIS_TIMEOUT_S
        async with reader(provider, redis_url=url) as (_, teams):
            assert (await teams()).body == {"number": 3}
    assert "The redis cache failed" in caplog.text
    assert "canary" not in caplog.text


async def test_a_redis_that_comes_back_is_used_again(provider, tmp_path, monkeypatch):
    monkeypatch.setattr(cache_module, "PAUSE_S", 0.0)
    with redis_server(tmp_path) as (_, url):
        port = int(url.rpartition(":")[2].split("/")[0])
        async with reader(provider, redis_url=url) as (_, teams):
            await teams(page=1)
    async with reader(provider, redis_url=url) as (_, teams):
        assert (await teams(page=2)).state is DataState.LIVE
        with redis_server(tmp_path, port):
            await teams(page=3)
            async with reader(provider, redis_url=url) as (other, other_teams):
                assert (await other_teams(page=3)).state is DataState.CACHED
                assert other.stats.cache_hits["redis"] == 1


async def test_a_redis_that_hangs_costs_a_bounded_wait_once(provider, monkeypatch):
    monkeypatch.setattr(cache_module, "REDIS_TIMEOUT_S", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        async with reader(provider, redis_url=f"redis://127.0.0.1:{mute.getsockname()[1]}/0") as (_, teams):
            await asyncio.wait_for(teams(), 2)
            started = time.monotonic()
            await asyncio.gather(*(teams(page=number) for number in range(10)))
            assert time.monotonic() - started < 5


@pytest.mark.parametrize("url", ["127.0.0.1:6379", "http://:canary@host"])
async def test_an_unusable_redis_address_is_refused_without_showing_it(provider, url):
    with pytest.raises(ConfigError, match="redis_url") as caught:
        async with reader(provider, redis_url=url):
            pass
    assert "canary" not in str(caught.value)


def open_files_below(folder):
    targets = []
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            targets.append(descriptor.readlink())
        except FileNotFoundError:
            continue
    return [target for target in targets if target.is_relative_to(folder)]
