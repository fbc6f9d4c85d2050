"""What an emulator serves: two protocols that recordings and the simulation both fulfil.

A source knows everything and is asked *as of* an instant; the servers own paths, parameters, paging, errors,
faults and statistics. All rows have exactly the shapes of the providers' contracts.
"""

from datetime import datetime
from typing import Any, Protocol

from football_assets.states import Source

Row = dict[str, Any]


class MatchSource(Protocol):
    """Everything the TheSports emulator needs."""

    label: Source

    @property
    def default_at(self) -> datetime:
        """The instant at which this source is interesting when the user names none."""

    def live(self, at: datetime) -> list[Row]:
        """`match/detail_live` results at `at`."""

    def recent(self, at: datetime) -> list[Row]:
        """All `match/recent/list` rows at `at`, each with its `updated_at`, in any order."""

    def odds(self, match_id: str, at: datetime) -> Row:
        """`odds/history` results of one match as of `at`: {company: {market: rows newest first}}; {} when none."""

    def odds_changes(self, since: datetime, until: datetime) -> dict[str, list[list[Any]]]:
        """`odds/live` results: quotes with `since < ts <= until` by company."""

    def reference(self, kind: str, at: datetime) -> list[Row]:
        """Rows of a reference list; `kind` is team, competition, country, category, season, stage, venue, referee."""

    def knows(self, match_id: str) -> bool:
        """Whether the id belongs to a match of this source."""


class SeasonSource(Protocol):
    """Everything the College Football Data emulator needs."""

    label: Source

    @property
    def default_at(self) -> datetime:
        """The instant at which this source is interesting when the user names none."""

    def seasons(self) -> list[int]:
        """Seasons this source knows, ascending."""

    def rows(self, endpoint: str, season: int | None, at: datetime) -> list[Row]:
        """Every row of one endpoint (`games`, `lines`, `games/teams`, ...) and season as known at `at`.

        Rows are complete (all classifications, all season types); the server filters them by parameters.
        Reference endpoints (`teams`, `conferences`, `venues`) take season None. Nothing later than `at` shows:
        games not yet over have null points and `completed` false, box scores and ratings that would contain
        them are absent. `games/teams` and `games/players` rows carry only contract fields (`id`, `teams`);
        the server joins them to `games` by id for week, season type and classification.
        """
