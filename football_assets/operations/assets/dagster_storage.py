"""Dagster's own records in three SQLite files that stay open: runs, events, schedules.

Dagster's default opens a new engine for each statement, keeps one file a run and copies its asset events into another,
and waits for the disk at each of them: a third of a live cycle. Here each storage keeps its connections, all runs share
one event log, an event is one transaction, and the disk is waited for at checkpoints only. A power cut may lose the
events of the last moments; it corrupts nothing. Without the `storage` lines of `dagster.yaml` Dagster's default is
used, and with `postgres` there a server.
"""

import fcntl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from threading import local
from typing import Any

import sqlalchemy as sa
from dagster import DagsterEventType, DagsterInstance, Field
from dagster._config.config_schema import UserConfigSchema
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.event_log.polling_event_watcher import SqlPollingEventWatcher
from dagster._core.storage.event_log.sqlite.consolidated_sqlite_event_log import (
    SQLITE_EVENT_LOG_FILENAME,
    ConsolidatedSqliteEventLogStorage,
)
from dagster._core.storage.runs import SqliteRunStorage
from dagster._core.storage.schedules import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._serdes import ConfigurableClass, ConfigurableClassData

from football_assets.operations.packing import pack_texts

# Free pages can be given back a few at a time only if a file says so from its beginning.
MADE_BY = sum(int(part) * 1000**place for place, part in enumerate(reversed(version("dagster").split(".")[:3])))
PRAGMAS = (
    "auto_vacuum=INCREMENTAL",
    # KiB that a connection keeps of its file. By default 2000: the daemon's fifteen would grow into that for weeks, for
    # nothing, since whatever another process writes makes all of it void, and the machine keeps the pages too.
    "cache_size=-256",
    f"busy_timeout={SQLITE_BUSY_TIMEOUT_SECONDS * 1000}",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    # 40 MB: the daemon writes the log into the file between two ticks, before any writer would have to.
    "wal_autocheckpoint=10000",
)
INCREMENTAL, PAGES_AT_ONCE = 2, 500

HANDING_ON = frozenset(
    {
        DagsterEventType.STEP_OUTPUT,
        DagsterEventType.STEP_INPUT,
        DagsterEventType.HANDLED_OUTPUT,
        DagsterEventType.LOADED_INPUT,
        DagsterEventType.RESOURCE_INIT_STARTED,
        DagsterEventType.RESOURCE_INIT_SUCCESS,
    }
)


class Transactions:
    """A SQLite file whose connections stay open; what one thread does inside `begin` is one transaction."""

    def __init__(self, folder: Path, name: str) -> None:
        self.address = create_db_conn_string(str(folder), name)
        self.engine = sa.create_engine(
            self.address, poolclass=sa.QueuePool, max_overflow=-1, connect_args={"check_same_thread": False}
        )
        self._thread = local()
        sa.event.listen(self.engine, "connect", _prepare)
        pack_texts(self.engine)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """The thread's open transaction, or a new one that is committed at the end."""
        connection: sa.Connection | None = getattr(self._thread, "connection", None)
        if connection is not None:
            yield connection
            return
        with self.engine.begin() as connection:
            self._thread.connection = connection
            try:
                yield connection
            finally:
                self._thread.connection = None

    def size(self) -> int:
        """Bytes of the file and of its log."""
        path = Path(self.engine.url.database or "")
        return sum(each.stat().st_size for each in (path, path.with_name(f"{path.name}-wal")) if each.exists())

    def checkpoint(self) -> None:
        """Write the log into the file as far as no reader stands against it; nobody waits for that."""
        with self.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")

    def compact(self) -> None:
        """Give back what was removed, a few pages at a time, so that no writer waits long."""
        # On the driver's own connection: each row that is fetched frees a page, and SQLAlchemy would fetch none.
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            if driver.execute("PRAGMA auto_vacuum").fetchone() != (INCREMENTAL,):
                driver.execute("PRAGMA auto_vacuum=INCREMENTAL")
                driver.execute("VACUUM")
            free, left = None, _free_pages(driver)
            while left and left != free:
                driver.execute(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})").fetchall()
                free, left = left, _free_pages(driver)
            # While somebody reads, the log keeps its length until the next time; nobody waits for that.
            driver.execute("PRAGMA busy_timeout=1000")
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            _prepare(driver, None)


def _free_pages(driver: Any) -> int:
    (count,) = driver.execute("PRAGMA freelist_count").fetchone()
    return int(count)


