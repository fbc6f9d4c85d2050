"""What the fast lane saw, laid over the live matches as they are published: row by row the newer of both.

The function that lays it over is that of the history, so a read of now and a later one of this instant agree.
"""

import threading
from dataclasses import replace
from datetime import datetime

import pandas as pd

from football_assets.config import Settings
from football_assets.errors import StorageError
from football_assets.serving.published import View
from football_assets.serving.rows import as_text
from football_assets.soccer.changes import CLOCK, frame_of, instant_of, plain, whole_state
from football_assets.soccer.history import History
from football_assets.soccer.looks import INCIDENTS, MATCHES, laid_over
from football_assets.soccer.schemas import FlattenedMatches, Incidents
from football_assets.tables import to_arrow

TABLES = {MATCHES: FlattenedMatches, INCIDENTS: Incidents}
_Key = tuple[str, int, str]


class Looked:
    """The published tables with the newest look over them, made once a publication and look. Several threads use it."""

    def __init__(self, settings: Settings) -> None:
        self.mark = ""  # tells one look from the one before, on every machine
        self._settings = settings
        self._lock = threading.Lock()
        self._key: _Key | None = None
        self._made: dict[frozenset[str], View] = {}

    def note(self, observed_at: datetime) -> None:
        """Something was seen."""
        self.mark = as_text(observed_at)

    def over(self, view: View) -> View:
        """A view of what is published now with what was seen since. Tables that were rolled back stay as they are."""
        mine = {name: table for name, table in TABLES.items() if table.sql_name() in view.frames}
        if not self.mark or MATCHES not in mine or view.rolled_back & {table.sql_name() for table in mine.values()}:
            return view
        key = (view.publication.source.value, view.publication.id, self.mark)
        with self._lock:
            if self._key != key:
                self._key, self._made = key, {}
            names = frozenset(mine)
            if names not in self._made:
                self._made[names] = self._laid_over(view, names)
            made = self._made[names]
        others = {name: frame for name, frame in view.frames.items() if name not in made.frames}
        return replace(view, publication=made.publication, frames={**others, **made.frames})

    def _laid_over(self, view: View, names: frozenset[str]) -> View:
        """The view with these tables alone."""
        frames: dict[str, pd.DataFrame] = {name: view[TABLES[name]] for name in names}
        publication = view.publication
        try:
            history = History(self._settings.folder, publication.source)
            seen = history.seen_since(publication.as_of or publication.published_at)
        except StorageError:
            seen = None  # the fast lane says so; what is published is there
        if seen is not None:
            state = whole_state({name: plain(to_arrow(TABLES[name], frame)) for name, frame in frames.items()})
            shown = laid_over(state, seen)
            newest = max((row[CLOCK] for row in shown[MATCHES].values()), default=0)
            if shown is not state:
                frames = {name: frame_of(TABLES[name], shown[name]) for name in names}
                publication = replace(publication, as_of=instant_of(newest))
        return replace(
            view, publication=publication, frames={TABLES[name].sql_name(): each for name, each in frames.items()}
        )
