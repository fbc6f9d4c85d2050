"""Reading what was: the board at any past instant, and every change of a match."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from football_assets.errors import StorageError
from football_assets.soccer.board import match_board
from football_assets.soccer.changelog import HOT, HotDay, days_of, has_begun, history_folder
from football_assets.soccer.changes import LOGGED, State, Values, changes_between, frame_of, instant_of, microseconds
from football_assets.soccer.compaction import ColdPart, parts_of
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.states import Source

CHANGE_COLUMNS = ("observed_at", "table", "row", "column", "before", "after")


@dataclass(frozen=True)
class Past:
    """What the newest cycle at or before an instant showed; `observed_at` is the provider's clock of that cycle."""

    observed_at: datetime
    tables: dict[str, pd.DataFrame]

    @property
    def flattened(self) -> pd.DataFrame:
        """FlattenedMatches, in the order of match ids."""
        return self.tables[FlattenedMatches.table_name()]

    @property
    def predictions(self) -> pd.DataFrame:
        """MatchPredictions as they were; empty for a cycle from before they were kept."""
        return self.tables[MatchPredictions.table_name()]

    @property
    def board(self) -> pd.DataFrame:
        """MatchBoard."""
        return match_board(self.flattened, predictions=self.predictions)


class History:
    """The kept days of one world."""

    def __init__(self, home: Path, source: Source) -> None:
        self.source = source
        self.folder = history_folder(home, source)

    def days(self) -> list[date]:
        """The days kept, ascending."""
        return days_of(self.folder)

    def at(self, instant: datetime) -> Past:
        """The past as it was shown at an instant. Raises StorageError when nothing was kept by then."""
        return self.cycle(*self.cycle_at(instant))

    def cycle(self, log: "HotDay | ColdPart", number: int, observed_us: int) -> Past:
        """What a cycle of a log showed, as `cycle_at` names it."""
        return Past(instant_of(observed_us), _frames(log.state_at(number)))

    def cycle_at(self, instant: datetime) -> "tuple[HotDay | ColdPart, int, int]":
        """The newest cycle at or before an instant: its log, its number there, when the provider was read, in µs.

        Raises StorageError when nothing was kept by then.
        """
        until_us = microseconds(instant)
        for day in reversed([day for day in self.days() if day <= instant.date()]):
            for log in self.logs(day):
                seen = [(number, observed_us) for number, observed_us in log.cycles() if observed_us <= until_us]
                if seen:  # by the provider's clock, which may once have been wrong; of equal instants the later cycle
                    return log, *max(seen, key=lambda each: (each[1], each[0]))
        first = self._first()
        begins = f"it begins at {first:%Y-%m-%dT%H:%M:%SZ}" if first else "no cycle was kept yet"
        happened = f"there is none by {instant:%Y-%m-%dT%H:%M:%SZ} in the {self.source.value} world, {begins}"
        raise StorageError("reading the history", happened, "Ask for a later instant or another --source.")

    def board_at(self, instant: datetime) -> pd.DataFrame:
        """The board as it was published at an instant. Raises StorageError when nothing was kept by then."""
        return self.at(instant).board

    def changes_of(self, match_id: str) -> pd.DataFrame:
        """Every change of a match, oldest first: observed_at, table, row, column, before, after.

        `row` is the incident's place or the statistic's code, None for the match itself. Raises StorageError when the
        match is in no kept day.
        """
        found: list[dict[str, Any]] = []
        rows: dict[tuple[str, str], Values] = {}
        for day in self.days():
            for log in reversed(self.logs(day)):
                versions = sorted(log.versions(match_id), key=lambda each: each[2][0])
                for table, key, (_, observed_us, row) in versions:
                    before = rows.get((table, key), {})
                    rows[table, key] = row or {}
                    told = changes_between(table, key, before, row or {})
                    found += [{"observed_at": instant_of(observed_us), **asdict(change)} for change in told]
        if not found:
            happened = f"no kept day of the {self.source.value} world has it"
            to_do = "`football live board --json` names match ids."
            raise StorageError(f"reading the history of match {match_id}", happened, to_do)
        return pd.DataFrame(found, columns=list(CHANGE_COLUMNS), dtype=object)

    def logs(self, day: date) -> "list[HotDay | ColdPart]":
        """The logs of a day, newest first."""
        place = self.folder / day.isoformat()
        hot: list[HotDay | ColdPart] = [HotDay(place / HOT)] if has_begun(place / HOT) else []
        return [*hot, *parts_of(place)]

    def _first(self) -> datetime | None:
        instants = [at for day in self.days()[:1] for log in self.logs(day) for _, at in log.cycles()]
        return instant_of(min(instants)) if instants else None


def _frames(state: State) -> dict[str, pd.DataFrame]:
    return {name: frame_of(table, state.get(name, {})) for name, table in LOGGED.items()}
