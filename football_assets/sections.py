"""The sections of the settings: what each key means, its default and what is allowed."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError


class Section(BaseModel):
    """A group of settings in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def refuse(self, key: str, allowed: str) -> PydanticCustomError:
        """The error of a validator that looks at several settings: which one is wrong and what is allowed."""
        return PydanticCustomError("together", "{allowed}", {"allowed": allowed, "key": key, "got": getattr(self, key)})

    def require_order(self, low: str, high: str) -> None:
        """Refuse a `low` above its `high`."""
        if getattr(self, low) > getattr(self, high):
            raise self.refuse(low, f"at most {high}, which is {getattr(self, high)}")


class Breaker(Section):
    """When a service counts as down and how it is probed."""

    consecutive_failures: int = Field(5, ge=1, description="Failed tries in a row that open the breaker")
    window_tries: int = Field(20, ge=2, description="Latest tries of which `failed_share` open it as well")
    failed_share: float = Field(0.5, gt=0, le=1, description="Share of failed ones among the latest tries")
    first_probe_s: float = Field(5.0, gt=0, description="Wait before the first probe; doubles with each failed one")
    longest_probe_s: float = Field(300.0, gt=0, description="Longest wait between probes")

    @model_validator(mode="after")
    def _in_order(self) -> "Breaker":
        self.require_order("first_probe_s", "longest_probe_s")
        return self


class Service(Section):
    """How one provider is called."""

    connections: int = Field(ge=1, le=200, description="Most connections open at once")
    timeout_s: float = Field(gt=0, description="Limit of one try")
    tries: int = Field(3, ge=1, le=10, description="Tries of one request, the first included")
    backoff_s: float = Field(1.0, ge=0, description="Wait before the second try; doubles, with full jitter")
    longest_wait_s: float = Field(30.0, gt=0, description="Longest wait between two tries, Retry-After included")
    per_second: int | None = Field(None, ge=1, description="Most requests a second, all paths together")
    per_minute_by_path: dict[str, int] = Field(default_factory=dict, description="Most requests a minute on a path")
    breaker: Breaker = Breaker()

    @model_validator(mode="after")
    def _in_order(self) -> "Service":
        self.require_order("backoff_s", "longest_wait_s")
        return self


class TheSportsService(Service):
    """TheSports: 120 calls a minute on each per-match endpoint, failures mostly with HTTP 200."""

    connections: int = Field(30, ge=1, le=200, description="Most connections open at once")
    timeout_s: float = Field(10.0, gt=0, description="Limit of one try")
    per_minute_by_path: dict[str, int] = Field(
        default_factory=lambda: {"odds/history": 120}, description="Most requests a minute on a path"
    )


class CollegeFootballService(Service):
    """College Football Data: a month's quota, no burst limit of its own, so we are gentle."""

    connections: int = Field(4, ge=1, le=200, description="Most connections open at once")
    timeout_s: float = Field(30.0, gt=0, description="Limit of one try")
    per_second: int | None = Field(2, ge=1, description="Most requests a second, all paths together")


class FootballDataService(Service):
    """football-data.co.uk: plain files of one volunteer's site, so one at a time and one a second."""

    connections: int = Field(1, ge=1, le=200, description="Most connections open at once")
    timeout_s: float = Field(30.0, gt=0, description="Limit of one try")
    per_second: int | None = Field(1, ge=1, description="Most requests a second, all paths together")


