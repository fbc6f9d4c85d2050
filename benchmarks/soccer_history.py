"""What the history of a live day costs: `python -m benchmarks.soccer_history [--cycles N] [--json FILE]`.

A simulated day is played cycle by cycle through the pipeline's own functions, without HTTP, and appended to a history;
then the day is compacted and read. With FOOTBALL_RECORDINGS set, the quotes of the recorded poll are played as well,
for the simulation prices fewer moves than the real feed.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from football_assets.emulators.recorded_matches import RecordedMatches
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.soccer.changelog import HOT, append, history_folder
from football_assets.soccer.changes import LOGGED, microseconds
from football_assets.soccer.client import Reading, live_match
from football_assets.soccer.compaction import compact, parts_of
from football_assets.soccer.cycle import quote_batches
from football_assets.soccer.enrichment import Answers
from football_assets.soccer.flatten import flatten
from football_assets.soccer.history import History
from football_assets.soccer.join import LastKnown, Tuning, enriched_rows
from football_assets.soccer.live import incident_rows, live_rows, stat_rows
from football_assets.soccer.models import Competition, Country, MatchDetail, Team
from football_assets.soccer.odds import QUOTES_SCHEMA
from football_assets.soccer.schemas import EnrichedMatches, FlattenedMatches, Incidents, LiveMatches, MatchStats
from football_assets.states import DataState, Source
from football_assets.tables import from_rows, to_arrow

DAY = datetime(2025, 5, 31, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY_CYCLES = 1440
# Gives 111 matches on the live list on average over this day.
MATCHES_A_DAY = 533
TUNING = Tuning((2, 3, 4, 5, 6, 9, 10, 11, 13, 14, 15, 16, 17, 21, 22), (2, 6))
NAMES_READ_US = 123_457  # names are cached: their age moves with the clock and is no whole number of seconds
MB = 1e6
RECORDED_MATCHES = 102


class Day:
    """The simulated day as the pipeline would show it."""

    def __init__(self, matches_a_day: int = MATCHES_A_DAY) -> None:
        self.source = SimulatedMatches(7, around=DAY + timedelta(hours=12), matches_a_day=matches_a_day)
        self._teams = {row["id"]: Team.model_validate(row) for row in self.source.reference("team", DAY)}
        competitions = self.source.reference("competition", DAY)
        self._competitions = {row["id"]: Competition.model_validate(row) for row in competitions}
        self._countries = {row["id"]: Country.model_validate(row) for row in self.source.reference("country", DAY)}

    def cycle(self, at: datetime) -> tuple[dict[str, pa.Table], pa.Table]:
        """The logged tables and all quotes at an instant."""
        matches = [match for match in map(live_match, self.source.live(at)) if match]
        ids = [match.id for match in matches]
        answers = self._answers(ids, at)
        live = from_rows(LiveMatches, live_rows(matches, at))
        enriched = from_rows(EnrichedMatches, enriched_rows(ids, answers, LastKnown(), TUNING, at))
        frames = {
            FlattenedMatches: flatten(live, enriched),
            Incidents: from_rows(Incidents, incident_rows(matches, at)),
            MatchStats: from_rows(MatchStats, stat_rows(matches, at)),
        }
        quotes = pa.Table.from_batches(list(quote_batches(answers)[0].values()), schema=QUOTES_SCHEMA)
        return {table.table_name(): to_arrow(table, frame) for table, frame in frames.items()}, quotes

    def _answers(self, ids: list[str], at: datetime) -> Answers:
        known = set(ids)
        age_s = (at - DAY).total_seconds() + (microseconds(at) // 7 % NAMES_READ_US) / MB

        def named(values: dict) -> dict:
            return {key: Reading(value, DataState.CACHED, DAY, age_s) for key, value in values.items()}

        details = {row["id"]: MatchDetail.model_validate(row) for row in self.source.recent(at) if row["id"] in known}
        return Answers(
            details={key: Reading(details.get(key), DataState.LIVE, at, 0.0) for key in ids},
            odds={key: Reading(self.source.odds(key, at), DataState.LIVE, at, 0.0) for key in ids},
            teams=named(self._teams),
            competitions=named(self._competitions),
            countries=Reading(self._countries, DataState.CACHED, DAY, age_s),
        )


def measure(home: Path, cycles: int) -> dict[str, float]:
    """Play the day and measure what its history costs."""
    day, folder = Day(), history_folder(home, Source.SIMULATED.value)
    appends, matches, quotes_kept, snapshot_mb = [], [], 0, 0.0
    shown = {}
    for number in range(cycles):
        at = DAY + number * MINUTE
        tables, quotes = day.cycle(at)
        began, worked = time.perf_counter(), time.process_time()
        kept = append(folder, tables, quotes, at)
        appends.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
        matches.append(tables["flattened_matches"].num_rows)
        quotes_kept += kept.quotes
        snapshot_mb += sum(table.nbytes for table in tables.values()) / MB
        if number % max(1, cycles // 20) == 0:
            shown[at] = tables
        if number % 60 == 0:
            print(f"cycle {number}: {matches[-1]} matches, append {appends[-1][0]:.1f} ms", file=sys.stderr)
    place = folder / DAY.date().isoformat()
    found = {
        "cycles": cycles,
        "matches_mean": round(statistics.mean(matches), 1),
        "matches_most": max(matches),
        "snapshots_in_memory_mb": round(snapshot_mb, 1),
        "quotes_kept": quotes_kept,
        **_append_figures(appends),
        **_hot_figures(place),
        **_read_figures(home, "hot", shown),
    }
    began = time.perf_counter()
    compact(folder, DAY.date())
    found["compaction_s"] = round(time.perf_counter() - began, 1)
    return found | _cold_figures(place) | _read_figures(home, "compacted", shown)


def measure_recorded(home: Path, recordings: Path, cycles: int) -> dict[str, float]:
    """Play the quotes of the recorded poll minute by minute and measure what keeping them costs."""
    source = RecordedMatches(recordings)
    at = source.default_at
    answers = Answers(
        odds={row["id"]: Reading(source.odds(row["id"], at), DataState.LIVE, at, 0.0) for row in source.live(at)}
    )
    every = pa.Table.from_batches(list(quote_batches(answers)[0].values()), schema=QUOTES_SCHEMA)
    nothing = {
        name: pa.Table.from_pylist([], schema=to_arrow(t, from_rows(t, [])).schema) for name, t in LOGGED.items()
    }
    end = max(every["quoted_at"].to_pylist())
    folder = history_folder(home, Source.RECORDED.value)
    appends, kept = [], 0
    for number in range(cycles):
        moment = end - (cycles - 1 - number) * MINUTE
        quotes = every.filter(pc.less_equal(every["quoted_at"], pa.scalar(moment, every["quoted_at"].type)))
        began, worked = time.perf_counter(), time.process_time()
        kept += append(folder, nothing, quotes, moment).quotes
        appends.append(((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000))
    place = folder / end.date().isoformat()
    hot = (place / HOT).stat().st_size / MB
    compact(folder, end.date())
    cold = (parts_of(place)[0].folder / "quotes.parquet").stat().st_size / MB
    matches_a_day = MATCHES_A_DAY / RECORDED_MATCHES
    return {
        "quotes_kept": kept,
        "quotes_given": every.num_rows,
        **_append_figures(appends),
        "hot_mb": round(hot, 2),
        "compacted_mb": round(cold, 2),
        "hot_mb_a_day": round(hot * matches_a_day, 1),
        "compacted_mb_a_day": round(cold * matches_a_day, 1),
    }


def _append_figures(appends: list[tuple[float, float]]) -> dict[str, float]:
    """Wall and processor time; the two differ where other programs use the machine."""
    wall, worked = (sorted(values) for values in zip(*appends, strict=True))
    return {
        "append_first_ms": round(appends[0][0], 1),
        "append_median_ms": round(statistics.median(wall), 1),
        "append_p99_ms": round(wall[int(len(wall) * 0.99) - 1], 1),
        "append_median_cpu_ms": round(statistics.median(worked), 1),
    }


def _hot_figures(place: Path) -> dict[str, float]:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(place / HOT)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        changes, quotes = connection.execute("SELECT sum(length(changes)), sum(length(quotes)) FROM cycles").fetchone()
    size = sum(path.stat().st_size for path in place.iterdir())
    return {
        "hot_mb": round(size / MB, 2),
        "hot_match_rows_mb": round(changes / MB, 2),
        "hot_quotes_mb": round((quotes or 0) / MB, 2),
    }


def _cold_figures(place: Path) -> dict[str, float]:
    files = {path.stem: path.stat().st_size / MB for path in parts_of(place)[0].folder.iterdir()}
    return {
        "compacted_mb": round(sum(files.values()), 2),
        **{f"compacted_{name}_mb": round(size, 2) for name, size in sorted(files.items())},
    }


def _read_figures(home: Path, form: str, shown: dict[datetime, dict[str, pa.Table]]) -> dict[str, float]:
    history = History(home, Source.SIMULATED)
    seconds = []
    for at, tables in shown.items():
        began = time.perf_counter()
        past = history.at(at)
        seconds.append(time.perf_counter() - began)
        for name, table in LOGGED.items():
            keys = [(key, "ascending") for key in table.about().key]
            assert to_arrow(table, past.tables[name]).sort_by(keys).equals(tables[name].sort_by(keys)), (name, at)
    last = max(shown)
    match_id = shown[last]["flattened_matches"]["match_id"][0].as_py()
    began = time.perf_counter()
    history.changes_of(match_id)
    return {
        f"{form}_instants_equal": len(seconds),
        f"{form}_read_median_s": round(statistics.median(seconds), 3),
        f"{form}_read_most_s": round(max(seconds), 3),
        f"{form}_match_history_s": round(time.perf_counter() - began, 3),
    }


def _lines(found: dict[str, dict[str, float]]) -> Iterator[str]:
    for part, figures in found.items():
        yield part
        yield from (f"  {name:28} {value:>12,}" for name, value in figures.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=DAY_CYCLES, help="cycles of the simulated day to play")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = {"simulated day": measure(Path(scratch), asked.cycles)}
        if recordings := os.environ.get("FOOTBALL_RECORDINGS"):
            minutes = min(asked.cycles, 150)
            found["recorded odds"] = measure_recorded(Path(scratch), Path(recordings), minutes)
    print("\n".join(_lines(found)))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
