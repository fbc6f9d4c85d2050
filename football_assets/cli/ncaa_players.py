"""`football ncaa backtest-players`: how the player projections did on seasons they had not learned from."""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console

from football_assets.cli.options import seasons_range
from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.ncaa.backtest_inputs import player_inputs_of
from football_assets.ncaa.player_backtest import PUBLISHED, backtest, report
from football_assets.ncaa.player_games import player_games

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
    first, last = seasons_range(seasons)
    settings, progress = load_settings(), Console(stderr=True)
    start = first - LEARNED_FROM if learn_from is None else learn_from
    if start >= first:
        raise typer.BadParameter(f"{start} is not before {first}; there is nothing to learn from", param_hint="--from")
    wanted = range(start, last + 1)
    games, stats, source = player_inputs_of(settings, wanted, lambda says: progress.print(says, highlight=False))
    rows = backtest(player_games(games, stats), range(first, last + 1))
    if rows.empty:
        progress.print(f"No stat of {seasons} can be projected: the seasons from {start} on have too few box scores.")
        raise typer.Exit(NOTHING)
    _write(rows, report(rows, f"{seasons}, learned from {start} on", source.value), out)
    progress.print(f"{len(rows)} player-games: {out / ROWS_FILE}, {out / REPORT_FILE}", highlight=False)


def _write(rows: pd.DataFrame, text: str, out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        rows[list(PUBLISHED)].to_parquet(out / ROWS_FILE, index=False)
        (out / REPORT_FILE).write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"writing {out}", str(error), "Name a folder that can be written with --out.") from error
