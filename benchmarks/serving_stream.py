"""The stream under load: change to client, one stalled client, connections that come and go, two processes.

    python -m benchmarks.serving_stream [--clients 1000] [--rate 5] [--seconds 10] [--pairs 12] [--redis URL] [--json F]

`--rate` changes a second, each to every client. The server runs in a process of its own over a small world that is
removed afterwards, and every change carries the clock at which it was made; the clients run in another.
"""

import argparse
import asyncio
import gc
import multiprocessing
import random
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import uvicorn
from pydantic import SecretStr

from benchmarks.paired import Pair, moved
from benchmarks.serving_process import tell
from football_assets.config import load_settings
from football_assets.serving.app import create_app
from football_assets.serving.process import Server
from football_assets_tests.emulated import served

CHANNEL = "soccer.matches"
CYCLES = 1_000
PHASE_S = 4.0
SNAPSHOTS = 300


def serve(folder: str, orders: Any, answers: Any, redis: str | None) -> None:
    """A server that makes changes as it is told: (rate, seconds), or counts what it holds."""
    more = {"home": Path(folder), "redis_url": SecretStr(redis) if redis else None}
    settings = load_settings().model_copy(update=more)
    app = create_app(settings)
    services = app.state.services

    async def main() -> None:
        # As `football serve` runs it, but for the log.
        about = {"log_level": "error", "access_log": False, "backlog": 4096, "ws_per_message_deflate": False}
        config = uvicorn.Config(app, host="127.0.0.1", port=0, **about)
        server = Server(config, alone=True)
        running = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        answers.put(server.servers[0].sockets[0].getsockname()[1])
        score = 100
        while (order := await asyncio.to_thread(orders.get)) is not None:
            if order == "count":
                await asyncio.sleep(1)
                gc.collect()
                wishes = sum(len(client.wishes) for client in services.hub.clients)
                answers.put((len(asyncio.all_tasks()), len(services.hub.clients), wishes))
                continue
            if order == "waiting":
                answers.put(max((len(client.outbox) for client in services.hub.clients), default=0))
                continue
            rate, seconds, keys, padding = order
            began = time.monotonic()
            shown = services.hub.values(CHANNEL)
            for number in range(round(rate * seconds)):
                await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
                score += 1
                key = f"m{number % keys:03d}"
                value = {**shown[key], "home_score": score, "status": "x" * padding, "minute_text": str(time.time())}
                services.hub.merge(CHANNEL, {key: value})
            answers.put("done")
        server.should_exit = True
        await running

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(main())


def _loop_factory() -> Any:
    import uvloop

    return uvloop.new_event_loop


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--clients", type=int, default=1_000)
    arguments.add_argument("--rate", type=float, default=5)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument(
        "--pairs", type=int, default=12, help="Phases with and without a client that stopped reading"
    )
    arguments.add_argument("--redis")
    arguments.add_argument("--json", type=Path)
    asked = arguments.parse_args()
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        served.put(Path(folder), "soccer", served.soccer_rows())
        with Process(folder) as server:
            found |= asyncio.run(fan_out(server, asked.clients, asked.rate, asked.seconds, asked.pairs))
            found |= asyncio.run(coming_and_going(server))
        if asked.redis:
            with Process(folder, asked.redis) as one, Process(folder, asked.redis) as two:
                found |= asyncio.run(across(Path(folder), one, two))
    tell(found, asked.json, width=34)


class Process:
    """A server in a process of its own."""

    def __init__(self, folder: str, redis: str | None = None) -> None:
        context = multiprocessing.get_context("spawn")
        self.orders, self.answers = context.Queue(), context.Queue()
        self._process = context.Process(target=serve, args=(folder, self.orders, self.answers, redis))

    def __enter__(self) -> "Process":
        self._process.start()
        self.url = f"http://127.0.0.1:{self.answers.get(timeout=60)}/v1/stream"
        return self

    def __exit__(self, *_: object) -> None:
        self.orders.put(None)
        self._process.join(20)
        self._process.kill()

    async def does(self, order: Any) -> Any:
        self.orders.put(order)
        return await asyncio.to_thread(self.answers.get, True, 60)


async def connected(session: aiohttp.ClientSession, url: str) -> aiohttp.ClientWebSocketResponse:
    socket = await session.ws_connect(url, max_msg_size=0)
    await socket.send_json({"type": "subscribe", "channel": CHANNEL})
    await socket.receive_str()
    await socket.receive_str()
    return socket


async def reading(socket: aiohttp.ClientWebSocketResponse, took: list[float]) -> None:
    """Note how long each change took, by the wall clock that both processes share."""
    mark = b'"minute_text":"'
    async for message in socket:
        arrived = time.time()
        text = message.data.encode()
        place = text.find(mark)
        if place >= 0:
            begin = place + len(mark)
            took.append(1000 * (arrived - float(text[begin : text.index(b'"', begin)])))


