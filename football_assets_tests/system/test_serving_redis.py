"""Two serving processes and a real Redis of their own: answers shared, changes told at once, and its death."""

import asyncio
import json
import signal
import subprocess
import sys
import time

import aiohttp
import httpx
import pytest

from football_assets.config import environment_with_dotenv
from football_assets.soccer.observations import Observation, ObservationLog
from football_assets_tests.emulated.served import AT, FlattenedMatches, match, put, soccer_rows, world
from football_assets_tests.system.this_machine import free_port

PATH = "/v1/soccer/matches/m001"


@pytest.fixture
def servers(own_redis, monkeypatch):
    """Two real processes of one home, with Redis and the fast lane's log followed."""
    monkeypatch.setenv("FOOTBALL_REDIS_URL", own_redis.url)
    made = world()
    variables = {**environment_with_dotenv(), "FOOTBALL_FAST_LANE__ENABLED": "true"}
    # Nobody looks at a provider here: there are no credentials, so the lane only follows its log.
    urls = [f"http://127.0.0.1:{free_port()}" for _ in range(2)]
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "football_assets.cli", "serve", "--port", url.rpartition(":")[2]],
            env=variables,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for url in urls
    ]
    try:
        for url in urls:
            wait_for(f"{url}/health/ready")
        yield made, urls
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(20)


def wait_for(address):
    for _ in range(600):
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"{address} did not come up")


def data(url, path=PATH):
    answer = httpx.get(url + path)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def counts(url):
    return data(url, "/v1/cache/stats")


def says_away(url):
    """Whether its absence is told: after a question that nobody has asked before, for a while."""
    for limit in range(11, 31):
        data(url, f"{PATH.rpartition('/')[0]}?limit={limit}")
        if counts(url)["redis"] == "away":
            return True
    return False


def publish(made, score):
    rows = soccer_rows()
    rows[FlattenedMatches][1] = match(1, home_score=score)
    put(made.folder, "soccer", rows)


def until_shown(urls, score):
    for _ in range(400):
        if all(data(url)["home_score"] == score for url in urls):
            return
        time.sleep(0.025)
    raise AssertionError(f"{score} did not come")


def test_answers_are_shared_and_the_death_of_redis_changes_none(servers, own_redis):
    made, urls = servers
    assert data(urls[0]) == data(urls[1])
    assert (counts(urls[0])["misses"], counts(urls[1])["misses"], counts(urls[1])["redis_hits"]) == (1, 0, 1)
    paths = [PATH, "/v1/soccer/matches?limit=3", "/v1/ncaaf/games", "/v1/ncaaf/players/7/gamelog"]
    before = [data(url, path) for url in urls for path in paths]
    own_redis.kill()
    assert [data(url, path) for url in urls for path in paths] == before
    others = [f"{path}{'&' if '?' in path else '?'}limit=2" for path in paths[2:]]  # nobody has made these yet
    assert [data(urls[0], path) for path in others] == [data(urls[1], path) for path in others]
    assert says_away(urls[0])
    publish(made, 4)  # found by looking now
    until_shown(urls, 4)


def test_a_publication_and_a_look_reach_the_clients_of_both_processes_in_order(servers):
    made, urls = servers
    assert asyncio.run(_heard(made, urls)) == [[2, 3, 4], [2, 3, 4]]


async def _heard(made, urls):
    log = ObservationLog(made.folder, "simulated")
    async with aiohttp.ClientSession() as session:
        sockets = [await session.ws_connect(f"{url}/v1/stream") for url in urls]
        for each in sockets:
            await each.send_json({"type": "subscribe", "channel": "soccer.matches", "keys": ["m001"]})
            assert [(await each.receive_json(timeout=20))["type"] for _ in range(2)] == ["subscribed", "snapshot"]
        found = [[] for _ in urls]
        for score in (2, 3, 4):
            if score == 3:
                at = AT.replace(minute=1)
                await asyncio.to_thread(log.append, Observation(at, {"m001": {"home_score": score}}), {})
            else:
                rows = soccer_rows()
                rows[FlattenedMatches][1] = match(1, home_score=score, fetched_at=AT.replace(minute=score // 2))
                await asyncio.to_thread(put, made.folder, "soccer", rows)
            for place, each in enumerate(sockets):
                while True:
                    told = json.loads(await each.receive_str(timeout=20))
                    if told["type"] == "change":
                        found[place].append(told["data"]["home_score"])
                        break
        for each in sockets:
            await each.close()
    return found
