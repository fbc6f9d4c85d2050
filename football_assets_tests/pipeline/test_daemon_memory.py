"""What threads have freed goes back to the machine: few arenas, and their free pages given back."""

import gc
import importlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from football_assets.operations.assets.run_queue import PromptRunCoordinator
from football_assets.operations.memory import ARENAS, FEW_ARENAS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only glibc has arenas")

# Threads that allocate at once get arenas of their own; malloc_info names each as a heap.
ARENAS_OF_TWELVE_THREADS = """
import ctypes, threading
{before}
gate, kept = threading.Barrier(12), []
def busy():
    gate.wait()
    for _ in range(300):
        kept.append(bytearray(20_000))
threads = [threading.Thread(target=busy) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc = ctypes.CDLL(None)
text, size = ctypes.c_char_p(), ctypes.c_size_t()
libc.open_memstream.restype = ctypes.c_void_p
stream = ctypes.c_void_p(libc.open_memstream(ctypes.byref(text), ctypes.byref(size)))
libc.malloc_info(0, stream)
libc.fclose(stream)
print(text.value.decode().count("<heap nr="))
"""
# Every second of these stays, so that what is freed lies between what is kept.
FREED_AMONG_KEPT = """
from pathlib import Path
from football_assets.operations.memory import give_back
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
kept = [bytearray(40_000) for _ in range(2_000)]
del kept[::2]
before = resident()
give_back()
print(before - resident())
"""


def said(code, environment=None):
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=True, env={**os.environ, **(environment or {})}
    )
    return int(done.stdout)


def test_glibc_gives_threads_arenas_of_their_own():
    assert said(ARENAS_OF_TWELVE_THREADS.format(before="")) > ARENAS


def test_the_daemon_has_few_arenas_however_many_threads_it_has():
    of = "football_assets.operations.assets.run_queue"
    making = f"from {of} import PromptRunCoordinator\nPromptRunCoordinator('football/live')"
    assert said(ARENAS_OF_TWELVE_THREADS.format(before=making)) <= ARENAS


def test_the_code_server_has_few_arenas_by_its_environment():
    assert said(ARENAS_OF_TWELVE_THREADS.format(before=""), FEW_ARENAS) <= ARENAS


def test_what_is_free_among_what_is_kept_is_given_back():
    assert said(FREED_AMONG_KEPT) > 20_000_000


@pytest.fixture
def idle_queue(monkeypatch):
    """Makes the daemon's queue, without the files whose logs it writes."""
    monkeypatch.setattr("football_assets.operations.assets.run_queue.write_logs", lambda _instance: None)
    monkeypatch.setattr(PromptRunCoordinator, "_instance", None)
    yield lambda: PromptRunCoordinator("football/live")
    gc.unfreeze()


def test_the_daemon_gives_back_between_two_ticks(monkeypatch, idle_queue):
    given = []
    monkeypatch.setattr("football_assets.operations.memory.give_back", lambda: given.append(True))
    idle_queue().between_ticks.do()
    assert given == [True]


def test_what_the_ticks_left_in_croniter_is_gone_after_the_next_one(idle_queue):
    noon = datetime(2026, 5, 16, 12, tzinfo=UTC)
    kept = importlib.import_module("dagster._vendored.croniter.croniter").TIMESTAMP_TO_DT_CACHE

    def ticks():
        return list(islice(schedule_execution_time_iterator(noon.timestamp(), "* * * * *", "UTC"), 5))

    before = ticks()
    assert kept, "Dagster's croniter keeps nothing any more: there is nothing left to empty"
    idle_queue().between_ticks.do()
    assert not kept
    assert ticks() == before == [noon + timedelta(minutes=n) for n in range(5)]
