"""Reading what was: the board at any past instant, and every change of a match."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from football_assets.errors import StorageError
from football_assets.soccer.arrivals import Board, Log
from football_assets.soccer.board import match_board
from football_assets.soccer.changelog import HotDay
from football_assets.soccer.changes import LOGGED, State, changes_between, frame_of, instant_of, microseconds
from football_assets.soccer.compaction import parts_of
from football_assets.soccer.day_files import HOT, days_of, has_begun, history_folder
from football_assets.soccer.looks import Seen, laid_over
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.states import Source

CHANGE_COLUMNS = ("observed_at", "table", "row", "column", "before", "after")


@dataclass(frozen=True)
class Past:
    """What was shown at an instant; `observed_at` is the provider's clock of the newest cycle or look by then.

    `is_look`: the fast lane looked after that cycle was read, and rows are as it saw them.
    """

    observed_at: datetime
    tables: dict[str, pd.DataFrame]
    is_look: bool = False

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


# Later than any instant.
LATEST_US = 2**62


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
        log, number, observed_us = self.cycle_at(instant)
        look = self._look_over(log, number, observed_us, microseconds(instant))
        if look is None:
            return self.cycle(log, number, observed_us)
        at_us, seen = look
        return Past(instant_of(at_us), _frames(laid_over(log.state_at(number), seen)), is_look=True)

    def seen_since(self, cycle_at: datetime) -> Seen | None:
        """Everything that the fast lane saw since the cycle before one that is shown, the newest by an instant.

        None when it saw nothing, and when the log has gone on without what is shown: that is a restored past.
        """
        log, number, _ = self.cycle_at(cycle_at)
        if number < [n for n, _ in log.cycles()][-2:][0]:
            return None
        found = self._look_over(log, number, 0, LATEST_US)
        return None if found is None else found[1]

    def cycle(self, log: Log, number: int, observed_us: int) -> Past:
        """What a cycle of a log showed, as `cycle_at` names it."""
        return Past(instant_of(observed_us), _frames(log.state_at(number)))

    def cycle_at(self, instant: datetime) -> tuple[Log, int, int]:
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
        board = Board()
        for day in self.days():
            for log in reversed(self.logs(day)):
                for observed_us, pairs in board.through(log, match_id):
                    for table, key, before, after in pairs:
                        told = changes_between(table, key, before, after)
                        found += [{"observed_at": instant_of(observed_us), **asdict(change)} for change in told]
        if not found:
            happened = f"no kept day of the {self.source.value} world has it"
            to_do = "`football live board --json` names match ids."
            raise StorageError(f"reading the history of match {match_id}", happened, to_do)
        return pd.DataFrame(found, columns=list(CHANGE_COLUMNS), dtype=object)

    def logs(self, day: date) -> list[Log]:
        """The logs of a day, newest first."""
        place = self.folder / day.isoformat()
        hot: list[Log] = [HotDay(place / HOT)] if has_begun(place / HOT) else []
        return [*hot, *parts_of(place)]

    def _look_over(self, log: Log, number: int, observed_us: int, until_us: int) -> tuple[int, Seen] | None:
        """The newest look by an instant that is newer than a cycle: its instant, and everything seen by then."""
        cycles = [n for n, _ in log.cycles() if n <= number]
        # Older looks that are newer by the clock are of another run of the provider.
        places = [(log, cycles[-2] if len(cycles) > 1 else 0)]
        if len(cycles) == 1 and (earlier := self._log_before(log)) is not None:
            # Until a day's first cycle was entered, looks went to the log of the day before.
            places.append((earlier, earlier.cycles()[-1][0]))
        for each, from_cycle in places:
            found = each.looks.newest(from_cycle, observed_us, until_us)
            if found is not None:
                return found.observed_us, each.looks.seen_at(found.number)
        return None

    def _log_before(self, log: Log) -> Log | None:
        """The newest log of the day before that of a log."""
        days = [day for day in self.days() if day < log.day]
        return next(iter(self.logs(days[-1])), None) if days else None

    def _first(self) -> datetime | None:
        instants = [at for day in self.days()[:1] for log in self.logs(day) for _, at in log.cycles()]
        return instant_of(min(instants)) if instants else None


def _frames(state: State) -> dict[str, pd.DataFrame]:
    return {name: frame_of(table, state.get(name, {})) for name, table in LOGGED.items()}
