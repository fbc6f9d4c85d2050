"""The stream and the client package over real sockets: cuts, restarts, keys, slow readers, the end."""

import asyncio
import json
import random

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from football_assets.client import ApiError, AsyncFootball, Football
from football_assets.serving.keys import KeyStore
from football_assets.serving.routes import stream as stream_routes
from football_assets.serving.stream import outbox
from football_assets.soccer.schemas import Corrections, FlattenedMatches
from football_assets_tests.emulated.served import (
    PlayerProjections,
    Served,
    match,
    ncaa_rows,
    put,
    row,
    soccer_rows,
    world,
)

CHANNEL = "soccer.matches"


@pytest.fixture
def served():
    with Served(world()).running() as made:
        yield made


def publish(served, **scores):
    rows = soccer_rows()
    rows[FlattenedMatches] = [match(n, home_score=scores.get(f"m{n:03d}", 1)) for n in range(7)]
    put(served.settings.folder, "soccer", rows)


def tell(served, key, score):
    """A value enters the hub as the fast lane's would, in the server's own loop."""
    hub = served.services.hub
    loop = served.services.loop
    asyncio.run_coroutine_threadsafe(_merge(hub, {key: match(1, home_score=score)}), loop).result(10)


async def _merge(hub, values):
    hub.merge(CHANNEL, values)


async def test_a_publication_reaches_a_client_as_the_changes_of_its_rows(served):
    async with AsyncFootball(served.url) as football:
        events = football.follow(CHANNEL, keys=["m001"])
        first = await asyncio.wait_for(anext(events), 10)
        assert first.kind == "snapshot"
        assert first.data["m001"]["home_score"] == 1
        await asyncio.to_thread(publish, served, m001=2, m002=3)
        change = await asyncio.wait_for(anext(events), 10)
        assert (change.kind, change.key, change.data["home_score"]) == ("change", "m001", 2)
        assert "home_score" in change.changed
        await events.aclose()


async def test_a_correction_is_told_apart_from_a_change(served):
    async with AsyncFootball(served.url) as football:
        events = football.follow(CHANNEL, keys=["m001"])
        await asyncio.wait_for(anext(events), 10)
        rows = soccer_rows()
        told = {
            "match_id": "m001",
            "kind": "score_fell",
            "seq": 0,
            "subject": "home_score",
            "before": "1",
            "after": "0",
        }
        rows[FlattenedMatches][1] = match(1, home_score=0)
        rows[Corrections] = [row(Corrections, **told)]
        await asyncio.to_thread(put, served.settings.folder, "soccer", rows)
        heard = [await asyncio.wait_for(anext(events), 10) for _ in range(2)]
        assert sorted(event.kind for event in heard) == ["change", "correction"]
        correction = next(event for event in heard if event.kind == "correction")
        assert (correction.data["before"], correction.data["after"]) == ("1", "0")
        await events.aclose()


async def test_a_hundred_random_cuts_of_real_connections_lose_nothing_and_repeat_nothing(served):
    rng, heard, score, cursor = random.Random(3), [], 1, None
    async with aiohttp.ClientSession() as session:
        for _ in range(100):
            async with session.ws_connect(f"{served.url}/v1/stream") as socket:
                wanted = {"channel": CHANNEL, "keys": ["m001"]}
                if cursor is None:
                    await socket.send_json({"type": "subscribe", **wanted})
                    await socket.receive_json()
                    cursor = (await socket.receive_json())["cursor"]
                else:
                    await socket.send_json({"type": "resume", **wanted, "cursor": cursor})
                    resumed = await socket.receive_json()
                    assert resumed["type"] == "resumed"
                    for _ in range(rng.randint(0, resumed["replayed"])):
                        told = await socket.receive_json()
                        heard.append((told["seq"], told["data"]["home_score"]))
                        cursor = told["cursor"]
                for _ in range(rng.randrange(4)):
                    score += 1
                    await asyncio.to_thread(tell, served, "m001", score)
        async with session.ws_connect(f"{served.url}/v1/stream") as socket:
            await socket.send_json({"type": "resume", "channel": CHANNEL, "keys": ["m001"], "cursor": cursor})
            for _ in range((await socket.receive_json())["replayed"]):
                told = await socket.receive_json()
                heard.append((told["seq"], told["data"]["home_score"]))
    assert [value for _, value in heard] == list(range(2, score + 1))
    assert [seq for seq, _ in heard] == list(range(heard[0][0], heard[0][0] + len(heard)))


