"""What Dagster wrote down of its runs, checks and daemons, read from its database: Dagster itself need not run.

Nothing is imported from Dagster and nothing is written. The SQLite files are below `<home>/dagster`; with
`FOOTBALL_DAGSTER_POSTGRES_URL` the same tables are on that server.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from football_assets.ages import instant_of
from football_assets.config import Settings
from football_assets.errors import StorageError
from football_assets.operations.packing import unpack
from football_assets.warehouse.engine import ENCODED

Part = Literal["runs", "event_log"]
OVER = ("SUCCESS", "FAILURE", "CANCELED")
CONNECT_TIMEOUT_S = 5
NO_TABLE = "42P01"  # what a server says of a database that Dagster never wrote to
_RUNS = """
SELECT run_id, pipeline_name, status, start_time, end_time FROM runs
WHERE end_time >= :since AND status IN ('SUCCESS', 'FAILURE', 'CANCELED') ORDER BY end_time DESC
"""
_NEWEST_CHECKS = """
SELECT c.asset_key, c.check_name, c.execution_status, c.evaluation_event, c.evaluation_event_timestamp, c.run_id
FROM asset_check_executions c JOIN (
  SELECT max(id) AS id FROM asset_check_executions WHERE execution_status IN ('SUCCEEDED', 'FAILED')
  GROUP BY asset_key, check_name
) newest ON newest.id = c.id ORDER BY c.asset_key, c.check_name
"""
_STEPS = """
SELECT event, step_key, run_id FROM event_logs WHERE run_id = :run_id AND dagster_event_type = 'STEP_SUCCESS'
"""
_FAILURES = """
SELECT event FROM event_logs WHERE dagster_event_type IN ('STEP_FAILURE', 'PIPELINE_FAILURE') AND timestamp >= :since
"""


@dataclass(frozen=True)
class RunRecord:
    """A run that is over. `duration_s` is None for one that never began."""

    run_id: str
    job: str
    status: str
    started_at: datetime | None
    ended_at: datetime

    @property
    def ok(self) -> bool:
        """Whether it succeeded; a cancelled run did not."""
        return self.status == "SUCCESS"

    @property
    def duration_s(self) -> float | None:
        """How long it took."""
        return None if self.started_at is None else (self.ended_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class CheckRecord:
    """The newest verdict of a check. `is_blocking` is None when its record cannot be read."""

    asset: str
    check: str
    passed: bool
    is_blocking: bool | None
    says: str | None
    judged_at: datetime | None
    run_id: str


@dataclass(frozen=True)
class FailureRecord:
    """A step that failed, or a run that ended without a failed step; `says` is the deepest cause."""

    at: datetime
    job: str
    step: str | None
    says: str
    run_id: str


class RunRecords:
    """Dagster's records of a home."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.folder / "dagster" / "history"
        url = settings.dagster_postgres_url
        self._url = None if url is None else url.get_secret_value().replace("postgresql+psycopg2://", "postgresql://")

    def since(self, instant: datetime) -> list[RunRecord]:
        """The runs that ended since an instant, the newest first."""
        rows = self._rows("runs", _RUNS, since=instant.timestamp())
        return [
            RunRecord(run_id, job, status, instant_of(began), _certain(over))
            for run_id, job, status, began, over in rows
        ]

    def first_at(self) -> datetime | None:
        """When the oldest run that is kept began or was asked for; None before the first."""
        rows = self._rows("runs", "SELECT min(coalesce(start_time, end_time)) FROM runs")
        return instant_of(rows[0][0]) if rows else None

    def tag(self, run_id: str, key: str) -> str | None:
        """The value of a run's tag, also of one that the page hides; None when it has none."""
        rows = self._rows(
            "runs", "SELECT value FROM run_tags WHERE run_id = :run_id AND key = :key", run_id=run_id, key=key
        )
        return str(rows[0][0]) if rows else None

    def unfinished(self) -> int:
        """How many runs are queued or under way."""
        over = ", ".join(f"'{status}'" for status in OVER)
        rows = self._rows("runs", f"SELECT count(*) FROM runs WHERE status NOT IN ({over})")  # noqa: S608 - constants
        return int(rows[0][0]) if rows else 0

    def waiting_since(self) -> datetime | None:
        """When the run that waits longest in the queue was asked for; None when none waits."""
        rows = self._rows("runs", "SELECT min(create_timestamp) FROM runs WHERE status = 'QUEUED'")
        return _stamp(rows[0][0]) if rows else None

    def heartbeat_at(self) -> datetime | None:
        """When a part of Dagster's daemon last said that it lives; None when it never ran here."""
        rows = self._rows("runs", "SELECT body FROM daemon_heartbeats")
        bodies = [json.loads(_text(body)) for (body,) in rows if body]
        return instant_of(max((float(body["timestamp"]) for body in bodies if body.get("timestamp")), default=None))

    def checks(self) -> list[CheckRecord]:
        """The newest verdict of every check."""
        return [_check(*row) for row in self._rows("event_log", _NEWEST_CHECKS)]

    def step_seconds(self, run_id: str) -> dict[str, float]:
        """How long each step of a run took, by step; empty once its events are removed."""
        found: dict[str, float] = {}
        for event, step, _ in self._rows("event_log", _STEPS, run_id=run_id):
            told = json.loads(_text(event)).get("dagster_event") or {}
            took = (told.get("event_specific_data") or {}).get("duration_ms")
            if step and took is not None:
                found[step] = round(float(took) / 1000, 4)
        return found

    def failures(self, since: datetime) -> list[FailureRecord]:
        """The steps that failed since an instant, and the runs that died without one."""
        # The column is of no zone: its instants are UTC.
        rows = self._rows("event_log", _FAILURES, since=since.astimezone(UTC).replace(tzinfo=None).isoformat(" "))
        return [found for (event,) in rows if (found := _failure(json.loads(_text(event)))) is not None]

    def _rows(self, part: Part, query: str, **given: Any) -> Sequence[sa.Row[Any]]:
        """The rows of a query; none where Dagster never ran. Raises StorageError when they cannot be read."""
        if self._url is None and not (self._folder / f"{part}.db").exists():
            return []
        try:
            with self._connected(part) as connection:
                return connection.execute(sa.text(query), given).all()
        except sa.exc.DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) == NO_TABLE:
                return []
            happened = str(error.orig).strip().partition("\n")[0]
            to_do = "`football doctor` looks at the database."
            raise StorageError("reading Dagster's records", happened, to_do) from None

    @contextmanager
    def _connected(self, part: Part) -> Iterator[sa.Connection]:
        if self._url is not None:
            options: dict[str, Any] = {"connect_timeout": CONNECT_TIMEOUT_S, **ENCODED}
            address = self._url.replace("postgresql://", "postgresql+psycopg://", 1)
        else:
            options = {"timeout": CONNECT_TIMEOUT_S}
            address = f"sqlite:///file:{self._folder / part}.db?mode=ro&uri=true"
        engine = sa.create_engine(address, poolclass=sa.NullPool, connect_args=options)
        try:
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()


