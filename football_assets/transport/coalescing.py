"""Identical requests in flight are one request."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class FlightLost(Exception):
    """The shared request was cancelled under those who waited for it."""


class Flights(Generic[Result]):
    """Requests under way by key.

    Each is a task of its own that no waiter owns: cancelling one waiter leaves the others waiting, and the task is
    cancelled only when the last one has gone.
    """

    def __init__(self) -> None:
        self._by_key: dict[Hashable, asyncio.Task[Result]] = {}
        self._waiters: dict[asyncio.Task[Result], int] = {}

    async def join(self, key: Hashable, begin: Callable[[], Coroutine[Any, Any, Result]]) -> tuple[Result, bool]:
        """The result of the request `key` and whether another caller had begun it.

        Raises FlightLost when the request itself is cancelled.
        """
        task = self._by_key.get(key)
        joined = task is not None
        if task is None:
            task = asyncio.create_task(begin())
            self._by_key[key], self._waiters[task] = task, 0
            task.add_done_callback(lambda done: self._landed(key, done))
        self._waiters[task] += 1
        try:
            return await asyncio.shield(task), joined
        except asyncio.CancelledError:
            waiter = asyncio.current_task()
            if waiter is not None and waiter.cancelling():
                raise
        finally:
            self._left(key, task)
        raise FlightLost

    async def close(self) -> None:
        """Cancel what is still under way and wait until it has ended."""
        tasks = list(self._waiters)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _left(self, key: Hashable, task: asyncio.Task[Result]) -> None:
        if task.done():
            return
        self._waiters[task] -= 1
        if not self._waiters[task]:
            # Forgotten at once: whoever asks next must not join a request that is being torn down.
            self._forget(key, task)
            task.cancel()

    def _landed(self, key: Hashable, task: asyncio.Task[Result]) -> None:
        self._forget(key, task)
        self._waiters.pop(task, None)
        if not task.cancelled():
            task.exception()  # seen, even when every waiter has gone

    def _forget(self, key: Hashable, task: asyncio.Task[Result]) -> None:
        if self._by_key.get(key) is task:
            del self._by_key[key]
