"""Recorded college football seasons as a source: Parquet files in, contract rows as known at an instant out.

Layout: `<endpoint>/<season>.parquet`, reference lists `<endpoint>/all.parquet`; `/` in an endpoint becomes `_`.
One row is one object of the API. What the recording cannot know at an instant inside a running season is absent
rather than taken from its end: SP+, FPI, SRS, season statistics, season PPA and adjusted metrics appear on
1 February after the season. Records and Elo are recomputed from the games over by then.
"""

import math
from bisect import bisect_right
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.emulators import college_football_knowledge as knowledge
from football_assets.emulators.sources import Row
from football_assets.errors import ConfigError, StorageError
from football_assets.states import Source

NEVER = datetime.min.replace(tzinfo=UTC)
RUSHING_SPLITS = ("lineYards", "secondLevelYards", "openFieldYards", "highlightYards")
FROM_ITS_OPENING = frozenset({"calendar", "teams/fbs"})
FROM_AUGUST = frozenset({"player/returning", "talent", "recruiting/teams"})
BY_GAME = {"games/teams": "id", "games/players": "id", "ppa/games": "gameId", "stats/game/advanced": "gameId"}


class RecordedSeasons:
    """Recorded seasons under `folder` (or `folder/cfbd`), the `keep` last used ones held in memory.

    Returned rows are shared: callers must not change them. Raises ConfigError when the folder holds no games and
    StorageError when a file cannot be read.
    """

    label = Source.RECORDED

    def __init__(self, folder: Path, *, keep: int = 4) -> None:
        self._folder = folder / "cfbd" if (folder / "cfbd").is_dir() else folder
        self._keep = keep
        self._recent: OrderedDict[int, _Season] = OrderedDict()
        self._references: dict[str, list[Row]] = {}
        self._seasons = sorted(int(file.stem) for file in (self._folder / "games").glob("[0-9]*.parquet"))
        if not self._seasons:
            raise ConfigError(
                "recordings",
                value=str(folder),
                allowed="a folder that holds games/<season>.parquet, or such a folder named cfbd",
                origin="the folder of recorded seasons",
            )

    @cached_property
    def default_at(self) -> datetime:
        """30 days after the last recorded kickoff: everything is known."""
        games = self._season(self._seasons[-1]).table("games")
        return max(knowledge.instant(game["startDate"]) for game in games) + timedelta(days=30)

    def seasons(self) -> list[int]:
        """Seasons whose games are recorded, ascending."""
        return list(self._seasons)

    def rows(self, endpoint: str, season: int | None, at: datetime) -> list[Row]:
        """Every row of one endpoint as known at `at`; empty when it is not recorded."""
        if season is None:
            return self._reference(endpoint)
        if season not in self._seasons:
            return []
        return self._season(season).known(endpoint, at)

    def changed_at(self, season: int | None, at: datetime) -> datetime:
        """The last instant up to `at` at which this season's rows changed; None looks at all seasons.

        Between two such instants `rows` gives the same answers, so they can be kept.
        """
        if season is not None:
            return self._season(season).changed_at(at) if season in self._seasons else NEVER
        running = [year for year in (at.year - 1, at.year, at.year + 1) if year in self._seasons]
        return max((self._season(year).changed_at(at) for year in running), default=NEVER)

    def _season(self, season: int) -> "_Season":
        if season not in self._recent:
            self._recent[season] = _Season(self._folder, season)
        self._recent.move_to_end(season)
        while len(self._recent) > self._keep:
            self._recent.popitem(last=False)
        return self._recent[season]

    def _reference(self, endpoint: str) -> list[Row]:
        if endpoint not in self._references:
            self._references[endpoint] = _read(self._folder, endpoint, "all")
        return self._references[endpoint]


