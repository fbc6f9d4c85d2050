"""What the operations page shows, read from files and databases a few seconds apart for all who look at it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from football_assets.config import now_utc
from football_assets.errors import FootballError
from football_assets.operations.alert_rules import Finding, findings
from football_assets.operations.alert_state import Alert, AlertBook
from football_assets.operations.errors_seen import ErrorBook, SeenError
from football_assets.operations.health import health, newest_quality
from football_assets.operations.health_report import Health
from football_assets.operations.run_records import CheckRecord, RunRecord, RunRecords
from football_assets.rooms import installed
from football_assets.serving.dagster_api import UNFINISHED, Run
from football_assets.serving.problems import Problem
from football_assets.serving.services import Services

YOUNG = timedelta(seconds=4)
RESOLVED_FOR = timedelta(days=1)
ASKED_RUNS = 50

Read = TypeVar("Read")


@dataclass(frozen=True)
class Look:
    """Everything at one instant. A text in the place of a list says why it could not be read."""

    at: datetime
    health: Health
    wrong: list[Finding]
    alerts: list[Alert]
    runs: list[RunRecord] | str
    under_way: list[Run] | str
    errors: list[SeenError] | str
    quality: list[dict[str, Any]] | str
    checks: list[CheckRecord] | str

    def state_of(self, service: str) -> str:
        """running, down or not_started."""
        return next((each.state for each in self.health.services if each.name == service), "not_started")


class Looker:
    """Reads, and gives what is young enough to everybody who asks meanwhile."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._errors = ErrorBook(services.settings)
        self._last: Look | None = None
        self._reading = asyncio.Lock()

    async def look(self, *, anew: bool = False) -> Look:
        """The newest look; `anew` reads whatever the age of the last one."""
        async with self._reading:
            if anew or self._last is None or now_utc() - self._last.at > YOUNG:
                under_way = await self._under_way()
                self._last = await asyncio.to_thread(self._read, under_way)
            return self._last

    async def _under_way(self) -> list[Run] | str:
        try:
            found = await self._services.dagster.runs(limit=ASKED_RUNS, cursor=None)
        except Problem as problem:
            return problem.detail
        return [run for run in found if run.status in UNFINISHED]

    def _read(self, under_way: list[Run] | str) -> Look:
        settings = self._services.settings
        found, records = health(settings), RunRecords(settings)
        now = found.at
        kept = AlertBook(settings.folder).read()
        over = [each for each in kept.alerts if each.resolved_at is not None and now - each.resolved_at <= RESOLVED_FOR]
        return Look(
            at=now,
            health=found,
            wrong=findings(found, settings.alerts),
            alerts=[*kept.open, *reversed(over)],
            runs=_or_why(lambda: records.since(now - timedelta(days=settings.live.runs_kept_days))),
            under_way=under_way,
            errors=_or_why(lambda: self._errors.seen(now)),
            quality=_or_why(lambda: newest_quality(settings) if "ncaa" in installed() else []),
            checks=_or_why(records.checks),
        )


def _or_why(read: Callable[[], list[Read]]) -> list[Read] | str:
    try:
        return read()
    except FootballError as error:
        return f"{error.doing}: {error.happened}. {error.to_do}"
