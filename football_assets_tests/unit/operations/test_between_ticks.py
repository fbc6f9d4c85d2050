"""What the daemon does between two ticks: once, whatever fails, and so that nothing is left for a tick."""

import gc
import shutil
import sqlite3
import threading
import weakref
from contextlib import closing

import dagster as dg
import pytest

from football_assets.config import project_root
from football_assets.operations.assets.between_ticks import BetweenTicks, collect_garbage, write_logs

LIMIT_S = 30


class Ring:
    """Garbage that only a collection finds."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def thawed():
    yield
    gc.unfreeze()


def test_however_often_they_are_asked_for_they_are_done_once():
    done, gate = [], threading.Event()

    def chore():
        done.append(threading.current_thread().daemon)
        gate.set()

    between = BetweenTicks(chore, after_s=0.01)
    for _ in range(3):
        between.soon()
    assert gate.wait(LIMIT_S)
    assert done == [True]
    gate.clear()
    between.soon()
    assert gate.wait(LIMIT_S), "they are not asked for once and for all"


def test_a_chore_that_fails_is_logged_and_the_next_one_is_done(caplog):
    done = []

    def fails():
        raise OSError("disk full")

    BetweenTicks(fails, lambda: done.append(1)).do()
    assert done == [1]
    assert "disk full" in caplog.text


def test_what_is_cancelled_is_not_done():
    done = []
    between = BetweenTicks(lambda: done.append(1), after_s=0.05)
    between.soon()
    timer = between._timer
    between.cancel()
    timer.join(LIMIT_S)
    assert done == []


def test_garbage_is_collected_also_what_was_set_aside_before(thawed):
    ring = Ring()
    gone = weakref.ref(ring)
    collect_garbage()
    assert gc.get_freeze_count() > 0
    del ring
    gc.collect()
    assert gone() is not None, "it was set aside"
    collect_garbage()
    assert gone() is None


def test_the_logs_of_the_files_are_written_into_them(tmp_path):
    home = tmp_path / "dagster"
    home.mkdir()
    shutil.copy(project_root() / "dagster.yaml", home)

    def runs_in_the_file_alone():
        alone = shutil.copy(home / "history" / "runs.db", tmp_path / "alone.db")
        with closing(sqlite3.connect(alone)) as connection:
            return connection.execute("SELECT count(*) FROM runs").fetchone()[0]

    with dg.DagsterInstance.from_config(str(home)) as instance:
        write_logs(instance)
        instance.add_run(dg.DagsterRun(job_name="live_cycle"))
        assert runs_in_the_file_alone() == 0
        write_logs(instance)
        assert runs_in_the_file_alone() == 1
