"""The history of live matches on a terminal: the board as it was, and what changed of a match."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from football_assets.cli.headings import Heading, world_text
from football_assets.cli.live_read import soccer_world
from football_assets.cli.table import to_json
from football_assets.config import load_settings
from football_assets.soccer.changes import instant_of
from football_assets.soccer.gaps import gaps
from football_assets.soccer.history import History, Past
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchStats
from football_assets.states import Source

# Instants are kept as numbers; these columns hold them.
_INSTANT_ENDING = "_at"
# What moves with every minute is told only when asked for.
_MINOR_SUBJECTS = ("statistic", "model")
_MINOR = ("minute", "minute_text", "updated_at", "stats", "odds_quotes", "odds_companies")
_MINOR_ENDINGS = ("_age_s", "_hong_kong", "_american", "_quoted_at", "_minute_text")
_SUBJECTS = {FlattenedMatches: "match", Incidents: "incident", MatchStats: "statistic", MatchPredictions: "model"}
SUBJECTS = {table.table_name(): word for table, word in _SUBJECTS.items()}


def open_history(source: Source | None) -> History:
    """The history of the world that reading commands show. Raises StorageError when there is none."""
    settings = load_settings()
    return History(settings.folder, soccer_world(settings, source, "opening the history"))


def past_heading(past: Past, asked: datetime, source: Source) -> Heading:
    """Which world, which instant, and how long before the one asked for the provider was read."""
    first = world_text(source, "matches").append(f"  as of {asked:%Y-%m-%d %H:%M:%S} UTC")
    before_s = int((asked - past.observed_at).total_seconds())
    what = "a look of the fast lane at" if past.is_look else "the cycle of"
    return Heading(first, (": ", Text(f"{what} {past.observed_at:%Y-%m-%d %H:%M:%S} UTC, {before_s} s before")))


def past_json(frame: pd.DataFrame, past: Past, asked: datetime, source: Source) -> str:
    """A past board as JSON: the world, the instant asked for, the cycle shown, what is missing, the matches."""
    about = {
        "source": source.value,
        "asked_for": asked.isoformat(),
        "as_of": past.observed_at.isoformat(),
        "gaps": gaps(frame),
        "matches": json.loads(to_json(frame)),
    }
    return json.dumps(about, ensure_ascii=False, indent=1)


def render_changes(changes: pd.DataFrame, match_id: str, *, everything: bool) -> RenderableType:
    """The changes of a match, one line each; what moves with every minute only with `everything`."""
    rows: list[dict[str, Any]] = [{str(k): v for k, v in row.items()} for row in changes.to_dict("records")]
    told = [row for row in rows if everything or not _is_minor(row)]
    table = Table(box=None, pad_edge=False)
    for title in ("observed at, UTC", "what", "before", "after"):
        table.add_column(title, overflow="fold")
    for row in told:
        values = [Text(_shown(row["column"], row[name])) for name in ("before", "after")]
        table.add_row(f"{row['observed_at']:%Y-%m-%d %H:%M:%S}", Text(_subject(row)), *values)
    hidden = len(rows) - len(told)
    rest = [Text(f"{hidden} smaller changes are not shown; --all shows them.", "dim")] if hidden else []
    return Group(Text(f"Match {match_id}: {len(told)} changes", "bold"), table, *rest)


def changes_json(changes: pd.DataFrame) -> str:
    """The changes of a match as JSON, instants as text."""
    rows = changes.to_dict("records")
    told = [{**row, **{name: _value(row["column"], row[name]) for name in ("before", "after")}} for row in rows]
    return json.dumps(told, ensure_ascii=False, indent=1, default=str)


def _is_minor(row: Mapping[str, Any]) -> bool:
    subject, column = SUBJECTS[row["table"]], row["column"]
    return subject in _MINOR_SUBJECTS or column in _MINOR or column.endswith(_MINOR_ENDINGS)


def _subject(row: Mapping[str, Any]) -> str:
    subject = SUBJECTS[row["table"]]
    if row["row"] is not None:
        return f"{subject} {row['row']}: {row['column']}"
    return row["column"] if subject == "match" else f"{subject}: {row['column']}"


def _value(column: str, value: Any) -> Any:
    if column.endswith(_INSTANT_ENDING) and isinstance(value, int):
        return instant_of(value).isoformat()
    return value


def _shown(column: str, value: Any) -> str:
    return "-" if value is None else str(_value(column, value))
