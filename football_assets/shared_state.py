"""What workers on several machines share: one Redis, asked with short limits and without retries.

Everything kept there by us that must not be forgotten has no time to live: a Redis that removes entries under memory
pressure (`maxmemory-policy volatile-*`) then never removes it, and a Redis that lost everything is recognised as empty.
"""

import os
from typing import Any

from football_assets.errors import ConfigError

LIMIT_S = 1.0
PREFIX = "football"
_clients: dict[tuple[int, str], Any] = {}


def redis_client(url: str) -> Any:
    """This process's connection to a Redis; a forked process has its own. Raises ConfigError without the library."""
    key = (os.getpid(), url)
    if key not in _clients:
        try:
            import redis
            from redis.backoff import NoBackoff
            from redis.retry import Retry
        except ImportError:
            allowed = "the package installed as football-assets[redis]"
            raise ConfigError("redis_url", value="********", allowed=allowed, origin="the settings") from None
        _clients[key] = redis.Redis.from_url(
            url, socket_timeout=LIMIT_S, socket_connect_timeout=LIMIT_S, retry=Retry(NoBackoff(), 0), protocol=2
        )
    return _clients[key]


def redis_failures() -> tuple[type[Exception], ...]:
    """What a Redis that is away, refuses or answers nonsense raises."""
    from redis.exceptions import RedisError

    return (RedisError, OSError)


def close_clients() -> None:
    """Close this process's connections; the next use opens others."""
    for key in [key for key in _clients if key[0] == os.getpid()]:
        _clients.pop(key).close()
