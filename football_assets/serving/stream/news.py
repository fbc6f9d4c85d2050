"""Between the serving processes of a deployment: that something is new, told over Redis at once.

Only that: what is new each process reads itself. Without Redis, or while it is away, each finds it by looking.
"""

import asyncio
from collections.abc import Callable
from typing import Any

CHANNEL = "football:news"
LIMIT_S = 0.25
AGAIN_S = 2.0
QUIET_S = 5.0


class News:
    """One process's ear and voice. One event loop uses it."""

    def __init__(self, redis_url: str) -> None:
        import redis.asyncio

        self._voice = redis.asyncio.Redis.from_url(
            redis_url, socket_timeout=LIMIT_S, socket_connect_timeout=LIMIT_S, protocol=2
        )
        self._ear = redis.asyncio.Redis.from_url(redis_url, socket_connect_timeout=LIMIT_S, protocol=2)
        self._telling: set[asyncio.Task[None]] = set()

    def tell(self, topic: str) -> None:
        """Say that there is something new, without waiting; unsaid when Redis is away."""
        task = asyncio.get_running_loop().create_task(self._say(topic))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def hear(self, act: Callable[[str], None]) -> None:
        """Call `act(topic)` for what any process says, this one too, until cancelled."""
        import redis.exceptions

        while True:
            try:
                async with self._ear.pubsub(ignore_subscribe_messages=True) as listening:
                    await listening.subscribe(CHANNEL)
                    while True:
                        told: Any = await listening.get_message(timeout=QUIET_S)
                        if told is not None:
                            act(bytes(told["data"]).decode())
            except (redis.exceptions.RedisError, OSError, TimeoutError):
                await asyncio.sleep(AGAIN_S)

    async def close(self) -> None:
        """Close both connections."""
        for task in list(self._telling):
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)
        await self._voice.aclose()
        await self._ear.aclose()

    async def _say(self, topic: str) -> None:
        import redis.exceptions

        try:
            await self._voice.publish(CHANNEL, topic)
        except (redis.exceptions.RedisError, OSError, TimeoutError):
            return
