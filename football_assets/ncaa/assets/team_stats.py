"""The team box scores."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from football_assets.ncaa import rules
from football_assets.ncaa.assets.seasons import BY_SEASON, ask, collect, every_season, seasons_of, weeks_to_ask
from football_assets.ncaa.schemas import Games, TeamStats
from football_assets.tables import from_rows
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.steps import bound, checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, asset_key, result

RULES = rules_of(TeamStats, box_scores=rules.box_scores_complete)


@dg.multi_asset(
    pool=BESIDE_LIVE,
    name="team_stats",
    deps=[asset_key(Games)],
    outs={"team_stats": table_out(TeamStats, kinds=frozenset({"cfbd"}))},
    check_specs=checks_of({TeamStats: RULES}),
    partitions_def=BY_SEASON["partitions_def"],
    backfill_policy=BY_SEASON["backfill_policy"],
)
def team_stats(
    context: dg.AssetExecutionContext, college_football: ProviderConnection
) -> Iterator[dg.MaterializeResult[Any]]:
    """Ask for each week in which a game is over: one call a week."""
    found, about = collect(
        context,
        college_football,
        lambda season: ask(college_football, lambda college: college.team_stats(season, weeks_to_ask(season))),
    )
    known = {"games": every_season(Games), "seasons": seasons_of(context)}
    yield result(TeamStats, (from_rows(TeamStats, found.rows), about), bound(RULES, box_scores=known))
