"""The forkserver: workers wait for go, end with their parent, and a reason is given whenever there is none."""

import os
import queue
import signal
import sys
import textwrap
import time

import pytest

from football_assets.operations import preload as preload_module
from football_assets.operations.preload import Code, NoWorker, Preload
from football_assets.operations.processes import Identity

MODULE = """
import os, random, threading, time
from pathlib import Path

def preload(payload):
    if payload.get("raise"): raise RuntimeError("broken on purpose")
    if payload.get("thread"): threading.Thread(target=time.sleep, args=(9,), name="pump", daemon=True).start()
    if payload.get("die"): os._exit(5)

def work(payload, wait_for_go):
    folder = Path(payload["folder"])
    (folder / "ready").touch()
    if not wait_for_go():
        return 0
    (folder / "went").write_text(f"{os.getpid()} {random.random()} {VERSION}")
    if payload.get("leave"):
        (folder / "left").write_text(str(os.spawnlp(os.P_NOWAIT, "sleep", "sleep", "60")))
    try:
        time.sleep(payload.get("sleep", 0))
    except KeyboardInterrupt:
        (folder / "interrupted").touch()
        raise
    return payload.get("code", 0)

VERSION = 1
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "chore.py").write_text(textwrap.dedent(MODULE))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    return tmp_path


@pytest.fixture
def ask(folder):
    """Ask for a worker: returns the preload, the worker at its gate and the queue that gets its exit code."""
    made = []

    def ask(preload=None, *, executable=sys.executable, **payload):
        if preload is None:
            code = Code(executable, "chore:preload", "chore:work", payload)
            preload = Preload(code, limit_s=20)
            made.append(preload)
        gone = queue.Queue()
        return preload, preload.fork({"folder": str(folder), **payload}, gone.put), gone

    yield ask
    for preload in made:
        preload.stop()


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.01)


def went(folder):
    until(lambda: (folder / "went").exists() and len((folder / "went").read_text().split()) == 3)
    return (folder / "went").read_text().split()


def test_a_worker_waits_for_go_and_tells_its_exit_code(ask, folder):
    _, worker, gone = ask(code=4)
    until((folder / "ready").exists)
    assert not (folder / "went").exists()
    worker.go()
    assert gone.get(timeout=20) == 4
    assert went(folder)[0] == str(worker.pid)


def test_a_killed_worker_is_told_by_its_signal(ask, folder):
    _, worker, gone = ask(sleep=60)
    worker.go()
    went(folder)
    os.kill(worker.pid, signal.SIGKILL)
    assert gone.get(timeout=20) == -signal.SIGKILL


def test_workers_do_not_draw_the_same_random_numbers(ask, folder):
    preload, worker, gone = ask()
    worker.go()
    gone.get(timeout=20)
    first = went(folder)
    (folder / "went").unlink()
    _, worker, gone = ask(preload)
    worker.go()
    gone.get(timeout=20)
    assert went(folder)[1] != first[1]
    assert worker.parent == preload._server.pid


def test_what_a_worker_left_behind_ends_with_it(ask, folder):
    _, worker, gone = ask(leave=True)
    worker.go()
    gone.get(timeout=20)
    left = int((folder / "left").read_text())
    until(lambda: (found := Identity.of(left)) is None or not found.alive())


def test_stopping_interrupts_the_workers_and_leaves_no_process(ask, folder):
    preload, worker, _ = ask(sleep=60)
    identities = [Identity.of(worker.pid), Identity.of(worker.parent)]
    worker.go()
    went(folder)
    preload.stop()
    assert (folder / "interrupted").exists()
    assert not any(identity.alive() for identity in identities)


def test_a_worker_whose_forkserver_was_killed_is_interrupted(ask, folder):
    _, worker, _ = ask(sleep=60)
    identity = Identity.of(worker.pid)
    worker.go()
    went(folder)
    os.kill(worker.parent, signal.SIGKILL)
    until(lambda: not identity.alive())
    assert (folder / "interrupted").exists()


def test_a_worker_never_begins_when_its_forkserver_dies_before_go(ask, folder):
    preload, worker, _ = ask()
    identity = Identity.of(worker.pid)
    until((folder / "ready").exists)
    os.kill(worker.parent, signal.SIGKILL)
    until(lambda: preload._server.ended)
    with pytest.raises(NoWorker, match="died before the worker began"):
        worker.go()
    until(lambda: not identity.alive())
    assert not (folder / "went").exists()


def test_a_forkserver_that_died_is_replaced(ask, folder):
    preload, worker, _ = ask()
    os.kill(worker.parent, signal.SIGKILL)
    until(lambda: preload._server.ended)
    _, replacement, gone = ask(preload)
    replacement.go()
    assert gone.get(timeout=20) == 0
    assert replacement.parent != worker.parent


def test_a_forkserver_that_dies_twice_in_a_row_is_left_alone_for_a_while(ask, monkeypatch):
    preload = Preload(Code(sys.executable, "chore:preload", "chore:work", {"die": True}), limit_s=20)
    started = []
    monkeypatch.setattr(preload, "_start", lambda start=preload._start: started.append(start()))
    for _ in range(2):
        with pytest.raises(NoWorker, match="died 2 times in a row"):
            ask(preload)
    assert len(started) == 2
    monkeypatch.setattr(preload, "_rests_until", 0.0)
    with pytest.raises(NoWorker):
        ask(preload)
    assert len(started) == 4
    preload.stop()


def test_a_stale_import_gives_no_worker_once_and_a_fresh_one_afterwards(ask, folder):
    preload, worker, gone = ask()
    worker.go()
    gone.get(timeout=20)
    (folder / "chore.py").write_text(textwrap.dedent(MODULE).replace("VERSION = 1", "VERSION = 22"))
    with pytest.raises(NoWorker, match=r"stale \(.*chore\.py changed\)"):
        ask(preload)
    (folder / "went").unlink()
    _, fresh, gone = ask(preload)
    fresh.go()
    assert gone.get(timeout=20) == 0
    assert went(folder)[2] == "22"
    old = Identity.of(worker.parent)
    until(lambda: old is None or not old.alive())


def test_a_stale_forkserver_lets_its_workers_finish(ask, folder, monkeypatch):
    preload, worker, gone = ask(sleep=1.0)
    worker.go()
    went(folder)
    monkeypatch.setenv("FOOTBALL_HOME", "/elsewhere")
    with pytest.raises(NoWorker, match="FOOTBALL_HOME changed"):
        ask(preload)
    assert gone.get(timeout=20) == 0
    assert not (folder / "interrupted").exists()


@pytest.mark.parametrize(("fault", "reason"), [("raise", "broken on purpose"), ("thread", "pump")])
def test_code_that_cannot_be_forked_safely_is_refused_with_the_reason(ask, fault, reason):
    preload = Preload(Code(sys.executable, "chore:preload", "chore:work", {fault: True}), limit_s=20)
    for _ in range(2):
        with pytest.raises(NoWorker, match=reason):
            ask(preload)
    until(lambda: preload._server.ended)
    preload.stop()


def test_refused_code_is_tried_again_later(ask, monkeypatch):
    preload = Preload(Code(sys.executable, "chore:preload", "chore:work", {"thread": True}), limit_s=20)
    with pytest.raises(NoWorker, match="pump"):
        ask(preload)
    first = preload._server
    monkeypatch.setattr(preload_module, "REST_S", 0.0)
    with pytest.raises(NoWorker):
        ask(preload)
    assert preload._server is not first
    preload.stop()


def test_an_interpreter_that_is_not_there_is_a_reason_too(ask):
    with pytest.raises(NoWorker, match="could not be started"):
        ask(executable="/nowhere/python")


def test_a_platform_that_cannot_fork_is_a_reason_too(ask, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(NoWorker, match="win32 cannot fork"):
        ask()


def test_nothing_is_started_after_the_stop(ask):
    preload, _, _ = ask()
    preload.stop()
    with pytest.raises(NoWorker, match="ending"):
        ask(preload)
