"""The published tables of the worlds that readers see, in memory, each until it is published anew."""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from football_assets.config import Settings, now_utc
from football_assets.errors import StorageError
from football_assets.providers import Domain, reading_world
from football_assets.rooms import PIPELINES
from football_assets.serving.problems import Problem
from football_assets.states import DataState, Source
from football_assets.tables import Table
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import open_warehouse

Made = TypeVar("Made")
LOOK_S = 0.25
LOOKS_IN_FULL = 20
WAREHOUSE = "warehouse.sqlite"
FRAMES = 60
PROVIDERS: dict[Domain, str] = {"soccer": "TheSports", "ncaa": "College Football Data"}
# Where each pipeline publishes how good its tables are; read with whatever else is asked for.
MEASURES: dict[Domain, str] = {"soccer": "soccer_match_summary", "ncaa": "ncaa_data_quality"}


@dataclass(frozen=True)
class View:
    """Tables of one publication. `read_as_of` is the past instant asked for, None for now.

    `measures` is the table in which the pipeline says how good they are, None when it publishes none; of the tables
    that are `rolled_back` it speaks of a later content. A live cycle that the history rebuilt has no publication id: 0.
    """

    publication: Publication
    frames: dict[str, pd.DataFrame]
    read_as_of: datetime | None = None
    measures: pd.DataFrame | None = None
    rolled_back: frozenset[str] = frozenset()

    def __getitem__(self, table: type[Table]) -> pd.DataFrame:
        """The frame of a table; not to be changed, for it is shared."""
        return self.frames[table.sql_name()]


@dataclass(frozen=True)
class Freshness:
    """How old a pipeline's data are, what that makes of them, and from which age on they are stale."""

    state: str
    age_s: float
    limit_s: float


@dataclass(frozen=True)
class _Held:
    """A table in memory, and what its rows were when it was read."""

    checksum: str
    frame: pd.DataFrame


Listener = Callable[[Domain, Publication, frozenset[str]], None]