class Live(Section):
    """The 60-second soccer cycle."""

    interval_s: int = Field(60, ge=10, description="Start to start of two cycles")
    deadline_s: float = Field(25.0, gt=0, description="What is not in by then is listed missing")
    strategy: Literal["auto", "full", "delta"] = Field(
        "auto", description="Ask everything each cycle, or what changed; auto: what changed, after a young cycle"
    )
    delta_limit_s: int = Field(600, ge=0, description="Oldest previous cycle that what changed is asked for")
    companies: tuple[int, ...] = Field(
        (2, 3, 4, 5, 6, 9, 10, 11, 13, 14, 15, 16, 17, 21, 22),
        description="Bookmakers by TheSports company id, preferred first",
    )
    early_minutes: tuple[int, int] = Field((2, 6), description="Minutes of the early in-play price, both included")
    reference_ttl_s: int = Field(86_400, ge=0, description="How long team, competition and country names stay fresh")
    stale_limit_s: int = Field(600, ge=0, description="Oldest last-known value shown in place of a failed read")

    history_days: int = Field(30, ge=1, description="How many days of the history of live matches are kept")
    runs_kept_days: int = Field(2, ge=1, description="How many days Dagster keeps the record of a cycle that went well")
    failed_runs_kept_days: int = Field(30, ge=1, description="The same of a cycle that failed or was cancelled")

    @model_validator(mode="after")
    def _minutes_in_order(self) -> "Live":
        if not 0 < self.early_minutes[0] <= self.early_minutes[1] <= 45:
            raise self.refuse("early_minutes", "0 < first <= last <= 45")
        return self


