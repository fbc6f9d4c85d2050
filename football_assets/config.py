"""Every setting: one validated model from `config/pipeline.yaml`, `.env` and the environment.

Who wins: environment over `.env` over `config/pipeline.yaml` over the defaults here. This is the only module that
reads environment variables.
"""

import difflib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from football_assets.errors import ConfigError

THESPORTS_URL = "https://api.thesports.com/v1/football"
CFBD_URL = "https://api.collegefootballdata.com"
FOOTBALL_DATA_URL = "https://www.football-data.co.uk"
_last_read: dict[str, Any] = {}
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MASK = "********"
# Variables that say where settings are read from, and are none themselves.
WHERE = ("FOOTBALL_CONFIG", "FOOTBALL_ENV_FILE")
# Settings whose value is a mapping that its owner names the keys of.
MAPPINGS = ("per_minute_by_path", "max_null_fraction_by_column")


def project_root() -> Path:
    """The checkout this package runs from; the working directory when it is installed elsewhere."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "pyproject.toml").exists() else Path.cwd()


def now_utc() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


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

    @model_validator(mode="after")
    def _begun(self) -> "Ncaa":
        if self.first_season > now_utc().year:
            raise self.refuse("first_season", f"a season that has begun, {now_utc().year} at most")
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


class Settings(BaseSettings):
    """Everything that can be set. `football config show` prints it, secrets masked."""

    model_config = SettingsConfigDict(
        env_prefix="FOOTBALL_", env_nested_delimiter="__", extra="ignore", frozen=True, populate_by_name=True
    )

    thesports_user: str | None = Field(
        None, validation_alias=AliasChoices("THESPORTS_USER"), description="TheSports account name"
    )
    thesports_secret: SecretStr | None = Field(
        None, validation_alias=AliasChoices("THESPORTS_SECRET"), description="TheSports account secret"
    )
    cfbd_api_key: SecretStr | None = Field(
        None, validation_alias=AliasChoices("CFBD_API_KEY"), description="Key from collegefootballdata.com/key"
    )
    thesports_url: str = Field(THESPORTS_URL, description="Point at an emulator or proxy")
    cfbd_url: str = Field(CFBD_URL, description="Point at an emulator or proxy")
    football_data_url: str = Field(FOOTBALL_DATA_URL, description="Point at an emulator or proxy")
    home: Path = Field(Path("data"), description="Where everything is written")
    recordings: Path | None = Field(None, description="Folder of recorded provider data, for tests and emulators")
    redis_url: SecretStr | None = Field(None, description="Second cache tier; the disk when it is not set")
    database_url: SecretStr | None = Field(
        None, description="PostgreSQL server of the published tables, postgresql+psycopg://...; files when not set"
    )
    dagster_postgres_url: SecretStr | None = Field(
        None, description="PostgreSQL server of Dagster's runs, events and schedules; files when it is not set"
    )

    live: Live = Live()
    ncaa: Ncaa = Ncaa()
    quality: Quality = Quality()
    warehouse: Warehouse = Warehouse()
    backup: Backup = Backup()
    serving: Serving = Serving()
    fast_lane: FastLane = FastLane()
    notifications: Notifications = Notifications()
    alerts: Alerts = Alerts()
    logs: Logs = Logs()
    thesports: TheSportsService = TheSportsService()
    cfbd: CollegeFootballService = CollegeFootballService()
    football_data: FootballDataService = FootballDataService()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over `.env`; the YAML file arrives as init values merged below both."""
        return env_settings, dotenv_settings, init_settings

    @field_validator("database_url")
    @classmethod
    def _names_a_server(cls, url: SecretStr | None) -> SecretStr | None:
        return _one_of(url, "postgresql+psycopg://", "postgresql://")

    @field_validator("dagster_postgres_url")
    @classmethod
    def _names_a_server_of_dagster(cls, url: SecretStr | None) -> SecretStr | None:
        return _one_of(url, "postgresql://", "postgresql+psycopg2://")

    @cached_property
    def folder(self) -> Path:
        """`home` as an absolute path; a relative one counts from the project."""
        return self.home if self.home.is_absolute() else project_root() / self.home

    def running_season(self, now: datetime) -> int:
        """The college season `now` belongs to: it begins in August and lasts until the next July."""
        return now.year if now.month >= 8 else now.year - 1


def _one_of(url: SecretStr | None, *schemes: str) -> SecretStr | None:
    """The address of a server. Refuses one that begins with none of `schemes`."""
    if url is not None and not url.get_secret_value().startswith(schemes):
        raise PydanticCustomError("server", "{scheme}user:password@host:port/database", {"scheme": schemes[0]})
    return url


def load_settings(**overrides: Any) -> Settings:
    """Read all settings; a wrong one raises ConfigError naming its path, value, what is allowed, where it came from.

    What was read stands until the environment or one of the files changes: a cycle asks for it twenty times.
    """
    if overrides:
        return _read(overrides)[0]
    sources = (dict(os.environ), *(_stamp(path) for path in (_config_file(), _dotenv_file())))
    if _last_read.get("sources") != sources:
        _last_read.update(settings=_read({})[0], sources=sources)
    found: Settings = _last_read["settings"]
    return found


def explain_settings() -> list[tuple[str, str, str]]:
    """(key, value with secrets masked, where it came from) for every setting."""
    settings, origins = _read({})
    return [(key, _shown(value), origins.get(key, "default")) for key, value in _leaves(settings.model_dump())]


