"""`football ncaa backtest-players`: how the player projections did on seasons they had not learned from."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from football_assets.config import Settings, load_settings, now_utc
from football_assets.errors import DataError, StorageError
from football_assets.ncaa.client import CollegeFootball, Moment, box_weeks
from football_assets.ncaa.player_backtest import PUBLISHED, backtest, report
from football_assets.ncaa.player_games import player_games
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.ncaa.team_games import mark_duplicates
from football_assets.providers import Connection, newest_world, provider
from football_assets.states import Source
from football_assets.tables import Table, from_rows, judge
from football_assets.warehouse.lake import Lake

NOTHING = 3
LEARNED_FROM = 6
ROWS_FILE, REPORT_FILE = "players.parquet", "players-report.md"


def backtest_players(
    seasons: Annotated[str, typer.Option("--seasons", metavar="A-B", help="Seasons to project, such as 2012-2013.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for players.parquet and players-report.md.")],
    learn_from: Annotated[
        int | None, typer.Option("--from", help="First season to learn from. Default: six before A.")
    ] = None,
) -> None:
    """Project every player-game of past seasons from earlier ones only, and judge it. Exit code 3 when none can be."""
    first, last = _range(seasons)
    settings, progress = load_settings(), Console(stderr=True)
    start = first - LEARNED_FROM if learn_from is None else learn_from
    if start >= first:
        raise typer.BadParameter(f"{start} is not before {first}; there is nothing to learn from", param_hint="--from")
    games, stats, source = seasons_of(settings, range(start, last + 1), progress)
    rows = backtest(player_games(games, stats), range(first, last + 1))
    if rows.empty:
        progress.print(f"No stat of {seasons} can be projected: the seasons from {start} on have too few box scores.")
        raise typer.Exit(NOTHING)
    _write(rows, report(rows, f"{seasons}, learned from {start} on", source.value), out)
    progress.print(f"{len(rows)} player-games: {out / ROWS_FILE}, {out / REPORT_FILE}", highlight=False)


def seasons_of(
    settings: Settings, seasons: Iterable[int], progress: Console
) -> tuple[pd.DataFrame, pd.DataFrame, Source]:
    """Games and player box scores of the seasons, and their world: out of the lake, else from the provider.

    What is read from the provider here is not written into the lake: the season would be there in part only. Its
    answers are kept by the transport, so a second call asks for little. Raises SourceError as the transport does.
    """
    chosen = provider("ncaa", settings)
    readable = not chosen.is_official or chosen.credentials is not None
    source = chosen.source() if readable else newest_world(settings.folder, "ncaa") or Source.REAL
    lake, connection = Lake(settings.folder, source), Connection("ncaa", settings)
    games, stats = [], []
    try:
        for season in seasons:
            if lake.exists(Games, str(season)) and lake.exists(PlayerStats, str(season)):
                pair = lake.read(Games, str(season)), lake.read(PlayerStats, str(season))
            else:
                progress.print(f"collecting the games and player box scores of {season}", highlight=False)
                pair = _collected(connection, season)
            games.append(pair[0])
            stats.append(pair[1])
    finally:
        connection.close()
    return pd.concat(games, ignore_index=True), pd.concat(stats, ignore_index=True), source


def _collected(connection: Connection, season: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    listed = connection.run(lambda transport: CollegeFootball(transport).games(season))
    games = _sound(Games, mark_duplicates(from_rows(Games, listed.rows)))
    read_at = games["fetched_at"].max().to_pydatetime() if len(games) else now_utc()
    moment = Moment(now_utc(), is_over=load_settings().running_season(read_at) > season)
    weeks = box_weeks(games, season, moment, read_at)
    found = connection.run(lambda transport: CollegeFootball(transport).player_stats(season, weeks))
    return games, _sound(PlayerStats, from_rows(PlayerStats, found.rows))


def _sound(table: type[Table], frame: pd.DataFrame) -> pd.DataFrame:
    verdict = judge(table, frame)
    if not verdict.passed:
        raise DataError(
            table.sql_name(),
            verdict.says,
            len(verdict.rows),
            [dict(row) for row in verdict.rows],
            "Compare with the source.",
        )
    return frame


def _write(rows: pd.DataFrame, text: str, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        rows[list(PUBLISHED)].to_parquet(out / ROWS_FILE, index=False)
        (out / REPORT_FILE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"writing {out}", str(error), "Name a folder that can be written with --out.") from error


def _range(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last:
        raise typer.BadParameter(f"{text!r} is no range of seasons such as 2012-2013", param_hint="--seasons")
    return first, last
