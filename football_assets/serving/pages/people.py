"""Player pages: search, a player's games and projections, and the prop calculator."""

import asyncio
from typing import Any
from urllib.parse import quote

import pandas as pd
from nicegui import ui

from football_assets.ncaa.player_games import STATS
from football_assets.ncaa.projection_schemas import PlayerProjections
from football_assets.serving.pages.frame import page, page_frame, provenance
from football_assets.serving.pages.html import UNKNOWN, empty, instant, link, number, percent, row, table, text
from football_assets.serving.paging import page as page_of
from football_assets.serving.players import TABLES, by_id, directory, logs, search
from football_assets.serving.problems import Problem
from football_assets.serving.props import Batch, Prop
from football_assets.serving.rows import records
from football_assets.serving.services import Services

FOUND = 40
GAMES = 40
DEFAULT_STAT = "rushing_yards"


def register(services: Services) -> None:
    """The pages `/players`, `/players/{id}` and `/props`."""

    @page(services, "/players")
    async def players() -> None:
        with page_frame("Players", "/players"):
            ui.html(provenance(services, "ncaa"), sanitize=False).classes("fa-note")
            words = ui.input("Name or part of it").props("outlined dense clearable autofocus").style("min-width:18rem")
            body = ui.html(empty("Two letters are enough; accents, points and case do not matter."), sanitize=False)

        async def draw() -> None:
            asked = str(words.value or "").strip()
            if len(asked) >= 2:
                body.set_content(await asyncio.to_thread(_found, services, asked))

        words.on_value_change(draw)

    @page(services, "/players/{player_id}")
    async def player(player_id: str) -> None:
        with page_frame("Player", "/players"):
            ui.html(provenance(services, "ncaa"), sanitize=False).classes("fa-note")
            try:
                about, games, projected = await asyncio.to_thread(_player, services, player_id)
            except Problem as problem:
                ui.html(empty(problem.detail), sanitize=False)
                return
            ui.html(_title(about), sanitize=False)
            known = [name for name in STATS if games[name].notna().any() and games[name].abs().sum() > 0]
            if known:
                first = DEFAULT_STAT if DEFAULT_STAT in known else known[0]
                with ui.element("div").classes("fa-tools"):
                    stat = ui.select(known, value=first, label="Number")
                    stat.props("outlined dense").style("min-width:14rem")
                chart = ui.echart(_chart(games, projected, str(stat.value))).style("height:260px;width:100%")

                def choose() -> None:
                    chart.options.clear()
                    chart.options.update(_chart(games, projected, str(stat.value)))
                    chart.update()

                stat.on_value_change(choose)
            ui.html("<h2>The coming game</h2>" + _projections(projected), sanitize=False)
            ui.html("<h2>Games</h2>" + _games(games, known), sanitize=False)

    @page(services, "/props")
    async def props() -> None:
        with page_frame("Prop calculator", "/props"):
            ui.html(provenance(services, "ncaa"), sanitize=False).classes("fa-note")
            with ui.element("div").classes("fa-tools"):
                name = ui.input("Player").props("outlined dense").style("min-width:14rem")
                team = ui.input("Team, if several share the name").props("outlined dense").style("min-width:14rem")
                stat = ui.select(list(STATS), value=DEFAULT_STAT, label="Number").props("outlined dense")
                line = ui.number("Line", value=50.5, step=0.5).props("outlined dense").style("width:7rem")
                over = ui.number("Over, price", value=-110).props("outlined dense").style("width:8rem")
                under = ui.number("Under, price", value=-110).props("outlined dense").style("width:8rem")
                ask = ui.button("Analyse").props("no-caps")
            body = ui.html(empty("Prices may be American (-110) or decimal (1.91)."), sanitize=False)

        async def analyse() -> None:
            if not name.value or line.value is None:
                body.set_content(empty("A player and a line are needed."))
                return
            asked = Prop(
                prop_id="page",
                player_name=str(name.value),
                team=str(team.value) if team.value else None,
                stat_type=str(stat.value),
                line=float(line.value),
                over_price=over.value,
                under_price=under.value,
            )
            try:
                told = await services.props.analyze(Batch(props=[asked]))
            except Problem as problem:
                body.set_content(empty(problem.detail))
                return
            body.set_content(_failed(told["failures"][0]) if told["failures"] else _analysis(told["results"][0]))

        ask.on_click(analyse)


def _found(services: Services, asked: str) -> str:
    try:
        view = services.published.view("ncaa", *TABLES)
        found = search(directory(services.published, view), asked, None)
    except Problem as problem:
        return empty(problem.detail)
    listed = page_of(found, ("_less", "_earlier", "player", "player_id"), FOUND, None)
    if not listed.total:
        return empty(f"No player's name holds {asked!r}.")
    rows = [
        row(
            [
                (link(f"/players/{quote(str(e['player_id']), safe='')}", text(e["player"])), ""),
                (text(e["team"]), ""),
                (text(e["games"]), "n"),
                (f"{e['first_season']} to {e['last_season']}", "c"),
            ]
        )
        for e in records(listed.rows)
    ]
    more = f'<p class="fa-note">{listed.total} fit, the first {FOUND} are shown.</p>' if listed.total > FOUND else ""
    heads = (("player", ""), ("team", ""), ("games", "n"), ("seasons", "c"))
    return table(heads, rows, caption="Players") + more


def _player(services: Services, player_id: str) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    view = services.published.view("ncaa", *TABLES, PlayerProjections)
    found = by_id(directory(services.published, view), player_id)
    about = {str(name): value for name, value in found.items()}
    games = logs(services.published, view)
    projected = view[PlayerProjections]
    mine = games[games["player_id"] == player_id].sort_values(["kickoff_at", "game_id"])
    return about, mine, projected[projected["player_id"] == player_id].sort_values("stat_type")


