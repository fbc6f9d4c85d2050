"""`football ncaa`: the college run, and what it predicts for the coming week."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from football_assets.cli import ncaa_ledger
from football_assets.cli.headings import age_text, heading, published_json
from football_assets.cli.ncaa_backtest import backtest
from football_assets.cli.ncaa_players import backtest_players
from football_assets.cli.ncaa_rankings import rankings
from football_assets.cli.options import AsJson, Family, World, seasons_range
from football_assets.cli.table import to_json
from football_assets.config import load_settings, now_utc
from football_assets.figures import rounded
from football_assets.ncaa.conferences import of_conferences
from football_assets.ncaa.game_model import FAMILY
from football_assets.ncaa.predictions import coming_week, week_of
from football_assets.ncaa.quota import Usage, ledger_of
from football_assets.ncaa.schemas import GamePredictions, Games
from football_assets.operations.jobs import JobOutcome, run_job
from football_assets.providers import provider, reading_world
from football_assets.states import Source
from football_assets.tables import plain_rows
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import open_warehouse

FAILED, NOTHING = 1, 3
STEPS, RAW_STEPS = 25, 13
PARTITION = "dagster/partition"
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
ADDRESS = "FOOTBALL_CFBD_URL"
LEGEND = (
    "line: points the home side gives (-3.5: favourite by 3.5; +3.5: outsider), by the model and by the median "
    "bookmaker. model likes: the side it rates higher than the bookmakers do, and by how many points"
)
WAS = "was: said before kickoff, as the ledger has it, or replayed afterwards from what was known before kickoff"

NUMBERS = ("home\nwins", "line\nmodel", "\nbets", "model\nlikes", "total\nmodel", "\nbets", "\ndiff")

app = typer.Typer(name="ncaa", help="The college football run and its predictions.", no_args_is_help=True)
app.command()(backtest)
app.command(name="backtest-players")(backtest_players)
app.add_typer(ncaa_ledger.app, name="ledger")
app.command()(rankings)


@app.command()
def run(
    season: Annotated[int | None, typer.Option("--season", help="Collect this season only.")] = None,
    seasons: Annotated[
        str | None, typer.Option("--seasons", metavar="A-B", help="Collect the seasons from A to B.")
    ] = None,
) -> None:
    """Collect, rate, predict and publish. Default: the running season, and those to learn from when missing."""
    if season is not None and seasons is not None:
        raise typer.BadParameter("give --season or --seasons, not both")
    first_last = None if season is None else (season, season)
    if seasons is not None:
        first_last = seasons_range(seasons, several=True)
    outcome = collect(seasons=first_last)
    error = Console(stderr=True)
    for line in outcome.warnings:
        error.print(line, style="yellow", highlight=False)
    for line in outcome.errors:
        error.print(line, style="red", highlight=False)
    if not outcome.ok:
        raise typer.Exit(FAILED)
    show_predictions(Console())


@app.command()
def predictions(
    week: Annotated[int | None, typer.Option("--week", min=1, help="This week instead of the coming one.")] = None,
    season: Annotated[int | None, typer.Option("--season", help="Season of the week. Default: the newest.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every game of the season, or of all seasons.")] = False,
    as_json: AsJson = False,
    family: Family = FAMILY,
    source: World = None,
) -> None:
    """Print the published predictions of the coming week. Exit code 3 when there is none."""
    if everything and week is not None:
        raise typer.BadParameter("give --week or --all, not both")
    code = show_predictions(
        Console(), week=week, season=season, everything=everything, as_json=as_json, source=source, family=family
    )
    raise typer.Exit(code)


@app.command()
def quota(
    as_json: AsJson = False,
    source: World = None,
) -> None:
    """Show the month's calls: made, left, and when they begin anew. Exit code 3 before the first call."""
    settings = load_settings()
    world = reading_world(settings, "ncaa", source)
    usage = None if world is None else ledger_of(settings, world).read()
    if world is None or usage is None:
        typer.echo("null" if as_json else "No call to College Football Data has been counted yet.")
        raise typer.Exit(NOTHING)
    usage = usage.at(now_utc()) if world is Source.REAL else usage
    typer.echo(json.dumps(quota_about(usage, world), indent=1) if as_json else quota_line(usage, world))