async def test_the_client_goes_on_by_itself_after_the_server_was_away():
    settings = world()
    with Served(settings).running() as first:
        port = int(first.url.rpartition(":")[2])
        async with AsyncFootball(first.url) as football:
            events = football.follow(CHANNEL, keys=["m001"])
            await asyncio.wait_for(anext(events), 10)
            await asyncio.to_thread(first.stop)
            await asyncio.to_thread(publish, first, m001=5)
            with Served(settings, port=port).running():
                again = await asyncio.wait_for(anext(events), 20)
                assert again.kind == "snapshot"  # another life of the server: what was missed is not known there
                assert again.data["m001"]["home_score"] == 5
                await events.aclose()


async def test_a_client_that_reads_nothing_is_closed_as_too_slow(served, monkeypatch):
    monkeypatch.setattr(outbox, "MOST", 1)
    hub = served.services.hub
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{served.url}/v1/stream") as socket:
        await socket.send_json({"type": "subscribe", "channel": CHANNEL})
        await socket.receive_json()
        await socket.receive_json()
        client = next(iter(hub.clients))
        client.outbox._most = 3

        async def flood():
            hub.merge(CHANNEL, {f"new{n}": match(1) for n in range(10)})

        asyncio.run_coroutine_threadsafe(flood(), served.services.loop).result(10)
        while (await socket.receive(timeout=10)).type is aiohttp.WSMsgType.TEXT:
            pass
        assert socket.close_code == stream_routes.TOO_SLOW
    assert not hub.clients


@pytest.mark.parametrize("text", ["nonsense", '{"type": "subscribe", "channel": "no.such"}'])
async def test_a_message_that_is_not_understood_closes_the_connection(served, text):
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{served.url}/v1/stream") as socket:
        await socket.send_str(text)
        message = await socket.receive(timeout=10)
        assert (message.type, socket.close_code) == (aiohttp.WSMsgType.CLOSE, stream_routes.MALFORMED)


async def test_a_stopping_server_says_goodbye(served):
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{served.url}/v1/stream") as socket:
        await socket.send_json({"type": "ping"})
        await socket.receive_json()
        served.server.should_exit = True
        assert (await socket.receive_json(timeout=10))["type"] == "goodbye"
        await socket.receive(timeout=10)
        assert socket.close_code == stream_routes.GOING_AWAY


async def test_server_sent_events_tell_the_same_and_resume_by_their_id(served):
    async with aiohttp.ClientSession() as session:

        async def events(count, **headers):
            found = []
            url = f"{served.url}/v1/stream/events?channel={CHANNEL}&key=m001"
            async with session.get(url, headers=headers) as answer:
                block = {}
                async for line in answer.content:
                    name, _, value = line.decode().rstrip("\n").partition(": ")
                    if name:
                        block[name] = value
                        continue
                    found.append(block)
                    block = {}
                    if len(found) == count:
                        break
            return found

        (snapshot,) = await events(1)
        assert snapshot["event"] == "snapshot"
        for score in (2, 3):
            await asyncio.to_thread(tell, served, "m001", score)
        missed = await events(2, **{"Last-Event-ID": snapshot["id"]})
        assert [json.loads(each["data"])["data"]["home_score"] for each in missed] == [2, 3]


