"""What is there: publications, rows, keys, history, ledger and files of a home, taken down before and after a fault."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import sqlalchemy as sa

from football_assets.errors import FootballError
from football_assets.rooms import installed, load_declarations, part
from football_assets.states import Source
from football_assets.tables import REGISTER, Table
from football_assets.warehouse.engine import Database
from football_assets.warehouse.inspection import hold_against_declarations
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import published_tables
from football_assets.warehouse.reader import Warehouse
from football_assets.warehouse.relations import publications, published_parts

QUOTES = "odds_quotes"  # kept in the lake alone
SHOWN = ("live_matches", "flattened_matches", "match_board", QUOTES)
LEFTOVERS = ("*.part", "*.tmp", "*-journal", ".lake-*")
LEDGER = "ncaa_ledger"


@dataclass(frozen=True)
class Cycle:
    """One cycle of the history: its day's file, its number there, the provider's clock in µs."""

    log: str
    number: int
    observed_us: int


@dataclass(frozen=True)
class Look:
    """What is there at one moment.

    Attributes:
        publication: Newest publication id by pipeline.
        parts: (table, season) -> (rows, checksum) of what is served.
        frames: The published soccer tables by name, without their domain; and the lake's quotes.
        duplicates: Keys that occur more than once, in words.
        untrue: Where stored rows differ from their declaration or files, in words.
        cycles: The history in its order.
        ledger: Hashes of the ledger's entries in their order.
        ledger_broken: The first broken entry, in words; None while the chain is whole.
        leftovers: Files that nobody should leave behind.
        problem: Why the database cannot be read, if so.
    """

    publication: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    duplicates: tuple[str, ...] = ()
    untrue: tuple[str, ...] = ()
    cycles: tuple[Cycle, ...] = ()
    ledger: tuple[str, ...] = ()
    ledger_broken: str | None = None
    leftovers: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def rows(self) -> int:
        """All rows served."""
        return sum(rows for rows, _ in self.parts.values())


def look(home: Path, database: Database) -> Look:
    """Take down what is there. A database that cannot be read is told as the problem."""
    load_declarations()
    lake = Lake(home, database.source)
    files = Look(cycles=tuple(_cycles(home, database.source)), leftovers=tuple(leftovers(home)))
    try:
        if not database.exists():
            return replace(files, duplicates=tuple(_in_files(lake)))
        with database.reading() as connection:
            newest = sa.select(publications.c.domain, sa.func.max(publications.c.id)).group_by(publications.c.domain)
            publication = {domain: int(number) for domain, number in connection.execute(newest)}
            stored = connection.execute(sa.select(published_parts)).all()
            parts = {(row.table_name, row.season): (int(row.rows), row.checksum) for row in stored}
            served = {row.table_name for row in stored}
            twice = [found for table in _tables(served) if (found := _twice(connection, table))]
        warehouse = Warehouse(database, database.source)
        frames = {name: warehouse.read(f"soccer_{name}") for name in SHOWN if f"soccer_{name}" in served}
        frames |= _quotes(lake)
        held = [hold_against_declarations(database, lake, domain) for domain in publication]
        untrue = tuple(verdict.says for verdict in held if not verdict.passed)
        ledger, broken = _ledger(warehouse, served)
    except (FootballError, sa.exc.DBAPIError) as error:
        return replace(files, problem=str(error))
    return replace(
        files,
        publication=publication,
        parts=parts,
        frames=frames,
        duplicates=(*twice, *_in_files(lake)),
        untrue=untrue,
        ledger=ledger,
        ledger_broken=broken,
    )


def lake_frames(home: Path, source: Source) -> dict[str, pd.DataFrame]:
    """The soccer tables of the lake that the judges compare, by name."""
    load_declarations()
    lake = Lake(home, source)
    named = {table.table_name(): table for (domain, _), table in REGISTER.items() if domain == "soccer"}
    return {name: lake.read(named[name]) for name in SHOWN}


def served_tables(database: Database, domain: str) -> dict[str, pd.DataFrame]:
    """Every table of a pipeline that a database serves, whole."""
    load_declarations()
    warehouse = Warehouse(database, database.source)
    ours = {table.sql_name() for table in published_tables(domain)}
    return {each.name: warehouse.read(each.name) for each in warehouse.tables() if each.name in ours}


def key_of(name: str) -> tuple[str, ...]:
    """The key of a published table by its name."""
    load_declarations()
    return next(tuple(table.about().key) for table in REGISTER.values() if table.sql_name() == name)


def _quotes(lake: Lake) -> dict[str, pd.DataFrame]:
    table = REGISTER.get(("soccer", QUOTES))
    return {QUOTES: lake.read(table)} if table is not None and lake.exists(table) else {}


def leftovers(home: Path) -> list[str]:
    """Temporary files below a home, by their path."""
    found = {path for pattern in LEFTOVERS for path in home.rglob(pattern) if path.is_file()}
    return sorted(str(path.relative_to(home)) for path in found)


def repeated(frame: pd.DataFrame, key: Iterable[str]) -> int:
    """How many rows have a key that an earlier row has."""
    return int(frame.duplicated(list(key)).sum())


def _tables(served: Iterable[str]) -> list[type[Table]]:
    names = set(served)
    return [table for domain in installed() for table in published_tables(domain) if table.sql_name() in names]


def _twice(connection: sa.Connection, table: type[Table]) -> str | None:
    """The keys of a stored table that occur more than once."""
    columns = ", ".join(f'"{name}"' for name in table.about().key)
    grouped = f'SELECT {columns} FROM "{table.sql_name()}" GROUP BY {columns} HAVING count(*) > 1'  # noqa: S608 - ours
    count = connection.execute(sa.text(f"SELECT count(*) FROM ({grouped}) AS twice")).scalar_one()  # noqa: S608
    return f"{count} keys of {table.sql_name()} are stored more than once" if count else None


def _in_files(lake: Lake) -> list[str]:
    """The same of the lake's files."""
    files = [(table, path) for table in REGISTER.values() for path in _paths(lake, table)]
    counted = [(path, repeated(_keys(path, table), table.about().key)) for table, path in files]
    return [f"{count} keys of {path.name} occur more than once" for path, count in counted if count]


def _paths(lake: Lake, table: type[Table]) -> list[Path]:
    seasons = [lake.path(table, season) for season in lake.seasons(table)] if table.about().by_season else None
    return [path for path in ([lake.path(table)] if seasons is None else seasons) if path.exists()]


def _keys(path: Path, table: type[Table]) -> pd.DataFrame:
    return pq.read_table(path, columns=list(table.about().key)).to_pandas()


def _cycles(home: Path, source: Source) -> Iterable[Cycle]:
    if "soccer" not in installed():
        return
    history = part("soccer", "history").History(home, source)
    for day in history.days():
        for log in reversed(history.logs(day)):
            for number, observed_us in log.cycles():
                yield Cycle(f"{day}", number, observed_us)


def _ledger(warehouse: Warehouse, served: set[str]) -> tuple[tuple[str, ...], str | None]:
    if LEDGER not in served:
        return (), None
    entries = warehouse.read(LEDGER)
    broken = part("ncaa", "ledger").broken(entries)
    return tuple(entries["hash"].astype(str)), None if broken is None else str(broken)