async def fan_out(server: Process, clients: int, rate: float, seconds: float, pairs: int) -> dict[str, Any]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        sockets = []
        for first in range(0, clients, 50):
            count = min(50, clients - first)
            sockets += await asyncio.gather(*(connected(session, server.url) for _ in range(count)))
        took: list[float] = []
        readers = [asyncio.create_task(reading(each, took)) for each in sockets]
        await server.does((rate, 1, 7, 1))  # warm
        await asyncio.sleep(1)
        took.clear()
        before = time.process_time()
        await server.does((rate, seconds, 7, 1))
        await asyncio.sleep(1)
        calm, busy_s = sorted(took), time.process_time() - before
        beside_one = await beside_a_stalled_client(session, server, took, rate, pairs)
        for each in readers:
            each.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
    wanted = clients * round(rate * seconds)
    return {
        "clients": clients,
        "messages_per_s": round(clients * rate),
        "received_of": f"{len(calm)} of {wanted}",
        "change_to_client_p50_ms": round(statistics.median(calm), 2),
        "change_to_client_p99_ms": round(calm[int(len(calm) * 0.99)], 2),
        "clients_cpu_share": round(busy_s / (seconds + 1), 2),
        **{f"one_stalled_{name}": value for name, value in beside_one.items()},
    }


async def beside_a_stalled_client(
    session: aiohttp.ClientSession, server: Process, took: list[float], rate: float, pairs: int
) -> dict[str, Any]:
    """Short phases with and without one client that has stopped reading, in pairs."""
    found: list[Pair] = []
    waiting: list[int] = []
    rng = random.Random(1)
    for _ in range(pairs):
        phases: dict[bool, list[float]] = {}
        for beside in rng.sample((False, True), 2):
            stalled = await stopped_reading(session, server) if beside else None
            took.clear()
            await server.does((rate, PHASE_S, 7, 1))
            await asyncio.sleep(0.5)
            phases[beside] = list(took)
            if stalled is not None:
                waiting.append(await server.does("waiting"))
                stalled._response.connection.transport.abort()  # type: ignore[union-attr]
        found.append((phases[False], phases[True]))
    return {"messages_waiting_for_it": min(waiting), **moved(found)}


async def stopped_reading(session: aiohttp.ClientSession, server: Process) -> aiohttp.ClientWebSocketResponse:
    """A client that asks for so many snapshots that they fill every buffer on the way, and reads none of them."""
    socket = await connected(session, server.url)
    socket._response.connection.protocol.pause_reading()  # type: ignore[union-attr]
    for _ in range(SNAPSHOTS):
        await socket.send_json({"type": "subscribe", "channel": CHANNEL})
    for _ in range(50):
        await asyncio.sleep(0.1)
        if await server.does("waiting") > 0:
            break
    await asyncio.sleep(0.5)
    return socket


async def coming_and_going(server: Process) -> dict[str, Any]:
    """Connections that subscribe and end, half of them without a goodbye."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        before = await server.does("count")
        for number in range(CYCLES):
            socket = await connected(session, server.url)
            if number % 2:
                await socket.close()
            else:
                socket._response.connection.transport.abort()  # type: ignore[union-attr]
        after = await server.does("count")
    tasks, clients, wishes = (now - then for then, now in zip(before, after, strict=True))
    return {"connect_cycles": CYCLES, "left_tasks": tasks, "left_clients": clients, "left_subscriptions": wishes}


async def across(folder: Path, one: Process, two: Process) -> dict[str, Any]:
    """From a publication's end until a client of each process hears of it, and between the two."""
    async with aiohttp.ClientSession() as session:
        sockets = [await connected(session, each.url) for each in (one, two)]
        await asyncio.sleep(2)
        between, since = [], []
        for number in range(40):
            rows = served.soccer_rows()
            rows[served.FlattenedMatches][1] = served.match(1, home_score=200 + number)
            heard = [asyncio.create_task(until_score(each, 200 + number)) for each in sockets]
            await asyncio.to_thread(served.put, folder, "soccer", rows)
            published = time.time()
            times = await asyncio.gather(*heard)
            between.append(1000 * abs(times[0] - times[1]))
            since.append(1000 * (max(times) - published))
            await asyncio.sleep(0.013 * (number % 17))
        for each in sockets:
            await each.close()
    ordered, late = sorted(between), sorted(since)
    return {
        "two_processes_between_p50_ms": round(statistics.median(ordered), 1),
        "two_processes_between_max_ms": round(ordered[-1], 1),
        "published_to_both_p50_ms": round(statistics.median(late), 1),
        "published_to_both_max_ms": round(late[-1], 1),
    }


async def until_score(socket: aiohttp.ClientWebSocketResponse, score: int) -> float:
    while True:
        told = orjson.loads(await socket.receive_str())
        if told["type"] == "change" and told["data"]["home_score"] == score:
            return time.time()


if __name__ == "__main__":
    main()
