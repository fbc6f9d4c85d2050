"""How each provider is, from what the cycles left on disk: breakers, the outage, the quota, the limits."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from football_assets.config import Settings, now_utc
from football_assets.providers import Domain, provider, reading_world
from football_assets.rooms import installed
from football_assets.states import Source
from football_assets.transport.breaker import BreakerState

PREFIX = "breaker-"


@dataclass(frozen=True)
class BreakerStatus:
    """One path's breaker. `last_failure` is redacted before it is kept."""

    path: str
    state: str
    failures_in_a_row: int
    last_failure: str | None
    opened_at: datetime | None
    next_probe_at: datetime | None


@dataclass(frozen=True)
class ProviderStatus:
    """One provider as its pipeline last saw it. `quota` is None where the plan has none."""

    name: str
    pipeline: Domain
    world: Source | None
    is_configured: bool
    breakers: tuple[BreakerStatus, ...]
    per_second: int | None
    per_minute_by_path: dict[str, int]
    connections: int
    quota: dict[str, Any] | None

    @property
    def is_open(self) -> bool:
        """Whether some path counts as down."""
        return any(each.state == "open" for each in self.breakers)

    @property
    def last_error(self) -> str | None:
        """What went wrong last on a path that has failed since."""
        failing = [each for each in self.breakers if each.failures_in_a_row and each.last_failure]
        return failing[-1].last_failure if failing else None


def provider_statuses(settings: Settings) -> list[ProviderStatus]:
    """The provider of every installed pipeline."""
    return [_status(settings, domain) for domain in installed()]


def reset_breakers(settings: Settings, domain: Domain | None = None) -> int:
    """Close every breaker, of all pipelines or one; how many were open. The next try goes out at once."""
    opened = 0
    for name in installed():
        if domain is not None and name != domain:
            continue
        for path in _files(settings, name):
            opened += _read(path).state == "open"
            path.unlink(missing_ok=True)
    return opened


def _status(settings: Settings, domain: Domain) -> ProviderStatus:
    chosen = provider(domain, settings)
    return ProviderStatus(
        name=chosen.name,
        pipeline=domain,
        world=reading_world(settings, domain),
        is_configured=chosen.credentials is not None or not chosen.is_official,
        breakers=tuple(_read(path) for path in _files(settings, domain)),
        per_second=chosen.service.per_second,
        per_minute_by_path=dict(chosen.service.per_minute_by_path),
        connections=chosen.service.connections,
        quota=_quota(settings, domain),
    )


def _files(settings: Settings, domain: Domain) -> list[Path]:
    world = reading_world(settings, domain)
    if world is None:
        return []
    return sorted((settings.folder / world.value / "cache" / domain).glob(f"{PREFIX}*.json"))


def _read(path: Path) -> BreakerStatus:
    name = path.stem.removeprefix(PREFIX)
    try:
        kept = BreakerState.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return BreakerStatus(name, "unknown", 0, f"{path.name} cannot be read", None, None)
    return BreakerStatus(
        name, kept.state, kept.failures_in_a_row, kept.last_failure or None, kept.opened_at, kept.next_probe_at
    )


def _quota(settings: Settings, domain: Domain) -> dict[str, Any] | None:
    if domain != "ncaa":
        return None
    from football_assets.ncaa.quota import ledger_of

    world = reading_world(settings, domain)
    usage = None if world is None else ledger_of(settings, world).read()
    if usage is None:
        return None
    usage = usage.at(now_utc()) if world is Source.REAL else usage
    about = {"month": usage.month, "used": usage.used, "limit": usage.limit, "left": usage.remaining}
    return {**about, "resets_at": usage.resets_at, "noted_at": usage.noted_at}
