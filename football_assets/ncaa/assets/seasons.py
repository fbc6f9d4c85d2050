"""Seasons as partitions: which ones there are, which ones a run collects, and how collecting shows its progress."""

import warnings
from collections.abc import Callable
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.config import load_settings, now_utc
from football_assets.ncaa.client import BoxWeek, Harvest, box_weeks
from football_assets.ncaa.schemas import Games
from football_assets.tables import Table
from football_assets.warehouse.storage import lake_of

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


def collect(context: dg.AssetExecutionContext, read: Callable[[int], Harvest]) -> tuple[Harvest, dict[str, Any]]:
    """Collect every season of the run, saying so season by season; gives the rows and the metadata."""
    seasons, whole = seasons_of(context), Harvest()
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


def every_season(table: type[Table]) -> pd.DataFrame:
    """A table kept by season, whole: every season in the lake, whichever this run collects."""
    return lake_of("ncaa").read(table)


def weeks_to_ask(season: int) -> list[BoxWeek]:
    """The weeks of a season that have box scores, out of its games in the lake."""
    games = lake_of("ncaa").read(Games, str(season))
    newest = games["fetched_at"].max()
    finished = bool(len(games)) and load_settings().running_season(newest) > season
    return box_weeks(games, season, finished)
