"""Limits by key: the latencies of one key, alone and beside another that asks far more than it may.

    python -m benchmarks.serving_limits [--rate 100] [--greedy 200] [--seconds 4] [--pairs 16] [--json F]

The server runs in a process of its own over a small world that is removed afterwards.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from benchmarks.paired import Pair, moved
from benchmarks.serving_process import greedy_arguments, hold_still, ready, server, tell
from football_assets.serving.keys import KeyStore
from football_assets_tests.emulated import served

PATH = "/v1/soccer/matches?live=true&limit=50"
LIMIT = 1_200
LANES = 4  # connections of the greedy key
_LENGTH = re.compile(r"content-length: (\d+)", re.IGNORECASE)


def main() -> None:
    arguments = greedy_arguments(__doc__, pairs=16)
    arguments.add_argument("--ask", metavar="URL", help=argparse.SUPPRESS)
    asked = arguments.parse_args()
    if asked.ask:
        print(json.dumps(asyncio.run(greedily(asked.ask, sys.stdin.readline().strip(), asked))))
        return
    with tempfile.TemporaryDirectory() as folder:
        served.put(Path(folder), "soccer", served.soccer_rows())
        # Each pair has keys of its own, so that the modest one stays within its minute.
        store = KeyStore(Path(folder))
        keys = [(store.create("modest", "read")[1], store.create("greedy", "read")[1]) for _ in range(asked.pairs)]
        variables = {"FOOTBALL_HOME": folder, "FOOTBALL_SERVING__REQUESTS_PER_MINUTE": str(LIMIT)}
        with server(variables, is_quiet=True) as url:
            found = asyncio.run(measured(url, keys, asked))
    tell(found, asked.json)


async def measured(url: str, keys: list[tuple[str, str]], asked: argparse.Namespace) -> dict[str, Any]:
    pairs: list[Pair] = []
    statuses: Counter[int] = Counter()
    rng = random.Random(1)
    async with aiohttp.ClientSession(headers={"Accept-Encoding": "identity"}) as session:
        await ready(session, url)
        hold_still()
        for modest, greedy in keys:
            for _ in range(LIMIT + 1):
                await one(session, url, greedy)
            took: dict[bool, list[float]] = {}
            for beside in rng.sample((False, True), 2):
                other = await asking(url, greedy, asked) if beside else None
                took[beside] = await at_rate(session, url, modest, asked.rate, asked.seconds)
                if other is not None:
                    told, _ = await other.communicate()
                    statuses.update({int(status): count for status, count in json.loads(told).items()})
            pairs.append((took[False], took[True]))
    about = {"modest_reads_per_s": asked.rate, "greedy_reads_per_s": asked.greedy, "greedy_statuses": dict(statuses)}
    return about | moved(pairs)


async def asking(url: str, key: str, asked: argparse.Namespace) -> asyncio.subprocess.Process:
    """The greedy key at work, in another process: its own work must not delay the clock of the one that is measured."""
    command = [sys.executable, "-m", "benchmarks.serving_limits", "--ask", url]
    options = ["--greedy", str(asked.greedy), "--seconds", str(asked.seconds + 1)]
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(*command, *options, stdin=pipe, stdout=pipe)
    assert other.stdin is not None and other.stdout is not None
    other.stdin.write(f"{key}\n".encode())
    await other.stdout.readline()  # it has begun
    await asyncio.sleep(0.3)
    return other


async def greedily(url: str, key: str, asked: argparse.Namespace) -> dict[int, int]:
    """How the reads of the greedy key end. It costs little itself: a real one has a machine of its own."""
    place = urlsplit(url)
    lines = [f"GET {PATH} HTTP/1.1", f"Host: {place.netloc}", f"X-API-Key: {key}", "", ""]
    request = "\r\n".join(lines).encode()
    lanes = [await asyncio.open_connection(place.hostname, place.port) for _ in range(LANES)]
    print(flush=True)
    begin = time.perf_counter()

    async def lane(number: int) -> Counter[int]:
        reader, writer = lanes[number]
        statuses: Counter[int] = Counter()
        for turn in range(number, round(asked.greedy * asked.seconds), LANES):
            await asyncio.sleep(max(0.0, begin + turn / asked.greedy - time.perf_counter()))
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            await reader.readexactly(int(_LENGTH.search(head)[1]))  # type: ignore[index]
            statuses[int(head.split(" ", 2)[1])] += 1
        writer.close()
        return statuses

    return dict(sum(await asyncio.gather(*map(lane, range(LANES))), Counter()))


async def one(session: aiohttp.ClientSession, url: str, key: str) -> tuple[float, int]:
    began = time.perf_counter()
    async with session.get(url + PATH, headers={"X-API-Key": key}) as answer:
        await answer.read()
        return 1000 * (time.perf_counter() - began), answer.status


async def at_rate(session: aiohttp.ClientSession, url: str, key: str, rate: float, seconds: float) -> list[float]:
    """Latencies of reads that start at fixed instants. Raises ValueError when one was refused."""
    begin, tasks = time.perf_counter(), []
    for number in range(round(rate * seconds)):
        await asyncio.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        tasks.append(asyncio.create_task(one(session, url, key)))
    done = await asyncio.gather(*tasks)
    if refused := [status for _, status in done if status != 200]:
        raise ValueError(f"reads within the limit were refused: {refused[:3]}")
    return [took for took, _ in done]


if __name__ == "__main__":
    main()