async def test_server_sent_events_are_filtered_and_say_when_what_was_missed_is_not_known(served):
    async def events(count, query="", **headers):
        found = []
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{served.url}/v1/stream/events?channel={CHANNEL}{query}", headers=headers) as answer,
        ):
            assert answer.headers["Cache-Control"] == "no-store"
            async for line in answer.content:
                if line.startswith(b"data: "):
                    found.append(json.loads(line[6:]))
                if len(found) == count:
                    return found
        return found

    (snapshot,) = await events(1, '&where={"status_id": [8]}')
    assert set(snapshot["values"]) == {"m002", "m005"}
    told = await events(2, **{"Last-Event-ID": "another-life:7"})
    assert [(each["type"], each["cursor"]) for each in told] == [
        ("snapshot_required", "another-life:7"),
        ("snapshot", served.services.hub.cursor),
    ]
    answer = served.http.get(f"/v1/stream/events?channel={CHANNEL}&where=[1]")
    assert (answer.status_code, answer.json()["parameter"]) == (422, "where")


async def test_a_heartbeat_comes_while_nothing_happens_and_a_revoked_key_ends_the_connection(monkeypatch):
    monkeypatch.setattr(stream_routes, "HEARTBEAT_S", 0.2)
    settings = world()
    store = KeyStore(settings.folder)
    key, secret = store.create("screen", "read")
    headers = {"Authorization": f"Bearer {secret}"}
    with Served(settings).running() as served:
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.ws_connect(f"{served.url}/v1/stream") as socket,
            session.get(f"{served.url}/v1/stream/events?channel=system") as events,
        ):
            told = await socket.receive_json(timeout=10)
            assert (told["type"], told["cursor"]) == ("heartbeat", served.services.hub.cursor)
            lines = [await asyncio.wait_for(events.content.readline(), 10) for _ in range(5)]
            assert lines[0::4] == [b"event: snapshot\n", b"event: heartbeat\n"]
            await asyncio.to_thread(store.revoke, key.id)
            await asyncio.to_thread(store.create, "another", "read")
            while (message := await socket.receive(timeout=10)).type is aiohttp.WSMsgType.TEXT:
                pass
            assert (message.data, socket.close_code) == (stream_routes.UNAUTHORIZED,) * 2
            await asyncio.wait_for(events.content.read(), 10)  # it ends
        assert not served.services.hub.clients


async def test_a_publication_of_thousands_of_projections_reaches_a_client_over_one_connection(served):
    def publish(mean):
        rows = ncaa_rows()
        rows[PlayerProjections] = [
            row(PlayerProjections, game_id=100, player_id=str(n), stat_type="sacks", state="projected", mean=mean)
            for n in range(2_500)
        ]
        put(served.settings.folder, "ncaa", rows)

    await asyncio.to_thread(publish, 1.0)
    for _ in range(400):
        if len(served.services.hub.values("ncaaf.props")) == 2_500:
            break
        await asyncio.sleep(0.05)
    url = f"{served.url}/v1/stream"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, max_msg_size=0) as socket:
        await socket.send_json({"type": "subscribe", "channel": "ncaaf.props"})
        assert [(await socket.receive_json(timeout=20))["type"] for _ in range(2)] == ["subscribed", "snapshot"]
        await asyncio.to_thread(publish, 2.0)
        told = [await socket.receive_json(timeout=20) for _ in range(2_500)]
        assert {(each["type"], each["data"]["mean"]) for each in told} == {("change", 2.0)}
        assert len({each["key"] for each in told}) == 2_500
        assert not socket.closed


