"""What the history of a live day costs: `python -m benchmarks.soccer_history [--part all|day|times] [--keep DIR]`.

`day` plays 1,440 cycles of a simulated day through the pipeline's own functions, without HTTP, appends each to a
history, compacts the day and prints its sizes. With FOOTBALL_RECORDINGS set, prices are as dense as those of the
recorded poll. `times` plays some minutes around the mean number of matches on, and reads the day back, before and
after compaction; run it alone on the day kept in DIR when the machine is quiet.
"""

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.soccer_days import DAY, Day, RecordedPrices, Shown
from football_assets.soccer.changelog import append
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.compaction import compact, parts_of
from football_assets.soccer.day_files import HOT, history_folder
from football_assets.soccer.history import History
from football_assets.states import Source
from football_assets.tables import to_arrow

MINUTE = timedelta(minutes=1)
DAY_CYCLES = 1440
LIMITS = {
    "hot_match_rows_mb": 30.0,
    "compacted_match_rows_mb": 5.0,
    "compacted_mb": 100.0,
    "append_median_ms": 50.0,
    "hot_read_most_s": 1.0,
    "compacted_read_most_s": 1.0,
}
# Two thirds of an hour each: about the mean number of matches of the day, and half as many again.
USUAL_FROM, BUSY_FROM, APPENDED = 20 * 60 + 40, 13 * 60 + 40, 40
CHECKED = 12
MB = 1e6
Figures = dict[str, float]


def play(home: Path, day: Day, cycles: int) -> Figures:
    """Play the day, then compact a copy of it; returns sizes and what appending took."""
    folder = history_folder(home, Source.SIMULATED.value)
    place = folder / DAY.date().isoformat()
    appends, matches, given, told, kept_quotes = [], [], [], 0, 0
    for number in range(cycles):
        at = DAY + number * MINUTE
        shown = day.cycle(at)
        appends.append(_timed_append(folder, shown, number))
        matches.append(shown.tables["flattened_matches"].num_rows)
        given.append(shown.quotes.num_rows)
        if number % 60 == 0:
            print(f"cycle {number}: {matches[-1]} matches, {given[-1]} quotes", file=sys.stderr)
    told, kept_quotes, sizes = _hot_sizes(place)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "history"
        shutil.copytree(folder, copy)
        began = time.perf_counter()
        compact(copy, DAY.date())
        took = time.perf_counter() - began
        cold = _cold_sizes(copy / DAY.date().isoformat())
    return {
        "cycles": cycles,
        "matches_mean": round(statistics.mean(matches), 1),
        "matches_most": max(matches),
        "quotes_given_mean": round(statistics.mean(given)),
        "quotes_given_most": max(given),
        "rows_told": told,
        "quotes_kept": kept_quotes,
        **_append_figures(appends),
        **sizes,
        **cold,
        "compaction_s": round(took, 1),
    }


