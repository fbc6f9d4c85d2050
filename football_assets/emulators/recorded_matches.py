"""One recorded TheSports poll as a match source: 102 matches of 2025-05-28, 17:30 UTC.

The recording is a single poll, so it cannot move. From the capture on, every instant shows the poll as it was
captured, whole. Before the capture only what carries its own time is shown, and only when that time has come: odds
quotes by their timestamp, schedule and reference rows by `updated_at`. The live list carries no time and is empty.
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property, partial
from operator import itemgetter
from pathlib import Path
from typing import Any, TypedDict

from football_assets.emulators.sources import Row
from football_assets.errors import StorageError
from football_assets.states import Source

CAPTURED_AT = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)
CAPTURE = Path("soccer/thesports/capture_20250528T1730Z.json.zst")
SAMPLES = {
    "live_matches": "detail_live.2025-05-28.json",
    "match_details": "match_recent_list_by_uuid.2025-05-28.json",
    "match_odds": "odds_history.2025-05-28.thinned.json",
    "team_info": "team_additional_list_by_uuid.2025-05-28.json",
    "competition_info": "competition_additional_list_by_uuid.2025-05-28.json",
    "countries": "country_list.2025-05-28.json",
}


class _Poll(TypedDict):
    """Whole responses; those asked by id are keyed by it."""

    live_matches: Row
    match_details: dict[str, Row]
    match_odds: dict[str, Row]
    team_info: dict[str, Row]
    competition_info: dict[str, Row]
    countries: Row


class RecordedMatches:
    """The recorded poll below `folder`: the capture, or else its JSON samples (odds thinned).

    What is not there raises StorageError at once, naming everything that was looked for; contents are read when
    first asked for (0.5 s, some 220 MB). Kinds of rows that were not recorded (categories, seasons, stages, venues,
    referees, coaches) are empty. Nothing handed out may be changed: answers are the recorded objects themselves.
    """

    label = Source.RECORDED

    def __init__(self, folder: Path) -> None:
        self._read = _reader(folder)

    @property
    def default_at(self) -> datetime:
        """The second in which the recorded poll began."""
        return CAPTURED_AT

    def live(self, at: datetime) -> list[Row]:
        """The recorded `match/detail_live` results; [] before the capture."""
        return self._live if at >= CAPTURED_AT else []

    def recent(self, at: datetime) -> list[Row]:
        """The recorded `match/recent/list` rows; before the capture those whose `updated_at` has come."""
        return _come(self._recent, at)

    def odds(self, match_id: str, at: datetime) -> Row:
        """The recorded `odds/history` results of a match; before the capture the quotes made by then."""
        results = self._odds.get(match_id, {})
        if at >= CAPTURED_AT:
            return results
        until = at.timestamp()
        quoted: Row = {}
        for company, markets in results.items():
            for market, rows in markets.items():
                # Newest first, so that what was not yet made stands in front.
                if early := rows[bisect_left(rows, -until, key=lambda row: -row[0]) :]:
                    quoted.setdefault(company, {})[market] = early
        return quoted

    def odds_changes(self, since: datetime, until: datetime) -> dict[str, list[list[Any]]]:
        """Recorded quotes with `since < ts <= until` in the layout of `odds/live`, newest first in each company."""
        times, quotes = self._quotes
        first, last = (bisect_right(times, instant.timestamp()) for instant in (since, until))
        changes: dict[str, list[list[Any]]] = {}
        for _, company, match_id, market, row in reversed(quotes[first:last]):
            changes.setdefault(company, []).append([match_id, market, row[:7], row[7]])
        return changes

    def reference(self, kind: str, at: datetime) -> list[Row]:
        """Recorded rows of `team`, `competition` or `country`; [] for kinds that were not recorded."""
        return _come(self._reference.get(kind, []), at)

    def knows(self, match_id: str) -> bool:
        """Whether the match was in the recorded poll."""
        return match_id in self._odds

    def loaded(self) -> "RecordedMatches":
        """Itself, its contents read now, so that a damaged recording fails at the start and not in an answer."""
        _ = self._poll
        return self

    @cached_property
    def _poll(self) -> _Poll:
        return self._read()

    @cached_property
    def _live(self) -> list[Row]:
        return list(self._poll["live_matches"]["results"])

    @cached_property
    def _recent(self) -> list[Row]:
        return _rows(self._poll["match_details"])

    @cached_property
    def _odds(self) -> dict[str, Row]:
        return {match_id: response["results"] for match_id, response in self._poll["match_odds"].items()}

    @cached_property
    def _reference(self) -> dict[str, list[Row]]:
        poll = self._poll
        return {
            "team": _rows(poll["team_info"]),
            "competition": _rows(poll["competition_info"]),
            "country": list(poll["countries"]["results"]),
        }

    @cached_property
    def _quotes(self) -> tuple[list[int], list[tuple[int, str, str, str, list[Any]]]]:
        """Every quote as (ts, company, match, market, row) by time, and the times alone for searching."""
        quotes = [
            (row[0], company, match_id, market, row)
            for match_id, results in self._odds.items()
            for company, markets in results.items()
            for market, rows in markets.items()
            for row in rows
        ]
        quotes.sort(key=itemgetter(0))
        return [quote[0] for quote in quotes], quotes


def _come(rows: list[Row], at: datetime) -> list[Row]:
    """All rows from the capture on; before it those that have reached their recorded state by `at`."""
    return rows if at >= CAPTURED_AT else [row for row in rows if row["updated_at"] <= at.timestamp()]


def _rows(responses: Mapping[str, Row]) -> list[Row]:
    return [row for response in responses.values() for row in response["results"]]


def _reader(folder: Path) -> Callable[[], _Poll]:
    """How to read what is there: the capture below `folder`, else samples beside it or in it."""
    capture = folder / CAPTURE
    if capture.is_file():
        return partial(_read_capture, capture)
    beside = folder.parent / "apis" / "samples" / "thesports"
    for samples in (beside, folder):
        if all((samples / name).is_file() for name in SAMPLES.values()):
            return partial(_read_samples, samples)
    raise StorageError(
        "reading the recorded TheSports poll",
        f"neither {capture} nor the six samples ({', '.join(SAMPLES.values())}) in {beside} or {folder} exist",
        "Name the folder of the recordings with --data or FOOTBALL_RECORDINGS, or use --simulate.",
    )


def _read_capture(path: Path) -> _Poll:
    import pyarrow as pa

    try:
        with pa.input_stream(str(path), compression="zstd") as stream:
            content = json.loads(stream.read())
    except (OSError, ValueError) as error:
        raise _unreadable(path, str(error)) from error
    return _checked(path, content)


def _read_samples(folder: Path) -> _Poll:
    content = {}
    for key, name in SAMPLES.items():
        try:
            content[key] = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise _unreadable(folder / name, str(error)) from error
    return _checked(folder, content)


def _checked(path: Path, content: object) -> _Poll:
    if not isinstance(content, dict) or (missing := sorted(set(SAMPLES) - set(content))):
        lacking = ", ".join(missing) if isinstance(content, dict) else "an object"
        raise _unreadable(path, f"it lacks {lacking}")
    return content  # type: ignore[return-value]  # the keys are there; the rows are the provider's own


def _unreadable(path: Path, happened: str) -> StorageError:
    return StorageError(
        "reading the recorded TheSports poll",
        f"{path} is not a readable recording ({happened})",
        "Replace the file; nothing was changed.",
    )