async def test_the_client_tells_nothing_twice_when_it_was_cut_behind_a_message_that_stood_for_several():
    asked = []

    async def serve(request):
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        asked.append(await socket.receive_json())
        about = {"key": "a", "epoch": "e", "at": "", "changed": [], "data": {}}
        if len(asked) == 1:
            await socket.send_json({"type": "snapshot", "cursor": "e:1", "values": {"a": {"seq": 1, "data": {}}}})
            await socket.send_json({"type": "change", **about, "seq": 4, "conflated_from": 2, "cursor": "e:2"})
        else:
            for seq in (3, 4, 5):
                await socket.send_json({"type": "change", **about, "seq": seq, "cursor": f"e:{2 * seq}"})
            await socket.receive()
        await socket.close()
        return socket

    app = web.Application()
    app.router.add_get("/v1/stream", serve)
    async with TestServer(app) as server, AsyncFootball(str(server.make_url(""))) as football:
        events = football.follow(CHANNEL)
        heard = [await asyncio.wait_for(anext(events), 10) for _ in range(3)]
        await events.aclose()
    assert [each.seq for each in heard] == [None, 4, 5]
    assert [each["type"] for each in asked] == ["subscribe", "resume"]
    assert asked[1]["cursor"] == "e:2"


async def test_a_key_is_needed_where_keys_are_configured_and_may_come_in_the_first_message():
    settings = world()
    _, secret = KeyStore(settings.folder).create("page", "read")
    with Served(settings).running() as served:
        async with aiohttp.ClientSession() as session:
            for first, good in (({"type": "auth", "key": secret}, True), ({"type": "auth", "key": "x"}, False)):
                async with session.ws_connect(f"{served.url}/v1/stream") as socket:
                    await socket.send_json(first)
                    await socket.send_json({"type": "ping"})
                    message = await socket.receive(timeout=10)
                    assert (message.type is aiohttp.WSMsgType.TEXT) == good
                    assert good or socket.close_code == stream_routes.UNAUTHORIZED
        async with AsyncFootball(served.url, key=secret) as football:
            assert (await football.matches()).meta.total == 7
            events = football.follow("system")
            assert (await asyncio.wait_for(anext(events), 10)).kind == "snapshot"
            await events.aclose()
        async with AsyncFootball(served.url, key="fbk_1_no") as football:
            with pytest.raises(ApiError, match="unauthorized"):
                await football.matches()
            with pytest.raises(ApiError, match="unauthorized"):
                await asyncio.wait_for(anext(football.follow("system")), 10)


async def test_many_connections_leave_no_task_and_no_subscription(served):
    async def tasks():
        return len(asyncio.all_tasks())

    def count():
        return asyncio.run_coroutine_threadsafe(tasks(), served.services.loop).result(10)

    before = count()
    async with aiohttp.ClientSession() as session:
        for _ in range(100):
            async with session.ws_connect(f"{served.url}/v1/stream") as socket:
                await socket.send_json({"type": "subscribe", "channel": CHANNEL})
                await socket.receive_json()
    for _ in range(100):
        if count() <= before and not served.services.hub.clients:
            break
        await asyncio.sleep(0.05)
    assert count() <= before
    assert not served.services.hub.clients


def test_a_notebook_gets_frames_with_instants_and_nulls(served):
    with Football(served.url) as football:
        frame = football.matches(live=True).to_frame()
        assert len(frame) == 5
        assert str(frame["kickoff_at"].dt.tz) == "UTC"
        assert frame["home_score_penalties"].isna().all()
        assert frame.attrs["meta"]["worlds"] == ["simulated"]
        assert football.gamelog("7").to_frame()["rushing_yards"].tolist() == [46, 45, 44, 43, 42, 41]
        assert football.players("twin").meta.total == 2
        follow = football.follow(CHANNEL)
        assert len(next(follow).data) == 7
        follow.close()
        with pytest.raises(ApiError) as caught:
            football.match("zzz")
        assert caught.value.code == "not_found"


def test_a_long_list_is_read_to_its_end(served):
    rows = soccer_rows()
    rows[FlattenedMatches] = [match(n) for n in range(450)]
    put(served.settings.folder, "soccer", rows)
    served.services.published.look()
    with Football(served.url) as football:
        found = football.matches()
        assert len({each["match_id"] for each in found.data}) == 450