class _Season:
    """One recorded season: its tables as recorded, and what of them was known at an instant."""

    def __init__(self, folder: Path, season: int) -> None:
        self._folder = folder
        self._season = season
        self._tables: dict[str, list[Row]] = {}
        self._views: dict[str, tuple[datetime, list[Row]]] = {}

    def table(self, endpoint: str) -> list[Row]:
        """All rows as recorded, whatever the instant."""
        if endpoint not in self._tables:
            rows = _read(self._folder, endpoint, str(self._season))
            self._tables[endpoint] = self._with_teams(rows) if endpoint == "wepa/team/season" else rows
        return self._tables[endpoint]

    def _with_teams(self, rows: list[Row]) -> list[Row]:
        """Adjusted metrics are recorded by team name alone; id and conference are those of the season's games."""
        teams = {
            game[f"{side}Team"]: {"teamId": game[f"{side}Id"], "conference": game[f"{side}Conference"]}
            for game in self.table("games")
            for side in knowledge.SIDES
        }
        unknown: Row = {"teamId": None, "conference": None}
        return [teams.get(row["team"], unknown) | row for row in rows]

    @cached_property
    def schedule(self) -> knowledge.Schedule:
        """When this season's games begin and end."""
        return knowledge.Schedule(self._season, self.table("games"))

    def changed_at(self, at: datetime) -> datetime:
        """The last change of knowledge up to `at`."""
        before = bisect_right(self._changes, at)
        return self._changes[before - 1] if before else NEVER

    def known(self, endpoint: str, at: datetime) -> list[Row]:
        """The rows known at `at`."""
        if at >= self.schedule.complete_at:
            return self.table(endpoint)
        stamp = self.changed_at(at)
        kept = self._views.get(endpoint)
        if kept is None or kept[0] != stamp:
            kept = (stamp, self._look(endpoint, at))
            self._views[endpoint] = kept
        return kept[1]

    @cached_property
    def _changes(self) -> list[datetime]:
        transfers = [row["transferDate"] for row in self.table("player/portal")]
        return sorted(
            {
                knowledge.opens_at(self._season),
                knowledge.preseason_at(self._season),
                *self.schedule.changes(),
                *(knowledge.instant(date) for date in transfers if date is not None),
            }
        )

    def _look(self, endpoint: str, at: datetime) -> list[Row]:
        rows, schedule = self.table(endpoint), self.schedule
        if endpoint == "player/portal":
            return knowledge.transfers_known(rows, self._season, at)
        if not rows or at < knowledge.opens_at(self._season):
            return []
        if endpoint == "games":
            return knowledge.games_known(rows, schedule, at)
        if endpoint == "lines":
            return knowledge.lines_known(rows, schedule, at)
        if endpoint == "games/media":
            return knowledge.listed_known(rows, schedule, at)
        if endpoint in BY_GAME:
            return knowledge.per_game_known(rows, schedule, at, BY_GAME[endpoint])
        if endpoint == "rankings":
            return knowledge.rankings_known(rows, self.table("games"), schedule, at)
        return self._look_at_season_level(endpoint, at)

    def _look_at_season_level(self, endpoint: str, at: datetime) -> list[Row]:
        rows = self.table(endpoint)
        if endpoint in FROM_ITS_OPENING or at >= knowledge.closes_at(self._season):
            return rows
        if endpoint in FROM_AUGUST:
            return rows if at >= knowledge.preseason_at(self._season) else []
        if endpoint == "records":
            return knowledge.team_records(self.known("games", at))
        if endpoint == "ratings/elo":
            return knowledge.elo_ratings(self.known("games", at))
        return []


def _read(folder: Path, endpoint: str, stem: str) -> list[Row]:
    """The rows of one file; empty when it is not recorded."""
    file = folder / endpoint.replace("/", "_") / f"{stem}.parquet"
    if not file.is_file():
        return []
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowException) as error:
        raise StorageError(f"reading the recording {file}", str(error), "Replace the file or remove it.") from error
    rows: list[Row] = table.to_pylist()
    for column in table.schema:
        if _holds_floats(column.type):
            for row in rows:
                row[column.name] = _without_nan(row[column.name])
    return [_whole(endpoint, row) for row in rows]


def _holds_floats(kind: pa.DataType) -> bool:
    if pa.types.is_floating(kind):
        return True
    return any(_holds_floats(kind.field(index).type) for index in range(kind.num_fields))


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else value
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_nan(item) for item in value]
    return value


def _whole(endpoint: str, row: Row) -> Row:
    """The row with null for the fields that the API always sends and the recording lacks."""
    if endpoint == "games":
        return {"playoff": None} | row
    if endpoint == "rankings":
        return {**row, "polls": [{"poll": poll["poll"], "isFinal": None} | poll for poll in row["polls"]]}
    if endpoint == "wepa/team/season":
        return {name: dict.fromkeys(RUSHING_SPLITS) for name in ("rushing", "rushingAllowed")} | row
    return row
