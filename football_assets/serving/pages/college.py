"""College pages: the week's games with prediction beside the line, rankings and outlook, a team's season."""

import asyncio
from typing import Any
from urllib.parse import quote

import pandas as pd
from nicegui import ui

from football_assets.ncaa.ledger_schemas import GamePredictions
from football_assets.ncaa.predictions import coming_week
from football_assets.ncaa.projection_schemas import PowerRatings, SeasonOutlook
from football_assets.ncaa.schemas import TeamGames, TeamRecords
from football_assets.ncaa.season_schemas import Rankings, Teams
from football_assets.serving.pages.frame import LOOK_S, page, page_frame, provenance
from football_assets.serving.pages.html import UNKNOWN, empty, group, instant, link, number, percent, row, table, text
from football_assets.serving.problems import Problem
from football_assets.serving.published import View
from football_assets.serving.services import Services
from football_assets.tables import Table

COMING = "coming"
POLL_TEAMS = 25


def register(services: Services) -> None:
    """The pages `/ncaa`, `/ncaa/rankings` and `/ncaa/team/{id}`."""

    @page(services, "/ncaa")
    async def week() -> None:
        with page_frame("NCAA: the week's games", "/ncaa"):
            head = ui.html(provenance(services, "ncaa"), sanitize=False).classes("fa-note")
            weeks = await asyncio.to_thread(_weeks, services)
            with ui.element("div").classes("fa-tools"):
                chosen = ui.select(weeks, value=COMING, label="Week").props("dense outlined").style("min-width:13rem")
                families = {"no_market": "without betting lines", "market_aware": "knowing the opening line"}
                family = ui.select(families, value="no_market", label="Model").props("dense outlined")
                family.style("min-width:15rem")
            body = ui.html("", sanitize=False)

        async def draw() -> None:
            body.set_content(await asyncio.to_thread(_week, services, str(chosen.value), str(family.value)))

        for control in (chosen, family):
            control.on_value_change(draw)
        await draw()
        _keep_fresh(services, head, draw)

    @page(services, "/ncaa/rankings")
    async def rankings() -> None:
        with page_frame("NCAA: rankings and outlook", "/ncaa/rankings"):
            head = ui.html(provenance(services, "ncaa"), sanitize=False).classes("fa-note")
            body = ui.html("", sanitize=False)

        async def draw() -> None:
            body.set_content(await asyncio.to_thread(_rankings, services))

        await draw()
        _keep_fresh(services, head, draw)

    @page(services, "/ncaa/team/{team_id}")
    async def team(team_id: int) -> None:
        with page_frame("NCAA: team", "/ncaa/team"):
            head = ui.html(provenance(services, "ncaa"), sanitize=False).classes("fa-note")
            body = ui.html("", sanitize=False)

        async def draw() -> None:
            body.set_content(await asyncio.to_thread(_team, services, team_id))

        await draw()
        _keep_fresh(services, head, draw)


def _keep_fresh(services: Services, head: ui.html, draw: Any) -> None:
    """Show the age each second, and draw anew when something was published."""
    seen = {"id": _id(services)}

    async def look() -> None:
        head.set_content(provenance(services, "ncaa"))
        if _id(services) != seen["id"]:
            seen["id"] = _id(services)
            await draw()

    ui.timer(LOOK_S, look)


def _id(services: Services) -> int | None:
    publication = services.published.newest("ncaa")
    return publication.id if publication else None


def _view(services: Services, *tables: type[Table]) -> View | str:
    try:
        return services.published.view("ncaa", *tables)
    except Problem as problem:
        return empty(f"{problem.detail} `football ncaa run` collects, predicts and publishes.")


def _weeks(services: Services) -> dict[str, str]:
    view = _view(services, GamePredictions)
    found = {COMING: "the coming week"}
    if isinstance(view, str):
        return found
    listed = view[GamePredictions][["season", "season_type", "week"]].drop_duplicates()
    listed = listed.sort_values(["season", "season_type", "week"], ascending=[False, True, False])
    for season, season_type, week in listed.itertuples(index=False):
        name = f"week {week}" if season_type == "regular" else f"bowls and playoff, week {week}"
        found[f"{season}:{season_type}:{week}"] = f"{season} {name}"
    return found


