"""The provider's lists of a season: teams, ratings, rankings, talent and the like. All are wired alike.

Each comes after the games of its season, which tell the provider's clock and the ids of the schools.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.config import now_utc
from football_assets.errors import SourceRejected
from football_assets.ncaa.assets.seasons import BY_SEASON, ask, collect, moment_of, provider_clock, seasons_of
from football_assets.ncaa.client import LISTS, VENUES, Harvest, Moment, SeasonList
from football_assets.ncaa.identities import identified, team_ids, teams_identified
from football_assets.ncaa.schemas import Games
from football_assets.ncaa.season_schemas import (
    AdvancedStats,
    PpaGames,
    Rankings,
    Ratings,
    Recruiting,
    ReturningProduction,
    Talent,
    Teams,
    Venues,
    Weather,
)
from football_assets.tables import Table, Verdict, from_rows
from football_assets.transport import CachePolicy
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.steps import bound, checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, Built, asset_key, result, table_asset
from football_assets.warehouse.storage import lake_of

NAMED = (AdvancedStats, PpaGames, Ratings, Talent, Recruiting, ReturningProduction)


def weather_in_plan(frame: pd.DataFrame, refused: str | None) -> Verdict:
    """Warns when the provider refuses the weather to this key; what was read before is kept."""
    if refused is None:
        return Verdict(True, f"{len(frame)} games with weather", "warn")
    says = f"the plan of this key has no weather; {len(frame)} games of before are kept"
    return Verdict(False, says, "warn", {"answer": refused})


RULES: dict[type[Table], dict[str, Callable[..., Verdict]]] = {
    **{table: rules_of(table) for table in (Teams, Rankings)},
    **{table: rules_of(table, teams=teams_identified) for table in NAMED},
    Weather: rules_of(Weather, plan=weather_in_plan),
}


def list_asset(table: type[Table]) -> dg.AssetsDefinition:
    """The asset of one of the lists."""
    name = table.table_name()
    deps = [asset_key(Games), *([asset_key(Teams)] if table in NAMED else [])]

    @dg.multi_asset(
        pool=BESIDE_LIVE,
        name=f"ncaa__{name}",  # as steps of single assets are named
        deps=deps,
        outs={name: table_out(table, kinds=frozenset({"cfbd"}))},
        check_specs=checks_of({table: RULES[table]}),
        partitions_def=BY_SEASON["partitions_def"],
        backfill_policy=BY_SEASON["backfill_policy"],
    )
    def season_list(
        context: dg.AssetExecutionContext, college_football: ProviderConnection
    ) -> Iterator[dg.MaterializeResult[Any]]:
        refused: dict[int, str] = {}
        found, about = collect(context, college_football, partial(_read, college_football, table, refused))
        frame = pd.concat([from_rows(table, found.rows), *(_kept(table, season) for season in refused)])
        known: dict[str, Any] = {"plan": {"refused": next(iter(refused.values()), None)}}
        if table in NAMED:
            frame, fbs = _identified(frame, seasons_of(context))
            known = {"teams": {"fbs": fbs}}
        yield result(table, (frame, about), bound(RULES[table], **known))

    return season_list


def _read(feed: ProviderConnection, table: type[Table], refused: dict[int, str], season: int) -> Harvest:
    moment = moment_of(season, provider_clock(lake_of("ncaa").read(Games, str(season))))
    whole = Harvest()
    for listed in LISTS[table.table_name()]:
        try:
            whole.add(_ask(feed, listed, season, moment.cache(season, listed.turn)))
        except SourceRejected as error:
            if not _is_plan(listed, error):
                raise
            refused[season] = error.happened
    return whole


def _ask(feed: ProviderConnection, listed: SeasonList, season: int, cache: CachePolicy) -> Harvest:
    return ask(feed, lambda college: college.season_list(listed, season, cache))


def _is_plan(listed: SeasonList, error: SourceRejected) -> bool:
    """Whether the key may not read this list; it has just read the games, so it is not wrong."""
    return listed.needs_plan and error.happened.startswith("HTTP 401")


def _kept(table: type[Table], season: int) -> pd.DataFrame:
    lake = lake_of("ncaa")
    return lake.read(table, str(season)) if lake.exists(table, str(season)) else from_rows(table, [])


def _identified(frame: pd.DataFrame, seasons: list[int]) -> tuple[pd.DataFrame, dict[int, dict[int, str]]]:
    """The frame with team ids, and the FBS schools by season and id."""
    lake, parts, fbs = lake_of("ncaa"), [], {}
    for season in seasons:
        games, teams = lake.read(Games, str(season)), lake.read(Teams, str(season))
        parts.append(identified(frame[frame["season"] == season], team_ids(games, teams, season)))
        fbs[season] = {int(i): str(name) for i, name in zip(teams["team_id"], teams["team"], strict=True)}
    return pd.concat(parts, ignore_index=True), fbs


@table_asset(Venues, kinds={"cfbd"}, deps=[asset_key(Games)])
def venues(college_football: ProviderConnection) -> Built:
    """One row per venue that the provider knows, as it is today."""
    cache = Moment(now_utc()).cache(0, VENUES.turn)
    found = _ask(college_football, VENUES, 0, cache)
    return from_rows(Venues, found.rows), {"requests": found.calls, "cached_answers": found.cached}


SEASON_LISTS = [list_asset(table) for table in RULES]
