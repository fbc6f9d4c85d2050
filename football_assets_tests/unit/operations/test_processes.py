"""Processes are recognised for good, stopped whole, and leave nothing behind."""

import os
import signal
import sys
import time
from dataclasses import replace

import pytest

from football_assets.errors import StorageError
from football_assets.operations.processes import Child, Identity, descendants

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
)
PARENT = "import os, time\nif os.fork() == 0: time.sleep(60)\nprint('born', flush=True)\ntime.sleep(60)"


@pytest.fixture
def start(tmp_path):
    children = []

    def start(code, name="child"):
        log = tmp_path / "logs" / f"{name}.log"
        child = Child.start(name, [sys.executable, "-c", code], log=log, env=dict(os.environ), cwd=tmp_path)
        children.append(child)
        return child

    yield start
    for child in children:
        child.stop(0.3)


def until(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "waited 20 s in vain"
        time.sleep(0.01)


def test_a_process_is_itself_and_survives_being_written_down():
    me = Identity.of(os.getpid())
    assert me.alive()
    assert Identity.from_text(me.as_text()) == me


@pytest.mark.parametrize("other", [{"started": 1}, {"boot": "yesterday"}, {"host": "elsewhere"}])
def test_another_process_with_the_same_pid_is_not_mistaken_for_it(other):
    impostor = replace(Identity.of(os.getpid()), **other)
    assert not impostor.alive()
    assert not impostor.send(signal.SIGKILL)


def test_a_process_that_only_waits_to_be_reaped_is_gone(start):
    child = start("pass")
    identity = Identity.of(child.process.pid)
    until(lambda: not identity.alive())
    assert child.process.returncode is None
    assert not identity.send(signal.SIGTERM)


def test_there_is_no_identity_without_a_process():
    assert Identity.of(2**22 + 1) is None


def test_a_deaf_process_is_killed_after_the_grace_period(start):
    child = start(STUBBORN.replace("SIGINT", "SIGTERM"))
    until(child.last_lines)
    assert Identity.of(child.process.pid).interrupt_then_kill(grace_s=0.1)
    until(lambda: child.exit_code() is not None)
    assert child.exit_code() == -signal.SIGKILL


def test_a_child_that_ends_when_asked_is_not_killed(start):
    child = start(
        # Short sleeps: a signal that comes just before a long one is heard at its end only.
        "import time\ntry:\n print('up', flush=True)\n while True: time.sleep(0.05)\n"
        "except KeyboardInterrupt: raise SystemExit(7)"
    )
    until(child.last_lines)
    child.stop(20)
    assert child.exit_code() == 7


def test_a_child_that_does_not_listen_is_killed_at_the_limit(start):
    child = start(STUBBORN)
    until(child.last_lines)
    child.stop(0.3)
    assert child.exit_code() == -signal.SIGKILL


def test_what_a_child_started_is_stopped_with_it(start):
    child = start(PARENT)
    until(child.last_lines)
    until(lambda: descendants(child.process.pid))
    (grandchild,) = (Identity.of(pid) for pid in descendants(child.process.pid))
    assert grandchild.alive()
    child.stop(3)
    until(lambda: not grandchild.alive())


def test_the_end_of_the_log_is_told_without_colours_and_the_previous_log_is_kept(start):
    first = start("print('first')")
    until(lambda: first.exit_code() is not None)
    child = start("print('\\x1b[32mgreen\\x1b[0m'); print('two'); print('three')")
    until(lambda: child.exit_code() is not None)
    assert child.last_lines(3) == ["green", "two", "three"]
    assert child.last_lines(1) == ["three"]
    assert child.log.with_name("child.log.1").read_text() == "first\n"


def test_a_log_that_cannot_be_written_is_said_in_one_line(tmp_path):
    (tmp_path / "logs").write_text("a file where a folder should be")
    with pytest.raises(StorageError, match=r"^starting daemon: .+\. Check that .+ can be written\.$"):
        Child.start("daemon", ["true"], log=tmp_path / "logs" / "daemon.log", env={}, cwd=tmp_path)
