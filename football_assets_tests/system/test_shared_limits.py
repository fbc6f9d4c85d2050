"""Processes that share nothing but a Redis, and a provider that counts: never more than its limit, whatever dies."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import football_assets_tests.system.limited_worker as limited_worker
from football_assets.config import environment_with_dotenv, now_utc
from football_assets.emulators import statistics
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import DESK, json_answer, new_app
from football_assets.states import Source
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

MINUTE_S = 1.5
LIMIT = 6
PATH = "odds/history"


@pytest.fixture
def provider(monkeypatch):
    """An emulator whose minute is short; its statistics say how often the limit was broken."""
    monkeypatch.setattr(statistics, "WINDOW_S", MINUTE_S)
    clock = EmulatedClock(now_utc())
    app = new_app(label=Source.SIMULATED, clock=clock, faults=Faults.parse([]), per_minute={PATH: LIMIT})

    async def answer(_request):
        return json_answer({"code": 0, "results": []})

    app.router.add_get(f"/{PATH}", answer)
    with EmulatorInThread(app).running() as emulator:
        yield emulator


class Worker:
    def __init__(self, url, redis_url):
        command = [sys.executable, limited_worker.__file__, url, redis_url, str(MINUTE_S), str(LIMIT)]
        root = Path(limited_worker.__file__).parents[2]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=root,
            env=_environment(root),
        )

    def ask(self, count):
        self.process.stdin.write("go\n" * count)
        self.process.stdin.flush()

    def answers(self, count):
        return [self.process.stdout.readline().strip() for _ in range(count)]

    def end(self):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()


def _environment(root):
    return environment_with_dotenv() | {"PYTHONPATH": str(root)}


@pytest.fixture
def workers(provider, own_redis):
    """Two processes that have had their first answer, so that both have looked at the limit."""
    found = [Worker(provider.url, own_redis.url) for _ in range(2)]
    for each in found:
        each.ask(1)
    for each in found:
        assert each.answers(1) == ["ok"]
    yield found
    for each in found:
        each.end()


def counted(provider):
    return provider.app[DESK].statistics.as_dict()["paths"][PATH]


def test_two_processes_together_stay_within_the_limit(provider, workers):
    for each in workers:
        each.ask(11)
    assert Counter(line for each in workers for line in each.answers(11)) == {"ok": 22}
    found = counted(provider)
    assert (found["violations"], found["peak_per_minute"], found["requests"]) == (0, LIMIT, 24)


def test_what_a_killed_process_has_asked_still_counts(provider, workers, own_redis):
    first, second = workers
    first.ask(LIMIT)
    first.answers(2)
    first.process.kill()
    third = Worker(provider.url, own_redis.url)
    for each in (second, third):
        each.ask(5)
    assert second.answers(5) == third.answers(5) == ["ok"] * 5
    third.end()
    found = counted(provider)
    # What the killed one was about to ask counts too, and may not have arrived.
    assert found["violations"] == 0 and found["peak_per_minute"] <= LIMIT


def test_a_redis_that_dies_and_comes_back_empty_lets_nothing_through_twice(provider, workers, own_redis):
    away, back = workers
    away.ask(LIMIT - 2)  # with the first ones of both, this minute is full
    assert away.answers(LIMIT - 2) == ["ok"] * (LIMIT - 2)
    own_redis.kill()
    away.ask(3)
    told = away.answers(3)
    assert all(line.startswith("the shared counts of requests cannot be reached") for line in told), told
    own_redis.start()  # empty: nothing in it says what was asked in the last minute
    back.ask(LIMIT)
    assert back.answers(LIMIT) == ["ok"] * LIMIT
    found = counted(provider)
    assert (found["violations"], found["peak_per_minute"]) == (0, LIMIT)
