"""Every setting: one validated model from `config/pipeline.yaml`, `.env` and the environment.

Who wins: environment over `.env` over `config/pipeline.yaml` over the defaults here. This is the only module that
reads environment variables.
"""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from football_assets.errors import ConfigError

THESPORTS_URL = "https://api.thesports.com/v1/football"
CFBD_URL = "https://api.collegefootballdata.com"
FOOTBALL_DATA_URL = "https://www.football-data.co.uk"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def project_root() -> Path:
    """The checkout this package runs from; the working directory when it is installed elsewhere."""
    root = Path(__file__).resolve().parent.parent
    return root if (root / "pyproject.toml").exists() else Path.cwd()


class Section(BaseModel):
    """A group of settings in which an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Breaker(Section):
    """When a service counts as down and how it is probed."""

    consecutive_failures: int = Field(5, ge=1, description="Failed tries in a row that open the breaker")
    window_tries: int = Field(20, ge=2, description="Latest tries of which `failed_share` open it as well")
    failed_share: float = Field(0.5, gt=0, le=1, description="Share of failed ones among the latest tries")
    first_probe_s: float = Field(5.0, gt=0, description="Wait before the first probe; doubles with each failed one")
    longest_probe_s: float = Field(300.0, gt=0, description="Longest wait between probes")


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

    @model_validator(mode="after")
    def _minutes_in_order(self) -> "Live":
        if not 0 < self.early_minutes[0] <= self.early_minutes[1] <= 45:
            raise ValueError("early_minutes needs 0 < first <= last <= 45")
        return self


class Ncaa(Section):
    """The daily college football run."""

    first_season: int = Field(2004, ge=1992, description="Oldest season that can be collected")
    training_seasons: int = Field(4, ge=1, description="Finished seasons collected before the running one")
    schedule: Literal["daily", "weekly", "monthly", "cron"] = Field(
        "daily", description="How often the run starts: daily, weekly (Mondays), monthly (the first), or by `cron`"
    )
    at_utc: str = Field("06:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="When it starts, HH:MM UTC")
    cron: str | None = Field(
        None, pattern=r"^\S+( \S+){4}$", description="Five cron fields, UTC, for the schedule `cron`: 0 6 * 8-12 *"
    )

    @model_validator(mode="after")
    def _cron_when_asked_for(self) -> "Ncaa":
        if (self.schedule == "cron") != (self.cron is not None):
            raise ValueError("schedule `cron` and the five fields of ncaa.cron go together")
        return self


class Backup(Section):
    """Copies of the warehouse."""

    retention_days: int = Field(30, ge=1, description="A backup older than this is removed")


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

    live: Live = Live()
    ncaa: Ncaa = Ncaa()
    backup: Backup = Backup()
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

    @cached_property
    def folder(self) -> Path:
        """`home` as an absolute path; a relative one counts from the project."""
        return self.home if self.home.is_absolute() else project_root() / self.home

    def running_season(self, now: datetime) -> int:
        """The college season `now` belongs to: it begins in August and lasts until the next July."""
        return now.year if now.month >= 8 else now.year - 1


def load_settings(**overrides: Any) -> Settings:
    """Read all settings; a wrong one raises ConfigError naming its path, value, what is allowed, where it came from."""
    return _read(overrides)[0]


def explain_settings() -> list[tuple[str, str, str]]:
    """(key, value with secrets masked, where it came from) for every setting."""
    settings, origins = _read({})
    return [(key, _shown(value), origins.get(key, "default")) for key, value in _leaves(settings.model_dump())]


def environment_with_dotenv() -> dict[str, str]:
    """The environment for child processes, completed by the project's `.env` file."""
    return {**_dotenv(), **os.environ}


def now_utc() -> datetime:
    """The wall clock, UTC."""
    return datetime.now(UTC)


def _config_file() -> Path:
    return Path(os.environ.get("FOOTBALL_CONFIG", project_root() / "config" / "pipeline.yaml"))


def _dotenv_file() -> Path:
    return Path(os.environ.get("FOOTBALL_ENV_FILE", project_root() / ".env"))


def _dotenv() -> dict[str, str]:
    from dotenv import dotenv_values

    return {k: v for k, v in dotenv_values(_dotenv_file()).items() if v is not None}


def _read(overrides: Mapping[str, Any]) -> tuple[Settings, dict[str, str]]:
    path = _config_file()
    written: dict[str, Any] = {}
    if path.exists():
        try:
            written = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise ConfigError(str(path), value="unreadable YAML", allowed=str(error), origin=path.name) from None
    elif "FOOTBALL_CONFIG" in os.environ:
        raise ConfigError("FOOTBALL_CONFIG", value=str(path), allowed="an existing file", origin="environment")
    sections = {name for name, field in Settings.model_fields.items() if _is_section(field.annotation)}
    for key in written:
        if key not in sections:
            allowed = f"one of {', '.join(sorted(sections))}; secrets and addresses belong in the environment"
            raise ConfigError(key, value=written[key], allowed=allowed, origin=path.name)
    try:
        settings = Settings(**{**written, **overrides}, _env_file=_dotenv_file())
    except ValidationError as error:
        raise _first_problem(error, path) from None
    return settings, _origins(written, path)


def _is_section(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Section)


def _variables() -> dict[str, str]:
    """Environment variable -> dotted key."""
    names = {
        "FOOTBALL_" + key.upper().replace(".", "__"): key for key, _ in _leaves(Settings.model_construct().model_dump())
    }
    for alias in ("THESPORTS_USER", "THESPORTS_SECRET", "CFBD_API_KEY"):
        names[alias] = alias.lower()
    return names


def _origins(written: Mapping[str, Any], path: Path) -> dict[str, str]:
    origins = {key: path.name for key, _ in _leaves(written)}
    for place, values in ((".env", _dotenv()), ("environment", os.environ)):
        for variable, key in _variables().items():
            if variable in values:
                origins[key] = f"{place} {variable}"
    return origins


def _leaves(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for key, value in tree.items():
        if isinstance(value, Mapping) and key != "per_minute_by_path":
            found += _leaves(value, f"{prefix}{key}.")
        else:
            found.append((prefix + key, value))
    return found


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "********"
    return "not set" if value is None else str(value)


def _first_problem(error: ValidationError, path: Path) -> ConfigError:
    problem = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in problem["loc"])
    variable = next((name for name, at in _variables().items() if at == key and name in os.environ), None)
    secret = any(word in key.lower() for word in ("secret", "key", "redis"))
    origin = f"environment {variable}" if variable else path.name
    return ConfigError(key, value="********" if secret else problem["input"], allowed=problem["msg"], origin=origin)