def _title(about: dict[str, Any]) -> str:
    seasons = f"{about['first_season']} to {about['last_season']}"
    team = link(f"/ncaa/team/{about['team_id']}", text(about["team"]))
    note = f"{team}, {about['games']} games, {seasons}"
    return f'<h2 style="font-size:1.5rem">{text(about["player"])}</h2><div class="fa-note">{note}</div>'


def _chart(games: pd.DataFrame, projected: pd.DataFrame, stat: str) -> dict[str, Any]:
    """The stat game by game, and for the coming game the range that holds it in 8 of 10 cases."""
    shown = games[games[stat].notna()].tail(GAMES)
    times = [f"{e['kickoff_at']:%b %d %Y}" for e in shown.to_dict("records")]
    values: list[Any] = [float(value) for value in shown[stat]]
    series: list[dict[str, Any]] = [{"name": stat, "type": "bar", "data": values}]
    found = projected[(projected["stat_type"] == stat) & projected["mean"].notna()]
    if len(found):
        said = found.iloc[0]
        times = [*times, "next"]
        blank: list[Any] = [None] * len(values)
        series += [
            {"name": "expected", "type": "scatter", "symbolSize": 12, "data": [*blank, round(float(said["mean"]), 1)]},
            {
                "name": "8 of 10 cases",
                "type": "boxplot",
                "data": [*([[]] * len(values)), [float(said[p]) for p in ("p10", "p25", "p50", "p75", "p90")]],
            },
        ]
    return {
        "color": ["#0b63ce", "#c2571a", "#8a8f98"],
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "textStyle": {"color": "#7a8794"}},
        "grid": {"left": 45, "right": 15, "top": 35, "bottom": 30},
        "xAxis": {"type": "category", "data": times},
        "yAxis": {"type": "value"},
        "series": series,
        "animation": False,
    }


def _projections(projected: pd.DataFrame) -> str:
    if projected.empty:
        return empty("No projection: his team has no game within the coming week, or he did not play of late.")
    rows = []
    for e in records(projected):
        if e["mean"] is None:
            rows.append(row([(text(e["stat_type"]), ""), (text(e["reason"]), "soft"), *[("", "")] * 4]))
            continue
        span = f"{number(e['p10'], 0)} to {number(e['p90'], 0)}"
        rows.append(
            row(
                [
                    (text(e["stat_type"]), ""),
                    (f"<b>{number(e['mean'])}</b>", "n"),
                    (span, "n"),
                    (number(e["line"]), "n"),
                    (percent(e["p_over"]), "n"),
                    (text(e["n_games"]), "n"),
                ]
            )
        )
    heads = (("number", ""), ("expected", "n"), ("8 of 10 cases", "n"), ("own median", "n"), ("over it", "n"))
    return table((*heads, ("games", "n")), rows, caption="Projections")


def _games(games: pd.DataFrame, known: list[str]) -> str:
    rows = [
        row(
            [
                (instant(e["kickoff_at"], "%b %d %Y"), ""),
                ({"home": "", "away": "at", "neutral": "vs"}.get(str(e["place"]), ""), ""),
                (link(f"/ncaa/team/{e['opponent_id']}", text(e["opponent"])), ""),
                (UNKNOWN if e["points_for"] is None else f"{e['points_for']}-{e['points_against']}", "c"),
                *((number(e[name], 0), "n") for name in known),
            ]
        )
        for e in records(games.iloc[::-1].head(GAMES))
    ]
    heads = (("game", ""), ("", ""), ("opponent", ""), ("score", "c"), *((name, "n") for name in known))
    return table(heads, rows, caption="Games")


def _failed(told: dict[str, Any]) -> str:
    listed = [f"{e['player']}, {e['team']} ({e['last_season']})" for e in told.get("candidates", ())]
    return empty(told["detail"] + (f" They are: {'; '.join(listed)}." if listed else ""))


def _analysis(told: dict[str, Any]) -> str:
    words = {"over": "Over", "under": "Under", "no_bet": "No bet", "insufficient_data": "Not enough is known"}
    title = f"<h2>{words[told['recommendation']]}: {text(told['reason'])}</h2>"
    note = f'<p class="fa-note">{text(told["player"])}, {text(told["matchup"])}, {instant(told["kickoff_at"])} UTC</p>'
    sides = []
    for side in ("over", "under"):
        each = told[side]
        if each is None:
            continue
        low, high = each["expected_value_low"], each["expected_value_high"]
        span = UNKNOWN if low is None else f"{number(low, 3, sign=True)} to {number(high, 3, sign=True)}"
        sides.append(
            row(
                [
                    (f"{side} {told['line']:g}", ""),
                    (percent(each["p"], 1), "n"),
                    (number(each["price_decimal"], 2), "n"),
                    (number(each["expected_value"], 3, sign=True), "n"),
                    (span, "n"),
                    (number(each["lowest_acceptable_decimal"], 2), "n"),
                    (percent(each["kelly_share"], 2), "n"),
                ]
            )
        )
    heads = (
        ("bet", ""),
        ("chance", "n"),
        ("price", "n"),
        ("expected value", "n"),
        ("90 of 100", "n"),
        ("least price", "n"),
        ("stake", "n"),
    )
    bets = table(heads, sides, caption="Bets") if sides else ""
    reasons = "".join(
        f'<li>{text(e["text"])} <a href="/v1/evidence/{e["evidence_id"]}" target="_blank">rows behind it</a></li>'
        for e in told["reasoning"]
    )
    return f"{title}{note}{bets}<h2>Why</h2><ul>{reasons}</ul>"
