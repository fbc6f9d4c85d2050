"""What daemon and code server do between two ticks, so that no tick has to do it.

Python collects all garbage of the daemon at once now and then, which takes 130 ms, and SQLite writes its log into the
file when the log is long, which waits for the disk. Either would come in the middle of whichever tick is next. So a few
seconds after each live cycle was launched both are done, and what the daemon holds then is set aside: a collection in
the middle of a tick looks at little more than what that tick made.

By itself Python collects everything only when what is new is a quarter of what is old: in the code server, which has
all the code imported, what thousands of ticks leave behind, some KB each. There too it is done after each live tick.
"""

import gc
import importlib
import logging
import threading
from collections.abc import Callable

from dagster import DagsterInstance

from football_assets.operations.assets.dagster_storage import Kept

# The run that was launched is busiest in its first seconds.
AFTER_S = 5.0

log = logging.getLogger(__name__)


class BetweenTicks:
    """Chores, done once some seconds after they were asked for, however often that was."""

    def __init__(self, *chores: Callable[[], object], after_s: float = AFTER_S) -> None:
        self._chores = chores
        self._after_s = after_s
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def soon(self) -> None:
        """Do the chores in a while, on a thread of their own that keeps no process alive."""
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(self._after_s, self._due)
                self._timer.daemon = True
                self._timer.start()

    def do(self) -> None:
        """Do them now. One that fails is logged: it is tried again after the next tick."""
        for chore in self._chores:
            try:
                chore()
            except Exception:
                log.exception("A chore between two ticks failed; it is tried again after the next one.")

    def cancel(self) -> None:
        """Do nothing that is not begun."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _due(self) -> None:
        with self._lock:
            self._timer = None
        self.do()


def collect_garbage() -> None:
    """Collect all there is, also of what was set aside before, and set the rest aside."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


def forget_times() -> None:
    """Empty a dictionary of Dagster's copy of croniter, which grows with every tick and is never emptied.

    Each instant that is worked out is entered under itself and looked up by its timestamp, so none is ever found. Later
    versions of croniter have it no more (its pull request 185); a Dagster that has such a one is left alone.
    """
    croniter = importlib.import_module("dagster._vendored.croniter.croniter")
    getattr(croniter, "TIMESTAMP_TO_DT_CACHE", {}).clear()


def write_logs(instance: DagsterInstance) -> None:
    """Write the logs of Dagster's SQLite files into them; a server looks after its own."""
    for storage in (instance.run_storage, instance.event_log_storage, instance.schedule_storage):
        if isinstance(storage, Kept):
            storage.checkpoint()
