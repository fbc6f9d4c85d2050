"""A recorded match day as a match source: goals, cards, changes and corners by the minute, seen as of any instant.

Built from results and minute timelines (`soccer/matches.parquet`, `world_matches.parquet`, `timelines.parquet`,
`stat_events.parquet`). What they do not know is written as the provider writes what it does not know: a match without
a complete timeline is `to be determined` from its kickoff on and shows its result when it must be over; one without
counted corners has -1; statistics nobody counted are absent. Lengths of halves are known where stoppage time is; the
second half begins when it usually does. Prices are the closing ones of the bookmakers whose numbers are known.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from football_assets.emulators import recorded_day_rows as rows
from football_assets.emulators.recorded_day_rows import Happened, Phase
from football_assets.emulators.simulation import soccer_match as codes
from football_assets.emulators.sources import Row
from football_assets.errors import StorageError
from football_assets.states import Source

SECOND_HALF_AFTER_S = 3864  # from kickoff, the median of a thousand timed matches
BREAK_AT_LEAST_S = 600
LISTED_AFTER_S = 7200
OVER_AFTER_S = 7200  # when a match that nobody followed must be over
WRITTEN_BEFORE_S = 6 * 86400
CLOSED_BEFORE_S = 60  # the last price before the kickoff
CALLED_OFF = {"postponed": codes.DELAYED, "canceled": codes.CANCELLED}
BROKEN_OFF = {"abandoned": codes.CUT_SHORT, "suspended": codes.INTERRUPTED}
COMPANIES = {"b365": "2", "ladbrokes": "5", "willhill": "9", "iwetten": "13", "pinnacle": "22"}


@dataclass
class Match:
    """One match of the day; instants are Unix seconds. `result` is (home, away) at its end, `shoot_out` likewise."""

    id: str
    kickoff: int
    competition: str
    home: str
    away: str
    result: tuple[int, int] | None
    half_time: tuple[int, int] | None
    shoot_out: tuple[int, int] | None
    fate: str
    followed: bool
    counted: bool
    phases: list[Phase] = field(default_factory=list)
    happened: list[Happened] = field(default_factory=list)
    closing: Row = field(default_factory=dict)

    def phase(self, at: int) -> Phase | None:
        """The phase at an instant; None before the kickoff."""
        n = bisect_right([phase.at for phase in self.phases], at)
        return self.phases[n - 1] if n else None

    def changed(self, at: int) -> int:
        """When anything of it last changed, up to `at`."""
        instants = [*(phase.at for phase in self.phases), *(each.at for each in self.happened)]
        return max((each for each in instants if each <= at), default=self.kickoff - WRITTEN_BEFORE_S)

    def is_live(self, at: int) -> bool:
        """Whether the provider lists it: from its kickoff until 120 minutes after its last change."""
        phase = self.phase(at)
        return phase is not None and (phase is not self.phases[-1] or at - phase.at <= LISTED_AFTER_S)


class RecordedDay:
    """The matches of one UTC day below `folder`: those of 22 divisions, or with `world` of all recorded competitions.

    Raises StorageError when the recordings are not there or have no match on that day.
    """

    label = Source.RECORDED

    def __init__(self, folder: Path, day: date, *, world: bool = False) -> None:
        self._folder = folder / "soccer" if (folder / "soccer").is_dir() else folder
        self.day = day
        matches, self._references = self._read(world)
        self._matches = {match.id: match for match in matches}
        if not matches:
            happened = f"no recorded match begins on {day:%Y-%m-%d}"
            raise StorageError("reading a recorded match day", happened, "busy_days.parquet lists the days.")

    @property
    def default_at(self) -> datetime:
        """The first kickoff."""
        return datetime.fromtimestamp(min(match.kickoff for match in self._matches.values()), UTC)

    def live(self, at: datetime) -> list[Row]:
        """`match/detail_live` at `at`: what has begun, until 120 minutes after its end."""
        now = int(at.timestamp())
        return [rows.live_row(match, now) for match in self._matches.values() if match.is_live(now)]

    def recent(self, at: datetime) -> list[Row]:
        """`match/recent/list` rows of the whole day at `at`."""
        now = int(at.timestamp())
        return [rows.recent_row(match, now) for match in self._matches.values()]

    def odds(self, match_id: str, at: datetime) -> Row:
        """The closing prices of a match once they are known; {} before and for a match nobody priced."""
        match = self._matches.get(match_id)
        return match.closing if match and match.kickoff - CLOSED_BEFORE_S <= at.timestamp() else {}

    def odds_changes(self, since: datetime, until: datetime) -> dict[str, list[list[Any]]]:
        """Closing prices that became known with `since < ts <= until`, in the layout of `odds/live`."""
        changes: dict[str, list[list[Any]]] = {}
        for match in self._matches.values():
            if since.timestamp() < match.kickoff - CLOSED_BEFORE_S <= until.timestamp():
                for company, markets in match.closing.items():
                    found = [[match.id, code, row[:7], row[7]] for code, (row,) in markets.items()]
                    changes.setdefault(company, []).extend(found)
        return changes

    def reference(self, kind: str, at: datetime) -> list[Row]:
        """Rows of `team`, `competition` or `country`; [] for kinds that are not recorded."""
        return self._references.get(kind, [])

    def knows(self, match_id: str) -> bool:
        """Whether the match is one of the day."""
        return match_id in self._matches

    def _read(self, world: bool) -> tuple[list[Match], dict[str, list[Row]]]:
        start = datetime(self.day.year, self.day.month, self.day.day, tzinfo=UTC)
        span = [("kickoff_utc", ">=", start), ("kickoff_utc", "<", start + timedelta(days=1))]
        divisions = self._table("matches", span)
        others = [row for row in self._table("world_matches", span) if row["match_id"] is None] if world else []
        events = [("espn_event_id", "in", [row["espn_event_id"] for row in (*divisions, *others)])]
        by_event: dict[str, dict[int, list[Row]]] = {"timelines": {}, "stat_events": {}}
        for name, found in by_event.items():
            for row in self._table(name, events):
                found.setdefault(row["espn_event_id"], []).append(row)
        names = rows.Names(int(start.timestamp()) - WRITTEN_BEFORE_S)
        matches = [self._division_match(row, names) for row in divisions]
        matches += [self._world_match(row, names) for row in others]
        for match, row in zip(matches, (*divisions, *others), strict=True):
            event = row["espn_event_id"]
            _tell(match, by_event["timelines"].get(event, []), by_event["stat_events"].get(event, []))
        return matches, names.references()

    def _division_match(self, row: Row, names: rows.Names) -> Match:
        competition = names.competition(row["div"], row["competition"], row["country"])
        match = Match(
            id=rows.id_of("match", row["match_id"]),
            kickoff=int(row["kickoff_utc"].timestamp()),
            competition=competition,
            home=names.team(f"{row['country']}/{row['home']}", row["home"], competition, row["country"]),
            away=names.team(f"{row['country']}/{row['away']}", row["away"], competition, row["country"]),
            result=_pair(row["ft_home"], row["ft_away"]),
            half_time=_pair(row["ht_home"], row["ht_away"]),
            shoot_out=None,
            fate="full_time",
            followed=row["timeline"] == "complete",
            counted=bool(row["stat_events"]),
        )
        match.closing = _closing(row, match.kickoff - CLOSED_BEFORE_S)
        return match

    def _world_match(self, row: Row, names: rows.Names) -> Match:
        competition = names.competition(row["espn_league"], row["league_name"], None)
        return Match(
            id=rows.id_of("match", row["espn_event_id"]),
            kickoff=int(row["kickoff_utc"].timestamp()),
            competition=competition,
            home=names.team(f"espn/{row['home_espn_id']}", row["home"], competition, None),
            away=names.team(f"espn/{row['away_espn_id']}", row["away"], competition, None),
            result=_pair(row["home_score"], row["away_score"]),
            half_time=None,
            shoot_out=_pair(row["home_shootout"], row["away_shootout"]),
            fate=row["status"],
            followed=row["timeline"] == "complete" and row["status"] == "full_time",
            counted=bool(row["stat_events"]),
        )

    def _table(self, name: str, filters: Any) -> list[Row]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        path = self._folder / f"{name}.parquet"
        try:
            found: list[Row] = pq.read_table(path, filters=filters).to_pylist()
        except (OSError, pa.ArrowException) as error:
            to_do = "Name the folder of the recordings with --data or FOOTBALL_RECORDINGS."
            raise StorageError(f"reading the recording {path}", str(error), to_do) from error
        return found


def _tell(match: Match, timeline: list[Row], counted: list[Row]) -> None:
    """Enter the phases and what happens in them."""
    kickoff = match.kickoff
    if match.fate in CALLED_OFF or match.fate in BROKEN_OFF:
        match.phases = [Phase(kickoff, (CALLED_OFF | BROKEN_OFF)[match.fate], 0)]
        return
    if not match.followed:
        match.phases = [
            Phase(kickoff, codes.TO_BE_DETERMINED, 0),
            Phase(kickoff + OVER_AFTER_S, codes.ENDED, 0),
        ]
        return
    halves = [[row for row in timeline if row["period"] == period] for period in (1, 2)]
    first_end = kickoff + codes.HALF_S + 60 * _stoppage(halves[0], "half_time")
    second = max(kickoff + SECOND_HALF_AFTER_S, first_end + BREAK_AT_LEAST_S)
    end = second + codes.HALF_S + 60 * _stoppage(halves[1], "full_time_90")
    match.phases = [
        Phase(kickoff, codes.FIRST_HALF, kickoff),
        Phase(first_end, codes.HALF_TIME, 0),
        Phase(second, codes.SECOND_HALF, second),
        Phase(end, codes.ENDED, 0),
    ]
    spans = {1: (kickoff, first_end, 0), 2: (second, end, 45)}
    for row in timeline:
        if row["type"] in rows.INCIDENTS and row["period"] in spans:
            match.happened.append(rows.incident(row, _moment(row, spans[row["period"]])))
    for row in counted:
        period = 1 if row["minute"] <= 45 else 2
        if row["type"] in rows.COUNTED and row["side"] is not None:
            kind = rows.COUNTED[row["type"]]
            match.happened.append(Happened(_moment(row | {"clock_s": None}, spans[period]), kind, row["side"], None))
    match.happened.append(rows.marker(codes.BREAK, first_end, 45 + (first_end - kickoff - codes.HALF_S) // 60))
    match.happened.append(rows.marker(codes.END, end, 90 + (end - second - codes.HALF_S) // 60))
    match.happened.sort(key=lambda each: each.at)


def _stoppage(half: Iterable[Row], marker: str) -> int:
    """Minutes of stoppage: as the marker says, else as far as something happened in them."""
    half = list(half)
    told = [row["added"] for row in half if row["type"] == marker]
    return int(told[0] if told else max((row["added"] for row in half), default=0))


def _moment(row: Row, span: tuple[int, int, int]) -> int:
    """When the feed shows it: at its second when that is known, else when its minute is over."""
    start, end, minutes_before = span
    played = 60 * (row["minute"] - minutes_before + row["added"])
    clock_s = row.get("clock_s")
    if clock_s is not None and not row["added"] and clock_s != 60 * row["minute"]:
        played = clock_s - 60 * minutes_before
    return min(max(start + int(played), start), end)


def _closing(row: Row, at: int) -> Row:
    """Closing prices in the layout of `odds/history`: 1X2 decimal, the rest as profit for a unit staked."""
    found: Row = {}

    def add(company: str, code: str, home: Any, middle: Any, away: Any) -> None:
        if None not in (home, middle, away):
            prices = [round(float(each), 3) for each in (home, middle, away)]
            found.setdefault(company, {})[code] = [[at, "", *prices, codes.NOT_STARTED, 0, "0-0"]]

    for book, company in COMPANIES.items():
        prices = [row.get(f"x12_close_{book}_{side}") for side in ("h", "d", "a")]
        add(company, "eu", *prices)
        over, under = (_profit(row.get(f"ou25_close_{book}_{side}")) for side in ("over", "under"))
        add(company, "bs", over, 2.5, under)
        home, away = (_profit(row.get(f"ah_close_{book}_{side}")) for side in ("home", "away"))
        line = row.get("ah_close_line")
        # The provider's handicap is what the home side gives; the recording's is what it is given.
        add(company, "asia", home, None if line is None else -line + 0.0, away)
    return found


def _profit(decimal: float | None) -> float | None:
    return None if decimal is None else decimal - 1


def _pair(home: float | None, away: float | None) -> tuple[int, int] | None:
    return None if home is None or away is None or home != home or away != away else (int(home), int(away))
