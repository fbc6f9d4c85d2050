"""The recorded poll wound back: its matches and prices as they moved in the hours before it was captured.

Every recorded quote says when it was made, in which status and minute and at which score; every incident says its
minute, a running half when it began, an ended match when it ended. From these each match is shown again as it stood.
What has no time in the recording is not shown before the capture: statistics, and matches whose goals have none.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.simulation import soccer_match as codes
from football_assets.emulators.sources import Row
from football_assets.states import Source

BEGINS_BEFORE = timedelta(minutes=150)
_CAPTURED = int(CAPTURED_AT.timestamp())
_WAITING = frozenset({codes.DELAYED, codes.TO_BE_DETERMINED})


@dataclass
class _Story:
    """One match: (instant, status, kickoff of the running half), scores and corners by instant, incidents likewise."""

    captured: Row
    phases: list[tuple[int, int, int]] = field(default_factory=list)
    scores: list[tuple[int, tuple[int, int]]] = field(default_factory=list)
    corners: list[tuple[int, tuple[int, int]]] = field(default_factory=list)
    incidents: list[tuple[float, Row]] = field(default_factory=list)

    def at(self, now: int) -> Row | None:
        """The live row at an instant; None while nothing is known of it."""
        phase = _newest(self.phases, now)
        if phase is None:
            return None
        _, status, kickoff = phase
        if status == codes.ENDED:
            return self.captured
        shown = [row for instant, row in self.incidents if instant <= now]
        goals = _newest(self.scores, now)
        corners = _newest(self.corners, now)
        sides = []
        for place in range(2):
            mine = [row for row in shown if row["position"] == place + 1]
            goal = goals[1][place] if goals else 0
            second_half = status not in (codes.FIRST_HALF, codes.HALF_TIME)
            red = sum(row["type"] in codes.DISMISSALS for row in mine)
            yellow = sum(row["type"] in (codes.YELLOW, codes.SECOND_YELLOW) for row in mine)
            early = self.captured["score"][2 + place][1] if second_half else goal
            sides.append([goal, early, red, yellow, corners[1][place] if corners else -1, 0, 0])
        match_id = self.captured["id"]
        score = [match_id, status, *sides, kickoff, ""]
        return {"id": match_id, "score": score, "stats": [], "incidents": [dict(row) for row in shown], "tlive": []}

    def changed(self, now: int) -> int:
        """When anything of it last changed."""
        instants = (each[0] for part in (self.phases, self.scores, self.incidents) for each in part)
        return int(max((each for each in instants if each <= now), default=now))


class RewoundPoll:
    """The recorded poll below `folder` from two and a half hours before its capture; from the capture on, as it is."""

    label = Source.RECORDED

    def __init__(self, folder: Path) -> None:
        self._poll = RecordedMatches(folder)

    @property
    def default_at(self) -> datetime:
        """Where the last two and a half hours begin."""
        return CAPTURED_AT - BEGINS_BEFORE

    def live(self, at: datetime) -> list[Row]:
        """`match/detail_live` at `at`."""
        if at >= CAPTURED_AT:
            return self._poll.live(at)
        now = int(at.timestamp())
        return [row for story in self._stories.values() if (row := story.at(now))]

    def recent(self, at: datetime) -> list[Row]:
        """`match/recent/list` rows: the recorded ones, status and score as at `at`."""
        if at >= CAPTURED_AT:
            return self._poll.recent(at)
        now = int(at.timestamp())
        return [self._schedule(row, now) for row in self._poll.recent(CAPTURED_AT)]

    def odds(self, match_id: str, at: datetime) -> Row:
        """The quotes made by then."""
        return self._poll.odds(match_id, at)

    def odds_changes(self, since: datetime, until: datetime) -> dict[str, list[list[Any]]]:
        """Quotes with `since < ts <= until` in the layout of `odds/live`."""
        return self._poll.odds_changes(since, until)

    def reference(self, kind: str, at: datetime) -> list[Row]:
        """The recorded names: they are older than the hours shown."""
        return self._poll.reference(kind, CAPTURED_AT)

    def knows(self, match_id: str) -> bool:
        """Whether the match was in the recorded poll."""
        return self._poll.knows(match_id)

    def _schedule(self, row: Row, now: int) -> Row:
        if row["updated_at"] <= now:
            return row
        story = self._stories[row["id"]]
        live = story.at(now)
        found = {key: value for key, value in row.items() if key != "ended"}
        if live is None:
            blank = [0] * 7
            scores = {"status_id": codes.NOT_STARTED, "home_scores": blank, "away_scores": blank}
            return found | scores | {"updated_at": min(now, row["match_time"])}
        _, status, home, away, *_ = live["score"]
        ended = {"ended": row["ended"]} if status == codes.ENDED and "ended" in row else {}
        told = {"status_id": status, "home_scores": home, "away_scores": away, "updated_at": story.changed(now)}
        return found | told | ended

    @cached_property
    def _stories(self) -> dict[str, _Story]:
        schedules = {row["id"]: row for row in self._poll.recent(CAPTURED_AT)}
        live = self._poll.live(CAPTURED_AT)
        return {row["id"]: _story(row, schedules[row["id"]], self._poll.odds(row["id"], CAPTURED_AT)) for row in live}


def _story(captured: Row, schedule: Row, odds: Row) -> _Story:
    story = _Story(captured)
    _, status, home, away, kickoff, _ = captured["score"]
    quotes = sorted(_quotes(odds, corners=False), key=lambda row: row[0])
    if not quotes:
        goals = [row for row in captured["incidents"] if row["type"] in codes.GOALS]
        if len(goals) != home[0] + away[0] and status not in (codes.ENDED, *_WAITING):
            return story
    began = {codes.FIRST_HALF: _began(quotes, codes.FIRST_HALF), codes.SECOND_HALF: _began(quotes, codes.SECOND_HALF)}
    if kickoff:
        began[status] = kickoff
    first: dict[int, int] = {}
    for row in quotes:
        first.setdefault(row[5], row[0])
    for half, at in began.items():
        if at is not None:
            first[half] = min(at, first.get(half, at))
    story.phases = [(at, each, began.get(each) or 0) for each, at in first.items()]
    if status in _WAITING:
        story.phases.append((schedule["match_time"], status, 0))
    if status == codes.ENDED and "ended" in schedule:
        story.phases.append((schedule["ended"], codes.ENDED, 0))
    story.phases.sort()
    story.incidents = list(_timed(captured["incidents"], began))
    story.scores = [(row[0], _pair(row[7])) for row in quotes] or list(_goals(story.incidents))
    story.corners = sorted((row[0], _pair(row[7])) for row in _quotes(odds, corners=True))
    return story


def _quotes(odds: Row, *, corners: bool) -> Iterable[list[Any]]:
    """In-play quotes of all companies: of the corners market, or of all others."""
    for markets in odds.values():
        for code, rows in markets.items():
            if (code == "cr") is corners:
                yield from (row for row in rows if row[5] in codes.IN_PLAY and row[0] <= _CAPTURED)


def _began(quotes: Iterable[list[Any]], half: int) -> int | None:
    """When a half began by the minutes of its quotes; None without any."""
    before = 45 if half == codes.SECOND_HALF else 0
    found = [row[0] - 60 * (int(row[1]) - before) + 30 for row in quotes if row[5] == half and row[1].isdecimal()]
    return int(median(found)) if found else None


def _timed(incidents: Iterable[Row], began: dict[int, int | None]) -> Iterable[tuple[float, Row]]:
    """Each incident with its instant: that of its minute, of an earlier half without a known start that of the next."""
    half = codes.FIRST_HALF
    for row in incidents:
        start, minute = began[half], row["time"] + row.get("add_time", 0) * (half == codes.FIRST_HALF)
        if start is None:
            yield began[codes.SECOND_HALF] or _CAPTURED, row
        else:
            yield min(start + 60 * (minute - (45 if half == codes.SECOND_HALF else 0)), _CAPTURED), row
        if row["type"] == codes.BREAK:
            half = codes.SECOND_HALF


def _goals(incidents: Iterable[tuple[float, Row]]) -> Iterable[tuple[int, tuple[int, int]]]:
    for at, row in incidents:
        if row["type"] in codes.GOALS:
            yield int(at), (row["home_score"], row["away_score"])


def _pair(text: str) -> tuple[int, int]:
    home, _, away = text.partition("-")
    return int(home), int(away)


def _newest(told: list[Any], now: int) -> Any:
    n = bisect_right(told, now, key=lambda each: each[0])
    return told[n - 1] if n else None
