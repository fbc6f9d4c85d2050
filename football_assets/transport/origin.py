"""Which world an answer comes from: the provider itself, or one of our emulators."""

import asyncio
import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp

from football_assets.errors import SourceChanged, SourceUnavailable
from football_assets.states import Source
from football_assets.transport.problems import SourceProblem, network_problem

SOURCE_HEADER = "x-football-source"


def foreign_source(headers: Mapping[str, str], expected: Source | None) -> SourceProblem | None:
    """The problem with an answer from another world than `expected`; providers themselves name none."""
    came_from = headers.get(SOURCE_HEADER, Source.REAL.value)
    if expected is None or came_from == expected.value:
        return None
    happened = f"{came_from!r} data; worlds never mix"
    return SourceProblem("changed", happened, field=SOURCE_HEADER, expected=repr(expected.value))


async def probe_source(base_url: str, timeout_s: float = 2.0) -> Source:
    """Ask the host of `base_url` whether it is one of our emulators, and of which world.

    A host that answers anything else is the provider: `real`. Raises SourceUnavailable when nothing answers at all,
    SourceChanged when an emulator names a world we do not know.
    """
    parts = urlsplit(base_url)
    host = parts.netloc.rpartition("@")[2]
    doing = f"asking who serves {parts.scheme}://{host}{parts.path}"
    problem: SourceProblem | None = None
    body: object = None
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=timeout_s)) as session,
            session.get(f"{parts.scheme}://{host}/__emulator__/stats", allow_redirects=False) as response,
        ):
            if response.status == 200:
                body = json.loads(await response.read())
    except TimeoutError:
        problem = SourceProblem("unavailable", f"no answer within {timeout_s:g} s", "Start it or check the address.")
    except (aiohttp.ClientError, OSError) as error:
        happened = network_problem(error, host).happened
        problem = SourceProblem("unavailable", happened, "Start it or check the address.")
    except (ValueError, RecursionError):
        return Source.REAL
    await asyncio.sleep(0)  # the loop closes the socket itself in its next round
    if problem:
        raise SourceUnavailable(host, doing, problem.happened, problem.to_do)
    if not isinstance(body, dict) or "source" not in body:
        return Source.REAL
    if body["source"] not in list(Source):
        known = " or ".join(source.value for source in Source)
        raise SourceChanged(host, doing, field="source", expected=known, got=repr(body["source"]))
    return Source(body["source"])
