"""How long we wait before trying again, and what stamina may print about it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
import stamina.instrumentation

from football_assets.sections import Service
from football_assets.transport.problems import SourceProblem, not_asked
from football_assets.transport.retry import wait_before_next, with_retries
from football_assets.transport.wire import retry_after_s

NOON = datetime(2024, 10, 5, 12, tzinfo=UTC)
SERVICE = Service(connections=1, timeout_s=1, tries=5, backoff_s=1.0, longest_wait_s=3.0)
DOWN = SourceProblem("unavailable", "HTTP 503")


def waits(tried, problem=DOWN, service=SERVICE):
    return [wait_before_next(problem, tried, service) for _ in range(400)]


@pytest.mark.parametrize(("tried", "ceiling_s"), [(1, 1.0), (2, 2.0), (3, 3.0), (4, 3.0)])
def test_waits_double_with_full_jitter_up_to_the_longest(tried, ceiling_s):
    seen = waits(tried)
    assert 0 <= min(seen) < 0.1 * ceiling_s
    assert 0.9 * ceiling_s < max(seen) <= ceiling_s


def test_retry_after_is_the_least_we_wait_and_not_all_come_back_in_the_same_moment():
    seen = waits(1, SourceProblem("unavailable", "HTTP 429", retry_after_s=2.0))
    assert min(seen) >= 2.0 and len(set(seen)) > 100


def test_a_retry_after_beyond_the_longest_wait_gives_up():
    assert wait_before_next(SourceProblem("unavailable", "HTTP 429", retry_after_s=3.1), 1, SERVICE) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        (format_datetime(NOON + timedelta(seconds=30), usegmt=True), 30.0),
        (format_datetime(NOON - timedelta(seconds=30), usegmt=True), 0.0),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_forms(header, seconds):
    assert retry_after_s(header, NOON) == seconds


async def tried(*outcomes, worth_waiting=lambda wait_s: True):
    left = list(outcomes)
    heard: list[str] = []

    async def ask():
        return left.pop(0)

    service = SERVICE.model_copy(update={"backoff_s": 0.001})
    result = await with_retries(ask, service, worth_waiting, lambda problem, wait_s: heard.append(problem.happened))
    return result, len(outcomes) - len(left), len(heard)


async def test_a_later_try_may_succeed():
    assert await tried(DOWN, DOWN, "answer") == ("answer", 3, 2)


async def test_the_last_problem_is_returned_with_the_count():
    problem, asked, _ = await tried(*[DOWN] * 9)
    assert (problem.happened, asked) == ("HTTP 503 (5 tries)", 5)


@pytest.mark.parametrize(
    "final",
    [SourceProblem("rejected", "no such key"), SourceProblem("changed", "a list"), not_asked("the breaker is open")],
    ids=lambda problem: problem.happened,
)
async def test_what_a_retry_cannot_clear_is_not_retried(final):
    assert await tried(final, "answer") == (final, 1, 0)


async def test_nothing_is_waited_for_when_it_is_not_worth_it():
    assert await tried(DOWN, "answer", worth_waiting=lambda wait_s: False) == (DOWN, 1, 0)


async def test_a_too_long_retry_after_says_what_the_provider_asks():
    problem, asked, _ = await tried(SourceProblem("unavailable", "HTTP 429", retry_after_s=3600), "answer")
    assert asked == 1 and problem.to_do == "The provider asks to wait 3600 s before the next call."
    assert problem.retry_after_s == 3600


def test_stamina_prints_nothing_about_retries():
    assert stamina.instrumentation.get_on_retry_hooks() == ()
