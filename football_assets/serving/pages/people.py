"""Player pages: search, and a player's games and projections."""

import asyncio
from typing import Any
from urllib.parse import quote, urlencode

import pandas as pd
from nicegui import ui

from football_assets.ncaa.player_games import STATS
from football_assets.ncaa.projection_schemas import PlayerProjections
from football_assets.serving.pages import charts
from football_assets.serving.pages.college_views import PLACES
from football_assets.serving.pages.frame import BEGIN, follow, nothing, page, page_frame, provenance, remember
from football_assets.serving.pages.html import UNKNOWN, empty, instant, link, number, percent, row, table, text, words
from football_assets.serving.paging import page as page_of
from football_assets.serving.players import TABLES, by_id, directory, logs, search
from football_assets.serving.problems import Problem
from football_assets.serving.rows import records
from football_assets.serving.services import Services

FOUND = 40
GAMES = 40
DEFAULT_STAT = "rushing_yards"
HINT = "Two letters are enough; accents, points and case do not matter."


def register(services: Services) -> None:
    """The pages `/players` and `/players/{id}`."""

    @page(services, "/players")
    async def players(name: str = "") -> None:
        with page_frame("Players", "/players"):
            await _search_page(services, name)

    @page(services, "/players/{player_id}")
    async def player(player_id: str) -> None:
        with page_frame("Player", "/players") as entitle:
            shown = _Player(services, player_id)

            async def draw() -> None:
                if (name := await shown.draw()) is not None:
                    entitle(name)

            await follow(services, "ncaa", draw)


async def _search_page(services: Services, name: str) -> None:
    """A field, and below it the players that fit."""
    head = ui.html("", sanitize=False).classes("fa-note")
    with ui.element("div").classes("fa-tools"):
        asked = ui.input("Name or part of it", value=name).props("outlined dense clearable autofocus")
        asked.style("width:min(24rem,100%)")
    body = ui.html("", sanitize=False).props('aria-live="polite"')

    async def draw() -> None:
        head.set_content(provenance(services, "ncaa"))
        name = str(asked.value or "").strip()
        hint = HINT if services.published.newest("ncaa") else BEGIN["ncaa"]
        body.set_content(await asyncio.to_thread(_found, services, name) if len(name) >= 2 else empty(hint))

    async def choose() -> None:
        remember(name=str(asked.value or "").strip())
        await draw()

    asked.on_value_change(choose)
    await follow(services, "ncaa", draw)


class _Player:
    """A player as one visitor sees him."""

    def __init__(self, services: Services, player_id: str) -> None:
        self._services, self._player_id = services, player_id
        self._head = ui.html("", sanitize=False).classes("fa-note")
        self._about = ui.html("", sanitize=False)
        with ui.element("div").classes("fa-tools") as self._tools:
            self._stat = ui.select({}, label="Number").props("outlined dense").style("min-width:14rem")
        self._chart = charts.chart(charts.options([], {}, {}, about="nothing to show yet"))
        self._tables = ui.html("", sanitize=False)
        self._stat.on_value_change(self._draw_chart)
        self._games, self._projected = pd.DataFrame(), pd.DataFrame()

    async def draw(self) -> str | None:
        """Draw what is published now; his name, None when there is no such player."""
        self._head.set_content(provenance(self._services, "ncaa"))
        try:
            about, self._games, self._projected = await asyncio.to_thread(_player, self._services, self._player_id)
        except Problem as problem:
            self._about.set_content(empty(nothing(self._services, "ncaa", problem)))
            for part in (self._tools, self._chart, self._tables):
                part.set_visibility(False)
            return None
        known = [name for name in STATS if self._games[name].notna().any() and self._games[name].abs().sum() > 0]
        for part in (self._tools, self._chart):
            part.set_visibility(bool(known))
        if known:
            first = DEFAULT_STAT if DEFAULT_STAT in known else known[0]
            chosen = self._stat.value if self._stat.value in known else first
            self._stat.set_options({name: words(name) for name in known}, value=chosen)
            self._draw_chart()
        self._about.set_content(_about(about))
        coming = "<h2>The coming game</h2>" + _projections(about, self._projected)
        self._tables.set_visibility(True)
        self._tables.set_content(coming + "<h2>Games</h2>" + _games(self._games, known))
        return str(about["player"])

    def _draw_chart(self, *_: Any) -> None:
        if self._stat.value is None:
            return
        charts.redraw(self._chart, _chart(self._games, self._projected, str(self._stat.value)))


