"""`football live`: one cycle, its board now, watched and in the past, a match's odds and its changes."""

from collections.abc import Collection, Mapping
from typing import Annotated

import typer
from rich.console import Console, Group

from football_assets.cli.instants import instant
from football_assets.cli.live_board import board_body, board_json, render_board
from football_assets.cli.live_filters import match_of, of_competition, statuses_of
from football_assets.cli.live_odds import Form, show_odds
from football_assets.cli.live_read import read_published, soccer_warehouse
from football_assets.cli.live_watch import Watch, watch_until_stopped
from football_assets.cli.options import AsJson, World
from football_assets.cli.past import (
    changes_json,
    open_history,
    past_heading,
    past_json,
    render_changes,
)
from football_assets.config import load_settings, now_utc
from football_assets.errors import StorageError
from football_assets.operations.jobs import JobOutcome, run_job
from football_assets.soccer.board import match_board
from football_assets.soccer.codes import IN_PLAY
from football_assets.soccer.gaps import gaps
from football_assets.states import Source

FAILED, PARTIAL, NOTHING = 1, 2, 3
JOB = "live_cycle"
STEPS = 5

app = typer.Typer(name="live", help="The live soccer cycle and its board.", no_args_is_help=True)

Status = Annotated[
    list[str] | None,
    typer.Option("--status", help="Only matches of this status, by number or name; may be repeated."),
]
Competition = Annotated[str | None, typer.Option("--competition", help="Only competitions with this in their name.")]


@app.command()
def once(status: Status = None, competition: Competition = None, as_json: AsJson = False) -> None:
    """Run one cycle, then print the board. Exit code 2 when something is missing, 3 when nothing is in play."""
    statuses = statuses_of(status or [])
    outcome = run_cycle()
    for line in outcome.errors:
        Console(stderr=True).print(line, style="red", highlight=False)
    if not outcome.ok:
        raise typer.Exit(FAILED)
    raise typer.Exit(show_board(Console(), statuses=statuses, competition=competition, as_json=as_json))


@app.command()
def board(
    status: Status = None,
    competition: Competition = None,
    as_json: AsJson = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The board as it was at an instant: 2025-05-28T17:45Z.")
    ] = None,
    source: World = None,
) -> None:
    """Print the published board: matches in play, or those of the statuses named."""
    statuses = statuses_of(status or [])
    if as_of is not None:
        raise typer.Exit(show_past(Console(), as_of, statuses, competition, as_json=as_json, source=source))
    raise typer.Exit(show_board(Console(), statuses=statuses, competition=competition, as_json=as_json, source=source))


@app.command()
def watch(status: Status = None, competition: Competition = None, source: World = None) -> None:
    """Show the published board and what changes in it, until Ctrl-C. It reads what `football up` publishes."""
    settings = load_settings()
    watching = Watch(
        lambda: soccer_warehouse(settings, source),
        interval_s=settings.live.interval_s,
        statuses=statuses_of(status or []),
        competition=competition,
    )
    watch_until_stopped(Console(), watching, clock=now_utc)


@app.command()
def odds(
    match: Annotated[str, typer.Argument(help="Match id, or a part of a team's name.")],
    form: Annotated[Form, typer.Option("--format", help="How prices read.")] = Form.DECIMAL,
    full: Annotated[bool, typer.Option("--history", help="Every quote, newest first.")] = False,
    company: Annotated[str | None, typer.Option("--company", help="Only this bookmaker, a part of its name.")] = None,
    as_json: AsJson = False,
    source: World = None,
) -> None:
    """Print what every bookmaker quotes on a match: now, early in the match and first. Exit code 3 without any."""
    raise typer.Exit(show_odds(Console(), match, form, history=full, company=company, as_json=as_json, source=source))


@app.command()
def history(
    match: Annotated[str, typer.Argument(help="Match id, or a part of a team's name.")],
    everything: Annotated[bool, typer.Option("--all", help="With minutes, ages and statistics.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, all changes.")] = False,
    source: World = None,
) -> None:
    """Print every change of a match, oldest first."""
    kept = open_history(source)
    match_id = _id_of(match, source)
    changes = kept.changes_of(match_id)
    if as_json:
        typer.echo(changes_json(changes))
    else:
        Console().print(render_changes(changes, match_id, everything=everything))


def run_cycle(env: Mapping[str, str] | None = None) -> JobOutcome:
    """One live cycle as an ordinary Dagster run."""
    return run_job(JOB, tags={"football/live": "true"}, env=env, steps=STEPS)


def show_board(
    console: Console,
    *,
    statuses: Collection[int] = IN_PLAY,
    competition: str | None = None,
    as_json: bool = False,
    source: Source | None = None,
) -> int:
    """Print the newest published board; the exit code says whether it is whole (0), partial (2) or empty (3)."""
    found = read_published(soccer_warehouse(load_settings(), source), statuses)
    frame = of_competition(found.board, competition, found.listed)
    missing = [*gaps(frame), *found.unknown_statuses]
    if as_json:
        typer.echo(board_json(frame, found.publication, missing))
    else:
        console.print(render_board(frame, found.publication, missing))
    return NOTHING if frame.empty else PARTIAL if missing else 0


def show_past(
    console: Console,
    as_of: str,
    statuses: Collection[int] = IN_PLAY,
    competition: str | None = None,
    *,
    as_json: bool = False,
    source: Source | None = None,
) -> int:
    """Print the board as it was at an instant; the exit code as for the newest one."""
    at = instant(as_of, "--as-of")
    kept = open_history(source)
    past = kept.at(at)
    frame = of_competition(match_board(past.flattened, statuses, past.predictions), competition, past.flattened)
    if as_json:
        typer.echo(past_json(frame, past, at, kept.source))
    else:
        console.print(Group(past_heading(past, at, kept.source), *board_body(frame, gaps(frame))))
    return NOTHING if frame.empty else PARTIAL if gaps(frame) else 0


def _id_of(match: str, source: Source | None) -> str:
    """The id that an argument means; the argument itself when it names no match listed now."""
    try:
        listed = read_published(soccer_warehouse(load_settings(), source)).listed
    except StorageError:
        return match
    row = match_of(listed, match)
    return match if row is None else str(row["match_id"])