def _week(services: Services, chosen: str, family: str) -> str:
    view = _view(services, GamePredictions, Teams)
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
    if frame.empty:
        return empty("No game to show: the season is over, not listed yet, or too few games are known to predict.")
    teams = _team_ids(view)
    rows: list[str] = []
    day = None
    for each in _plain(frame.sort_values(["kickoff_at", "game_id"])):
        date = f"{each['kickoff_at']:%A %d %B %Y}"
        if date != day:
            rows.append(group(date, len(WEEK)))
            day = date
        rows.append(_game(each, teams))
    return table(WEEK, rows, caption="Games of the week") + f'<p class="fa-note">{LEGEND}</p>'


WEEK = (
    ("UTC", "n"),
    ("away at home", ""),
    ("home wins", "n"),
    ("line, model", "n"),
    ("line, bets", "n"),
    ("model likes", "n"),
    ("total, model", "n wide"),
    ("total, bets", "n wide"),
    ("result", "c"),
    ("said", "wide"),
)
LEGEND = (
    "Line: the points that the home side gives (-3.5: favourite by 3.5). `Model likes`: the side that the model rates "
    "higher than the bookmakers do, by how many points. The spread after ± is one standard deviation."
)


def _game(each: dict[str, Any], teams: dict[str, int]) -> str:
    names = [_team_link(teams, each[f"{side}_team"]) for side in ("away", "home")]
    spread, margin = each["market_spread"], each["margin_mean"]
    away, home = (None, None) if each["margin"] is None else _points(each["margin"], each["total"])
    return row(
        [
            ("open" if each["is_kickoff_tbd"] else f"{each['kickoff_at']:%H:%M}", "n"),
            (f"{names[0]} {'vs' if each['is_neutral_site'] else 'at'} {names[1]}", ""),
            (percent(each["p_home"]), "n"),
            (f"{number(-margin, 1, sign=True)} <small>± {number(each['margin_sd'], 0)}</small>", "n"),
            (number(spread, 1, sign=True), "n"),
            (UNKNOWN if spread is None else _likes(margin + spread), "n"),
            (number(each["total_mean"]), "n wide"),
            (number(each["market_total"]), "n wide"),
            (UNKNOWN if away is None else f"{away}-{home}", "c"),
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


def _rankings(services: Services) -> str:
    view = _view(services, PowerRatings, SeasonOutlook, Rankings, Teams)
    if isinstance(view, str):
        return view
    teams = _team_ids(view)
    ratings = view[PowerRatings].merge(
        view[SeasonOutlook].drop(columns=["team", "conference", "as_of"]), on=["season", "team_id"], how="left"
    )
    if ratings.empty:
        return empty("No team is rated yet: the season has no result.")
    rows = []
    for each in _plain(ratings.sort_values(["rank", "team_id"])):
        interval = f"{number(each['low'])} to {number(each['high'])}"
        span = f"{number(each['wins_p10'], 0)} to {number(each['wins_p90'], 0)}"
        wins = f"{number(each['expected_wins'])} <small>{span}</small>"
        rows.append(
            row(
                [
                    (text(each["rank"]), "n"),
                    (_team_link(teams, each["team"]), ""),
                    (text(each["conference"]), "wide"),
                    (f"<b>{number(each['rating'], 1, sign=True)}</b>", "n"),
                    (interval, "n wide"),
                    (number(each["offense"], 1, sign=True), "n wide"),
                    (number(each["defense"], 1, sign=True), "n wide"),
                    (wins, "n"),
                    (percent(each["p_ranked"]), "n"),
                    (percent(each["p_title"]), "n"),
                ]
            )
        )
    heads = (
        ("rank", "n"),
        ("team", ""),
        ("conference", "wide"),
        ("rating", "n"),
        ("90 of 100", "n wide"),
        ("offense", "n wide"),
        ("defense", "n wide"),
        ("wins at the end", "n"),
        ("top 25", "n"),
        ("title", "n"),
    )
    note = "Rating: points better than an average FBS team on neutral ground. Chances out of simulated seasons."
    polls = _polls(view[Rankings], teams)
    return f'<p class="fa-note">{note}</p>' + table(heads, rows, caption="Power ratings") + polls


def _polls(frame: pd.DataFrame, teams: dict[str, int]) -> str:
    if frame.empty:
        return ""
    newest = frame[frame["season"] == frame["season"].max()]
    newest = newest[newest["week"] == newest["week"].max()]
    found = []
    for poll, part in newest.groupby("poll", sort=True):
        rows = [
            row([(text(e["rank"]), "n"), (_team_link(teams, e["team"]), ""), (text(e["points"]), "n")])
            for e in _plain(part.sort_values(["rank", "team"]).head(POLL_TEAMS))
        ]
        heads = (("rank", "n"), ("team", ""), ("points", "n"))
        found.append(f"<h2>{text(poll)}, week {int(part['week'].max())}</h2>" + table(heads, rows, caption=str(poll)))
    return "".join(found)


def _team(services: Services, team_id: int) -> str:
    view = _view(services, Teams, TeamRecords, TeamGames, PowerRatings)
    if isinstance(view, str):
        return view
    listed = view[Teams][view[Teams]["team_id"] == team_id].sort_values("season")
    if listed.empty:
        return empty(f"No team has the id {team_id}.")
    about = _plain(listed)[-1]
    records = view[TeamRecords][view[TeamRecords]["team_id"] == team_id].sort_values("season", ascending=False)
    games = view[TeamGames]
    mine = games[(games["team_id"] == team_id) & (games["season"] == about["season"])].sort_values("kickoff_at")
    rated = _plain(view[PowerRatings][view[PowerRatings]["team_id"] == team_id])
    strength = "" if not rated else f", rated {number(rated[0]['rating'], 1, sign=True)}, rank {text(rated[0]['rank'])}"
    title = f"<h2>{text(about['team'])} {text(about['mascot'])}</h2>"
    note = (
        f'<p class="fa-note">{text(about["conference"])}{strength}. {text(about["venue"])}, {text(about["city"])}</p>'
    )
    return title + note + _schedule(mine) + "<h2>Seasons</h2>" + _seasons(records)


def _schedule(mine: pd.DataFrame) -> str:
    rows = [
        row(
            [
                (text(e["week"]), "n"),
                (instant(e["kickoff_at"]), ""),
                ({"home": "", "away": "at", "neutral": "vs"}.get(str(e["place"]), ""), ""),
                (link(f"/ncaa/team/{e['opponent_id']}", text(e["opponent"])), ""),
                (text(e["result"]), "c"),
                (UNKNOWN if e["points_for"] is None else f"{e['points_for']}-{e['points_against']}", "c"),
                (number(e["spread"], 1, sign=True), "n"),
                (text(e["spread_result"]), "wide"),
            ]
        )
        for e in _plain(mine)
    ]
    heads = (("week", "n"), ("UTC", ""), ("", ""), ("opponent", ""), ("", "c"), ("score", "c"), ("line", "n"))
    return table((*heads, ("against it", "wide")), rows, caption="Schedule")


def _seasons(records: pd.DataFrame) -> str:
    rows = [
        row(
            [
                (text(e["season"]), "n"),
                (f"{e['wins']}-{e['losses']}" + (f"-{e['ties']}" if e["ties"] else ""), "c"),
                (percent(e["win_pct"], 1), "n"),
                (f"{e['conference_wins']}-{e['conference_losses']}", "c"),
                (f"{e['spread_wins']}-{e['spread_losses']}-{e['spread_pushes']}", "c"),
            ]
        )
        for e in _plain(records)
    ]
    heads = (("season", "n"), ("record", "c"), ("won", "n"), ("conference", "c"), ("against the line", "c"))
    return table(heads, rows, caption="Seasons")


def _team_ids(view: View) -> dict[str, int]:
    teams = view[Teams].sort_values("season")
    return dict(zip(teams["team"].astype(str), teams["team_id"].astype(int), strict=True))


def _team_link(teams: dict[str, int], name: Any) -> str:
    number_of = teams.get(str(name))
    return text(name) if number_of is None else link(f"/ncaa/team/{quote(str(number_of))}", text(name))


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    known = frame.astype(object).where(frame.notna(), None)
    return [{str(name): value for name, value in each.items()} for each in known.to_dict("records")]
