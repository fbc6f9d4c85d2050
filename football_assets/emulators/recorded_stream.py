"""The recorded push stream as a match source: what an hour and a half of messages of 2025-04-29 said, in their order.

The messages carry no time of receipt. A half that begins says when, so a message that tells of one gives the instant
of its place in the stream; between such places messages are taken as evenly spread. The stream tells of scores,
statistics, incidents and commentary. Schedules, names and prices were not pushed and are not served, and a match is
listed from its first score on.
"""

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from football_assets.emulators.simulation.soccer_match import FIRST_HALF, SECOND_HALF
from football_assets.emulators.sources import Row
from football_assets.errors import StorageError
from football_assets.states import Source

STREAM = Path("soccer/thesports/mqtt_stream.parquet")
KINDS = ("score", "stats", "incidents", "tlive")
_STATUS, _KICKOFF = 1, 4


@dataclass
class _Told:
    """What was said of one match: for each kind the instants (Unix seconds), ascending, and what was said then."""

    instants: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    said: dict[str, list[Any]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    def newest(self, kind: str, at: float) -> Any:
        """What was said last of a kind, None when nothing was."""
        n = bisect_right(self.instants[kind], at)
        return self.said[kind][n - 1] if n else None


class RecordedStream:
    """The recorded push stream below `folder`. Raises StorageError when it is not there or cannot be read."""

    label = Source.RECORDED

    def __init__(self, folder: Path) -> None:
        self._path = folder / STREAM
        if not self._path.is_file():
            raise self._unreadable("the file does not exist")

    @property
    def default_at(self) -> datetime:
        """When the first message came."""
        return self.span[0]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """When the first and the last message came."""
        first, last = (self._instant(self._messages[place][0]) for place in (0, -1))
        return datetime.fromtimestamp(int(first), UTC), datetime.fromtimestamp(int(last) + 1, UTC)

    def live(self, at: datetime) -> list[Row]:
        """`match/detail_live` at `at`: every match whose score was told, as it was told last."""
        now = at.timestamp()
        found = []
        for match_id, told in self._matches.items():
            if score := told.newest("score", now):
                others = {kind: told.newest(kind, now) or [] for kind in KINDS[1:]}
                found.append({"id": match_id, "score": score, **others})
        return found

    def recent(self, at: datetime) -> list[Row]:
        """Nothing: schedules are not pushed."""
        return []

    def odds(self, match_id: str, at: datetime) -> Row:
        """Nothing: prices are not pushed."""
        return {}

    def odds_changes(self, since: datetime, until: datetime) -> dict[str, list[list[Any]]]:
        """Nothing: prices are not pushed."""
        return {}

    def reference(self, kind: str, at: datetime) -> list[Row]:
        """Nothing: names are not pushed."""
        return []

    def knows(self, match_id: str) -> bool:
        """Whether the stream tells of the match."""
        return match_id in self._matches

    @cached_property
    def _messages(self) -> list[tuple[int, str, str, Any]]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            rows = pq.read_table(self._path).to_pylist()
            found = [(row["message"], row["match_id"], row["kind"], json.loads(row["payload"])) for row in rows]
        except (OSError, pa.ArrowException, KeyError, ValueError) as error:
            raise self._unreadable(str(error)) from error
        return sorted(found, key=lambda each: each[0])

    @cached_property
    def _matches(self) -> dict[str, _Told]:
        found: dict[str, _Told] = {}
        for number, match_id, kind, said in self._messages:
            told = found.setdefault(match_id, _Told())
            told.instants[kind].append(self._instant(number))
            told.said[kind].append(said)
        return found

    @cached_property
    def _anchors(self) -> list[tuple[int, int]]:
        """(message, instant) of each half that was seen to begin, both ascending."""
        status: dict[str, int] = {}
        found: list[tuple[int, int]] = []
        for number, match_id, kind, said in self._messages:
            if kind != "score":
                continue
            before = status.get(match_id)
            status[match_id] = said[_STATUS]
            begins = before not in (None, said[_STATUS]) and said[_STATUS] in (FIRST_HALF, SECOND_HALF)
            if begins and said[_KICKOFF] and (not found or said[_KICKOFF] > found[-1][1]):
                found.append((number, said[_KICKOFF]))
        if len(found) < 2:
            raise self._unreadable("too few halves begin in it to tell the time")
        return found

    def _instant(self, number: int) -> float:
        """When a message came, in Unix seconds."""
        anchors = self._anchors
        n = min(max(bisect_right(anchors, (number, 0)), 1), len(anchors) - 1)
        (left, left_s), (right, right_s) = anchors[n - 1], anchors[n]
        return left_s + (number - left) * (right_s - left_s) / (right - left)

    def _unreadable(self, happened: str) -> StorageError:
        to_do = "Name the folder of the recordings with --data or FOOTBALL_RECORDINGS."
        return StorageError(f"reading the recorded push stream {self._path}", happened, to_do)
