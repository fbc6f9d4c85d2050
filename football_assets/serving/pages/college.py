"""College pages: the week's games with prediction beside the line, rankings and outlook, a team's season."""

import asyncio
from collections.abc import Callable
from typing import Any

import pandas as pd
from nicegui import ui

from football_assets.ncaa.game_model import FAMILY
from football_assets.ncaa.ledger_schemas import GamePredictions
from football_assets.ncaa.predictions import coming_week
from football_assets.ncaa.season_schemas import Teams
from football_assets.serving.pages import college_views as views
from football_assets.serving.pages.frame import follow, page, page_frame, provenance, remember
from football_assets.serving.pages.html import UNKNOWN, empty, group, number, percent, row, table, text
from football_assets.serving.services import Services
from football_assets.tables import plain_rows

COMING = "coming"
FAMILIES = {"no_market": "without betting lines", "market_aware": "knowing the opening line"}


def register(services: Services) -> None:
    """The pages `/ncaa`, `/ncaa/rankings` and `/ncaa/team/{id}`."""

    @page(services, "/ncaa")
    async def week(week: str = COMING, model: str = FAMILY, team: str = "") -> None:
        with page_frame("NCAA: the week's games", "/ncaa"):
            await _week_page(services, week, model, team)

    @page(services, "/ncaa/rankings")
    async def rankings() -> None:
        with page_frame("NCAA: rankings and outlook", "/ncaa/rankings"):
            await _body(services, lambda: views.rankings(services))

    @page(services, "/ncaa/team/{team_id}")
    async def team(team_id: int) -> None:
        with page_frame("NCAA: team", "/ncaa/team") as entitle:
            found = await asyncio.to_thread(views.name_of, services, team_id)
            if found is not None:
                entitle(found)
            await _body(services, lambda: views.team(services, team_id))


async def _week_page(services: Services, week: str, model: str, team: str) -> None:
    """The games of a chosen week."""
    head = ui.html("", sanitize=False).classes("fa-note")
    weeks = await asyncio.to_thread(_weeks, services)
    with ui.element("div").classes("fa-tools"):
        chosen = ui.select(weeks, value=week if week in weeks else COMING, label="Week").props("dense outlined")
        chosen.style("min-width:11rem")
        family = ui.select(FAMILIES, value=model if model in FAMILIES else FAMILY, label="Model")
        family.props("dense outlined").style("min-width:13rem")
        words = ui.input("Team", value=team).props("dense outlined clearable")
    body = ui.html("", sanitize=False)

    async def draw() -> None:
        head.set_content(provenance(services, "ncaa"))
        asked = (str(chosen.value), str(family.value), str(words.value or ""))
        body.set_content(await asyncio.to_thread(_week, services, *asked))

    async def choose() -> None:
        asked = {"week": (chosen.value, COMING), "model": (family.value, FAMILY), "team": (words.value, "")}
        remember(**{name: str(value) for name, (value, usual) in asked.items() if value and value != usual})
        await draw()

    for control in (chosen, family, words):
        control.on_value_change(choose)
    await follow(services, "ncaa", draw)


async def _body(services: Services, made: Callable[[], str]) -> None:
    """A page without controls: its provenance and what `made` gives, anew with each publication."""
    head = ui.html("", sanitize=False).classes("fa-note")
    body = ui.html("", sanitize=False)

    async def draw() -> None:
        head.set_content(provenance(services, "ncaa"))
        body.set_content(await asyncio.to_thread(made))

    await follow(services, "ncaa", draw)


def _weeks(services: Services) -> dict[str, str]:
    view = views.view_of(services, GamePredictions)
    found = {COMING: "the coming week"}
    if isinstance(view, str):
        return found
    listed = view[GamePredictions][["season", "season_type", "week"]].drop_duplicates()
    listed = listed.sort_values(["season", "season_type", "week"], ascending=[False, True, False])
    for season, season_type, week in listed.itertuples(index=False):
        name = f"week {week}" if season_type == "regular" else f"bowls and playoff, week {week}"
        found[f"{season}:{season_type}:{week}"] = f"{season} {name}"
    return found


