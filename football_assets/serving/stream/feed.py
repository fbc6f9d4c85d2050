"""From publications to the hub: what changed in the tables becomes messages."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from football_assets.providers import Domain
from football_assets.serving.problems import Problem
from football_assets.serving.published import Published
from football_assets.serving.stream.channels import CHANNELS, Channel
from football_assets.serving.stream.hub import Hub
from football_assets.serving.stream.outbox import MOST
from football_assets.serving.stream.overlay import CHANNEL, Overlay
from football_assets.tables import Table
from football_assets.warehouse.publication import Publication

log = logging.getLogger(__name__)
# A college publication may change thousands of keys: a client that reads gets the time to, and is not called slow.
PORTION = 200
ROOM = MOST - 3 * PORTION
PATIENCE_S = 2.0


class Feed:
    """Fills a hub from the published tables, one publication after the other."""

    def __init__(self, published: Published, hub: Hub, overlay: Overlay) -> None:
        self._published = published
        self._hub = hub
        self._overlay = overlay
        self._news: asyncio.Queue[tuple[Domain, Publication, frozenset[str]]] = asyncio.Queue()
        self._corrections: set[tuple[Any, ...]] | None = None

    def note(self, domain: Domain, publication: Publication, changed: frozenset[str]) -> None:
        """Something was published. To be called in the hub's event loop."""
        self._news.put_nowait((domain, publication, changed))

    async def run(self) -> None:
        """Pass on publications until cancelled. One that cannot be read is logged and the next one makes up for it."""
        while True:
            await self._take(*await self._news.get())

    async def catch_up(self) -> None:
        """Pass on what is waiting, so that the first client finds the values there."""
        while not self._news.empty():
            await self._take(*self._news.get_nowait())

    async def _take(self, domain: Domain, publication: Publication, changed: frozenset[str]) -> None:
        try:
            await self._pass_on(domain, publication, changed)
        except Problem as problem:
            log.warning("the stream cannot read publication %d of %s: %s", publication.id, domain, problem.detail)
        except Exception:
            log.exception("the stream failed on publication %d of %s", publication.id, domain)

    async def _pass_on(self, domain: Domain, publication: Publication, changed: frozenset[str]) -> None:
        for channel in CHANNELS.values():
            if channel.domain != domain or channel.table is None or channel.table.sql_name() not in changed:
                continue
            await self.hand_out(channel.name, await asyncio.to_thread(self._values, channel, domain, channel.table))
        if domain == "soccer":
            await self._pass_on_corrections()
        told = {
            "domain": domain,
            "publication_id": publication.id,
            "published_at": publication.published_at,
            "as_of": publication.as_of,
            "world": publication.source.value,
        }
        self._hub.merge("system", {domain: told})

    async def hand_out(self, name: str, values: Mapping[str, dict[str, Any]]) -> None:
        """All values of a channel as they are now, in portions that clients who read have room for."""
        if self._hub.fill(name, self._shown(name, values)):
            return
        keys, made = list(values), 0
        for first in range(0, len(keys), PORTION):
            part = {key: values[key] for key in keys[first : first + PORTION]}
            made = await self._after(made, name) + self._hub.merge(name, self._shown(name, part))
        gone = self._hub.gone(name, values)
        for first in range(0, len(gone), PORTION):
            made = await self._after(made, name) + self._hub.retract(name, gone[first : first + PORTION])

    async def _after(self, made: int, name: str) -> int:
        """Once a portion of messages was made, wait until those who follow have room for more; then count anew.

        One that does not read is waited for a little only: it is closed when its room is full.
        """
        if made < PORTION:
            return made
        loop = asyncio.get_running_loop()
        until = loop.time() + PATIENCE_S
        while self._hub.longest_queue(name) > ROOM and loop.time() < until:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return 0

    def _shown(self, name: str, values: Mapping[str, dict[str, Any]]) -> Mapping[str, dict[str, Any]]:
        # A cycle takes a while to be published: what was seen since it read must not be taken back by it.
        return self._overlay.over(values) if name == CHANNEL else values

    def _values(self, channel: Channel, domain: Domain, table: type[Table]) -> dict[str, dict[str, Any]]:
        return channel.values(self._published.view(domain, table))

    async def _pass_on_corrections(self) -> None:
        from football_assets.serving.rows import records
        from football_assets.soccer.schemas import Corrections

        table: type[Table] = Corrections
        rows = await asyncio.to_thread(lambda: records(self._published.view("soccer", table)[table]))
        key = Corrections.about().key
        found = {tuple(row[name] for name in key): row for row in rows}
        if self._corrections is not None:
            for name in [name for name in found if name not in self._corrections]:
                if not self._overlay.told(found[name]):
                    self._hub.correct(CHANNEL, found[name]["match_id"], found[name])
        self._corrections = set(found)
