"""One look at the health, what follows from it for the alerts, and the messages: by the daemon and outside of it.

Inside Dagster a sensor does it each half minute; `football watchdog` does it in a process of its own, so that somebody
is told when Dagster is gone. Whoever comes second finds the lock held and leaves it to the other.
"""

import fcntl
import logging
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from football_assets.config import Settings, now_utc
from football_assets.errors import StorageError
from football_assets.operations.alert_channels import Channel, channels, deliver
from football_assets.operations.alert_rules import Finding, findings
from football_assets.operations.alert_state import AlertBook, State, step
from football_assets.operations.health import health
from football_assets.operations.json_logs import make_room, put_printed_aside

LOG = logging.getLogger(__name__)
EVERY_S = 15.0
END_TRIES = 15
PARENT_LIMIT_S = 2.0
KILLED = "`football up` was killed, and what it had started ended with it"


class Watchdog:
    """Looks again and again. One that stays keeps the state in memory too: it goes on while the disk takes nothing.

    Args:
        settings: Whose home is watched, by which rules, and who is told.
        stays: Whether this one looks more than once.
        to: Where messages go; those of the settings when None.
    """

    def __init__(self, settings: Settings, *, stays: bool = False, to: Sequence[Channel] | None = None) -> None:
        self._settings = settings
        self._stays = stays
        self._to = channels(settings.notifications) if to is None else to
        self._book = AlertBook(settings.folder)
        self._unwritten: State | None = None

    def look(self, now: datetime | None = None, found: Sequence[Finding] | None = None) -> State | None:
        """Judge the health and tell what is new; the state, or None when another one is looking.

        Raises StorageError when the state cannot be kept, unless this one stays.
        """
        now = now or now_utc()
        try:
            with _alone(self._book.folder) as alone:
                return self._look(now, found) if alone else None
        except OSError as error:
            if not self._stays:
                raise StorageError("locking the alerts", str(error), "`football doctor` looks at the disk.") from None
            return self._look(now, found)

    def _look(self, now: datetime, found: Sequence[Finding] | None) -> State:
        logs, rules = self._settings.folder / "logs", self._settings.logs
        put_printed_aside(logs, int(rules.file_mb * 1e6))
        make_room(logs, int(rules.total_mb * 1e6))
        if found is None:
            found = findings(health(self._settings, now), self._settings.alerts)
        state = self._unwritten or self._book.read()
        self._book.take_acknowledgements(state)
        found = [*found, *_unkept(self._unwritten)]
        step(state, found, now, self._settings.alerts)
        self._keep(state)  # before anything is sent: a crash repeats a message at worst, and loses none
        deliver(state, self._to, self._book, now)
        self._keep(state)
        return state

    def _keep(self, state: State) -> None:
        try:
            self._book.write(state)
            self._unwritten = None
        except StorageError as error:
            if not self._stays:
                raise
            LOG.error("The alerts stay in memory: %s", error)
            self._unwritten = state


def _unkept(unwritten: State | None) -> list[Finding]:
    if unwritten is None:
        return []
    says = "the data folder cannot be written"
    return [Finding("unwritable", "critical", says, "Free space or mend the disk: football doctor")]


def watch(dog: Watchdog, *, pause: Callable[[float], None] = time.sleep, every_s: float = EVERY_S) -> None:
    """Look until Ctrl-C. What goes wrong in one look is logged; the next one comes all the same."""
    while True:
        try:
            dog.look()
        except Exception:  # the one process that must not end of an error
            LOG.exception("A look at the health failed; the next one follows in %g s.", every_s)
        pause(every_s)


@contextmanager
def last_word(settings: Settings) -> Iterator[None]:
    """While inside, SIGTERM ends this process; when it comes because the parent was killed, somebody is told first.

    The kernel sends it to a child of `football up` at the end of that process, however it ended.
    """
    parent = os.getppid()
    asked = False

    def end(_signum: int, _frame: object) -> None:
        nonlocal asked
        asked = True
        raise KeyboardInterrupt  # out of the look, which holds the lock that telling needs

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if asked and _ended(parent):
            tell_of_end(settings, "daemon", KILLED)
        signal.signal(signal.SIGTERM, before)


def _ended(parent: int) -> bool:
    """Whether this process has lost its parent.

    The kernel tells as soon as the thread that started this process ends. Where the whole parent was killed its other
    threads may live a moment longer, and its number stays until then.
    """
    deadline = time.monotonic() + PARENT_LIMIT_S
    while os.getppid() == parent and parent != 1 and time.monotonic() < deadline:
        time.sleep(0.02)
    return os.getppid() != parent


def tell_of_end(settings: Settings, name: str, why: str, *, rest: Callable[[float], None] = time.sleep) -> bool:
    """Tell that a service ended although nobody asked it to; whether that could be done. Never raises."""
    ended = Finding(f"service_down.{name}", "critical", f"{name}: {why}", "Mend it, then: football up")
    try:
        dog = Watchdog(settings)
        for _ in range(END_TRIES):
            now = now_utc()
            others = [each for each in findings(health(settings, now), settings.alerts) if each.key != ended.key]
            if dog.look(now, [*others, ended]) is not None:
                return True
            rest(1.0)
    except Exception:  # whoever calls this is ending, and has to go on with it
        LOG.exception("That %s ended could not be told.", name)
    return False


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "alerts.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
