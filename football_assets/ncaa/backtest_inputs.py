"""The tables a backtest reads, season by season: out of the lake, else from the provider.

What is read from the provider here is not written into the lake, where a season is kept whole or not at all. The
transport keeps the answers, so that a second backtest asks for little.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from football_assets.config import Settings, now_utc
from football_assets.errors import DataError
from football_assets.ncaa.client import LISTS, BoxWeek, CollegeFootball, Moment, SeasonList, box_weeks
from football_assets.ncaa.identities import identified, team_ids
from football_assets.ncaa.models import Row
from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.schemas import Games, Lines, PlayerStats, TeamStats
from football_assets.ncaa.season_schemas import (
    PpaGames,
    Rankings,
    Ratings,
    Recruiting,
    ReturningProduction,
    Talent,
    Teams,
)
from football_assets.ncaa.team_games import mark_duplicates, one_row_per_team
from football_assets.providers import Connection, newest_world, provider
from football_assets.states import Source
from football_assets.tables import Table, from_rows, judge
from football_assets.warehouse.lake import Lake

USED = (PpaGames, Talent, Recruiting, Ratings, ReturningProduction, Rankings, Teams)
NAMED = (PpaGames, Talent, Recruiting, Ratings, ReturningProduction)
NEEDED: tuple[type[Table], ...] = (Games, Lines, TeamStats, *USED)

Season = dict[type[Table], pd.DataFrame]


@dataclass(frozen=True)
class Inputs:
    """Everything the models learn from over some seasons, and the world it comes from."""

    games: pd.DataFrame
    team_games: pd.DataFrame
    lines: pd.DataFrame
    lists: SeasonLists
    source: Source


def inputs_of(settings: Settings, seasons: Iterable[int], say: Callable[[str], None]) -> Inputs:
    """Read or collect the seasons. `say` is told of each season that is collected.

    Raises SourceError as the transport does, and DataError when what is sent does not fit its table.
    """
    whole, source = _seasons(settings, seasons, NEEDED, _collected, say)
    lists = SeasonLists(**{table.table_name(): whole[table] for table in USED})
    benches = one_row_per_team(whole[Games], whole[Lines], whole[TeamStats])
    return Inputs(whole[Games], benches, whole[Lines], lists, source)


def player_inputs_of(
    settings: Settings, seasons: Iterable[int], say: Callable[[str], None]
) -> tuple[pd.DataFrame, pd.DataFrame, Source]:
    """Games and box scores of players over some seasons, and the world they come from; else as `inputs_of`."""
    whole, source = _seasons(settings, seasons, (Games, PlayerStats), _collected_players, say)
    return whole[Games], whole[PlayerStats], source


def _seasons(
    settings: Settings,
    seasons: Iterable[int],
    needed: Sequence[type[Table]],
    collected: Callable[[Connection, Settings, int], Season],
    say: Callable[[str], None],
) -> tuple[Season, Source]:
    """The tables needed over all seasons, and their world: the official one only where there is a key to ask it."""
    chosen = provider("ncaa", settings)
    readable = not chosen.is_official or chosen.credentials is not None
    source = chosen.source() if readable else newest_world(settings.folder, "ncaa") or Source.REAL
    lake, connection = Lake(settings.folder, source), Connection("ncaa", settings)
    parts: list[Season] = []
    try:
        for season in seasons:
            if all(lake.exists(table, str(season)) for table in needed):
                parts.append({table: lake.read(table, str(season)) for table in needed})
            else:
                say(f"collecting {season}")
                parts.append(collected(connection, settings, season))
    finally:
        connection.close()
    return {table: pd.concat([part[table] for part in parts], ignore_index=True) for table in needed}, source


def _collected(connection: Connection, settings: Settings, season: int) -> Season:
    games, moment, weeks = _games(connection, settings, season)
    lines = connection.run(lambda transport: CollegeFootball(transport).lines(season)).rows
    boxes = connection.run(lambda transport: CollegeFootball(transport).team_stats(season, weeks)).rows
    found: Season = {Games: games, Lines: from_rows(Lines, lines), TeamStats: from_rows(TeamStats, boxes)}
    teams = _listed(connection, Teams, season, moment)
    for table in USED:
        frame = teams if table is Teams else _listed(connection, table, season, moment)
        found[table] = identified(frame, team_ids(games, teams, season)) if table in NAMED else frame
    return _sound(found)


def _collected_players(connection: Connection, settings: Settings, season: int) -> Season:
    games, _, weeks = _games(connection, settings, season)
    boxes = connection.run(lambda transport: CollegeFootball(transport).player_stats(season, weeks)).rows
    return _sound({Games: games, PlayerStats: from_rows(PlayerStats, boxes)})


def _games(connection: Connection, settings: Settings, season: int) -> tuple[pd.DataFrame, Moment, list[BoxWeek]]:
    """The games of a season, when they are asked for, and the weeks that have box scores."""
    listed = connection.run(lambda transport: CollegeFootball(transport).games(season)).rows
    games = mark_duplicates(from_rows(Games, listed))
    read_at = now_utc() if games.empty else games["fetched_at"].max().to_pydatetime()
    moment = Moment(now_utc(), is_over=settings.running_season(read_at) > season)
    return games, moment, box_weeks(games, season, moment, read_at)


def _listed(connection: Connection, table: type[Table], season: int, moment: Moment) -> pd.DataFrame:
    def ask(listed: SeasonList) -> Sequence[Row]:
        cache = moment.cache(season, listed.turn)
        return connection.run(lambda transport: CollegeFootball(transport).season_list(listed, season, cache)).rows

    return from_rows(table, [row for listed in LISTS[table.table_name()] for row in ask(listed)])


def _sound(found: Season) -> Season:
    """The tables, held against their declarations. Raises DataError."""
    for table, frame in found.items():
        verdict = judge(table, frame)
        if not verdict.passed:
            rows, to_do = [dict(row) for row in verdict.rows], "Compare with the source."
            raise DataError(table.sql_name(), verdict.says, len(verdict.rows), rows, to_do)
    return found