def _found(services: Services, asked: str) -> str:
    try:
        view = services.published.view("ncaa", *TABLES)
        found = search(directory(services.published, view), asked, None)
    except Problem as problem:
        return empty(nothing(services, "ncaa", problem))
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


def _about(about: dict[str, Any]) -> str:
    seasons = f"{about['first_season']} to {about['last_season']}"
    team = link(f"/ncaa/team/{about['team_id']}", text(about["team"]))
    return f'<p class="fa-note">{team}, {about["games"]} games, {seasons}</p>'


def _chart(games: pd.DataFrame, projected: pd.DataFrame, stat: str) -> charts.Options:
    """The stat game by game, and for the coming game the range that holds it in 8 of 10 cases."""
    shown = games[games[stat].notna()].tail(GAMES)
    times = [f"{e['kickoff_at']:%b %d %Y}" for e in shown.to_dict("records")]
    values: list[Any] = [float(value) for value in shown[stat]]
    series: list[charts.Options] = [{"name": words(stat), "type": "bar", "data": values, "barMaxWidth": 26}]
    found = projected[(projected["stat_type"] == stat) & projected["mean"].notna()]
    if len(found):
        said = found.iloc[0]
        times = [*times, "next"]
        blank: list[Any] = [None] * len(values)
        box = [round(float(said[p]), 1) for p in ("p10", "p25", "p50", "p75", "p90")]
        style = {"color": "transparent", "borderColor": charts.ORANGE, "borderWidth": 2}
        series += [
            {"name": "8 of 10 cases", "type": "boxplot", "data": [*([[]] * len(values)), box], "itemStyle": style},
            {
                "name": "expected",
                "type": "scatter",
                "color": charts.ORANGE,
                "symbolSize": 10,
                "data": [*blank, round(float(said["mean"]), 1)],
            },
        ]
    about = f"{words(stat)} game by game and what is expected of the next one"
    return charts.options(series, {"type": "category", "data": times}, {}, about=about, digits=0)


def _projections(about: dict[str, Any], projected: pd.DataFrame) -> str:
    if projected.empty:
        return empty("No projection: his team has no game within the coming week, or he did not play of late.")
    rows = []
    for e in sorted(records(projected), key=lambda each: each["mean"] is None):
        if e["mean"] is None:
            why = f'<td colspan="6" class="soft">{text(e["reason"])}</td>'
            rows.append(f"<tr><td>{text(words(e['stat_type']))}</td>{why}</tr>")
            continue
        asked = {"player": about["player"], "team": about["team"], "stat": e["stat_type"], "line": e["line"]}
        span = f"{number(e['p10'], 0)} to {number(e['p90'], 0)}"
        rows.append(
            row(
                [
                    (text(words(e["stat_type"])), ""),
                    (f"<b>{number(e['mean'])}</b>", "n"),
                    (span, "n"),
                    (number(e["line"]), "n wide"),
                    (percent(e["p_over"]), "n wide"),
                    (text(e["n_games"]), "n wide"),
                    ("" if e["line"] is None else link(f"/props?{urlencode(asked)}", "price a bet"), "n"),
                ]
            )
        )
    heads = (("number", ""), ("expected", "n"), ("8 of 10 cases", "n"))
    wide = (("own median", "n wide"), ("over it", "n wide"), ("games", "n wide"))
    return table((*heads, *wide, ("", "n")), rows, caption="Projections")


def _games(games: pd.DataFrame, known: list[str]) -> str:
    rows = [
        row(
            [
                (instant(e["kickoff_at"], "%b %d %Y"), ""),
                (PLACES.get(str(e["place"]), ""), ""),
                (link(f"/ncaa/team/{e['opponent_id']}", text(e["opponent"])), ""),
                (UNKNOWN if e["points_for"] is None else f"{e['points_for']}-{e['points_against']}", "c"),
                *((number(e[name], 0), "n") for name in known),
            ]
        )
        for e in records(games.iloc[::-1].head(GAMES))
    ]
    heads = (("game", ""), ("", ""), ("opponent", ""), ("score", "c"), *((words(name), "n") for name in known))
    return table(heads, rows, caption="Games")
