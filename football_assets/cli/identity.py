"""`football identity`: which team of the results a live team is, where a person has to say so."""

import json
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from football_assets.cli.headings import heading, published_json
from football_assets.cli.live_read import soccer_warehouse, soccer_world
from football_assets.cli.options import AsJson, World
from football_assets.cli.table import to_json
from football_assets.config import load_settings, now_utc
from football_assets.errors import ConfigError, StorageError
from football_assets.soccer.identity import LINKED, REVIEW
from football_assets.soccer.model_files import SoccerModelFile
from football_assets.soccer.predicting import kept_model
from football_assets.soccer.prediction_schemas import TeamLinks
from football_assets.soccer.team_links import ACCEPTED, DECISIONS, REJECTED, add_decision, read_decisions
from football_assets.soccer.team_names import Likeness
from football_assets.states import Source
from football_assets.tables import plain_rows
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import Publication

NOTHING = 3
DOING = "reading the links of teams"
SUGGESTED = 5
DECIDE = "football identity accept ID 'NAME' links a team from the next cycle on; reject ID 'NAME' rules one out"
SHOWN = ("team_id", "team", "country", "competition", "state", "history_team", "confidence", "basis", "candidates")

app = typer.Typer(name="identity", help="Which team of the results a live team is.", no_args_is_help=True)

TeamId = Annotated[str, typer.Argument(metavar="ID", help="Team id of the live feed, as the review shows it.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The team as the results name it.")]


@app.command()
def review(
    everything: Annotated[bool, typer.Option("--all", help="Linked teams as well.")] = False,
    as_json: AsJson = False,
    source: World = None,
) -> None:
    """Print the teams that wait for a person. Exit code 3 when there is none."""
    publication, links = _published(source)
    chosen = links if everything else links[links["state"] != LINKED]
    chosen = chosen.sort_values(["state", "country", "team"], ascending=[False, True, True], ignore_index=True)
    if as_json:
        about = {**published_json(publication), "linked": _linked(links), "teams": json.loads(_json(chosen))}
        typer.echo(json.dumps(about, ensure_ascii=False, indent=1))
    else:
        Console().print(render(chosen, links, publication))
    raise typer.Exit(NOTHING if chosen.empty else 0)


@app.command()
def accept(team_id: TeamId, name: Name, source: World = None) -> None:
    """Link a live team to a team of the results; dated, and taken over in the next cycle."""
    _decide(team_id, name, ACCEPTED, source)


@app.command()
def reject(team_id: TeamId, name: Name, source: World = None) -> None:
    """Say that a live team is not this team of the results; dated, and taken over in the next cycle."""
    _decide(team_id, name, REJECTED, source)


@app.command()
def decisions(as_json: AsJson = False, source: World = None) -> None:
    """Print every decision that was taken, oldest first. Exit code 3 when there is none."""
    lake = _lake(source)
    lake.file(DECISIONS, changes=True)
    found = read_decisions(lake.world)
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for each in found:
            typer.echo(f"{each['decided_at'][:16]}  {each['decision']:8}  {each['team']} = {each['history_team']}")
    raise typer.Exit(0 if found else NOTHING)


def render(chosen: pd.DataFrame, links: pd.DataFrame, publication: Publication) -> RenderableType:
    """The teams for a terminal; `chosen` and `links` are TeamLinks."""
    waiting = int((links["state"] == REVIEW).sum())
    what = f"{_linked(links)} of {len(links)} teams linked, {waiting} to review"
    parts: list[RenderableType] = [heading(what, publication, simulated="teams", as_of="provider's clock")]
    if chosen.empty:
        return Group(*parts, Text("No team waits for a person."))
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("id", "team", "league", "state", "the results' team, or who may be meant"):
        grid.add_column(title, overflow="fold")
    for row in plain_rows(chosen):
        means = f"{row['history_team']} ({row['confidence']:.2f}, {row['basis']})" if row["history_team"] else None
        known = f"({row['country']})" in row["competition"]
        place = row["competition"] if known else f"{row['competition']} ({row['country']})"
        grid.add_row(row["team_id"], row["team"], place, row["state"], means or row["candidates"] or "nobody similar")
    return Group(*parts, grid, Text(DECIDE, "dim"))


def _decide(team_id: str, name: str, decision: str, source: Source | None) -> None:
    _, links = _published(source)
    lake = _lake(source)
    rows = links[links["team_id"] == team_id]
    if rows.empty:
        raise ConfigError("ID", value=team_id, allowed="one of `football identity review --all`", origin="the command")
    row = rows.iloc[0]
    model = kept_model(lake)
    if not isinstance(model, SoccerModelFile):
        raise StorageError("reading the teams of the results", model, "Decide when there is a model.")
    names = [team for country, team in model.team_divisions if country == row["country"]]
    if name not in names:
        likeness = Likeness([*names, name])
        near = sorted(names, key=lambda each: -likeness(each, name))[:SUGGESTED]
        allowed = f"a team of {row['country']} as the results name it, such as {', '.join(near)}"
        raise ConfigError("NAME", value=name, allowed=allowed, origin="the command")
    told = {"team_id": team_id, "team": str(row["team"]), "history_team": name, "country": str(row["country"])}
    lake.file(DECISIONS, changes=True)
    add_decision(lake.world, {**told, "decision": decision, "decided_at": now_utc().isoformat()})
    lake.share(DECISIONS)
    typer.echo(f"{decision}: {row['team']} = {name}; the next live cycle takes it over")


def _published(source: Source | None) -> tuple[Publication, pd.DataFrame]:
    warehouse = soccer_warehouse(load_settings(), source)
    publication, tables = warehouse.published("soccer", (TeamLinks.sql_name(),), DOING)
    return publication, tables[TeamLinks.sql_name()]


def _lake(source: Source | None) -> Lake:
    settings = load_settings()
    return Lake(settings.folder, soccer_world(settings, source, DOING))


def _linked(links: pd.DataFrame) -> int:
    return int((links["state"] == LINKED).sum())


def _json(chosen: pd.DataFrame) -> str:
    dated = [*SHOWN, "shared_fixtures", "linked_at", "checked_at"]
    return to_json(chosen[dated])