class Ncaa(Section):
    """The daily college football run."""

    first_season: int = Field(2004, ge=1992, description="Oldest season that can be collected")
    training_seasons: int = Field(6, ge=1, description="Finished seasons collected before the running one")
    conferences: tuple[str, ...] = Field(
        (), description="Conferences whose games are shown, a side in one is enough; every game when none is named"
    )
    schedule: Literal["daily", "weekly", "monthly", "cron"] = Field(
        "daily", description="How often the run starts: daily, weekly (Mondays), monthly (the first), or by `cron`"
    )
    at_utc: str = Field("06:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="When it starts, HH:MM UTC")
    cron: str | None = Field(
        None, pattern=r"^\S+( \S+){4}$", description="Five cron fields, UTC, for the schedule `cron`: 0 6 * 8-12 *"
    )

    @property
    def interval(self) -> timedelta:
        """How far apart two runs are: a day, a week or a month; of a cron line as its day fields tell."""
        if self.schedule == "cron" and self.cron is not None:
            _, _, day, _, weekday = self.cron.split()
            return timedelta(days=31 if day != "*" else 7 if weekday != "*" else 1)
        return timedelta(days={"weekly": 7, "monthly": 31}.get(self.schedule, 1))

    @model_validator(mode="after")
    def _begun(self) -> "Ncaa":
        if self.first_season > datetime.now(UTC).year:
            raise self.refuse("first_season", f"a season that has begun, {datetime.now(UTC).year} at most")
        return self

    @model_validator(mode="after")
    def _cron_when_asked_for(self) -> "Ncaa":
        if (self.schedule == "cron") != (self.cron is not None):
            raise self.refuse("cron", "five fields with the schedule `cron`, and none with any other schedule")
        return self


class Quality(Section):
    """How good the data must be: scores from 0 to 1, shares of null values from 0 to 1."""

    min_data_quality_score: float = Field(0.8, ge=0, le=1, description="A table below it keeps all from publication")
    good_data_quality_score: float = Field(0.9, ge=0, le=1, description="A table below it is warned about")
    max_null_fraction: float = Field(0.1, ge=0, le=1, description="Most nulls in a column; more is warned about")
    max_null_fraction_by_column: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict, description="The same for one column (`games.attendance`) or table (`player_stats`)"
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Quality":
        self.require_order("min_data_quality_score", "good_data_quality_score")
        return self


class Warehouse(Section):
    """How the database is loaded."""

    batch_size: int = Field(2_000, ge=1, le=100_000, description="Rows sent to the database at once")


class Scaling(Section):
    """Beyond one machine: who does the steps of a run, and how long the owner of the live loop is waited for."""

    executor: Literal["embedded", "celery", "k8s"] = Field(
        "embedded",
        description="Who does the steps: the run's own process, Celery workers over redis_url, or Kubernetes jobs",
    )
    launcher: Literal["embedded", "celery"] = Field(
        "embedded", description="Where runs other than live cycles are: this machine, or a worker of the queue of runs"
    )
    lease_s: float = Field(6.0, ge=3, le=10, description="An owner of the live loop that is silent so long lost it")


class Notifications(Section):
    """Who is told."""

    targets: tuple[SecretStr, ...] = Field(
        (), description="Where messages go, as Apprise addresses such as mailto://...; they hold passwords"
    )
    level2_targets: tuple[SecretStr, ...] = Field(
        (), description="The same for a critical alert that nobody acknowledged; the first ones when none is named"
    )
    webhook_url: SecretStr | None = Field(None, description="Address that gets each message as signed JSON")
    webhook_secret: SecretStr | None = Field(None, description="Signs them: HMAC-SHA256, header X-Football-Signature")

    @model_validator(mode="after")
    def _signed(self) -> "Notifications":
        if (self.webhook_url is None) != (self.webhook_secret is None):
            raise self.refuse("webhook_url", "an address together with webhook_secret, or neither")
        return self


class Alerts(Section):
    """When somebody is told."""

    services: tuple[Literal["daemon", "code_server", "webserver", "serving"], ...] = Field(
        ("daemon",), description="Services that have to run once Dagster's daemon has run in this folder"
    )
    success_warn_pct: float = Field(95.0, ge=0, le=100, description="Success of the cycles of 1 h: a warning below it")
    success_critical_pct: float = Field(80.0, ge=0, le=100, description="The same: critical below it")
    success_page_pct: float = Field(50.0, ge=0, le=100, description="The same: a page below it")
    failed_cycles: int = Field(10, ge=1, description="Cycles failed in a row that are critical")
    no_activity_s: int = Field(600, ge=60, description="Longest time in which nothing ran or was published")
    resource_pct: float = Field(90.0, gt=0, le=100, description="Disk, memory or CPU (mean of 5 min) above it")
    stale_intervals: int = Field(2, ge=1, description="A pipeline is stale when it published longer ago than so many")
    daily_by_utc: str = Field("07:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Daily run over by, HH:MM UTC")
    quality: float = Field(0.8, ge=0, le=1, description="Quality score of a table below which is told")
    quota_pct: float = Field(80.0, gt=0, le=100, description="Share of the month's calls above which is told")
    level2_after_s: int = Field(900, ge=60, description="Unacknowledged critical alerts go to level 2 after it")

    @model_validator(mode="after")
    def _in_order(self) -> "Alerts":
        self.require_order("success_page_pct", "success_critical_pct")
        self.require_order("success_critical_pct", "success_warn_pct")
        return self


class Logs(Section):
    """Logs of our own processes, `<home>/logs`."""

    file_mb: float = Field(10.0, gt=0, description="A log file is rotated at this size, and each day")
    total_mb: float = Field(200.0, gt=0, description="Most that all logs take on disk; the oldest are removed first")

    @model_validator(mode="after")
    def _in_order(self) -> "Logs":
        self.require_order("file_mb", "total_mb")
        return self


class Backup(Section):
    """Copies of the worlds."""

    url: str | None = Field(
        None, description="Folder or object store (s3://...) of the backups; `<home>/backups` when not set"
    )
    key: SecretStr | None = Field(None, description="Encrypts them, any text; keep it elsewhere as well")
    retention_days: int = Field(30, ge=1, description="A backup older than so many days is removed")
    weekly: int = Field(0, ge=0, description="The newest of so many weeks is kept beyond that")
    monthly: int = Field(0, ge=0, description="The newest of so many months is kept beyond that")


class Serving(Section):
    """The REST service, the stream and the pages."""

    host: str = Field("127.0.0.1", min_length=1, description="Address served; another than this machine needs a key")
    port: int = Field(8000, ge=1, le=65_535, description="Port served")
    dagster_url: str = Field("http://127.0.0.1:3000", description="Dagster's page, which is asked for runs")
    requests_per_minute: int = Field(1_200, ge=1, description="Most requests a minute of one key")
    largest_body_bytes: int = Field(1_000_000, ge=1_000, description="Largest request body")
    cors_origins: tuple[str, ...] = Field((), description="Sites whose pages may ask; none by default")
    cache_entries: int = Field(500, ge=1, description="Answers kept in memory")


class FastLane(Section):
    """Looks at the live list between the cycles, made by the serving process."""

    enabled: bool = Field(False, description="Whether to look; each look is one request of the plan")
    interval_s: float = Field(5.0, ge=2, le=10, description="Start to start of two looks")