def environment_with_dotenv() -> dict[str, str]:
    """The environment for child processes, completed by the project's `.env` file."""
    return {**_dotenv(), **os.environ}


def _config_file() -> Path:
    return Path(os.environ.get("FOOTBALL_CONFIG", project_root() / "config" / "pipeline.yaml"))


def _dotenv_file() -> Path:
    return Path(os.environ.get("FOOTBALL_ENV_FILE", project_root() / ".env"))


def _stamp(path: Path) -> tuple[str, int, int, int] | None:
    """Which file a path names now, and in which state; None when there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return str(path), stat.st_ino, stat.st_mtime_ns, stat.st_size


def _dotenv() -> dict[str, str]:
    from dotenv import dotenv_values

    return {k: v for k, v in dotenv_values(_dotenv_file()).items() if v is not None}


def _read(overrides: Mapping[str, Any]) -> tuple[Settings, dict[str, str]]:
    path = _config_file()
    written: dict[str, Any] = {}
    if path.exists():
        try:
            written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
            if not isinstance(written, dict):
                raise ConfigError(str(path), value=written, allowed="sections of settings", origin=path.name)
        except yaml.YAMLError as error:
            raise ConfigError(str(path), value="unreadable YAML", allowed=str(error), origin=path.name) from None
    elif "FOOTBALL_CONFIG" in os.environ:
        raise ConfigError("FOOTBALL_CONFIG", value=str(path), allowed="an existing file", origin="environment")
    sections = {name for name, field in Settings.model_fields.items() if _is_section(field.annotation)}
    for key in written:
        if key not in sections:
            allowed = f"one of {', '.join(sorted(sections))}; secrets and addresses belong in the environment"
            raise ConfigError(key, value=written[key], allowed=allowed, origin=path.name)
    _refuse_unknown_variables()
    try:
        settings = Settings(**{**written, **overrides}, _env_file=_dotenv_file())
    except SettingsError:
        raise _no_json() from None
    except ValidationError as error:
        raise _first_problem(error, path) from None
    return settings, _origins(written, path)


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _plain() -> dict[str, Any]:
    """Every setting with its default."""
    return Settings.model_construct().model_dump()


def _variables() -> dict[str, str]:
    """Environment variable -> dotted key."""
    names = {"FOOTBALL_" + key.upper().replace(".", "__"): key for key, _ in _leaves(_plain())}
    for alias in ("THESPORTS_USER", "THESPORTS_SECRET", "CFBD_API_KEY"):
        names[alias] = alias.lower()
    return names


def _set_outside() -> dict[str, tuple[str, str]]:
    """Variable -> (value, where it is set), the environment over `.env`."""
    found = {name: (value, f".env {name}") for name, value in _dotenv().items()}
    return found | {name: (value, f"environment {name}") for name, value in os.environ.items()}


def _refuse_unknown_variables() -> None:
    """Refuse a mistyped variable. One of the environment that resembles no setting is somebody else's."""
    known = {*_variables(), *WHERE}
    for name, (value, origin) in _set_outside().items():
        if name.upper().startswith("FOOTBALL_") and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=1)
            like_ours = "__" in name or difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.85)
            if origin.startswith("environment") and not like_ours:
                continue
            allowed = f"a setting of `football config show`{f', such as {near[0]}' if near else ''}"
            raise ConfigError(name, value=_unless_secret(name, value), allowed=allowed, origin=origin)


def _no_json() -> ConfigError:
    """The variable that should hold a list or a mapping and cannot be read as one."""
    shapes = {"FOOTBALL_" + key.upper().replace(".", "__"): value for key, value in _leaves(_plain())}
    for name, (value, origin) in _set_outside().items():
        if isinstance(shapes.get(name.upper()), tuple | Mapping):
            try:
                json.loads(value)
            except ValueError:
                key = _variables()[name.upper()]
                allowed = 'JSON such as ["one", "two"] for a list, {"name": 0.5} for a mapping'
                return ConfigError(key, value=_unless_secret(key, value), allowed=allowed, origin=origin)
    return ConfigError("FOOTBALL_*", value="a section that is no JSON", allowed="one variable a setting", origin="env")


def _origins(written: Mapping[str, Any], path: Path) -> dict[str, str]:
    origins = {key: path.name for key, _ in _leaves(written)}
    outside = _set_outside()
    return origins | {key: outside[name][1] for name, key in _variables().items() if name in outside}


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping) and key not in MAPPINGS:
            found += _leaves(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, tuple | list):
        return ", ".join(_shown(each) for each in value) or "none"
    return "not set" if value is None else str(value)


def _unless_secret(key: str, value: object) -> object:
    words = ("secret", "key", "redis", "targets", "webhook", "database_url", "postgres_url")
    return MASK if any(word in key.lower() for word in words) else value


def _first_problem(error: ValidationError, path: Path) -> ConfigError:
    problem = error.errors(include_url=False)[0]
    about: Mapping[str, Any] = problem.get("ctx") or {}
    key = ".".join(str(part) for part in (*problem["loc"], *([about["key"]] if "key" in about else [])))
    outside = _set_outside()
    named = (name for name, at in _variables().items() if name in outside and (key == at or key.startswith(f"{at}.")))
    variable = next(named, None)
    origin = outside[variable][1] if variable else path.name
    value = _unless_secret(key, about.get("got", problem["input"]))
    return ConfigError(key, value=value, allowed=problem["msg"], origin=origin)
