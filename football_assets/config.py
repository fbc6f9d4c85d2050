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
from typing import Any, Literal

import yaml
from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from football_assets.errors import ConfigError
from football_assets.sections import (
    Alerts,
    Backup,
    CollegeFootballService,
    FastLane,
    FootballDataService,
    Live,
    Logs,
    Ncaa,
    Notifications,
    Quality,
    Scaling,
    Section,
    Serving,
    TheSportsService,
    Warehouse,
)

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
    redis_url: SecretStr | None = Field(
        None, description="Second cache tier; with lake_url or Celery workers also the limits and locks that all share"
    )
    lake_url: str | None = Field(
        None,
        description="Object store of the lake, s3://bucket/folder; each machine then keeps a copy; files when not set",
    )
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
    scaling: Scaling = Scaling()
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

    @field_validator("lake_url")
    @classmethod
    def _names_a_store(cls, url: str | None) -> str | None:
        scheme, mark, rest = (url or "").partition("://")
        if url is not None and (not mark or scheme == "file" or not rest or "@" in rest or "?" in rest):
            allowed = (
                "s3://bucket/folder, without credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL"
            )
            raise PydanticCustomError("store", "{allowed}", {"allowed": allowed})
        return url

    @model_validator(mode="after")
    def _shares_what_workers_share(self) -> "Settings":
        for name in ("executor", "launcher"):
            if (got := getattr(self.scaling, name)) != "embedded" and self.redis_url is None:
                allowed = "embedded, or FOOTBALL_REDIS_URL as well: the workers share its limits, locks and queue"
                told = {"allowed": allowed, "key": f"scaling.{name}", "got": got}
                raise PydanticCustomError("together", "{allowed}", told)
        return self

    @property
    def is_spread(self) -> bool:
        """Whether more than one machine may work: steps go to workers, or the lake is on an object store."""
        return self.lake_url is not None or {self.scaling.executor, self.scaling.launcher} != {"embedded"}

    @property
    def shared_url(self) -> str | None:
        """The Redis of the limits and locks that all workers share; None on one machine, which has files for that."""
        return self.redis_url.get_secret_value() if self.is_spread and self.redis_url is not None else None

    @cached_property
    def folder(self) -> Path:
        """`home` as an absolute path; a relative one counts from the project."""
        return self.home if self.home.is_absolute() else project_root() / self.home

    def interval_s(self, domain: Literal["soccer", "ncaa"]) -> float:
        """Seconds from one publication of a pipeline to the next, as its schedule has it."""
        return float(self.live.interval_s) if domain == "soccer" else self.ncaa.interval.total_seconds()

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
    words = ("secret", "key", "redis", "targets", "webhook", "database_url", "postgres_url", "lake_url")
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
