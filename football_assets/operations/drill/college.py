"""The college side of a drill: its provider on this machine, a home that the daily run has filled, and what is due.

The provider's clock stands still at a Tuesday when the home is filled, and at the Sunday after it when a fault comes:
a round of games was played between, so most tables change and every entry of the ledger about it is graded.
"""

import hashlib
import shutil
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from football_assets.errors import FootballError
from football_assets.operations.drill.actors import Emulator, Worker
from football_assets.operations.drill.comparing import Compared, compared
from football_assets.operations.drill.looking import key_of, served_tables
from football_assets.states import Source
from football_assets.warehouse.engine import Database
from football_assets.warehouse.relations import database_path

if TYPE_CHECKING:
    from football_assets.operations.drill.stage import Session

SEED = 1
TUESDAY = datetime(2026, 11, 17, 12, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 18, tzinfo=UTC)
SEASON, SEASONS = "2026", "2025-2026"
JOB, TAGS = "ncaa_daily", {"dagster/partition": SEASON}
DOMAIN = "ncaa"
RUN_S = 900.0
# Each home begins with a Dagster of its own, and asks everything anew: what is due depends on no day of ours.
NOT_COPIED = ("backups", "dagster", "logs", "simulated/cache")
# By our clock and our run's name, or the checksum of a file that holds addresses in memory: the same in no two runs.
OF_THE_RUN = {"ncaa_data_quality": ("measured_at", "run_id", "content"), "ncaa_models": ("file", "sha256")}
MODELS = "ncaa_models"

Frames = dict[str, pd.DataFrame]


class College:
    """What all faults of a drill share of the college side; made when it is first asked for."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._folder = session.folder

    @cached_property
    def provider(self) -> Emulator:
        """College Football Data, simulated."""
        env = self._session.environment(self._folder / "college-provider")
        emulator = Emulator("cfbd", SEED, TUESDAY, env, self._folder / "college-emulator.log")
        self._session.ending.callback(emulator.stop)
        return emulator

    @property
    def variables(self) -> dict[str, str]:
        """What points a home at the provider."""
        return {"FOOTBALL_CFBD_URL": self.provider.url, "FOOTBALL_CFBD__PER_SECOND": "500"}

    @cached_property
    def home(self) -> Path:
        """A home in which the college run has been made once, so that there are tables and a ledger to lose."""
        home = self._folder / "college"
        self.provider.break_with()
        self.provider.set_clock(TUESDAY)
        self._ran(home, "ncaa_seasons", self._range())
        self._stripped(home)
        return home

    @cached_property
    def due(self) -> Frames:
        """What an undisturbed platform serves after the run on Sunday: table -> frame."""
        home = self._folder / "college-control"
        shutil.copytree(self.home, home)
        self.provider.break_with()
        self.provider.set_clock(SUNDAY)
        self._ran(home, JOB, TAGS)
        return frames(Database(database_path(home, Source.SIMULATED), Source.SIMULATED))

    def _range(self) -> dict[str, str]:
        first, last = SEASONS.split("-")
        return {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}

    def _ran(self, home: Path, job: str, tags: dict[str, str]) -> None:
        env = self._session.environment(home) | self.variables
        worker = Worker(env, self._folder / f"{home.name}.log", "undisturbed college run", answer_s=RUN_S)
        try:
            done = worker.ask(do="run", job=job, tags=tags)
        finally:
            worker.stop()
        if not done["ok"]:
            raise FootballError("preparing the drill", f"the college run failed: {done['errors']}", "Mend it.")

    def _stripped(self, home: Path) -> None:
        for name in NOT_COPIED:
            shutil.rmtree(home / name, ignore_errors=True)


def frames(database: Database) -> Frames:
    """The college tables that a database serves."""
    return served_tables(database, DOMAIN)


def against(served: Frames, due: Frames) -> list[Compared]:
    """Each table that is due, or served although none is due, held against what is due."""
    ours, theirs = ({name: _without_the_run(name, frame) for name, frame in each.items()} for each in (served, due))
    extra = [Compared(name, invented=len(ours[name])) for name in ours if name not in theirs]
    return [*(compared(name, ours.get(name), theirs[name], _key(name)) for name in theirs), *extra]


def models_kept(served: pd.DataFrame, world: Path) -> list[str]:
    """Each model that is served lies on disk as it was written."""
    rows = zip(served["file"].astype(str), served["sha256"].astype(str), strict=True)
    return [f"the model {file} is not what is published" for file, digest in rows if _digest(world / file) != digest]


def _digest(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _key(name: str) -> list[str]:
    return [column for column in key_of(name) if column not in OF_THE_RUN.get(name, ())]


def _without_the_run(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """A table without what is the same in no two runs; of a table with a row a run, the newest row of each key."""
    if "measured_at" in frame:
        frame = frame.sort_values("measured_at").drop_duplicates(_key(name), keep="last")
    return frame.drop(columns=list(OF_THE_RUN.get(name, ())))
