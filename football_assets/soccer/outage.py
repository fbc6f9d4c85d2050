"""An outage of the provider: told once, probed ever more rarely, and over with the first probe that succeeds.

Each cycle is a process of its own, so what is known of an outage is kept in two small files, each written whole:
`outage.json` is the state of now, `alerts.jsonl` holds a line for each outage, for whoever tells people about them.
"""

import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from football_assets import config, sections
from football_assets.errors import SourceError
from football_assets.whole_files import write_whole

LOG = logging.getLogger(__name__)

STATE, ALERTS = "outage.json", "alerts.jsonl"
KEPT_ALERTS = 1000
# A run is started for a probe that is due in this share of the time until the next tick; it waits there.
REACH = 5 / 6

Found = TypeVar("Found")


class Alert(BaseModel):
    """One outage. `closed_at` and `cycles_missed` are null while it lasts."""

    kind: Literal["outage"] = "outage"
    provider: str
    address: str
    failing_since: datetime
    opened_at: datetime
    closed_at: datetime | None = None
    cycles_missed: int | None = None
    probes: int | None = None
    reason: str


class State(BaseModel):
    """What is known between cycles; `opened_at` is null while the breaker is closed."""

    address: str
    failed_cycles: int = 0
    failing_since: datetime | None = None
    opened_at: datetime | None = None
    probes: int = 0
    probe_wait_s: float = 0.0
    next_probe_at: datetime | None = None
    reason: str = ""


