"""Trying again: how often, after how long, and when not."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

import stamina
from stamina.instrumentation import set_on_retry_hooks

from football_assets.sections import Service
from football_assets.transport.problems import SourceProblem

# Left alone, stamina prints each retry, exception text included, through structlog when that happens to be installed.
set_on_retry_hooks(())

Good = TypeVar("Good")


class _Failed(Exception):
    def __init__(self, problem: SourceProblem) -> None:
        self.problem = problem


async def with_retries(
    ask: Callable[[], Awaitable[Good | SourceProblem]],
    service: Service,
    worth_waiting: Callable[[float], bool],
    on_retry: Callable[[SourceProblem, float], None],
) -> Good | SourceProblem:
    """`ask` until it gives something other than an unavailable provider, at most `service.tries` times.

    A wait in seconds is only begun when `worth_waiting(wait)`; `on_retry` hears of each one.
    """
    tried = 0

    def wait_or_give_up(error: Exception) -> bool | float:
        if not isinstance(error, _Failed):
            return False
        wait_s = wait_before_next(error.problem, tried, service)
        if wait_s is None or tried >= service.tries or not worth_waiting(wait_s):
            return False
        on_retry(error.problem, wait_s)
        return wait_s

    try:
        async for attempt in stamina.retry_context(on=wait_or_give_up, attempts=service.tries, timeout=None):
            with attempt:
                tried += 1
                outcome = await ask()
                if isinstance(outcome, SourceProblem) and outcome.kind == "unavailable" and outcome.asked:
                    raise _Failed(outcome)
                return outcome
    except _Failed as failed:
        last = failed.problem
    return _summed_up(last, tried, service)


def wait_before_next(problem: SourceProblem, tried: int, service: Service) -> float | None:
    """Seconds before the next try; None when the provider asks for more than we are ready to wait.

    Exponential with full jitter. A `Retry-After` is the least; the jitter comes on top, so that all who were told the
    same moment do not come back in it.
    """
    jitter_s = random.uniform(0, min(service.backoff_s * 2 ** (tried - 1), service.longest_wait_s))  # noqa: S311
    if problem.retry_after_s is None:
        return jitter_s
    return problem.retry_after_s + jitter_s if problem.retry_after_s <= service.longest_wait_s else None


def _summed_up(problem: SourceProblem, tried: int, service: Service) -> SourceProblem:
    if tried > 1:
        problem = replace(problem, happened=f"{problem.happened} ({tried} tries)")
    asked_s = problem.retry_after_s
    if asked_s is not None and asked_s > service.longest_wait_s:
        return replace(problem, to_do=f"The provider asks to wait {asked_s:.0f} s before the next call.")
    return problem