class Published:
    """What is published now, for every handler. Safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._frames: OrderedDict[tuple[Source, str], _Held] = OrderedDict()
        self._newest: dict[Domain, Publication] = {}
        self._checksums: dict[Domain, dict[str, str]] = {}
        self._listeners: list[Listener] = []
        self._derived: dict[str, tuple[list[pd.DataFrame], Any]] = {}
        self._files: list[tuple[int, int, int] | None] = []

    def newest(self, domain: Domain) -> Publication | None:
        """The newest publication seen; None when nothing was published."""
        return self._newest.get(domain)

    def view(self, domain: Domain, *tables: type[Table], as_of: datetime | None = None) -> View:
        """Tables as published now, or at a past instant, all of one publication.

        Raises Problem `no_data_available`. Live soccer at a past instant comes from its history instead.
        """
        names = [table.sql_name() for table in tables]
        wanted = list(dict.fromkeys([*names, MEASURES[domain]]))
        try:
            warehouse = open_warehouse(self.settings, reading_world(self.settings, domain))
            if as_of is not None:
                then, frames = warehouse.read_as_of(domain, wanted, as_of)
                past = View(then, _only(frames, names), as_of, frames.get(MEASURES[domain]))
                return _whole(past, names, f"as of {as_of:%Y-%m-%dT%H:%M:%SZ}")
            held = self._held(warehouse.source, wanted)
            known = {name: each.checksum for name, each in held.items()}
            publication, checksums, fresh = warehouse.snapshot(domain, wanted, known)
            rolled_back = warehouse.rolled_back()
        except StorageError as error:
            raise Problem("no_data_available", str(error), as_of=as_of) from None
        missing = [name for name in names if name not in checksums]
        if publication is None or missing:
            what = ", ".join(missing) or f"{domain} tables"
            raise Problem("no_data_available", f"{what}: not published yet in the {warehouse.source.value} world.")
        held |= {name: _Held(checksums[name], frame) for name, frame in fresh.items()}
        self._hold(warehouse.source, held)
        frames = {name: each.frame for name, each in held.items() if name in checksums}
        return View(publication, _only(frames, names), None, frames.get(MEASURES[domain]), rolled_back)

    def _held(self, source: Source, names: Iterable[str]) -> dict[str, _Held]:
        with self._lock:
            return {name: self._frames[source, name] for name in names if (source, name) in self._frames}

    def _hold(self, source: Source, held: dict[str, _Held]) -> None:
        with self._lock:
            for name, each in held.items():
                self._frames[source, name] = each
                self._frames.move_to_end((source, name))
            while len(self._frames) > FRAMES:
                self._frames.popitem(last=False)

    def derived(self, name: str, view: View, tables: Sequence[type[Table]], make: Callable[..., Made]) -> Made:
        """What `make` returns of the frames of `tables`, made again only when one of them was published anew."""
        frames = [view[table] for table in tables]
        name = name if view.read_as_of is None else f"{name} then"
        with self._lock:
            kept = self._derived.get(name)
        if kept is not None and all(one is other for one, other in zip(kept[0], frames, strict=True)):
            made: Made = kept[1]
            return made
        made = make(*frames)
        with self._lock:
            self._derived[name] = (frames, made)
        return made

    def freshness(self, publication: Publication, at: datetime | None = None) -> Freshness:
        """The state and age of a publication, now or at an instant: live or simulated while young, then stale."""
        age_s = max(0.0, ((at or now_utc()) - publication.published_at).total_seconds())
        domain: Domain = "soccer" if publication.domain == "soccer" else "ncaa"
        limit_s = self.settings.alerts.stale_intervals * self.settings.interval_s(domain)
        young = "simulated" if publication.source is Source.SIMULATED else DataState.LIVE.value
        return Freshness(DataState.STALE.value if age_s > limit_s else young, age_s, limit_s)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(domain, publication, names of the changed tables)` at each publication; returns the undo."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def look(self) -> None:
        """See whether something new was published, and tell the listeners."""
        self._files = self._stamps()
        for domain in PIPELINES:
            try:
                warehouse = open_warehouse(self.settings, reading_world(self.settings, domain))
                publication, checksums, _ = warehouse.snapshot(domain, [], {})
            except StorageError:
                continue
            if publication is None:
                continue
            before = self._newest.get(domain)
            if before is not None and (before.source, before.id) == (publication.source, publication.id):
                continue
            known = self._checksums.get(domain, {}) if before and before.source is publication.source else {}
            changed = frozenset(name for name, checksum in checksums.items() if known.get(name) != checksum)
            self._newest[domain], self._checksums[domain] = publication, checksums
            for listener in list(self._listeners):
                listener(domain, publication, changed)

    def _stamps(self) -> list[tuple[int, int, int] | None]:
        """How the files that a publication changes stand now, in every world."""
        files = [self.settings.folder / source.value / WAREHOUSE for source in Source]
        return [_stamp(each) for file in files for each in (file, file.with_name(f"{file.name}-wal"))]

    async def watch(self, sooner: asyncio.Event) -> None:
        """Look again and again, and at once when `sooner` is set, until cancelled.

        A look takes milliseconds from those who are being answered, so it is left out while the files of the
        databases stand as they did, but for every twentieth; a server of databases is asked each time.
        """
        for number in count():
            if number % LOOKS_IN_FULL == 0 or self.settings.database_url or self._stamps() != self._files:
                await asyncio.to_thread(self.look)
            with suppress(TimeoutError):
                await asyncio.wait_for(sooner.wait(), LOOK_S)
            sooner.clear()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


def _only(frames: dict[str, pd.DataFrame], names: Sequence[str]) -> dict[str, pd.DataFrame]:
    return {name: frames[name] for name in names if name in frames}


def _whole(view: View, names: Sequence[str], when: str) -> View:
    """The view, which has every table that was asked for. Raises Problem `no_data_available`."""
    missing = [name for name in names if name not in view.frames]
    if missing:
        world = view.publication.source.value
        detail = f"{', '.join(missing)}: not published yet {when} in the {world} world."
        raise Problem("no_data_available", detail, as_of=view.read_as_of)
    return view
