"""`football ncaa backtest`: how both families of models would have done on past seasons."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from football_assets.cli.options import seasons_range
from football_assets.config import load_settings
from football_assets.errors import StorageError

FAILED, NOTHING = 1, 3
ROWS_FILE, REPORT_FILE = "predictions.parquet", "report.md"


def backtest(
    seasons: Annotated[str, typer.Option("--seasons", metavar="A-B", help="Seasons to predict, such as 2021-2024.")],
    out: Annotated[Path, typer.Option("--out", help="Folder for predictions.parquet, report.md and its pictures.")],
    learn_from: Annotated[
        int | None, typer.Option("--from", help="First season to learn from. Default: nine before A.")
    ] = None,
    permute: Annotated[
        int | None,
        typer.Option(
            "--permute-labels", metavar="SEED", help="Learn from scores dealt out anew; the gate must refuse."
        ),
    ] = None,
) -> None:
    """Predict past seasons from earlier games only and judge it. Exit code 1 when the gate refuses, 3 without games."""
    from football_assets.ncaa.backtest import COLUMNS, HISTORY_SEASONS, permuted, run
    from football_assets.ncaa.backtest_inputs import inputs_of
    from football_assets.ncaa.backtest_report import pictures, report

    first, last = seasons_range(seasons)
    settings, progress = load_settings(), Console(stderr=True)
    start = max(settings.ncaa.first_season, first - HISTORY_SEASONS) if learn_from is None else learn_from
    if start > first:
        raise typer.BadParameter(f"{start} is after {first}; there is nothing to learn from", param_hint="--from")
    known = inputs_of(settings, range(start, last + 1), lambda says: progress.print(says, highlight=False))
    labels = None if permute is None else permuted(known.games, permute)
    found = run(known.games, known.team_games, known.lines, known.lists, range(first, last + 1), labels)
    if found.predictions.empty:
        progress.print(f"No game of {seasons} can be predicted from the seasons since {start}.")
        raise typer.Exit(NOTHING)
    text = report(found, known.lines, range(first, last + 1), known.source.value)
    try:
        out.mkdir(parents=True, exist_ok=True)
        found.predictions[list(COLUMNS)].to_parquet(out / ROWS_FILE, index=False)
        (out / REPORT_FILE).write_text(text, encoding="utf-8")
        for name, picture in pictures(found).items():
            (out / name).write_bytes(picture)
    except OSError as error:
        raise StorageError(f"writing {out}", str(error), "Name a folder that can be written with --out.") from error
    progress.print(f"{len(found.predictions)} predictions: {out / ROWS_FILE}, {out / REPORT_FILE}", highlight=False)
    progress.print(f"gate {'passed' if found.decision.publish else 'failed'}: {found.decision.why}", highlight=False)
    if not found.decision.publish:
        raise typer.Exit(FAILED)