class Outage:
    """The breaker of the live cycle. `events` are what became known since it was made: `alert` or `recovered`.

    Args:
        folder: Where the two files are.
        rules: When it opens and how it is probed.
        interval_s: Start to start of two cycles.
        provider: Its name.
        address: Its address; an outage of another one does not count.
        now: The wall clock.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        folder: Path,
        rules: sections.Breaker,
        interval_s: float,
        *,
        provider: str,
        address: str,
        now: Callable[[], datetime] = config.now_utc,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._folder = folder
        self._rules = rules
        self._interval_s = interval_s
        self._provider = provider
        self._address = urlsplit(address).netloc or address
        self._now = now
        self._sleep = sleep
        self._state = self._read()
        self.events: list[tuple[Literal["alert", "recovered"], Alert]] = []

    @classmethod
    def kept(cls, settings: config.Settings) -> "Outage":
        """The live cycle's, as the cycle before left it."""
        rules, interval_s = settings.thesports.breaker, settings.live.interval_s
        folder = settings.folder / "soccer"
        return cls(folder, rules, interval_s, provider="TheSports", address=settings.thesports_url)

    @property
    def is_open(self) -> bool:
        """Whether the provider counts as down."""
        return self._state.opened_at is not None

    def skip_reason(self) -> str | None:
        """Why no cycle need start now: no probe is due before the next tick. None when one should."""
        wait_s = self._wait_s()
        if not self.is_open or wait_s <= self._interval_s * REACH:
            return None
        state = self._state
        since = f"{self._provider} cannot be read since {state.failing_since:%H:%M:%S} UTC ({state.reason})"
        return f"{since}; the next probe is at {state.next_probe_at:%H:%M:%S} UTC"

    def attempt(self, read: Callable[[bool], Found], until: datetime) -> Found:
        """What `read` gives. Of an open breaker it is a probe, told so; it waits for its time if that is near.

        Near is what comes by `until`, and until then probes are repeated. Raises the SourceError of the last one.
        """
        while True:
            wait_s = self._wait_s()
            if 0 < wait_s <= self._seconds_to(until):
                self._sleep(wait_s)
            began = self._now()
            try:
                found = read(self.is_open)
            except SourceError as error:
                self._failed(error.happened, began)
                if not self.is_open or self._wait_s() > self._seconds_to(until):
                    raise
            else:
                self._succeeded()
                return found

    def _failed(self, reason: str, began: datetime) -> None:
        state, rules = self._state, self._rules
        state.reason = reason
        state.failing_since = state.failing_since or began
        if self.is_open:
            state.probes += 1
            state.probe_wait_s = min(2 * state.probe_wait_s, rules.longest_probe_s)
        else:
            state.failed_cycles += 1
            if state.failed_cycles >= rules.consecutive_failures:
                self._open(state.failing_since)
        if self.is_open:
            state.next_probe_at = self._now() + timedelta(seconds=state.probe_wait_s)
        self._write(STATE, state.model_dump_json(indent=1))

    def _open(self, failing_since: datetime) -> None:
        state = self._state
        state.opened_at, state.probe_wait_s = self._now(), self._rules.first_probe_s
        alert = Alert(
            provider=self._provider,
            address=self._address,
            failing_since=failing_since,
            opened_at=state.opened_at,
            reason=state.reason,
        )
        # One that is still open was written by a process that died before it could say so in the state.
        self._keep([*(each for each in alerts(self._folder) if each.closed_at is not None), alert])
        self.events.append(("alert", alert))
        LOG.error(
            "%s cannot be read: %d cycles in a row have failed since %s UTC, the last: %s. The board stays as it was; "
            "probes follow after %g s, then ever more rarely up to %g s.",
            *(self._provider, state.failed_cycles, f"{failing_since:%Y-%m-%d %H:%M:%S}", state.reason),
            *(self._rules.first_probe_s, self._rules.longest_probe_s),
        )

    def _succeeded(self) -> None:
        if self._state.failing_since is None:
            return
        if self.is_open:
            self._close()
        self._state = State(address=self._address)
        self._write(STATE, self._state.model_dump_json(indent=1))

    def _close(self) -> None:
        told = alerts(self._folder)
        for alert in told:
            if alert.closed_at is None:
                alert.closed_at = self._now()
                lasted = alert.closed_at - alert.failing_since
                alert.cycles_missed = round(lasted.total_seconds() / self._interval_s)
                alert.probes = self._state.probes + 1
                self.events.append(("recovered", alert))
                LOG.warning(
                    "%s answers again: it could not be read for %s, from %s UTC, and %d cycles were missed.",
                    *(alert.provider, duration_text(lasted), f"{alert.failing_since:%Y-%m-%d %H:%M:%S}"),
                    alert.cycles_missed,
                )
        self._keep(told)

    def _wait_s(self) -> float:
        """Seconds until the next probe; 0 when it is due or none is needed."""
        if self._state.next_probe_at is None:
            return 0.0
        wait_s = self._seconds_to(self._state.next_probe_at)
        # Further off than any wait we set: the clock was put back, and waiting it out could take days.
        return wait_s if 0 < wait_s <= self._rules.longest_probe_s else 0.0

    def _seconds_to(self, instant: datetime) -> float:
        return (instant - self._now()).total_seconds()

    def _read(self) -> State:
        fresh = State(address=self._address)
        try:
            found = State.model_validate_json((self._folder / STATE).read_bytes())
        except FileNotFoundError:
            return fresh
        except (OSError, ValidationError) as error:
            LOG.warning("What is known of outages is unreadable in %s and starts afresh: %s.", self._folder, error)
            return fresh
        return found if found.address == self._address else fresh

    def _keep(self, told: list[Alert]) -> None:
        self._write(ALERTS, "".join(f"{alert.model_dump_json()}\n" for alert in told[-KEPT_ALERTS:]))

    def _write(self, name: str, text: str) -> None:
        """Write a file whole; trouble is logged, since scores must not wait for it."""
        file = self._folder / name
        try:
            write_whole(file, text, durable=False)
        except OSError as error:
            LOG.warning("What is known of outages could not be written to %s: %s.", file, error)


def alerts(folder: Path) -> list[Alert]:
    """Every outage told, oldest first; the last one may still be open. An unreadable line is left out."""
    try:
        lines = (folder / ALERTS).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        with suppress(ValidationError, json.JSONDecodeError):
            found.append(Alert.model_validate_json(line))
    return found


def duration_text(lasted: timedelta) -> str:
    """`1 h 4 min`, `3 min 5 s`."""
    seconds = round(lasted.total_seconds())
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"
