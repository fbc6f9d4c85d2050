"""The fast lane in a serving process: who looks at the provider, and how what was seen reaches the stream.

One process of a deployment looks: the one that holds the lease, a lock in the folder of the log, or for several
machines one in their Redis. When its holder ends, however it ends, another takes over. Every process follows the log
of its machine and merges what it says.
This room knows no provider: who starts the process hands in the one that looks.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, suppress
from datetime import datetime
from typing import Protocol

from football_assets.config import Settings, now_utc
from football_assets.errors import FootballError, SourceError
from football_assets.leases import Held, live_lease
from football_assets.serving.looked import Looked
from football_assets.serving.published import Published
from football_assets.serving.rows import as_text
from football_assets.serving.stream.hub import Hub
from football_assets.serving.stream.overlay import CHANNEL, Overlay
from football_assets.soccer.changes import instant_of
from football_assets.soccer.observations import LEASE, Observation, ObservationLog
from football_assets.states import Source

log = logging.getLogger(__name__)
FOLLOW_S = 0.25
LEASE_S = 2.0
FAILURES = 2


class Looker(Protocol):
    """Looks at the live list. `look` may block; `world` and `interval_s` say whose list and how often."""

    world: Source
    interval_s: float

    def look(self) -> Observation | None:
        """One look, entered into the log; None when none was made."""


class FastLane:
    """One process's part: it follows the log, and looks itself while it holds the lease."""

    def __init__(
        self,
        settings: Settings,
        hub: Hub,
        published: Published,
        overlay: Overlay,
        make: Callable[[], Looker] | None,
        told: Callable[[], None] = lambda: None,
    ) -> None:
        self.news = asyncio.Event()
        self.counts: Counter[str] = Counter()
        self.is_leading = False
        self.last_look_at: datetime | None = None
        self.last_problem: str | None = None
        self.interval_s = float(settings.fast_lane.interval_s)
        self._settings = settings
        self._hub = hub
        self._published = published
        self._overlay = overlay
        self._make = make
        self._told = told
        self.looked = Looked(settings)
        self._log: ObservationLog | None = None
        self._number = 0

    async def run(self) -> None:
        """Follow and, where one who looks was handed in, look; until cancelled."""
        tasks = [asyncio.create_task(self._follow())]
        if self._make is not None:
            tasks.append(asyncio.create_task(self._stand_by(self._make)))
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _follow(self) -> None:
        while True:
            try:
                await self._catch_up()
            except FootballError as error:
                self._note(error)
            except Exception:
                log.exception("the fast lane cannot pass on what was seen")
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), FOLLOW_S)
            self.news.clear()

    async def _catch_up(self) -> None:
        world = self._world()
        if world is None:
            return
        if self._log is None or self._log.folder != ObservationLog(self._settings.folder, world.value).folder:
            fresh = ObservationLog(self._settings.folder, world.value)
            latest = await asyncio.to_thread(fresh.latest)
            self._log, self._number = fresh, latest.number if latest else 0
            if latest is not None:
                self.looked.note(latest.observed_at)
                self._overlay.begin(latest.rows, latest.observed_at)
                self._hub.merge(CHANNEL, self._overlay.over(self._hub.values(CHANNEL)))
        for number, seen in await asyncio.to_thread(self._log.after, self._number):
            self._number = number
            self._apply(seen)

    def _apply(self, seen: Observation) -> None:
        self._overlay.take(seen)
        self.looked.note(seen.observed_at)
        shown = self._hub.values(CHANNEL)
        # A match that no publication holds yet has no names: it comes with the cycle.
        moved = {key: shown[key] for key in seen.matches if key in shown}
        self.counts["changes"] += self._hub.merge(CHANNEL, self._overlay.over(moved))
        for each in seen.corrections:
            if (value := shown.get(each["match_id"])) is not None:
                names = {name: value.get(name) for name in ("home_team", "away_team")}
                stamps = {name: as_text(instant_of(each[name])) for name in ("observed_at", "previous_at")}
                self._hub.correct(CHANNEL, each["match_id"], {**each, **names, **stamps})
                self.counts["corrections"] += 1

    async def _stand_by(self, make: Callable[[], Looker]) -> None:
        """Look while the lease can be had; another process that has it is asked again every few seconds."""
        while True:
            if (world := self._world()) is not None:
                try:
                    with ExitStack() as held:
                        lease = await asyncio.to_thread(held.enter_context, self._lease(world))
                        if lease is not None:
                            self.is_leading = True
                            await self._lead(make, world, lease)
                except FootballError as error:
                    self._note(error)
                except Exception as error:
                    log.exception("a look of the fast lane failed")
                    self.last_problem = type(error).__name__
                finally:
                    self.is_leading = False
            await asyncio.sleep(LEASE_S)

    def _lease(self, world: Source) -> AbstractContextManager[Held | None]:
        settings = self._settings
        file = ObservationLog(settings.folder, world.value).folder / LEASE
        return live_lease(settings.shared_url, f"fast-lane:{world.value}", settings.scaling.lease_s, file)

    async def _lead(self, make: Callable[[], Looker], world: Source, lease: Held) -> None:
        looker = await asyncio.to_thread(make)
        if looker.world is not world:
            self.last_problem = f"the provider at hand is {looker.world.value}, what is published is {world.value}"
            return
        self.interval_s, failed = looker.interval_s, 0
        while self._world() is world and lease.still():
            began = time.monotonic()
            wait_s = looker.interval_s
            try:
                seen = await asyncio.to_thread(looker.look)
            except FootballError as error:
                self._note(error)
                # The cycles share the breaker of this path: a provider that stumbles is left to them for a while.
                failed += isinstance(error, SourceError)
                if failed >= FAILURES:
                    wait_s, failed = float(self._settings.live.interval_s), 0
            else:
                failed = 0
                self.counts["looks" if seen is not None else "skipped"] += 1
                if seen is not None:
                    self.last_look_at, self.last_problem = now_utc(), None
                    self.news.set()
                    if seen.is_news:
                        self._told()
            await asyncio.sleep(max(0.0, began + wait_s - time.monotonic()))

    def _world(self) -> Source | None:
        publication = self._published.newest("soccer")
        return None if publication is None else publication.source

    def _note(self, error: FootballError) -> None:
        self.counts["problems"] += 1
        if self.last_problem != str(error):
            log.warning("fast lane: %s", error)
        self.last_problem = str(error)
