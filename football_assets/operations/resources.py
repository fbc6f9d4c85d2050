"""What the machine has left, from /proc: processor, memory, disk, and the day the disk fills."""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from football_assets.errors import StorageError
from football_assets.operations.state_files import keep_state

PROC = Path("/proc")
CGROUP = Path("/sys/fs/cgroup")
SAMPLES = "resources.json"
KEPT = timedelta(days=7)
SAMPLE_S, DENSE_S = 60, 900  # a sample a minute for the processor's mean, one per quarter of an hour of the past
MEAN_S = 300
FORECAST_FROM = timedelta(hours=6)
LONGEST_FORECAST = timedelta(days=3650)


@dataclass(frozen=True)
class Sample:
    """Counters at one moment: ticks of the processor since boot, bytes used on the disk of the home."""

    at: datetime
    busy: int
    total: int
    disk_used: int


@dataclass(frozen=True)
class Resources:
    """Shares in percent; None where it is not known yet. `disk_full_at` None: the disk is not filling."""

    cpu_5min_pct: float | None
    load_1min: float
    cpus: int
    memory_pct: float | None
    memory_mb: float | None
    disk_pct: float
    disk_free_gb: float
    disk_growth_mb_per_day: float | None
    disk_full_at: datetime | None


def look(home: Path, now: datetime) -> Resources:
    """The machine now; a sample is kept in `<home>/health`, from which means and the forecast come."""
    disk = shutil.disk_usage(_existing(home))
    busy, total = _ticks()
    sample = Sample(now, busy, total, disk.used)
    kept = keep(home / "health" / SAMPLES, sample)
    used, limit = _memory()
    slope = growth_per_day(kept)
    return Resources(
        cpu_5min_pct=cpu_mean_pct(kept),
        load_1min=round(os.getloadavg()[0], 2),
        cpus=os.cpu_count() or 1,
        memory_pct=None if not limit else round(100 * used / limit, 1),
        memory_mb=None if not limit else round(used / 1e6, 1),
        disk_pct=round(100 * (disk.total - disk.free) / disk.total, 1),
        disk_free_gb=round(disk.free / 1e9, 2),
        disk_growth_mb_per_day=None if slope is None else round(slope / 1e6, 1),
        disk_full_at=full_at(disk.free, slope, now),
    )


def keep(file: Path, sample: Sample) -> list[Sample]:
    """The samples kept, with this one; trouble with the file costs the past, never the present."""
    kept = [each for each in _read(file) if sample.at - KEPT <= each.at < sample.at]
    if not kept or (sample.at - kept[-1].at).total_seconds() >= SAMPLE_S:
        thin = [*_thinned(kept, sample.at), sample]
        rows = [{"at": s.at.isoformat(), "busy": s.busy, "total": s.total, "disk_used": s.disk_used} for s in thin]
        with suppress(StorageError):
            keep_state(file, json.dumps(rows))
    return [*kept, sample]


def cpu_mean_pct(samples: list[Sample]) -> float | None:
    """Mean share of the processors that was busy over the last five minutes; None before that much is known."""
    newest = samples[-1]
    old = [each for each in samples if (newest.at - each.at).total_seconds() >= MEAN_S]
    if not old or (newest.at - old[-1].at).total_seconds() > 2 * MEAN_S or newest.total <= old[-1].total:
        return None
    return round(100 * (newest.busy - old[-1].busy) / (newest.total - old[-1].total), 1)


def growth_per_day(samples: list[Sample]) -> float | None:
    """Bytes a day that the disk fills by: least squares over the samples; None before six hours are known."""
    if len(samples) < 3 or samples[-1].at - samples[0].at < FORECAST_FROM:
        return None
    days = [(each.at - samples[0].at).total_seconds() / 86_400 for each in samples]
    mean_day, mean_used = sum(days) / len(days), sum(each.disk_used for each in samples) / len(days)
    spread = sum((day - mean_day) ** 2 for day in days)
    together = sum((day - mean_day) * (s.disk_used - mean_used) for day, s in zip(days, samples, strict=True))
    return together / spread


def full_at(free: int, slope: float | None, now: datetime) -> datetime | None:
    """When the disk is full if it goes on like that; None when it does not fill within ten years."""
    if slope is None or slope <= 0 or free / slope > LONGEST_FORECAST.days:
        return None
    return now + timedelta(days=free / slope)


def _thinned(samples: list[Sample], now: datetime) -> list[Sample]:
    """All samples of the last ten minutes, and of the time before one a quarter of an hour."""
    young = [each for each in samples if (now - each.at).total_seconds() <= 2 * MEAN_S + SAMPLE_S]
    old = [each for each in samples if each not in young]
    kept = old[:1]
    for _, each in pairwise(old):
        if (each.at - kept[-1].at).total_seconds() >= DENSE_S:
            kept.append(each)
    return [*kept, *young]


def _read(file: Path) -> list[Sample]:
    try:
        rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))
        return [
            Sample(datetime.fromisoformat(row["at"]), int(row["busy"]), int(row["total"]), int(row["disk_used"]))
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _ticks() -> tuple[int, int]:
    """Busy and all ticks of the processors since boot."""
    fields = [int(each) for each in (PROC / "stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def _memory() -> tuple[int, int]:
    """Bytes used and the limit: the container's where there is one, else the machine's."""
    rows = (line.split() for line in (PROC / "meminfo").read_text(encoding="ascii").splitlines())
    about = {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if len(row) > 1}
    total = about["MemTotal"]
    try:
        limit = int((CGROUP / "memory.max").read_text(encoding="ascii"))
        if limit < total:
            return int((CGROUP / "memory.current").read_text(encoding="ascii")), limit
    except (OSError, ValueError):
        pass
    return total - about["MemAvailable"], total


def _existing(folder: Path) -> Path:
    return next(each for each in (folder, *folder.parents) if each.exists())