def success_pct(runs: Sequence[RunRecord]) -> float | None:
    """Share of the runs that succeeded, in percent; None of no run."""
    return None if not runs else 100 * sum(run.ok for run in runs) / len(runs)


def failed_in_a_row(runs: Sequence[RunRecord]) -> int:
    """How many of the newest runs failed one after another; `runs` has the newest first."""
    count = 0
    for run in runs:
        if run.ok:
            break
        count += 1
    return count


def of_last(runs: Sequence[RunRecord], period: timedelta, now: datetime) -> list[RunRecord]:
    """Those that ended within a period before now."""
    return [run for run in runs if run.ended_at >= now - period]


def _check(key: str, name: str, status: str, event: str | None, judged_at: Any, run_id: str) -> CheckRecord:
    about: dict[str, Any] = {}
    try:
        told = json.loads(_text(event)) if event else {}
        about = (told.get("dagster_event") or {}).get("event_specific_data") or {}
    except ValueError:
        about = {}
    severity = str((about.get("severity") or {}).get("__enum__", ""))
    # A blocking check whose verdict is a warning lets the publication pass.
    blocking = about["blocking"] and severity.endswith("ERROR") if "blocking" in about else None
    says = about.get("description")
    return CheckRecord(
        "/".join(json.loads(key)), name, status == "SUCCEEDED", blocking, says, _stamp(judged_at), run_id
    )


def _failure(told: dict[str, Any]) -> FailureRecord | None:
    event = told["dagster_event"]
    about = event.get("event_specific_data") or {}
    if about.get("first_step_failure_event") is not None:  # told by its step
        return None
    error = about.get("error")
    while error is not None and error.get("cause") is not None:
        error = error["cause"]
    says = (error or {}).get("message") or event.get("message") or "no reason is kept"
    # `football_assets.errors.StorageError: publishing ...`: the name without its module.
    name, colon, rest = says.strip().partition(": ")
    said = f"{name.rpartition('.')[2]}{colon}{rest}" if " " not in name else says.strip()
    return FailureRecord(
        _certain(told["timestamp"]), event["pipeline_name"], event.get("step_key"), said, told["run_id"]
    )


def _stamp(stored: Any) -> datetime | None:
    """An instant as a database gives it: SQLite as text, PostgreSQL without a zone."""
    at = datetime.fromisoformat(stored) if isinstance(stored, str) else stored
    return None if at is None else at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _text(stored: str) -> str:
    return unpack(stored.encode())


def _certain(seconds: float) -> datetime:
    return datetime.fromtimestamp(float(seconds), UTC)