def times(home: Path, day: Day, cycles: int) -> Figures:
    """What appending at the mean and reading anywhere in a played day take."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch)
        shutil.copytree(history_folder(home, Source.SIMULATED.value), history_folder(copy, Source.SIMULATED.value))
        folder = history_folder(copy, Source.SIMULATED.value)
        last = min(cycles - 1, DAY_CYCLES - 1)
        shown = {at: day.cycle(at) for at in (DAY + n * last // (CHECKED - 1) * MINUTE for n in range(CHECKED))}
        found = _read_figures(copy, "hot", shown)
        compact(folder, DAY.date())
        found |= _read_figures(copy, "compacted", shown)
        busy = _appended(copy / "busy", day, BUSY_FROM)
        usual = _appended(copy / "usual", day, USUAL_FROM)
    return {**usual, **{f"busy_{name}": value for name, value in busy.items()}, **found}


def _appended(folder: Path, day: Day, first: int) -> Figures:
    """A cold start, then the cycles that follow it."""
    minutes = [day.cycle(DAY + (first + n) * MINUTE) for n in range(APPENDED)]
    appends = [_timed_append(folder, each, first + n) for n, each in enumerate(minutes)]
    return {
        "append_matches_mean": round(statistics.mean(each.tables["flattened_matches"].num_rows for each in minutes), 1),
        "append_quotes_mean": round(statistics.mean(each.quotes.num_rows for each in minutes)),
        **_append_figures(appends),
    }


def _timed_append(folder: Path, shown: Shown, number: int) -> tuple[float, float]:
    """Wall and processor milliseconds."""
    began, worked = time.perf_counter(), time.process_time()
    append(folder, shown.tables, shown.quotes, DAY + number * MINUTE)
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


def _append_figures(appends: list[tuple[float, float]]) -> Figures:
    """Wall and processor time; the two differ where other programs use the machine."""
    wall, worked = (sorted(values) for values in zip(*appends[1:], strict=True))
    return {
        "append_first_ms": round(appends[0][0], 1),
        "append_median_ms": round(statistics.median(wall), 1),
        "append_p99_ms": round(wall[int(len(wall) * 0.99) - 1], 1),
        "append_median_cpu_ms": round(statistics.median(worked), 1),
        "append_p99_cpu_ms": round(worked[int(len(worked) * 0.99) - 1], 1),
    }


def _hot_sizes(place: Path) -> tuple[int, int, Figures]:
    """Rows told, quotes kept, and the sizes of what a hot file consists of."""
    import sqlite3
    from contextlib import closing

    from football_assets.soccer.changelog import HotDay

    with closing(sqlite3.connect(place / HOT)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        changes, quotes = connection.execute("SELECT sum(length(changes)), sum(length(quotes)) FROM cycles").fetchone()
        (snapshots,) = connection.execute("SELECT sum(length(told)) FROM snapshots").fetchone()
    log = HotDay(place / HOT)
    told = sum(len(rows) for cycle in log.told() for rows in cycle.changes.values())
    sizes = {
        "hot_mb": round(sum(path.stat().st_size for path in place.iterdir()) / MB, 2),
        "hot_match_rows_mb": round((changes + (snapshots or 0)) / MB, 2),
        "hot_snapshots_mb": round((snapshots or 0) / MB, 2),
        "hot_quotes_mb": round((quotes or 0) / MB, 2),
    }
    return told, log.quotes().num_rows, sizes


def _cold_sizes(place: Path) -> Figures:
    files = {path.stem: path.stat().st_size / MB for path in parts_of(place)[0].folder.iterdir()}
    return {
        "compacted_mb": round(sum(files.values()), 2),
        "compacted_match_rows_mb": round(sum(files[name] for name in LOGGED), 2),
        **{f"compacted_{name}_mb": round(size, 2) for name, size in sorted(files.items())},
    }


def _read_figures(
    home: Path,
    form: str,
    shown: dict[datetime, Shown],
) -> Figures:
    history, seconds = History(home, Source.SIMULATED), []
    for at, cycle in shown.items():
        began = time.perf_counter()
        past = history.at(at)
        seconds.append(time.perf_counter() - began)
        for name, table in LOGGED.items():
            keys: Any = [(key, "ascending") for key in table.about().key]
            rebuilt = to_arrow(table, past.tables[name])
            assert rebuilt.equals(cycle.tables[name].sort_by(keys).combine_chunks()), (name, at)
    match_id = shown[max(shown)].tables["flattened_matches"]["match_id"][0].as_py()
    began = time.perf_counter()
    history.changes_of(match_id)
    of_match = time.perf_counter() - began
    (log,) = history.logs(DAY.date())
    began = time.perf_counter()
    log.quotes()
    return {
        f"{form}_instants_equal": len(seconds),
        f"{form}_read_median_s": round(statistics.median(seconds), 3),
        f"{form}_read_most_s": round(max(seconds), 3),
        f"{form}_match_history_s": round(of_match, 3),
        f"{form}_all_quotes_s": round(time.perf_counter() - began, 3),
    }


def _lines(found: dict[str, Figures]) -> Iterator[str]:
    for part, figures in found.items():
        yield part
        for name, value in figures.items():
            limit = f"   (at most {LIMITS[name]:g})" if name in LIMITS else ""
            yield f"  {name:28} {value:>12,}{limit}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("all", "day", "times"), default="all")
    parser.add_argument("--cycles", type=int, default=DAY_CYCLES, help="cycles of the day to play")
    parser.add_argument("--keep", type=Path, help="where the played day is kept for the part `times`")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    recordings = os.environ.get("FOOTBALL_RECORDINGS")
    prices = RecordedPrices(Path(recordings)) if recordings else None
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory() as scratch:
        home = asked.keep or Path(scratch)
        if asked.part != "times":
            found["day"] = play(home, Day(prices=prices), asked.cycles)
        if asked.part != "day":
            found["times"] = times(home, Day(prices=prices), asked.cycles)
    print("prices as dense as recorded" if prices else "simulated prices: FOOTBALL_RECORDINGS is not set")
    print("\n".join(_lines(found)))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