def quota_about(usage: Usage, world: Source) -> dict[str, Any]:
    """The month's calls as plain JSON types; `counted` are those made from here."""
    return {
        "source": world.value,
        "month": usage.month,
        "used": usage.used,
        "left": usage.remaining,
        "limit": usage.limit,
        "counted": usage.counted,
        "said_by_provider": usage.left is not None,
        "resets_at": usage.resets_at.isoformat(),
        "age_s": round((now_utc() - usage.noted_at).total_seconds(), 1),
    }


def quota_line(usage: Usage, world: Source) -> str:
    """The month's calls in one line."""
    who = "the provider says" if usage.left is not None else "by our count"
    age = age_text(now_utc() - usage.noted_at)
    return (
        f"{world.value}, {usage.month}: {usage.used:,} of {usage.limit:,} calls used ({usage.counted:,} from here), "
        f"{usage.remaining:,} left, {who}, {age} ago; begins anew {usage.resets_at:%Y-%m-%d %H:%M} UTC"
    )


def collect(
    env: Mapping[str, str] | None = None, seasons: tuple[int, int] | None = None, *, most_history: int | None = None
) -> JobOutcome:
    """Run the college job and wait for it.

    Args:
        env: Variables set for the job beside the environment, such as an emulator's address.
        seasons: First and last season; None takes the running one and, when the lake lacks one of the seasons to
            learn from, these too.
        most_history: Learn from so many seasons at most; `ncaa.training_seasons` when None.
    """
    if seasons is not None:
        return _run(*seasons, env)
    missing, running = history_wanted(env or {}, most_history)
    if missing is not None:
        tags = {RANGE_START: str(missing), RANGE_END: str(running - 1)}
        history = run_job("ncaa_history", tags=tags, env=env, steps=RAW_STEPS)
        if not history.ok:
            return history
    return _run(running, running, env)


def _run(first: int, last: int, env: Mapping[str, str] | None) -> JobOutcome:
    if first == last:
        return run_job("ncaa_daily", tags={PARTITION: str(last)}, env=env, steps=STEPS)
    return run_job("ncaa_seasons", tags={RANGE_START: str(first), RANGE_END: str(last)}, env=env, steps=STEPS)


def history_wanted(env: Mapping[str, str], most: int | None = None) -> tuple[int | None, int]:
    """The first season to learn from when the lake of its world lacks one of them, else None; and the running one."""
    settings = load_settings()
    if ADDRESS in env:
        settings = settings.model_copy(update={"cfbd_url": env[ADDRESS]})
    running = settings.running_season(now_utc())
    history = settings.ncaa.training_seasons if most is None else min(most, settings.ncaa.training_seasons)
    first = max(running - history, settings.ncaa.first_season)
    present = set(Lake(settings.folder, provider("ncaa", settings).source()).seasons(Games))
    return (None if {str(year) for year in range(first, running)} <= present else first), running


def show_predictions(
    console: Console,
    *,
    week: int | None = None,
    season: int | None = None,
    everything: bool = False,
    as_json: bool = False,
    source: Source | None = None,
    family: str = FAMILY,
) -> int:
    """Print published predictions, by default of the coming week; the exit code is 3 when there is none."""
    settings = load_settings()
    warehouse = open_warehouse(settings, reading_world(settings, "ncaa", source))
    conferences = settings.ncaa.conferences
    names = [GamePredictions.sql_name(), *([Games.sql_name()] if conferences else [])]
    publication, tables = warehouse.published("ncaa", names, "reading the predictions")
    told = tables[GamePredictions.sql_name()]
    if conferences:
        told = of_conferences(told, tables[Games.sql_name()], conferences)
    frame = _chosen(told[told["family"] == family], publication, week, season, everything)
    if as_json:
        typer.echo(predictions_json(frame, publication))
    else:
        console.print(render_predictions(frame, publication))
    return NOTHING if frame.empty else 0


