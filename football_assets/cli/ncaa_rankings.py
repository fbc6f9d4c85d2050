"""`football ncaa rankings`: how strong the teams are, and how their season may end."""

import json
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from football_assets.cli.headings import heading, published_json
from football_assets.cli.options import AsJson, World
from football_assets.cli.table import to_json
from football_assets.config import load_settings
from football_assets.figures import rounded
from football_assets.ncaa.projection_schemas import PowerRatings, SeasonOutlook
from football_assets.providers import reading_world
from football_assets.tables import plain_rows
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import open_warehouse

NOTHING = 3
SHOWN = 25
LEGEND = (
    "rating: points better than an average FBS team, with the interval that holds the truth in 90 of 100 cases. "
    "wins, top 25 and title: at the end of the season, out of simulations of the listed games still to be played"
)


def rankings(
    everything: Annotated[bool, typer.Option("--all", help="Every FBS team instead of the first 25.")] = False,
    conference: Annotated[str | None, typer.Option("--conference", help="One conference, all its teams.")] = None,
    as_json: AsJson = False,
    source: World = None,
) -> None:
    """Show the power ratings and the season outlook, the strongest team first. Exit code 3 without a rated team."""
    settings = load_settings()
    warehouse = open_warehouse(settings, reading_world(settings, "ncaa", source))
    names = [table.sql_name() for table in (PowerRatings, SeasonOutlook)]
    publication, tables = warehouse.published("ncaa", names, "reading the rankings")
    found = ranked(*(tables[name] for name in names))
    if conference is not None:
        found = found[found["conference"].str.lower() == conference.lower()]
    elif not everything:
        found = found[found["rank"] <= SHOWN]
    if as_json:
        typer.echo(rankings_json(found, publication))
    else:
        Console().print(render_rankings(found, publication))
    raise typer.Exit(0 if len(found) else NOTHING)


def ranked(ratings: pd.DataFrame, outlook: pd.DataFrame) -> pd.DataFrame:
    """Both tables in one, one row a team in the order of the ratings."""
    chances = outlook.drop(columns=["team", "conference", "as_of"])
    return ratings.merge(chances, on=["season", "team_id"], how="left").sort_values(
        ["rank", "p_ranked", "team_id"], ascending=[True, False, True], ignore_index=True
    )


def rankings_json(found: pd.DataFrame, publication: Publication) -> str:
    """The rankings as JSON: the world, when they were published, the teams."""
    about = {**published_json(publication), "teams": json.loads(to_json(found))}
    return json.dumps(about, ensure_ascii=False, indent=1)


def render_rankings(found: pd.DataFrame, publication: Publication) -> RenderableType:
    """The rankings for a terminal, the world and age first."""
    season = "" if found.empty else f"{found['season'].iloc[0]} "
    what = f"{season}power ratings: {len(found)} teams"
    parts: list[RenderableType] = [heading(what, publication, simulated="teams", as_of="newest change read")]
    if found.empty:
        parts.append(Text("No team to show: no season is listed, or no conference of that name."))
        return Group(*parts)
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("rank", justify="right")
    for title in ("team", "conference"):
        grid.add_column(title, no_wrap=True)
    for title in ("rating", "from", "to", "wins", "top 25", "title"):
        grid.add_column(title, justify="right", no_wrap=True)
    for row in plain_rows(found):
        grid.add_row(
            str(row["rank"]),
            str(row["team"]),
            row["conference"] or "-",
            *(rounded(row[name], sign=True) for name in ("rating", "low", "high")),
            "-" if row["expected_wins"] is None else f"{row['expected_wins']:.1f}",
            *("-" if row[name] is None else f"{100 * row[name]:.0f} %" for name in ("p_ranked", "p_title")),
        )
    return Group(*parts, grid, Text(LEGEND, "dim"))
