"""The circuit breaker: a provider that is down is left in peace and probed.

A state machine of our own: each 60-second cycle is its own process, so the breaker has to survive one, and interlock
can only start closed (it refuses an initial state with a history, and its shared storage refuses growing waits).
"""

import logging
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ValidationError

from football_assets import config, sections
from football_assets.transport.problems import SourceProblem, not_asked
from football_assets.whole_files import write_whole

LOG = logging.getLogger("football_assets.transport")


def breaker_file(folder: Path, name: str) -> Path:
    """Where the breaker of the service `name` is kept in `folder`."""
    return folder / f"breaker-{file_name(name)}.json"


def file_name(name: str) -> str:
    """`name` as a part of a file name: "College Football Data" becomes "College-Football-Data"."""
    return re.sub(r"[^\w.-]+", "-", name)


class Breakers:
    """One breaker for each path of a service: what ails one endpoint does not stop the others."""

    def __init__(self, rules: sections.Breaker, *, name: str, folder: Path | None = None, address: str = "") -> None:
        self._rules = rules
        self._name = name
        self._folder = folder
        self._address = address
        self._by_path: dict[str, Breaker] = {}

    def of(self, path: str) -> "Breaker":
        """The breaker of a path."""
        if path not in self._by_path:
            file = breaker_file(self._folder, f"{self._name}-{path}") if self._folder else None
            self._by_path[path] = Breaker(self._rules, file=file, address=f"{self._address}/{path}")
        return self._by_path[path]

    def save(self) -> None:
        """Write every state that changed."""
        for breaker in self._by_path.values():
            breaker.save()


class BreakerState(BaseModel):
    """What is kept between processes. A probe under way is not: if its process dies, the next one probes."""

    address: str = ""
    state: Literal["closed", "open"] = "closed"
    failures_in_a_row: int = 0
    recent: list[bool] = []  # the last tries, oldest first: did it fail?
    last_failure: str = ""
    opened_at: datetime | None = None
    next_probe_at: datetime | None = None
    probe_wait_s: float = 0.0


class Breaker:
    """Opens after so many failed tries in a row; then one probe at a time, at growing intervals, may close it.

    Use: `refusal()` says whether to ask at all; `admit()` gives a ticket for a call that may; `succeeded` or `failed`
    is its verdict, `abandoned` its end. Tickets from before a change of state no longer count.
    """

    def __init__(self, rules: sections.Breaker, *, file: Path | None = None, address: str = "") -> None:
        self._rules = rules
        self._file = file
        self._era = 0
        self._probing = False
        self._kept = self._read(address)
        self._written = self._kept.model_copy()

    @property
    def is_open(self) -> bool:
        """Whether the provider counts as down."""
        return self._kept.state == "open"

    def refusal(self) -> SourceProblem | None:
        """Why a call may not go out now; None when it may."""
        if not self.is_open or (self._probe_is_due() and not self._probing):
            return None
        kept = self._kept
        since = f"it has failed since {kept.opened_at:%H:%M:%S} UTC" if kept.opened_at else "it is down"
        when = "a probe is under way" if self._probing else f"the next probe is at {kept.next_probe_at:%H:%M:%S} UTC"
        count = f"{kept.failures_in_a_row} failed tries in a row, the last: {kept.last_failure}"
        return not_asked(f"not asked, {since} ({count}); {when}", "Calls resume by themselves when a probe succeeds.")

    def admit(self) -> int:
        """A ticket for one call that `refusal` has just allowed."""
        if self.is_open:
            self._probing = True
        return self._era

    def succeeded(self, ticket: int) -> None:
        """The provider answered, if only to reject us."""
        if ticket != self._era:
            return
        if self.is_open:
            LOG.info("The breaker closed: %s answers again.", self._kept.address or "the provider")
            self._era += 1
        self._probing = False
        self._kept = BreakerState(address=self._kept.address, recent=[] if self.is_open else self._recent(failed=False))
        if self._written.state == "open":
            self.save()

    def failed(self, ticket: int, why: str) -> None:
        """No answer, or none that can be used."""
        if ticket != self._era:
            return
        self._kept.failures_in_a_row += 1
        self._kept.last_failure = why
        self._kept.recent = self._recent(failed=True)
        if self.is_open or self._too_many():
            self._open()

    def abandoned(self, ticket: int) -> None:
        """The call is over; without a verdict (it was cancelled) the place of a probe is free again."""
        if ticket == self._era:
            self._probing = False

    def save(self) -> None:
        """Write the state whole, if it changed; trouble is logged, since the next process can do without."""
        if self._file is None or self._kept == self._written:
            return
        try:
            write_whole(self._file, self._kept.model_dump_json(indent=1), durable=False)
            self._written = self._kept.model_copy()
        except OSError as error:
            LOG.warning("The breaker's state could not be written to %s: %s.", self._file, error)

    def _recent(self, *, failed: bool) -> list[bool]:
        return [*self._kept.recent, failed][-self._rules.window_tries :]

    def _too_many(self) -> bool:
        recent = self._kept.recent
        share = sum(recent) / len(recent) if len(recent) == self._rules.window_tries else 0.0
        return self._kept.failures_in_a_row >= self._rules.consecutive_failures or share >= self._rules.failed_share

    def _open(self) -> None:
        kept, rules, now = self._kept, self._rules, config.now_utc()
        again = kept.state == "open"
        kept.probe_wait_s = min(2 * kept.probe_wait_s, rules.longest_probe_s) if again else rules.first_probe_s
        kept.state, kept.opened_at = "open", kept.opened_at or now
        kept.next_probe_at = now + timedelta(seconds=kept.probe_wait_s)
        self._probing = False
        self._era += 1
        if not again:
            # No warning: what it costs is told by who asked, once an outage or as a gap in each cycle.
            LOG.info("The breaker opened: %s failed %d tries in a row.", kept.address, kept.failures_in_a_row)
        self.save()

    def _probe_is_due(self) -> bool:
        if self._kept.next_probe_at is None:
            return True
        wait_s = (self._kept.next_probe_at - config.now_utc()).total_seconds()
        # Further off than any wait we set: the clock was put back, and waiting it out could take days.
        return wait_s <= 0 or wait_s > self._rules.longest_probe_s

    def _read(self, address: str) -> BreakerState:
        fresh = BreakerState(address=address)
        if self._file is None:
            return fresh
        try:
            kept = BreakerState.model_validate_json(self._file.read_bytes())
        except FileNotFoundError:
            return fresh
        except (OSError, ValidationError) as error:
            LOG.warning("The breaker's state in %s is unreadable, it starts closed: %s.", self._file, error)
            return fresh
        return kept if kept.address == address else fresh