def predictions_json(frame: pd.DataFrame, publication: Publication) -> str:
    """The predictions as JSON: the world, when they were published, how old they are, the games."""
    about = {**published_json(publication), "games": json.loads(to_json(frame))}
    return json.dumps(about, ensure_ascii=False, indent=1)


def render_predictions(frame: pd.DataFrame, publication: Publication) -> RenderableType:
    """The predictions for a terminal: the world and age first, then a row a game. `frame` is `game_predictions`."""
    parts: list[RenderableType] = [heading(_what(frame), publication, simulated="games", as_of="newest change read")]
    if frame.empty:
        parts.append(Text("No predicted game to show: the season is over, not listed yet, or too few games are known."))
        return Group(*parts)
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("UTC\nkickoff", no_wrap=True)
    grid.add_column("\naway at home", min_width=20)
    for title in NUMBERS:
        grid.add_column(title, justify="right", no_wrap=True)
    shows_results = bool(frame["margin"].notna().any())
    if shows_results:
        grid.add_column("away-\nhome", no_wrap=True)
        grid.add_column("\nwas", no_wrap=True)
    for row in plain_rows(frame):
        cells = _cells(row)
        grid.add_row(*(cells if shows_results else cells[:-2]))
    return Group(*parts, grid, Text(f"{LEGEND}. {WAS}" if shows_results else LEGEND, "dim"))


def _chosen(
    frame: pd.DataFrame, publication: Publication, week: int | None, season: int | None, everything: bool
) -> pd.DataFrame:
    if everything and season is None:
        return frame.sort_values(["kickoff_at", "game_id"], ignore_index=True)
    if week is None and season is None:
        return coming_week(frame, None if publication.as_of is None else pd.Timestamp(publication.as_of))
    if frame.empty:
        return frame
    # The provider calls all bowls week 1 of the postseason; a week by number is one of the regular season.
    return week_of(frame, int(frame["season"].max()) if season is None else season, week, "regular" if week else None)


def _what(frame: pd.DataFrame) -> str:
    weeks = frame[["season", "season_type", "week"]].drop_duplicates()
    count = f"{len(frame)} games" if len(frame) != 1 else "1 game"
    if len(weeks) != 1:
        return count
    season, season_type, week = weeks.iloc[0]
    return f"{season} {'bowls and playoff' if season_type == 'postseason' else f'week {week}'}: {count}"


def _cells(row: Mapping[str, Any]) -> list[str]:
    home, away = row["home_team"], row["away_team"]
    margin, spread, total, bet_total = (row[k] for k in ("margin_mean", "market_spread", "total_mean", "market_total"))
    return [
        f"{row['kickoff_at']:%b %d} open" if row["is_kickoff_tbd"] else f"{row['kickoff_at']:%b %d %H:%M}",
        f"{away} {'vs' if row['is_neutral_site'] else 'at'} {home}",
        f"{100 * row['p_home']:.0f} %",
        home_line(-margin),
        "-" if spread is None else home_line(spread),
        "-" if spread is None else _likes(margin + spread),
        rounded(total),
        "-" if bet_total is None else rounded(bet_total),
        "-" if bet_total is None else rounded(total - bet_total, sign=True),
        "" if row["margin"] is None else _result(int(row["margin"]), int(row["total"])),
        "" if row["state"] == "open" else str(row["state"]),
    ]


def home_line(spread: float) -> str:
    """The points that the home side gives, as bettors write them: `-3.5` for a favourite, `+3.5` for an outsider."""
    shown = rounded(spread, sign=True)
    return "even" if shown == "0.0" else shown


def _likes(points: float) -> str:
    shown = rounded(abs(points))
    return "same" if shown == "0.0" else f"{'home' if points > 0 else 'away'} {shown}"


def _result(margin: int, total: int) -> str:
    """The points in the order of `away at home`."""
    return f"{(total - margin) // 2}-{(total + margin) // 2}"