def _prepare(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def opened(folder: Path, name: str, create: Callable[[], object]) -> Transactions:
    """A file's transactions. `create` makes or completes its tables, once for each version of Dagster.

    Looking whether that is needed takes Dagster 30 ms a file, so the file carries the version that has looked; several
    processes may start at once, so one at a time looks.
    """
    folder.mkdir(parents=True, exist_ok=True)
    transactions = Transactions(folder, name)
    with (folder / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with transactions.engine.connect() as connection:
            made_by = connection.exec_driver_sql("PRAGMA user_version").scalar()
        if made_by != MADE_BY:
            create()
            with transactions.engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA user_version={MADE_BY}")
    return transactions


class Kept:
    """A storage in a file of ours."""

    _transactions: Transactions

    def size(self) -> int:
        """Bytes on the disk."""
        return self._transactions.size()

    def checkpoint(self) -> None:
        """Write the log into the file, so that no writer has to."""
        self._transactions.checkpoint()

    def compact(self) -> None:
        """Give back the space of what was removed."""
        self._transactions.compact()

    def dispose(self) -> None:
        """Close the connections."""
        self._transactions.engine.dispose()


class PooledRuns(Kept, SqliteRunStorage):
    """Runs, their tags and the daemons' heartbeats: `history/runs.db`."""

    def __init__(self) -> None:
        super(SqliteRunStorage, self).__init__()  # type: ignore[no-untyped-call]

    def register_instance(self, instance: DagsterInstance) -> None:
        """Open the file below the instance's folder."""
        folder = Path(instance.root_directory) / "history"
        self._transactions = opened(folder, "runs", lambda: SqliteRunStorage.from_local(str(folder)))
        SqliteRunStorage.__init__(self, self._transactions.address)
        super().register_instance(instance)

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A transaction of this storage."""
        with self._transactions.begin() as connection:
            yield connection


class PooledSchedules(Kept, SqliteScheduleStorage):
    """Schedules, sensors and their ticks: `schedules/schedules.db`."""

    def __init__(self) -> None:
        super(SqliteScheduleStorage, self).__init__()  # type: ignore[no-untyped-call]

    def register_instance(self, instance: DagsterInstance) -> None:
        """Open the file below the instance's folder."""
        folder = Path(instance.root_directory) / "schedules"
        self._transactions = opened(folder, "schedules", lambda: SqliteScheduleStorage.from_local(str(folder)))
        SqliteScheduleStorage.__init__(self, self._transactions.address)
        super().register_instance(instance)

    @contextmanager
    def connect(self) -> Iterator[sa.Connection]:
        """A transaction of this storage."""
        with self._transactions.begin() as connection:
            yield connection


class PooledEvents(Kept, ConsolidatedSqliteEventLogStorage):
    """The events of all runs in one log: `history/event_log.db`.

    Of jobs in `brief_jobs` the events of handing values from step to step are left out: nobody reads them, and they are
    a third of a run.
    """

    def __init__(self, brief_jobs: Sequence[str], schedules: PooledSchedules | None = None) -> None:
        self._brief_jobs, self._disposed_too = frozenset(brief_jobs), schedules
        super(ConsolidatedSqliteEventLogStorage, self).__init__()  # type: ignore[no-untyped-call]
        self._has_columns: dict[str, bool] = {}

    def register_instance(self, instance: DagsterInstance) -> None:
        """Open the file below the instance's folder."""
        folder = Path(instance.root_directory) / "history"
        self._transactions = opened(
            folder,
            SQLITE_EVENT_LOG_FILENAME,
            lambda: ConsolidatedSqliteEventLogStorage(str(folder))._init_db(),  # type: ignore[no-untyped-call]
        )
        ConsolidatedSqliteEventLogStorage.__init__(self, str(folder))
        self._watcher = SqlPollingEventWatcher(self)
        super().register_instance(instance)

    @contextmanager
    def _connect(self) -> Iterator[sa.Connection]:
        with self._transactions.begin() as connection:
            yield connection

    @cached_property
    def _tables(self) -> set[str]:
        with self._connect() as connection:
            return set(sa.inspect(connection).get_table_names())

    def has_table(self, table_name: str) -> bool:
        """Whether a table exists; that changes with a new version of Dagster only."""
        return table_name in self._tables

    def _has_asset_key_col_on_connection(self, conn: sa.Connection, column_name: str) -> bool:
        if column_name not in self._has_columns:
            self._has_columns[column_name] = super()._has_asset_key_col_on_connection(conn, column_name)
        return self._has_columns[column_name]

    def store_event(self, event: EventLogEntry) -> None:
        """An event, with what it says of its asset and its check, in one transaction."""
        if event.job_name in self._brief_jobs and event.dagster_event_type in HANDING_ON:
            return
        with self._transactions.begin():
            super().store_event(event)

    def watch(self, run_id: str, cursor: str | None, callback: Callable[..., Any]) -> None:
        """Call back for each new event of a run; the file itself tells nothing, for its changes lie in its log."""
        self._watcher.watch_run(run_id, cursor, callback)

    def end_watch(self, run_id: str, handler: Callable[..., Any]) -> None:
        """Stop calling back."""
        self._watcher.unwatch_run(run_id, handler)

    def dispose(self) -> None:
        """Stop watching and close the connections; those of the schedules too, which Dagster forgets.

        Each tick opens an instance in the code server: what it left open would be three more files a tick.
        """
        self._watcher.close()
        super().dispose()
        if self._disposed_too is not None:
            self._disposed_too.dispose()


class LocalStorage(DagsterStorage, ConfigurableClass):
    """The three storages below DAGSTER_HOME."""

    def __init__(self, brief_jobs: Sequence[str] = (), inst_data: ConfigurableClassData | None = None) -> None:
        self._inst_data = inst_data
        self._runs, self._schedules = PooledRuns(), PooledSchedules()
        self._events = PooledEvents(brief_jobs, self._schedules)
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What `dagster.yaml` says about this storage."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """The files lie in DAGSTER_HOME, so all there is to say is which jobs run every minute."""
        about = "Jobs of which the events of handing values from step to step are not kept"
        return {"brief_jobs": Field([str], default_value=[], description=about)}

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> "LocalStorage":
        """Built by Dagster from `dagster.yaml`."""
        return cls(inst_data=inst_data, **config_value)

    @property
    def run_storage(self) -> PooledRuns:
        """Runs."""
        return self._runs

    @property
    def event_log_storage(self) -> PooledEvents:
        """Events."""
        return self._events

    @property
    def schedule_storage(self) -> PooledSchedules:
        """Schedules, sensors and ticks."""
        return self._schedules

    @property
    def run_storage_data(self) -> ConfigurableClassData | None:
        """None: the parts are not configured one by one."""
        return None

    @property
    def event_storage_data(self) -> ConfigurableClassData | None:
        """None, as above."""
        return None

    @property
    def schedule_storage_data(self) -> ConfigurableClassData | None:
        """None, as above."""
        return None
