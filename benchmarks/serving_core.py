"""Limits by key on a core of its own: how far one key's p99 moves while another is refused, counted in CPU time.

    python -m benchmarks.serving_core [--rate 100] [--greedy 200] [--seconds 4] [--pairs 30] [--json F]

`serving_limits` measures the same over sockets, which needs a machine that does nothing else. Here each request is
really answered, by uvicorn's protocol and the whole application, one after the other, and its CPU time is noted; the
clock of arrivals and answers advances by that CPU time alone. What else the machine does then does not count. Left out:
the kernel's share of a socket.
"""

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from benchmarks.paired import Pair, moved
from benchmarks.serving_limits import PATH
from benchmarks.serving_process import greedy_arguments, tell
from football_assets.config import load_settings
from football_assets.serving import access
from football_assets.serving.app import create_app
from football_assets.serving.keys import KeyStore
from football_assets_tests.emulated import served


class Wire(asyncio.Transport):
    """A connection that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8_000)})
        self.written = b""

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None: ...

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


class Client:
    """One key's connection."""

    def __init__(self, config: uvicorn.Config, key: str) -> None:
        self._protocol = HttpToolsProtocol(config, ServerState(), {})
        self._wire = Wire()
        self._protocol.connection_made(self._wire)
        told = ("Host: 127.0.0.1:8000", f"X-API-Key: {key}", "Accept-Encoding: identity")
        self._question = "\r\n".join((f"GET {PATH} HTTP/1.1", *told, "", "")).encode()

    async def ask(self) -> tuple[float, int]:
        """(CPU time in ms, status) of one request."""
        self._wire.written = b""
        began = time.thread_time()
        self._protocol.data_received(self._question)
        while not self._protocol.cycle.response_complete:  # noqa: ASYNC110 - all that runs is the answer itself
            await asyncio.sleep(0)
        return 1000 * (time.thread_time() - began), int(self._wire.written[9:12])


def main() -> None:
    asked = greedy_arguments(__doc__, pairs=30).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        served.put(Path(folder), "soccer", served.soccer_rows())
        found = asyncio.run(measured(Path(folder), asked))
    tell(found, asked.json)


async def measured(home: Path, asked: argparse.Namespace) -> dict[str, Any]:
    settings = load_settings()
    allowed = round(2 * asked.rate * asked.seconds) + 1
    serving = settings.serving.model_copy(update={"requests_per_minute": allowed})
    access.now_ms = lambda: 1  # however long this takes, no minute passes
    app = create_app(settings.model_copy(update={"home": home, "serving": serving}))
    app.state.services.published.look()
    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", http="httptools")
    config.load()
    store = KeyStore(home)
    pairs: list[Pair] = []
    costs: list[float] = []
    rng = random.Random(1)
    for _ in range(asked.pairs):
        modest, greedy = (Client(config, store.create(name, "read")[1]) for name in ("modest", "greedy"))
        while (await greedy.ask())[1] != 429:
            pass
        took: dict[bool, list[float]] = {}
        for beside in rng.sample((False, True), 2):
            took[beside] = await phase(modest, greedy if beside else None, asked, rng, costs)
        pairs.append((took[False], took[True]))
    about = {"modest_reads_per_s": asked.rate, "greedy_reads_per_s": asked.greedy}
    return {**about, "refusal_cpu_ms": round(sorted(costs)[len(costs) // 2], 4), **moved(pairs)}


async def phase(
    modest: Client, greedy: Client | None, asked: argparse.Namespace, rng: random.Random, costs: list[float]
) -> list[float]:
    """How long the modest key's reads take, ms: what waits before them, and their own CPU time."""
    step = 1000 / asked.rate
    arrivals = [(number * step, modest) for number in range(round(asked.rate * asked.seconds))]
    at = 0.0
    while greedy is not None and (at := at + rng.expovariate(asked.greedy) * 1000) < 1000 * asked.seconds:
        arrivals.append((at, greedy))
    took, free = [], 0.0
    for arrived, client in sorted(arrivals, key=lambda each: each[0]):
        cost, status = await client.ask()
        free = max(free, arrived) + cost
        if client is modest:
            assert status == 200, status
            took.append(free - arrived)
        else:
            assert status == 429, status
            costs.append(cost)
    return took


if __name__ == "__main__":
    main()
