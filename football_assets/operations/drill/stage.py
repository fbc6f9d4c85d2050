"""Where a fault happens: a scratch home of its own with real processes, and what is shared by all of a drill.

Nothing here ever reads or writes the data folder of the user: the home, its settings, its credentials and its
addresses are made up, and every process started carries the name of the scratch home, by which it is found again.
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from football_assets.config import environment_with_dotenv, project_root
from football_assets.errors import FootballError
from football_assets.operations.drill.actors import ANSWER_S, Emulator, Worker
from football_assets.operations.drill.college import College
from football_assets.operations.drill.looking import Look, lake_frames, look
from football_assets.operations.processes import PROC
from football_assets.rooms import part
from football_assets.states import Source
from football_assets.warehouse.engine import Database, close_readers
from football_assets.warehouse.relations import database_path

SEED = 7
T0 = datetime(2026, 5, 12, 12, 0, tzinfo=UTC)  # about forty live matches
STEP = timedelta(seconds=60)
WORLD = Source.SIMULATED
LIVE_JOB, LIVE_TAGS = "live_cycle", {"football/live": "true"}
_OURS = ("FOOTBALL_", "THESPORTS_", "CFBD_", "DAGSTER_")
COMMAND_S = 300.0
NOWHERE = "http://127.0.0.1:9"  # nothing listens there: no drill ever asks a real provider


class Session:
    """What all faults of a drill share: the provider, the undisturbed platform beside it, the home to begin from."""

    def __init__(self, folder: Path, *, with_college: bool = True) -> None:
        self.folder = folder
        self.with_college = with_college
        self.ending = ExitStack()
        self.secrets = [f"drill-{secrets.token_hex(12)}" for _ in range(2)]
        self._truths: dict[datetime, dict[str, Any]] = {}

    @cached_property
    def emulator(self) -> Emulator:
        """The provider."""
        emulator = Emulator(
            "thesports", SEED, T0, self.environment(self.folder / "provider"), self.folder / "emulator.log"
        )
        self.ending.callback(emulator.stop)
        return emulator

    @cached_property
    def _control(self) -> Worker:
        home = self.folder / "control"
        full = self.environment(home, self.emulator.url) | {"FOOTBALL_LIVE__STRATEGY": "full"}
        worker = Worker(full, self.folder / "control.log", "control")
        self.ending.callback(worker.stop)
        return worker

    def truth(self, at: datetime) -> dict[str, Any]:
        """What an undisturbed platform shows at an instant of the provider's clock: table -> frame."""
        if at not in self._truths:
            self.emulator.break_with()
            self.emulator.set_clock(at)
            done = self._control.ask(do="run", job=LIVE_JOB, tags=LIVE_TAGS)
            if not done["ok"]:
                raise FootballError("preparing the drill", f"an undisturbed cycle failed: {done['errors']}", "Mend it.")
            self._truths[at] = lake_frames(self.folder / "control", WORLD)
        return self._truths[at]

    @cached_property
    def college(self) -> College:
        """The college side: its provider, a home that is filled, what is due."""
        return College(self)

    def environment(self, home: Path, url: str | None = None) -> dict[str, str]:
        """The environment of a process on a home: nothing of the user's settings is in it."""
        kept = {name: value for name, value in environment_with_dotenv().items() if not name.startswith(_OURS)}
        ours = {
            "FOOTBALL_HOME": str(home),
            "FOOTBALL_ENV_FILE": str(self.folder / "none.env"),
            "DAGSTER_HOME": str(home / "dagster"),
            "THESPORTS_USER": "drill",
            "THESPORTS_SECRET": self.secrets[0],
            "CFBD_API_KEY": self.secrets[1],
            "FOOTBALL_CFBD_URL": NOWHERE,
            # Cycles follow at once here, so the minute's budget of odds is lifted.
            "FOOTBALL_THESPORTS__PER_MINUTE_BY_PATH": "{}",
            "PYTHONWARNINGS": "ignore",
        }
        return kept | ours | ({"FOOTBALL_THESPORTS_URL": url} if url else {})

    def close(self) -> None:
        """End everything."""
        self.ending.close()


