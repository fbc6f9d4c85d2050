"""The games as the provider lists them, and the scores that it has corrected."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.ncaa import rules
from football_assets.ncaa.assets.seasons import BY_SEASON, ask, collect, newest_reading, seasons_of
from football_assets.ncaa.corrections import corrections
from football_assets.ncaa.schemas import Games
from football_assets.ncaa.season_schemas import ScoreCorrections
from football_assets.ncaa.team_games import mark_duplicates
from football_assets.tables import Table, from_rows
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.steps import checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, result
from football_assets.warehouse.storage import lake_of

RULES = {
    ScoreCorrections: rules_of(ScoreCorrections),
    Games: rules_of(
        Games,
        line_scores=rules.line_scores_add_up,
        scores=rules.completed_games_have_points,
        listed_once=rules.listed_once,
    ),
}


@dg.multi_asset(
    pool=BESIDE_LIVE,
    name="ncaa__games",
    outs={
        "score_corrections": table_out(ScoreCorrections, kinds=frozenset({"cfbd"})),
        "games": table_out(Games, kinds=frozenset({"cfbd"})),
    },
    check_specs=checks_of(RULES),
    partitions_def=BY_SEASON["partitions_def"],
    backfill_policy=BY_SEASON["backfill_policy"],
)
def games(
    context: dg.AssetExecutionContext, college_football: ProviderConnection
) -> Iterator[dg.MaterializeResult[Any]]:
    """Read the games of each season and hold them against those read before."""
    found, about = collect(
        context, college_football, lambda season: ask(college_football, lambda college: college.games(season))
    )
    frame = mark_duplicates(from_rows(Games, found.rows))
    # The corrections first: once the games are written, what they replaced is gone.
    parts = [_corrections(frame[frame["season"] == season], str(season)) for season in seasons_of(context)]
    corrected = pd.concat(parts, ignore_index=True)
    yield result(ScoreCorrections, corrected, RULES[ScoreCorrections])
    about = {**about, "completed": int(frame["is_completed"].sum()), "source": college_football.source.value}
    yield result(Games, (frame, about), RULES[Games])


def _corrections(now: pd.DataFrame, season: str) -> pd.DataFrame:
    kept = _stored(ScoreCorrections, season)
    return corrections(_stored(Games, season), now, kept, newest_reading(now))


def _stored(table: type[Table], season: str) -> pd.DataFrame:
    lake = lake_of("ncaa")
    return lake.read(table, season) if lake.exists(table, season) else from_rows(table, [])
