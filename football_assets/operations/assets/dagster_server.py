"""Dagster's own records on a PostgreSQL server, by dagster-postgres, through connections that stay open.

dagster-postgres opens a connection for each statement, lest every instance keep some of its own. Here all instances of
a process share one pool, so there is nothing to accumulate. A connection is tried before it is used: one that a restart
of the server ended is replaced.
"""

import os
from collections.abc import Mapping
from typing import Any, cast

import sqlalchemy as sa
from dagster._core.storage.config import PostgresStorageConfig
from dagster._serdes import ConfigurableClassData
from dagster_postgres import DagsterPostgresStorage
from dagster_postgres.utils import create_pg_engine, pg_url_from_config

KEPT, AT_ONCE = 2, 20
_engines: dict[tuple[int, str], sa.Engine] = {}


class PooledPostgresStorage(DagsterPostgresStorage):
    """Runs, events and schedules on one server, over the pool of this process."""

    def __init__(self, postgres_url: str, **more: Any) -> None:
        super().__init__(postgres_url, **more)
        for part in (self._run_storage, self._event_log_storage, self._schedule_storage):
            part._engine = _engine(postgres_url)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "PooledPostgresStorage":
        """Built by Dagster from `dagster.yaml`."""
        return cls(pg_url_from_config(cast(PostgresStorageConfig, config_value)), inst_data=inst_data)


def _engine(url: str) -> sa.Engine:
    """The pool of this process; a forked one has its own."""
    key = (os.getpid(), url)
    if key not in _engines:
        pool = {"pool_size": KEPT, "max_overflow": AT_ONCE - KEPT, "pool_pre_ping": True}
        _engines[key] = create_pg_engine(url, None, isolation_level="AUTOCOMMIT", **pool)
    return _engines[key]
