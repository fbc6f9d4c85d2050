"""Props asked one by one go to the service together: up to 50, or what came within 200 ms."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from football_assets.client.answers import ApiError

WAIT_S = 0.2
MOST = 50

Prop = Mapping[str, Any]
Send = Callable[[Sequence[Prop]], Awaitable[Mapping[str, Any]]]


class PropBatcher:
    """Collects props and sends them together; each caller gets the analysis of its own, or its own error."""

    def __init__(self, send: Send, *, wait_s: float = WAIT_S, most: int = MOST) -> None:
        self._send = send
        self._wait_s = wait_s
        self._most = most
        self._waiting: list[tuple[dict[str, Any], asyncio.Future[dict[str, Any]]]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._sending: set[asyncio.Task[None]] = set()
        self._number = 0

    async def analyze(self, prop: Prop) -> dict[str, Any]:
        """The analysis of one prop. Raises ApiError when the service could not make it."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[dict[str, Any]] = loop.create_future()
        self._number += 1
        # Callers may use the same id twice; within a batch each needs one of its own.
        self._waiting.append(({**prop, "prop_id": f"batched-{self._number}"}, answer))
        if len(self._waiting) >= self._most:
            self._flush()
        elif self._timer is None:
            self._timer = loop.call_later(self._wait_s, self._flush)
        found = await answer
        return {**found, "prop_id": prop.get("prop_id", found["prop_id"])}

    async def close(self) -> None:
        """Send what waits and wait for the answers."""
        self._flush()
        while self._sending:
            await asyncio.gather(*self._sending, return_exceptions=True)

    def _flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            batch, self._waiting = self._waiting, []
            task = asyncio.ensure_future(self._deliver(batch))
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _deliver(self, batch: list[tuple[dict[str, Any], "asyncio.Future[dict[str, Any]]"]]) -> None:
        try:
            told = await self._send([prop for prop, _ in batch])
        except BaseException as error:
            for _, answer in batch:
                if not answer.done():
                    answer.set_exception(error if isinstance(error, Exception) else asyncio.CancelledError())
            if not isinstance(error, Exception):
                raise
            return
        made = {each["prop_id"]: each for each in told["results"]}
        failed = {each["prop_id"]: each for each in told["failures"]}
        for prop, answer in batch:
            if answer.done():
                continue
            number = prop["prop_id"]
            if number in made:
                answer.set_result(dict(made[number]))
                continue
            problem = failed.get(number, {"code": "not_answered", "detail": "The service said nothing of this prop."})
            answer.set_exception(ApiError(200, problem["code"], problem["detail"], problem))