class Stage:
    """One fault's scratch home, its worker and the provider."""

    def __init__(self, session: Session, name: str) -> None:
        self.session = session
        self.folder = session.folder / name
        self.home = self.folder / "home"
        self.folder.mkdir(parents=True)
        self.variables: dict[str, str] = {}
        self.ending = ExitStack()
        self.said: list[str] = []
        # What our processes are told that the time is; the machine's clock when None.
        self.at: datetime | None = None
        self._furnished = False
        # How long a job of a worker may take.
        self.answer_s = ANSWER_S
        self.database_url: str | None = None
        self.provider.break_with()
        self.provider.set_clock(T0)

    def furnish(self) -> None:
        """Put the college tables and their ledger into the home, once."""
        if self.session.with_college and not self._furnished:
            self._furnished = True
            shutil.copytree(self.session.college.home, self.home, dirs_exist_ok=True)

    @property
    def provider(self) -> Emulator:
        """The provider."""
        return self.session.emulator

    @property
    def env(self) -> dict[str, str]:
        """The environment of this home's processes."""
        return self.session.environment(self.home, self.provider.url) | self.variables

    @cached_property
    def worker(self) -> Worker:
        """A process that runs cycles on this home."""
        return self.new_worker()

    def new_worker(self, **variables: str) -> Worker:
        """A further worker, or one after the other was killed."""
        worker = Worker(self.env | variables, self.folder / "worker.log", answer_s=self.answer_s)
        self.ending.callback(worker.stop)
        return worker

    def cycle(self) -> dict[str, Any]:
        """One live cycle; what it said is kept for the search for secrets."""
        return self.run_cycle(self.worker)

    def run_cycle(self, worker: Worker) -> dict[str, Any]:
        """The same by another worker."""
        clock = {"at": self.at.isoformat()} if self.at else {}
        done = worker.ask(do="run", job=LIVE_JOB, tags=LIVE_TAGS, **clock)
        self.said += [*done["errors"], *done["warnings"]]
        return done

    def football(self, *words: str, limit_s: float = COMMAND_S) -> "subprocess.CompletedProcess[str]":
        """A command of ours on this home."""
        done = command(self.env, *words, limit_s=limit_s)
        self.said += [done.stdout, done.stderr]
        return done

    def look(self) -> Look:
        """What is there now."""
        return look(self.home, self.database)

    def past(self, observed_us: int) -> pd.DataFrame:
        """The flattened matches as the history shows them of an instant."""
        instant = datetime.fromtimestamp(observed_us / 1e6, UTC)
        found: pd.DataFrame = part("soccer", "history").History(self.home, WORLD).at(instant).flattened
        return found

    @property
    def database(self) -> Database:
        """The database of this home's simulated world."""
        return Database(database_path(self.home, WORLD), WORLD, self.database_url)

    def truth(self, at: datetime) -> dict[str, Any]:
        """What an undisturbed platform shows; the provider is left healthy and at `at`."""
        found = self.session.truth(at)
        self.provider.break_with()
        self.provider.set_clock(at)
        return found

    def processes(self) -> dict[int, str]:
        """Every running process of this home, by its environment, and its command line."""
        return processes_of(self.home)

    def close(self) -> dict[int, str]:
        """End everything on the stage; the processes that were left although they should have ended."""
        self.provider.break_with()
        self.ending.close()
        close_readers()
        until(lambda: not self.processes(), 10.0)
        left = self.processes()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return left


def processes_of(home: Path) -> dict[int, str]:
    """Every running process whose environment names a home, and its command line."""
    mark = f"FOOTBALL_HOME={home}".encode()
    found = {}
    for entry in PROC.glob("[0-9]*"):
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return found


def command(env: dict[str, str], *words: str, limit_s: float = COMMAND_S) -> "subprocess.CompletedProcess[str]":
    """`football WORDS` in an environment, waited for."""
    return subprocess.run(
        [sys.executable, "-m", "football_assets.cli", *words],
        env={**env, "COLUMNS": "160"},
        cwd=project_root(),
        capture_output=True,
        text=True,
        timeout=limit_s,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def until(condition: Callable[[], bool], limit_s: float, rest_s: float = 0.05) -> bool:
    """Wait until something holds; whether it came to hold in time."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(rest_s)
    return True
