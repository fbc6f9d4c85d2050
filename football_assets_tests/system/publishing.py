"""A process that publishes two small tables, in one of two states at a time: `publishing.py HOME SOURCE MODE`.

`alternate` publishes both states in turn until it is ended, `once STATE` one of them, `half STATE` stops in the middle
of the load, says so, and waits to be killed.
"""

import sys
import time
from pathlib import Path

from football_assets.states import Source
from football_assets.tables import REGISTER, Instant, Table, Text, Whole, column, from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.lake import Lake

ROWS = 400


class FirstHalves(Table, domain="ncaa", key=("row_id",)):
    """One of two tables that belong together."""

    row_id: Whole = column("Row")
    state: Text = column("State", null=True)
    said_at: Instant = column("Instant", null=True)


class SecondHalves(Table, domain="ncaa", key=("row_id", "season"), by_season=True):
    """The other one."""

    row_id: Whole = column("Row")
    season: Whole = column("Season")
    state: Text = column("State", null=True)


TABLES = [FirstHalves, SecondHalves]
for _table in TABLES:
    REGISTER.pop((_table.about().domain, _table.table_name()))


def register() -> None:
    """Make the two tables the only ones."""
    publication.REGISTER = {(t.about().domain, t.table_name()): t for t in TABLES}


def fill(lake: Lake, state: str) -> None:
    """Write both tables in a state."""
    lake.write(FirstHalves, from_rows(FirstHalves, [{"row_id": i, "state": state} for i in range(ROWS)]))
    for season in (2023, 2024):
        rows = [{"row_id": i, "season": season, "state": state} for i in range(ROWS)]
        lake.write(SecondHalves, from_rows(SecondHalves, rows), str(season))


def half(home: Path, source: Source) -> None:
    """Begin a publication and stay in the middle of it."""
    load = publication.bulk.load
    loads = []

    def load_and_stop(*args: object) -> None:
        load(*args)  # type: ignore[arg-type]
        loads.append(args)
        if len(loads) == 2:
            sys.stdout.write("half\n")
            sys.stdout.flush()
            time.sleep(600)

    publication.bulk.load = load_and_stop  # type: ignore[assignment]
    publication.publish(home, source, "ncaa")


def main() -> None:
    """Do what the command line says."""
    home, source, mode = Path(sys.argv[1]), Source(sys.argv[2]), sys.argv[3]
    lake = Lake(home, source)
    register()
    for n in range(1_000_000 if mode == "alternate" else 1):
        fill(lake, "ab"[n % 2] if mode == "alternate" else sys.argv[4])
        if mode == "half":
            half(home, source)
        made = publication.publish(home, source, "ncaa")
        sys.stdout.write(f"{made.id}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
