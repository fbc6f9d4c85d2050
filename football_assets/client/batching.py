"""Props asked one by one go to the service together: up to 50, or what came within 200 ms."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from football_assets.client.answers import ApiError

WAIT_S = 0.2
MOST = 50

Prop = Mapping[str, Any]
Send = Callable[[Sequence[Prop]], Awaitable[Mapping[str, Any]]]
Waiting = tuple[dict[str, Any], "asyncio.Future[dict[str, Any]]"]


class PropBatcher:
    """Collects props and sends them together; each caller gets the analysis of its own, or its own error."""

    def __init__(self, send: Send, *, wait_s: float = WAIT_S, most: int = MOST) -> None:
        self._send = send
        self._wait_s = wait_s
        self._most = most
        self._waiting: list[Waiting] = []
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

    async def _deliver(self, batch: list[Waiting]) -> None:
        try:
            told = await self._send([prop for prop, _ in batch])
        except ApiError as error:
            # A prop that is malformed makes the service refuse the batch: the others must not suffer from it.
            wrong = _malformed(error, len(batch))
            for place, own in wrong.items():
                _fail([batch[place]], own)
            rest = [each for place, each in enumerate(batch) if place not in wrong]
            if wrong and rest:
                await self._deliver(rest)
            else:
                _fail(rest, error)
            return
        except BaseException as error:
            _fail(batch, error if isinstance(error, Exception) else asyncio.CancelledError())
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


def _fail(batch: Sequence[Waiting], error: BaseException) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)


def _malformed(error: ApiError, count: int) -> dict[int, ApiError]:
    """The errors of the props that the service could not read, by their place in the batch: `props.3.line` is of 3."""
    found: dict[int, ApiError] = {}
    for each in error.problem.get("errors", ()):
        root, _, rest = str(each.get("parameter", "")).partition(".")
        place, _, field = rest.partition(".")
        if root == "props" and place.isdecimal() and int(place) < count:
            detail = f"{field or 'prop'}: {each.get('detail')}"
            found.setdefault(
                int(place), ApiError(error.status, error.code, detail, {**error.problem, "detail": detail})
            )
    return found