def _week(services: Services, chosen: str, family: str, words: str) -> str:
    view = views.view_of(services, GamePredictions, Teams)
    if isinstance(view, str):
        return view
    frame = view[GamePredictions]
    frame = frame[frame["family"] == family]
    if chosen == COMING:
        as_of = view.publication.as_of
        frame = coming_week(frame, None if as_of is None else pd.Timestamp(as_of))
    else:
        season, season_type, week = chosen.split(":")
        frame = frame[
            (frame["season"] == int(season)) & (frame["season_type"] == season_type) & (frame["week"] == int(week))
        ]
    for word in words.casefold().split():
        held = frame["home_team"].str.cat(frame["away_team"], sep=" ").str.casefold()
        frame = frame[held.str.contains(word, regex=False)]
    if frame.empty:
        asked = f" Asked for is a team with {words!r}." if words else ""
        why = "the season is over, not listed yet, or too few games are known to predict."
        return empty(f"No game to show: {why}{asked}")
    teams = views.team_ids(view)
    rows: list[str] = []
    day = None
    for each in plain_rows(frame.sort_values(["kickoff_at", "game_id"])):
        date = f"{each['kickoff_at']:%A %d %B %Y}"
        if date != day:
            rows.append(group(date, len(WEEK)))
            day = date
        rows.append(_game(each, teams))
    return table(WEEK, rows, caption="Games of the week") + f'<p class="fa-note">{LEGEND}</p>'


WEEK = (
    ("UTC", "n wide"),
    ("away at home", "teams"),
    ("home wins", "n"),
    ("line, model", "n"),
    ("line, bets", "n"),
    ("model likes", "n"),
    ("total, model", "n wide"),
    ("total, bets", "n wide"),
    ("result", "c wide"),
    ("prediction", "wide"),
)
LEGEND = (
    "Line: the points that the home side gives (-3.5: favourite by 3.5). Model likes: the side that the model rates "
    "higher than the bookmakers do, and by how many points. After ±: one standard deviation. Result: away-home."
)


def _game(each: dict[str, Any], teams: dict[str, int]) -> str:
    names = [views.team_link(teams, each[f"{side}_team"]) for side in ("away", "home")]
    spread, margin = each["market_spread"], each["margin_mean"]
    away, home = (None, None) if each["margin"] is None else _points(each["margin"], each["total"])
    result = UNKNOWN if away is None else f"{away}-{home}"
    kickoff = "open" if each["is_kickoff_tbd"] else f"{each['kickoff_at']:%H:%M}"
    at = "vs" if each["is_neutral_site"] else "at"
    below = f'<br class="narrow"><small class="narrow">{kickoff}{"" if away is None else f", {result}"}</small>'
    sd = f'<small class="wide"> ± {number(each["margin_sd"], 0)}</small>'
    return row(
        [
            (kickoff, "n wide"),
            (f'{names[0]} <br class="narrow">{at} {names[1]}{below}', ""),
            (percent(each["p_home"]), "n"),
            (UNKNOWN if margin is None else f"{number(-margin, 1, sign=True)}{sd}", "n"),
            (number(spread, 1, sign=True), "n"),
            (UNKNOWN if spread is None or margin is None else _likes(margin + spread), "n"),
            (number(each["total_mean"]), "n wide"),
            (number(each["market_total"]), "n wide"),
            (result, "c wide"),
            (text(each["state"]), "wide"),
        ]
    )


def _points(margin: int, total: int) -> tuple[int, int]:
    """Points of the away and the home side."""
    return (total - margin) // 2, (total + margin) // 2


def _likes(points: float) -> str:
    if abs(points) < 0.05:
        return "same"
    return f"{'home' if points > 0 else 'away'} <b>{abs(points):.1f}</b>"
