"""What backing up and restoring 30 days costs: `python -m benchmarks.restore --played DIR [--days 30] [--json FILE]`.

DIR is a day played by `python -m benchmarks.soccer_history --part day --keep DIR` with the same FOOTBALL_RECORDINGS.
The newest day is that day as it is written, the others are the same day compacted and moved back by whole days. The
world is published, backed up, and restored to instants of the newest, a middle and the oldest day: from the running
world, and from the backup after the database was destroyed. Every restored board is held against what was played.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.soccer_days import DAY, Day, RecordedPrices
from football_assets.config import load_settings
from football_assets.soccer.compaction import compact
from football_assets.soccer.day_files import history_folder
from football_assets.soccer.prediction_schemas import HistoricalMatches, TeamLinks
from football_assets.soccer.restoring import write_past
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.states import Source
from football_assets.tables import from_rows, to_arrow
from football_assets.warehouse.backups.making import create_backup
from football_assets.warehouse.backups.restoring import restore
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import Warehouse

SIMULATED = Source.SIMULATED
LIMITS = {"restore_most_s": 300.0}
MOVED = "fetched_at"
Figures = dict[str, float]
T = TypeVar("T")


def month(home: Path, played: Path, days: int) -> None:
    """Write the history of a world: the played day, and before it `days - 1` compacted copies."""
    folder = history_folder(home, SIMULATED.value)
    shutil.copytree(history_folder(played, SIMULATED.value), folder)
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "history"
        shutil.copytree(folder, copy)
        compact(copy, DAY.date())
        part = copy / DAY.date().isoformat() / "part-1"
        for number in range(1, days):
            _moved(part, folder / (DAY - timedelta(days=number)).date().isoformat() / "part-1", number)


def _moved(part: Path, target: Path, days: int) -> None:
    target.mkdir(parents=True)
    shift_us = -days * 86_400_000_000
    for path in part.iterdir():
        if path.name == "corrections.json":
            rows = json.loads(path.read_text())
            moved = [{**row, **{name: row[name] + shift_us for name in ("observed_at", "previous_at")}} for row in rows]
            (target / path.name).write_text(json.dumps(moved))
            continue
        data = pq.read_table(path)
        for name in (MOVED, "observed_us"):
            if name in data.column_names:
                place, kind = data.schema.get_field_index(name), data.schema.field(name).type
                values = pc.add(data[name].cast(pa.int64()), shift_us).cast(kind)
                data = data.set_column(place, name, values)
        pq.write_table(data, target / path.name, compression="zstd", compression_level=9, write_page_checksum=True)


def measure(home: Path, day: Day, days: int) -> Figures:
    """Back up and restore the world below `home`."""
    os.environ["FOOTBALL_HOME"] = str(home)
    settings, lake = load_settings(), Lake(home, SIMULATED)
    lake.write(HistoricalMatches, from_rows(HistoricalMatches, []), "2024")
    lake.write(TeamLinks, from_rows(TeamLinks, []))
    write_past(home, SIMULATED, DAY + timedelta(days=1))
    publish(home, SIMULATED, "soccer")
    found: Figures = {"days": days, "world_mb": round(_size(home / SIMULATED.value) / 1e6, 1)}
    took, made = _timed(lambda: create_backup(settings, SIMULATED))
    found |= {"backup_and_verify_s": took, "backup_mb": round(made.bytes / 1e6, 1), "backup_rows": made.total_rows}
    wholes: list[float] = []
    instants = {"newest": 0, "middle": days // 2, "oldest": days - 1}
    for donor in ("world", "backup"):
        for name, back in instants.items():
            at = DAY + timedelta(hours=14, minutes=31) - timedelta(days=back)
            took, restored = _timed(lambda at=at: restore(settings, SIMULATED, at))  # type: ignore[misc]
            if not restored.taken_from.startswith("backup" if donor == "backup" else "the running"):
                raise SystemExit(f"restored from {restored.taken_from}")
            _hold(restored.home, day, at, back)
            shutil.rmtree(restored.home)
            found[f"restore_{name}_from_{donor}_s"] = took
            wholes.append(took)
        (home / SIMULATED.value / "warehouse.sqlite").write_bytes(b"destroyed" * 1000)
    return {**found, "restore_most_s": max(wholes)}


def _hold(home: Path, day: Day, at: datetime, back: int) -> None:
    """Compare the restored matches with what was played, clocks of the moved days left out."""
    shown = day.cycle(at + timedelta(days=back)).tables["flattened_matches"]
    stored = Warehouse(home / SIMULATED.value / "warehouse.sqlite", SIMULATED).read("soccer_flattened_matches")
    left_out = [MOVED] if back else []
    rows = [
        sorted(data.drop_columns(left_out).to_pylist(), key=lambda row: row["match_id"])
        for data in (to_arrow(FlattenedMatches, stored), shown)
    ]
    if rows[0] != rows[1]:
        raise SystemExit(f"what was restored to {at} is not what was played")


def _timed(what: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    made = what()
    return round(time.perf_counter() - began, 1), made


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--played", type=Path, required=True, help="a day kept by benchmarks.soccer_history --keep")
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    recordings = os.environ.get("FOOTBALL_RECORDINGS")
    prices = RecordedPrices(Path(recordings)) if recordings else None
    with tempfile.TemporaryDirectory() as scratch:
        month(Path(scratch), asked.played, asked.days)
        found = measure(Path(scratch), Day(prices=prices), asked.days)
    print("\n".join(f"{name:32} {value:>12,}" for name, value in found.items()))
    print(f"restored at most {LIMITS['restore_most_s']:g} s: {found['restore_most_s'] <= LIMITS['restore_most_s']}")
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
