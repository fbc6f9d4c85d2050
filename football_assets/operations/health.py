"""How the platform is, from what it left on disk and from /proc: works while Dagster is down, and asks no provider."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from football_assets.config import Settings, now_utc
from football_assets.errors import FootballError
from football_assets.operations import health_report as told
from football_assets.operations.resources import look
from football_assets.operations.run_records import RunRecord, RunRecords, failed_in_a_row, of_last, success_pct
from football_assets.operations.services import HEARTBEAT_LIMIT_S, WORDS, Name, answers, lived_here, processes
from football_assets.provider_status import provider_statuses
from football_assets.providers import Domain, reading_world
from football_assets.rooms import installed, part
from football_assets.tables import plain_rows
from football_assets.warehouse.engine import database_of
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import PublishedTable, open_warehouse

CYCLE, DAILY = "live_cycle", "ncaa_daily"
DAY_S = 86_400.0
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MATCHES = "soccer_flattened_matches"
State = Literal["running", "down", "not_started"]

Found = TypeVar("Found")


class Reader:
    """Gathers the parts. One that cannot be read is named in the report instead of keeping the others from it."""

    def __init__(self, settings: Settings, now: datetime) -> None:
        self._settings = settings
        self._now = now
        self._records = RunRecords(settings)
        self._unreadable: list[str] = []

    def report(self) -> told.Health:
        """All parts."""
        settings, now = self._settings, self._now
        since = now - timedelta(days=settings.live.runs_kept_days)
        runs = self._read("runs", lambda: self._records.since(since))
        published = {name: self._published(name) for name in installed()}
        services = self._services(self._read("heartbeats", self._records.heartbeat_at))
        pipelines = [self._pipeline(name, publication) for name, (publication, _) in published.items()]
        activity = [each.published_at for each in pipelines if each.published_at is not None]
        tables = [self._table(name, each, pipelines) for name, (_, found) in published.items() for each in found]
        cycles = None if runs is None or "soccer" not in published else [run for run in runs if run.job == CYCLE]
        return told.Health(
            at=now,
            state=self._state(services, pipelines),
            services=services,
            cycles=None if cycles is None else self._cycles(cycles),
            matches_processed=next((each.rows for each in tables if each.name == MATCHES), None),
            runs_unfinished=self._read("unfinished runs", self._records.unfinished),
            queue_age_s=self._read("queue", self._queue_age_s),
            last_activity_at=max([*activity, *(run.ended_at for run in (runs or [])[:1])], default=None),
            daily=None if runs is None or "ncaa" not in published else self._daily(runs),
            pipelines=pipelines,
            tables=tables,
            checks=self._checks(),
            providers=self._read("providers", self._providers),
            quality=self._read("quality", self._quality) if "ncaa" in published else None,
            resources=told.ResourcesHealth(**asdict(look(settings.folder, now))),
            unreadable=self._unreadable,
        )

    def _read(self, what: str, read: Callable[[], Found]) -> Found | None:
        """What `read` gives; None, and a line in the report, when it cannot be had."""
        try:
            return read()
        except (FootballError, OSError, ValueError, KeyError) as error:
            self._unreadable.append(f"{what}: {error}")
            return None

    def _services(self, heartbeat_at: datetime | None) -> list[told.ServiceHealth]:
        there = {each.name: each for each in processes(self._settings)}
        here = lived_here(self._settings, there.values())
        serving, beats = self._settings.serving, heartbeat_at is not None
        is_young = heartbeat_at is not None and (self._now - heartbeat_at).total_seconds() <= HEARTBEAT_LIMIT_S
        elsewhere: dict[Name, Callable[[], bool]] = {
            "daemon": lambda: is_young and not here,
            "webserver": lambda: beats and answers(serving.dagster_url),
        }
        found = []
        for name in WORDS:
            process = there.get(name)
            state: State = "not_started"
            if process is not None or elsewhere.get(name, lambda: False)():
                state = "running"
            elif beats and (here or name in elsewhere) and name not in ("serving", "watchdog"):
                state = "down"
            found.append(
                told.ServiceHealth(
                    name=name,
                    state=state,
                    pid=process.pid if process else None,
                    started_at=process.started_at if process else None,
                    memory_mb=process.memory_mb if process else None,
                )
            )
        return found

    def _state(
        self, services: Sequence[told.ServiceHealth], pipelines: Sequence[told.PipelineHealth]
    ) -> Literal["running", "no_data", "stopped"]:
        daemon = next(each for each in services if each.name == "daemon")
        if daemon.state != "running":
            return "stopped"
        live = next((each for each in pipelines if each.pipeline == "soccer"), None)
        limit_s = 2.0 * self._settings.live.interval_s
        is_young = daemon.started_at is not None and (self._now - daemon.started_at).total_seconds() <= limit_s
        if live is None or is_young or (live.age_s is not None and live.age_s <= limit_s):
            return "running"
        return "no_data"

    def _queue_age_s(self) -> float:
        since = self._records.waiting_since()
        return 0.0 if since is None else round(max(0.0, (self._now - since).total_seconds()), 1)

    def _cycles(self, runs: Sequence[RunRecord]) -> told.CyclesHealth:
        hour = of_last(runs, HOUR, self._now)
        took = [run.duration_s for run in hour if run.duration_s is not None]
        return told.CyclesHealth(
            **_rate(runs).model_dump(),
            since=self._now - timedelta(days=self._settings.live.runs_kept_days),
            last_hour=_rate(hour),
            last_day=_rate(of_last(runs, DAY, self._now)),
            failed_in_a_row=failed_in_a_row(runs),
            last_ok_at=next((run.ended_at for run in runs if run.ok), None),
            p50_s=round(statistics.median(took), 3) if took else None,
        )

    def _daily(self, runs: Sequence[RunRecord]) -> told.DailyHealth | None:
        if self._settings.ncaa.schedule != "daily":
            return None
        hour, minute = (int(part) for part in self._settings.ncaa.at_utc.split(":"))
        due_at = self._now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        if due_at > self._now:
            due_at -= DAY
        if any(run.job == DAILY and run.ok and run.ended_at >= due_at for run in runs):
            return told.DailyHealth(due_at=due_at, finished=True)
        first_at = self._read("first run", self._records.first_at)
        return told.DailyHealth(due_at=due_at, finished=False if first_at and first_at < due_at else None)

    def _published(self, domain: Domain) -> tuple[Publication | None, list[PublishedTable]]:
        """The newest publication and its tables; None and none before the first."""
        world = reading_world(self._settings, domain)
        if world is None or not database_of(self._settings.folder, world).exists():
            return None, []
        warehouse = open_warehouse(self._settings, world)
        tables = self._read(f"{domain} tables", warehouse.tables) or []
        publication = self._read(f"{domain} publication", lambda: warehouse.publication(domain))
        return publication, [each for each in tables if each.name.startswith(f"{domain}_")]

    def _pipeline(self, domain: Domain, publication: Publication | None) -> told.PipelineHealth:
        interval_s = self._settings.interval_s(domain)
        if publication is None:
            return told.PipelineHealth(
                pipeline=domain, world=None, state="missing", published_at=None, age_s=None, interval_s=interval_s
            )
        age_s = max(0.0, (self._now - publication.published_at).total_seconds())
        return told.PipelineHealth(
            pipeline=domain,
            world=publication.source.value,
            state="stale" if age_s > self._settings.alerts.stale_intervals * interval_s else "fresh",
            published_at=publication.published_at,
            age_s=round(age_s, 1),
            interval_s=interval_s,
        )

    def _table(
        self, domain: Domain, table: PublishedTable, pipelines: Sequence[told.PipelineHealth]
    ) -> told.TableHealth:
        base = self._settings.folder / table.source.value / "lake" / domain / table.name.removeprefix(f"{domain}_")
        files = [base.with_suffix(".parquet"), *base.glob("*.parquet")]
        sizes = [file.stat().st_size for file in files if file.exists()]
        return told.TableHealth(
            name=table.name,
            rows=table.rows,
            size_mb=round(sum(sizes) / 1e6, 3) if sizes else None,
            replaced_at=table.published_at,
            age_s=round(max(0.0, (self._now - table.published_at).total_seconds()), 1),
            state="stale" if any(each.pipeline == domain and each.state == "stale" for each in pipelines) else "fresh",
        )

    def _checks(self) -> told.ChecksHealth | None:
        found = self._read("checks", self._records.checks)
        if found is None:
            return None
        failing = [told.CheckHealth.model_validate(each, from_attributes=True) for each in found if not each.passed]
        return told.ChecksHealth(total=len(found), passed=len(found) - len(failing), failing=failing)

    def _providers(self) -> list[told.ProviderHealth]:
        found = []
        for each in provider_statuses(self._settings):
            used, limit = (each.quota["used"], each.quota["limit"]) if each.quota else (None, None)
            found.append(
                told.ProviderHealth(
                    name=each.name,
                    pipeline=each.pipeline,
                    is_configured=each.is_configured,
                    breaker="open" if each.is_open else "closed",
                    last_error=each.last_error,
                    per_second=each.per_second,
                    per_minute_by_path=each.per_minute_by_path,
                    quota_used=used,
                    quota_limit=limit,
                    quota_used_pct=round(100 * used / limit, 1) if used is not None and limit else None,
                )
            )
        return found

    def _quality(self) -> told.QualityHealth | None:
        """The worst table as the newest run found it, published or not."""
        judged = [row for row in newest_quality(self._settings) if row["score"] is not None]
        if not judged:
            return None
        worst = min(judged, key=lambda row: row["score"])
        return told.QualityHealth(
            table=worst["judged_table"], score=worst["score"], measured_at=worst["measured_at"].to_pydatetime()
        )


def newest_quality(settings: Settings) -> list[dict[str, Any]]:
    """Rows of the college tables' quality, the newest of each, published or not; none before the first run."""
    table = part("ncaa", "quality_schemas").DataQuality
    world = reading_world(settings, "ncaa")
    if world is None or not (lake := Lake(settings.folder, world)).exists(table):
        return []
    return plain_rows(lake.read(table).sort_values(["judged_table", "measured_at"]).groupby("judged_table").tail(1))


def health(settings: Settings, now: datetime | None = None) -> told.Health:
    """The report of a home at an instant."""
    return Reader(settings, now or now_utc()).report()


def _rate(runs: Sequence[RunRecord]) -> told.Rate:
    ok = sum(run.ok for run in runs)
    share = success_pct(runs)
    return told.Rate(
        total=len(runs), ok=ok, failed=len(runs) - ok, success_pct=None if share is None else round(share, 1)
    )
