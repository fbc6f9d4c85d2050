"""What runs beside the requests from the start of a serving process to its end."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from football_assets.providers import Domain
from football_assets.rooms import installed
from football_assets.serving.services import Services
from football_assets.serving.stream.feed import Feed
from football_assets.serving.stream.news import News
from football_assets.serving.stream.overlay import CHANNEL, Overlay
from football_assets.warehouse.publication import Publication

if TYPE_CHECKING:
    from football_assets.serving.fast_lane import Looker

LAG_EVERY_S = 0.5


def running(
    services: Services, looker: "Callable[[], Looker] | None"
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """The lifespan of an application over these parts; `looker` as of `create_app`."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.loop = asyncio.get_running_loop()
        beside = _Beside(services, looker)
        undo = services.published.listen(beside.note)
        await asyncio.to_thread(services.published.look)
        await asyncio.sleep(0)  # lets the listener's calls come in
        await beside.feed.catch_up()
        tasks = beside.tasks()
        try:
            yield
        finally:
            undo()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if beside.news is not None:
                await beside.news.close()
            await services.cache.close()

    return lifespan


class _Beside:
    """Looks for publications, fills the stream and the other processes' ears. One event loop uses it."""

    def __init__(self, services: Services, looker: "Callable[[], Looker] | None") -> None:
        redis = services.settings.redis_url
        self.news = News(redis.get_secret_value()) if redis else None
        self._services = services
        self._looker = looker
        self._loop = asyncio.get_running_loop()
        self._sooner = asyncio.Event()
        self._overlay = Overlay()
        self.feed = Feed(services.published, services.hub, self._overlay)

    def note(self, domain: Domain, publication: Publication, changed: frozenset[str]) -> None:
        """Something was published; called from the thread that looked."""
        self._loop.call_soon_threadsafe(self._services.cache.forget, domain)
        self._loop.call_soon_threadsafe(self.feed.note, domain, publication, changed)
        self._loop.call_soon_threadsafe(self._tell, domain)

    def tasks(self) -> "list[asyncio.Task[None]]":
        """Start what runs until it is cancelled."""
        services = self._services
        work = [services.published.watch(self._sooner), self.feed.run(), _watch_lag(services)]
        if self.news is not None:
            work.append(self.news.hear(self._hear))
        if services.settings.fast_lane.enabled and "soccer" in installed():
            from football_assets.serving.fast_lane import FastLane

            services.fast_lane = FastLane(
                services.settings,
                services.hub,
                services.published,
                self._overlay,
                self._looker,
                lambda: self._tell(CHANNEL),
            )
            work.append(services.fast_lane.run())
        return [asyncio.create_task(each) for each in work]

    def _tell(self, topic: str) -> None:
        if self.news is not None:
            self.news.tell(topic)

    def _hear(self, topic: str) -> None:
        if topic != CHANNEL:
            self._sooner.set()
        elif self._services.fast_lane is not None:
            self._services.fast_lane.news.set()


async def _watch_lag(services: Services) -> None:
    """Note again and again how late the event loop is."""
    loop = asyncio.get_running_loop()
    while True:
        wanted = loop.time() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        services.loop_lag_s = max(0.0, loop.time() - wanted)
