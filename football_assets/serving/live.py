"""The live matches for the handlers: as published now, or rebuilt from the history as they were."""

from collections.abc import Callable, Sequence
from datetime import datetime

import pandas as pd

from football_assets.errors import StorageError
from football_assets.serving.problems import Problem
from football_assets.serving.published import View
from football_assets.serving.services import Services
from football_assets.serving.times import aware
from football_assets.soccer.history import History, Past
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.soccer.summary import match_summary
from football_assets.tables import Table
from football_assets.warehouse.publication import Publication

GONE = "it lists what was active in the last two hours"


def live_view(services: Services, as_of: datetime | None, *tables: type[Table]) -> View:
    """The tables now, or as they were shown at a past instant of the provider's clock. Raises Problem.

    Of a match and its incidents the newer is shown of what a cycle said and what the fast lane saw. The history keeps
    the tables of `LOGGED` alone; no other table may be asked for.
    """
    if as_of is not None:
        return _past(services, as_of, tables, lambda history, instant: history.at(instant))
    now = services.published.view("soccer", *tables)
    return now if services.fast_lane is None else services.fast_lane.looked.over(now)


def cycle_view(services: Services, as_of: datetime | None, *tables: type[Table]) -> View:
    """The same of the cycles alone: what is worked out of several tables is of one and the same cycle."""
    if as_of is not None:
        return _past(services, as_of, tables, lambda history, instant: history.cycle(*history.cycle_at(instant)))
    return services.published.view("soccer", *tables)


def _past(
    services: Services, as_of: datetime, tables: Sequence[type[Table]], read: Callable[[History, datetime], Past]
) -> View:
    now = services.published.view("soccer", *tables)
    instant = aware(as_of)
    try:
        past = read(history_of(services, now), instant)
    except StorageError as error:
        raise Problem("no_data_available", str(error), as_of=as_of) from None
    frames = {table.sql_name(): past.tables[table.table_name()] for table in tables}
    shown = Publication(0, "soccer", now.publication.source, past.observed_at, past.observed_at)
    return View(shown, frames, instant, match_summary(past.flattened))


def history_of(services: Services, view: View) -> History:
    """The history of the world that a view is of."""
    return History(services.settings.folder, view.publication.source)


def changed_since(services: Services, view: View, instant: datetime) -> set[str]:
    """The matches that were otherwise, or not there, at an instant."""
    now = view[FlattenedMatches]
    try:
        then = history_of(services, view).at(instant).flattened
    except StorageError:
        return set(now["match_id"])
    ignored = [name for name in now.columns if name.endswith("_age_s") or name == "fetched_at"]
    merged = now.drop(columns=ignored).merge(then.drop(columns=ignored), how="left", indicator=True)
    return set(merged.loc[merged["_merge"] == "left_only", "match_id"])


def one_match(view: View, match_id: str) -> pd.DataFrame:
    """The row of a match, from FlattenedMatches of a view. Raises Problem `not_found`."""
    frame = view[FlattenedMatches]
    found = frame[frame["match_id"] == match_id]
    if found.empty:
        when = "" if view.read_as_of is None else " at that instant"
        raise Problem("not_found", f"No match {match_id} is on the live list{when}: {GONE}.")
    return found
