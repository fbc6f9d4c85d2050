"""Seasons as partitions: which ones there are, which ones a run collects, and how collecting shows its progress."""

import warnings
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any, TypeVar

import dagster as dg
import pandas as pd

from football_assets.config import load_settings, now_utc
from football_assets.errors import SourceError, SourceUnavailable
from football_assets.ncaa import quota
from football_assets.ncaa.client import BoxWeek, CollegeFootball, Harvest, Moment, box_weeks, closed_at
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.states import Source
from football_assets.tables import Table
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.storage import lake_of

Result = TypeVar("Result")

# Several seasons in one run need a backfill policy, which Dagster has called beta since 2023.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`", category=dg.BetaWarning)

RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


def _all_seasons() -> list[str]:
    settings = load_settings()
    # One more than is running: in August the next one begins, and the code may have been loaded long before.
    return [str(year) for year in range(settings.ncaa.first_season, settings.running_season(now_utc()) + 2)]


SEASONS = dg.StaticPartitionsDefinition(_all_seasons())
BY_SEASON: dict[str, Any] = {
    "partitions_def": SEASONS,
    "backfill_policy": dg.BackfillPolicy.single_run(),
    "kinds": {"cfbd"},
}


def seasons_of(context: dg.AssetExecutionContext) -> list[int]:
    """The seasons a run collects: its partitions and, when its tags name one, the range.

    The daily job carries its own partition as a tag, and Dagster looks at no range beside that.
    """
    found = {int(key) for key in context.partition_keys}
    start, end = (context.run.tags.get(tag) for tag in (RANGE_START, RANGE_END))
    if start and end:
        found |= set(range(int(start), int(end) + 1))
    return sorted(found)


def ask(feed: ProviderConnection, work: Callable[[CollegeFootball], Coroutine[Any, Any, Result]]) -> Result:
    """Do `work` with the client, each call counted. Raises QuotaExceeded when the provider refuses one for that."""
    ledger = _ledger(feed.source)
    try:
        return feed.run(lambda transport: work(CollegeFootball(transport, ledger.answered)))
    except SourceUnavailable as error:
        exceeded = quota.refused(error, ledger)
        if exceeded is None:
            raise
        raise exceeded from None


def collect(
    context: dg.AssetExecutionContext, feed: ProviderConnection, read: Callable[[int], Harvest]
) -> tuple[Harvest, dict[str, Any]]:
    """Collect every season of the run, saying so season by season; gives the rows and the metadata.

    Raises QuotaExceeded before the first call of the run when all of it would not fit into the month.
    """
    seasons, whole = seasons_of(context), Harvest()
    _require_quota(context, feed, seasons)
    name = context.op_execution_context.op_def.name.removeprefix("ncaa__")
    for number, season in enumerate(seasons, 1):
        found = read(season)
        left = "" if found.quota_left is None else f", {found.quota_left} calls left this month"
        says = f"{name} {season} ({number} of {len(seasons)}): {len(found.rows)} rows by {found.calls} calls"
        context.log.info(f"{says}, {found.cached} answers kept from before{left}")
        if not found.rows:
            context.log.warning(f"{name} {season}: the provider has nothing")
        whole.add(found)
    about: dict[str, Any] = {
        "seasons": ", ".join(map(str, seasons)),
        "requests": whole.calls,
        "cached_answers": whole.cached,
        "quota_left": "not said" if whole.quota_left is None else whole.quota_left,
    }
    return whole, about


def _ledger(source: Source) -> quota.Ledger:
    return quota.ledger_of(load_settings(), source)


_checked: set[str] = set()
# On a run whose calls were held against the quota: a worker that does a later step would count what is spent by then.
CHECKED = "football/quota_checked"


def _require_quota(context: dg.AssetExecutionContext, feed: ProviderConnection, seasons: list[int]) -> None:
    """Once a run: hold what all its steps will ask against what is left, by a question that costs no call."""
    if context.run.run_id in _checked or CHECKED in _stored_tags(context):
        return
    usage = _usage_now(context, feed)
    if usage is not None:
        tables = {key.path[-1] for key in context.job_def.asset_layer.selected_asset_keys}
        needed = quota.require(usage, [_season(year, usage.said_at) for year in seasons], tables)
        context.log.info(f"at most {needed} calls needed, {usage.remaining} of {usage.limit} left this month")
    _checked.add(context.run.run_id)
    if _is_spread():
        context.instance.add_run_tags(context.run.run_id, {CHECKED: "true"})


def _stored_tags(context: dg.AssetExecutionContext) -> Mapping[str, str]:
    """What other workers have said about the run; the worker of all its steps knows it itself."""
    run = context.instance.get_run_by_id(context.run.run_id) if _is_spread() else None
    return {} if run is None else run.tags


def _is_spread() -> bool:
    """Whether the steps of a run may be done by several workers."""
    return load_settings().is_spread


def _usage_now(context: dg.AssetExecutionContext, feed: ProviderConnection) -> quota.Usage | None:
    """The month's calls as the provider says, else as counted here; None when neither is known."""
    ledger = _ledger(feed.source)
    try:
        account = ask(feed, lambda college: college.account())
    except SourceError as error:
        account = None
        context.log.warning(f"the calls left are not known from the provider, our own count stands in: {error}")
    if account is not None:
        ledger.told(account.said_at, account.left, account.limit)
        return ledger.read()
    usage = ledger.read()
    # Only the real provider's clock is ours.
    return usage.at(now_utc()) if usage is not None and feed.source is Source.REAL else usage


def _season(year: int, read_at: datetime) -> quota.Season:
    """What the lake tells of a season before it is collected."""
    lake = lake_of("ncaa")
    is_running = load_settings().running_season(read_at) <= year
    if not lake.exists(Games, str(year)) or not lake.exists(PlayerStats, str(year)):
        return quota.Season(year, is_running=is_running)
    games = lake.read(Games, str(year))
    weeks = box_weeks(games, year, Moment(now_utc(), is_over=True), read_at)
    # Of the last season that is over, answers from before its end are asked once more.
    is_kept = is_running or year < load_settings().running_season(read_at) - 1
    is_kept = is_kept or newest_reading(games) >= closed_at(year)
    return quota.Season(year, len(weeks) or quota.WEEKS, is_kept=is_kept, is_running=is_running)


def every_season(table: type[Table]) -> pd.DataFrame:
    """A table kept by season, whole: every season in the lake, whichever this run collects."""
    return lake_of("ncaa").read(table)


def weeks_to_ask(season: int) -> list[BoxWeek]:
    """The weeks of a season that have box scores, out of its games in the lake."""
    games = lake_of("ncaa").read(Games, str(season))
    read_at = provider_clock(games)
    return box_weeks(games, season, moment_of(season, read_at), read_at)


def newest_reading(games: pd.DataFrame) -> datetime:
    """The provider's clock when the games that are stored were read; ours without any."""
    return now_utc() if games.empty else games["fetched_at"].max().to_pydatetime()


def provider_clock(games: pd.DataFrame) -> datetime:
    """The provider's clock when it last answered: games that had not changed are stored as they were read before."""
    usage = _ledger(lake_of("ncaa").source).read()
    return newest_reading(games) if usage is None else usage.said_at


def moment_of(season: int, read_at: datetime) -> Moment:
    """When a season is asked for: it is over when the provider's clock is past it."""
    return Moment(now_utc(), is_over=load_settings().running_season(read_at) > season)
