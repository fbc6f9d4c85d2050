"""The numbers of `football health report --json` and `GET /v1/health`. What is not known is null."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class ServiceHealth(BaseModel):
    """One process of the platform."""

    name: str = Field(description="daemon, code_server, webserver, serving or watchdog")
    state: Literal["running", "down", "not_started"] = Field(
        description="not_started: it was never seen to run in this folder, or nothing tells"
    )
    pid: int | None = Field(description="Process id; null where it runs elsewhere or not at all")
    started_at: datetime | None = Field(description="When it was started")
    memory_mb: float | None = Field(description="Memory that it holds, megabytes")


class Rate(BaseModel):
    """Cycles of a period that are over."""

    total: int = Field(description="Cycles that are over")
    ok: int = Field(description="Of them succeeded")
    failed: int = Field(description="Of them failed or were cancelled")
    success_pct: float | None = Field(description="Share that succeeded, percent; null of no cycle")


class CyclesHealth(Rate):
    """The live cycles that Dagster still knows."""

    since: datetime = Field(description="Start of the period that the totals are of")
    last_hour: Rate = Field(description="The last hour")
    last_day: Rate = Field(description="The last 24 hours")
    failed_in_a_row: int = Field(description="Newest cycles that failed one after another")
    last_ok_at: datetime | None = Field(description="When a cycle last succeeded")
    p50_s: float | None = Field(description="Half of the cycles of the last hour took at most this, seconds")


class DailyHealth(BaseModel):
    """The college run of today."""

    due_at: datetime = Field(description="When it was last due")
    finished: bool | None = Field(
        description="Whether a run that ended since succeeded; null where nothing ran before it was due"
    )


class PipelineHealth(BaseModel):
    """One pipeline."""

    pipeline: str = Field(description="soccer or ncaa")
    world: str | None = Field(description="real, recorded or simulated")
    state: Literal["fresh", "stale", "missing"] = Field(description="stale: older than two intervals")
    published_at: datetime | None = Field(description="When its tables were published last")
    age_s: float | None = Field(description="Seconds since")
    interval_s: float = Field(description="Seconds from one publication to the next")


class TableHealth(BaseModel):
    """One published table."""

    name: str = Field(description="Table")
    rows: int = Field(description="Rows")
    size_mb: float | None = Field(description="Size of its files, megabytes; null where they are not on this machine")
    replaced_at: datetime = Field(description="When its content last changed")
    age_s: float = Field(description="Seconds since")
    state: Literal["fresh", "stale"] = Field(description="State of its pipeline: unchanged content is not stale")


class CheckHealth(BaseModel):
    """A check whose newest verdict is bad."""

    asset: str = Field(description="Asset")
    check: str = Field(description="Check")
    is_blocking: bool | None = Field(description="Whether it keeps tables from publication; null when unreadable")
    says: str | None = Field(description="What it found")
    judged_at: datetime | None = Field(description="When")
    run_id: str = Field(description="The run that judged")


class ChecksHealth(BaseModel):
    """The newest verdict of every check."""

    total: int = Field(description="Checks that were ever made")
    passed: int = Field(description="Of them passed")
    failing: list[CheckHealth] = Field(description="The others")


class ProviderHealth(BaseModel):
    """One provider."""

    name: str = Field(description="Provider")
    pipeline: str = Field(description="soccer or ncaa")
    is_configured: bool = Field(description="Whether it can be asked")
    breaker: Literal["closed", "open"] = Field(description="open: some path counts as down")
    last_error: str | None = Field(description="What failed last and has not worked since")
    per_second: int | None = Field(description="Most requests a second; null: no such limit")
    per_minute_by_path: dict[str, int] = Field(description="Most requests a minute by path")
    quota_used: int | None = Field(description="Calls of the month used")
    quota_limit: int | None = Field(description="Calls of the month")
    quota_used_pct: float | None = Field(description="Share used, percent")


class QualityHealth(BaseModel):
    """The lowest quality score of the college tables."""

    table: str = Field(description="Table")
    score: float = Field(description="Score, 0 to 1")
    measured_at: datetime = Field(description="When it was measured")


class ResourcesHealth(BaseModel):
    """The machine."""

    cpu_5min_pct: float | None = Field(description="Processors busy, mean of 5 min; null until that much is known")
    load_1min: float = Field(description="Load average, 1 min")
    cpus: int = Field(description="Processors")
    memory_pct: float | None = Field(description="Memory used, of the machine or the container")
    memory_mb: float | None = Field(description="The same, megabytes")
    disk_pct: float = Field(description="Disk of the data folder used")
    disk_free_gb: float = Field(description="Free on it, gigabytes")
    disk_growth_mb_per_day: float | None = Field(description="What that disk fills by; null before 6 h are known")
    disk_full_at: datetime | None = Field(description="When it is full at that rate; null: not known, or not filling")


class Health(BaseModel):
    """How the platform is."""

    at: datetime = Field(description="When this was measured")
    state: Literal["running", "no_data", "stopped"] = Field(
        description="no_data: it runs, but nothing was published for two cycles; stopped: Dagster's daemon does not run"
    )
    services: list[ServiceHealth] = Field(description="Processes")
    cycles: CyclesHealth | None = Field(description="Live cycles; null without the soccer pipeline")
    matches_processed: int | None = Field(description="Matches in the newest publication; null before the first")
    runs_unfinished: int | None = Field(description="Runs queued or under way")
    queue_age_s: float | None = Field(description="How long the run that waits longest has waited, seconds; 0: none")
    last_activity_at: datetime | None = Field(description="When a run last ended or tables were last published")
    daily: DailyHealth | None = Field(description="Today's college run; null where it is not a daily one")
    pipelines: list[PipelineHealth] = Field(description="Pipelines")
    tables: list[TableHealth] = Field(description="Published tables")
    checks: ChecksHealth | None = Field(description="Checks")
    providers: list[ProviderHealth] | None = Field(description="Providers")
    quality: QualityHealth | None = Field(description="Lowest quality; null where none is measured")
    resources: ResourcesHealth = Field(description="Machine")
    unreadable: list[str] = Field(description="Parts that could not be read, each with the reason")
