"""What the benchmarks of the REST service share: the server in a process of its own, reads of it, and what is told."""

import argparse
import asyncio
import gc
import json
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from football_assets.config import environment_with_dotenv

LOOPBACK = "127.0.0.1"


@contextmanager
def server(variables: Mapping[str, str] | None = None, *, is_quiet: bool = False) -> Iterator[str]:
    """The address of `football serve` on a port of its own, with these variables beside the environment's."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "football_assets.cli", "serve", "--port", str(port)],
        env=None if variables is None else {**environment_with_dotenv(), **variables},
        stdout=subprocess.DEVNULL if is_quiet else None,
    )
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        process.terminate()
        process.wait(20)


async def ready(session: aiohttp.ClientSession, url: str) -> None:
    """Wait until the server has tables to answer from. Exits after a minute."""
    for _ in range(600):
        try:
            async with session.get(f"{url}/health/ready") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.1)
    raise SystemExit("the server is not ready: `make run` publishes something first")


async def read(session: aiohttp.ClientSession, address: str) -> Any:
    """One answer that must be one."""
    async with session.get(address) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


def hold_still() -> None:
    """From here on this process collects no garbage: its own pauses would be told as the server's latencies."""
    gc.collect()
    gc.disable()


def greedy_arguments(about: str | None, pairs: int) -> argparse.ArgumentParser:
    """What a benchmark of a modest key beside a greedy one can be told."""
    arguments = argparse.ArgumentParser(description=about)
    arguments.add_argument("--rate", type=float, default=100, help="Reads a second of the modest key")
    arguments.add_argument("--greedy", type=float, default=200, help="Reads a second of the other")
    arguments.add_argument("--seconds", type=float, default=4)
    arguments.add_argument("--pairs", type=int, default=pairs)
    arguments.add_argument("--json", type=Path)
    return arguments


def tell(found: Mapping[str, Any], file: Path | None, *, width: int = 28) -> None:
    """Print the figures, and write them to a file when one is named."""
    for name, value in found.items():
        print(f"{name:{width}} {value}")
    if file:
        file.write_text(json.dumps(found, indent=1))
