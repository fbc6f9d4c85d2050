"""Rankings and outlook, and a team's season, as HTML."""

from typing import Any

import pandas as pd

from football_assets.ncaa.projection_schemas import PowerRatings, SeasonOutlook
from football_assets.ncaa.schemas import TeamGames, TeamRecords
from football_assets.ncaa.season_schemas import Rankings, Teams
from football_assets.serving.pages.frame import nothing
from football_assets.serving.pages.html import UNKNOWN, empty, instant, link, number, percent, row, table, text
from football_assets.serving.problems import Problem
from football_assets.serving.published import View
from football_assets.serving.services import Services
from football_assets.tables import Table, plain_rows

POLL_TEAMS = 25
PLACES = {"home": "", "away": "at", "neutral": "vs"}


def view_of(services: Services, *tables: type[Table]) -> View | str:
    """The tables as published now, or why there are none."""
    try:
        return services.published.view("ncaa", *tables)
    except Problem as problem:
        return empty(nothing(services, "ncaa", problem))


def rankings(services: Services) -> str:
    """Every rated team with its outlook, then the polls."""
    view = view_of(services, PowerRatings, SeasonOutlook, Rankings, Teams)
    if isinstance(view, str):
        return view
    teams = team_ids(view)
    ratings = view[PowerRatings].merge(
        view[SeasonOutlook].drop(columns=["team", "conference", "as_of"]), on=["season", "team_id"], how="left"
    )
    if ratings.empty:
        return empty("No team is rated yet: the season has no result.")
    rows = []
    for each in plain_rows(ratings.sort_values(["rank", "team_id"])):
        interval = f"{number(each['low'])} to {number(each['high'])}"
        span = f"{number(each['wins_p10'], 0)} to {number(each['wins_p90'], 0)}"
        wins = f"{number(each['expected_wins'])}<small class='wide'> {span}</small>"
        rows.append(
            row(
                [
                    (text(each["rank"]), "n"),
                    (team_link(teams, each["team"]), ""),
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
        ("wins in the end", "n"),
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
            row([(text(e["rank"]), "n"), (team_link(teams, e["team"]), ""), (text(e["points"]), "n")])
            for e in plain_rows(part.sort_values(["rank", "team"]).head(POLL_TEAMS))
        ]
        heads = (("rank", "n"), ("team", ""), ("points", "n"))
        found.append(f"<h2>{text(poll)}, week {int(part['week'].max())}</h2>" + table(heads, rows, caption=str(poll)))
    return "".join(found)


def name_of(services: Services, team_id: int) -> str | None:
    """`Ironvale Ferrets`; None when there is no such team."""
    view = view_of(services, Teams)
    listed = [] if isinstance(view, str) else plain_rows(view[Teams][view[Teams]["team_id"] == team_id])
    return " ".join(filter(None, (listed[-1]["team"], listed[-1]["mascot"]))) if listed else None


def team(services: Services, team_id: int) -> str:
    """A team: its games of the newest season, and the seasons before."""
    view = view_of(services, Teams, TeamRecords, TeamGames, PowerRatings)
    if isinstance(view, str):
        return view
    listed = view[Teams][view[Teams]["team_id"] == team_id].sort_values("season")
    if listed.empty:
        return empty(f"No team has the id {team_id}.")
    about = plain_rows(listed)[-1]
    records = view[TeamRecords][view[TeamRecords]["team_id"] == team_id].sort_values("season", ascending=False)
    games = view[TeamGames]
    mine = games[(games["team_id"] == team_id) & (games["season"] == about["season"])].sort_values("kickoff_at")
    rated = plain_rows(view[PowerRatings][view[PowerRatings]["team_id"] == team_id])
    strength = "" if not rated else f", rated {number(rated[0]['rating'], 1, sign=True)}, rank {text(rated[0]['rank'])}"
    note = (
        f'<p class="fa-note">{text(about["conference"])}{strength}. {text(about["venue"])}, {text(about["city"])}</p>'
    )
    season = f"<h2>Season {about['season']}</h2>" + (_schedule(mine) if len(mine) else empty("No game is listed yet."))
    return note + season + "<h2>Seasons</h2>" + _seasons(records)


def _schedule(mine: pd.DataFrame) -> str:
    rows = [
        row(
            [
                (text(e["week"]), "n"),
                (f"{instant(e['kickoff_at'], '%b %d')} {instant(e['kickoff_at'], '%H:%M')}", ""),
                (PLACES.get(str(e["place"]), ""), ""),
                (link(f"/ncaa/team/{e['opponent_id']}", text(e["opponent"])), ""),
                (text(e["result"]), "c"),
                (UNKNOWN if e["points_for"] is None else f"{e['points_for']}-{e['points_against']}", "c"),
                (number(e["spread"], 1, sign=True), "n"),
                (text(e["spread_result"]), "wide"),
            ]
        )
        for e in plain_rows(mine)
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
        for e in plain_rows(records)
    ]
    heads = (("season", "n"), ("record", "c"), ("won", "n"), ("conference", "c"), ("against the line", "c"))
    return table(heads, rows, caption="Seasons")


def team_ids(view: View) -> dict[str, int]:
    """The id of each team by its name."""
    teams = view[Teams].sort_values("season")
    return dict(zip(teams["team"].astype(str), teams["team_id"].astype(int), strict=True))


def team_link(teams: dict[str, int], name: Any) -> str:
    """A team's name, which leads to its page when there is one."""
    number_of = teams.get(str(name))
    return text(name) if number_of is None else link(f"/ncaa/team/{number_of}", text(name))
