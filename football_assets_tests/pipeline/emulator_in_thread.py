"""An emulator in a thread of its own, so that assets may block theirs."""

import asyncio
import threading
from contextlib import contextmanager

from football_assets.emulators.faults import Faults
from football_assets.emulators.server import DESK, serving


class EmulatorInThread:
    """Serves an app while `running`; `url` is where, and its faults can be changed meanwhile."""

    def __init__(self, app):
        self.app, self.url = app, ""
        self._loop, self._stop, self._up = asyncio.new_event_loop(), asyncio.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    async def _serve(self):
        async with serving(self.app) as self.url:
            self._up.set()
            await self._stop.wait()

    @contextmanager
    def running(self):
        self._thread.start()
        assert self._up.wait(10)
        try:
            yield self
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join(10)
            self._loop.close()

    def break_with(self, *faults):
        self.app[DESK].faults = Faults.parse(faults)
