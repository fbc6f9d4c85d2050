"""The match centre: the live board, and one match with its timeline, numbers, prices and chances."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pandas as pd
from nicegui import app, ui

from football_assets.errors import StorageError
from football_assets.serving.pages.boards import FORMS, Form, board_html, price, scores
from football_assets.serving.pages.frame import LOOK_S, page, page_frame, provenance
from football_assets.serving.pages.html import empty, number, percent, row, table, text
from football_assets.serving.problems import Problem
from football_assets.serving.services import Services
from football_assets.soccer.board import match_board
from football_assets.soccer.codes import IN_PLAY, STATUS
from football_assets.soccer.history import History
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchStats

NOTHING = "Nothing is published yet. `make run` runs one cycle, `make up` keeps going."
IN_PLAY_ONLY = "in play"
CHART_COLORS = ("#0b63ce", "#8a8f98", "#c2571a")
LONGEST_HISTORY = 400


@dataclass
class _Wanted:
    """What a visitor has chosen on the board."""

    words: str = ""
    status: str = IN_PLAY_ONLY
    form: Form = "decimal"


def register(services: Services) -> None:
    """The pages `/` and `/match/{id}`."""

    @page(services, "/")
    async def centre() -> None:
        wanted = _Wanted(form=app.storage.user.get("form", "decimal"))
        seen: dict[str, Any] = {"key": None, "scores": None}
        with page_frame("Match centre", "/"):
            head = ui.html(provenance(services, "soccer"), sanitize=False).classes("fa-note")
            with ui.element("div").classes("fa-tools"):
                words = ui.input("Competition or team").props("dense outlined clearable")
                status = ui.select([IN_PLAY_ONLY, "all", *STATUS.values()], value=IN_PLAY_ONLY, label="Status")
                status.props("dense outlined").style("min-width:9rem")
                form = ui.select(list(FORMS), value=wanted.form, label="Odds").props("dense outlined")
                form.style("min-width:8rem")
            board = ui.html("", sanitize=False).props('aria-live="polite"')

        async def draw() -> None:
            head.set_content(provenance(services, "soccer"))
            publication = services.published.newest("soccer")
            key = (publication and publication.id, wanted.words, wanted.status, wanted.form)
            if key == seen["key"]:
                return
            frame = await asyncio.to_thread(_board, services, wanted)
            same_choice = seen["key"] is not None and seen["key"][1:] == key[1:]
            before = seen["scores"] if same_choice else None
            seen.update(key=key, scores=None if isinstance(frame, str) else scores(frame))
            board.set_content(empty(frame) if isinstance(frame, str) else board_html(frame, wanted.form, before))

        async def choose() -> None:
            wanted.words, wanted.status, wanted.form = str(words.value or ""), status.value, form.value
            app.storage.user["form"] = wanted.form
            await draw()

        for control in (words, status, form):
            control.on_value_change(choose)
        await draw()
        ui.timer(LOOK_S, draw)

    @page(services, "/match/{match_id}")
    async def match(match_id: str) -> None:
        with page_frame("Match", "/match"):
            head = ui.html(provenance(services, "soccer"), sanitize=False).classes("fa-note")
            body = ui.column().classes("w-full")
        seen: dict[str, Any] = {"id": None}

        async def draw() -> None:
            head.set_content(provenance(services, "soccer"))
            publication = services.published.newest("soccer")
            if publication is None or publication.id == seen["id"]:
                if publication is None and seen["id"] is None:
                    seen["id"] = 0
                    with body:
                        ui.html(empty(NOTHING), sanitize=False)
                return
            seen["id"] = publication.id
            told = await asyncio.to_thread(_match, services, match_id)
            body.clear()
            with body:
                if told is None:
                    ui.html(empty(GONE), sanitize=False)
                else:
                    _draw_match(told)

        await draw()
        ui.timer(LOOK_S, draw)


GONE = "This match is not on the live list: it lists what was active in the last two hours."


def _board(services: Services, wanted: _Wanted) -> pd.DataFrame | str:
    """MatchBoard of what is wanted, or why there is nothing to show."""
    try:
        view = services.published.view("soccer", FlattenedMatches, MatchPredictions)
    except Problem as problem:
        return f"{NOTHING} ({problem.detail})"
    flattened = view[FlattenedMatches]
    statuses = IN_PLAY if wanted.status == IN_PLAY_ONLY else [n for n, name in STATUS.items() if name == wanted.status]
    everything = sorted(int(each) for each in flattened["status_id"].dropna().unique())
    frame = match_board(flattened, everything if wanted.status == "all" else statuses, view[MatchPredictions])
    for word in wanted.words.casefold().split():
        held = frame[["competition", "country", "home_team", "away_team"]].fillna("").agg(" ".join, axis=1)
        frame = frame[held.str.casefold().str.contains(word, regex=False)]
    if frame.empty:
        return (
            f"No match fits: {len(flattened)} are on the live list, {wanted.status!r} and {wanted.words!r} are asked."
        )
    return frame


@dataclass(frozen=True)
class _Told:
    """Everything a match page shows."""

    row: dict[str, Any]
    incidents: pd.DataFrame
    stats: pd.DataFrame
    prediction: dict[str, Any] | None
    past: list[tuple[str, dict[str, Any]]]


def _match(services: Services, match_id: str) -> _Told | None:
    try:
        view = services.published.view("soccer", FlattenedMatches, Incidents, MatchStats, MatchPredictions)
    except Problem:
        return None
    found = _rows(view[FlattenedMatches], match_id)
    if found.empty:
        return None
    said = _rows(view[MatchPredictions], match_id)
    return _Told(
        _plain(found)[0],
        _rows(view[Incidents], match_id).sort_values("seq"),
        _rows(view[MatchStats], match_id).sort_values("stat_type"),
        _plain(said)[0] if len(said) else None,
        _past(services, match_id, view.publication.source),
    )


def _past(services: Services, match_id: str, source: Any) -> list[tuple[str, dict[str, Any]]]:
    """The versions of a match's row that the history holds, the oldest first."""
    try:
        changes = History(services.settings.folder, source).changes_of(match_id)
    except StorageError:
        return []
    told: list[tuple[str, dict[str, Any]]] = []
    values: dict[str, Any] = {}
    mine = changes[changes["table"] == FlattenedMatches.table_name()]
    for observed_at, group in mine.groupby("observed_at", sort=True):
        values = {**values, **dict(zip(group["column"], group["after"], strict=True))}
        told.append((f"{observed_at:%H:%M}", values))
    return told[-LONGEST_HISTORY:]


def _rows(frame: pd.DataFrame, match_id: str) -> pd.DataFrame:
    found: pd.DataFrame = frame[frame["match_id"] == match_id]
    return found


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(k): v for k, v in row.items()}
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records")
    ]


def _draw_match(told: _Told) -> None:
    each = told.row
    where = ", ".join(str(each[name]) for name in ("competition", "round", "venue") if each.get(name))
    weather = _weather(each)
    ui.html(
        f'<h2 style="font-size:1.5rem">{text(each["home_team"])} {text(each["home_score"])} : '
        f"{text(each['away_score'])} {text(each['away_team'])}</h2>"
        f'<div class="fa-note">{text(each["status"])}'
        + (f", minute {text(each['minute_text'])}" if each["minute_text"] else "")
        + f". {text(where)}{weather}.</div>",
        sanitize=False,
    )
    for part, words in (("detail", "Details"), ("odds", "Prices"), ("names", "Names")):
        if each[f"{part}_state"] in ("stale", "missing"):
            gap = f"{words}: {each[f'{part}_state']}, {each[f'{part}_gap']}"
            ui.html(f'<div class="fa-stale">{text(gap)}</div>', sanitize=False)
    ui.html("<h2>Model and market</h2>" + _chances(told), sanitize=False)
    _chance_chart(told)
    ui.html("<h2>Timeline</h2>" + _timeline(told.incidents), sanitize=False)
    ui.html("<h2>Numbers</h2>" + _numbers(told.stats), sanitize=False)
    ui.html("<h2>Prices</h2>" + _prices(each), sanitize=False)
    _price_chart(told)


def _weather(each: dict[str, Any]) -> str:
    if each["weather"] is None and each["temperature_c"] is None:
        return ""
    found = [text(each["weather"])] if each["weather"] else []
    if each["temperature_c"] is not None:
        found.append(f"{number(each['temperature_c'], 0)} °C, {number(each['temperature_f'], 0)} °F")
    return ". " + ", ".join(found)


def _chances(told: _Told) -> str:
    said = told.prediction
    if said is None or said["p_home"] is None:
        why = "no prediction is published for it" if said is None else said["reason"]
        return empty(f"no model: {why}")
    rows = [
        row(
            [
                (words, ""),
                (percent(said[f"pre_p_{side}"], 1), "n"),
                (percent(said[f"p_{side}"], 1), "n"),
                (percent(said[f"market_p_{side}"], 1), "n"),
                (number(None if said[f"edge_{side}"] is None else 100 * said[f"edge_{side}"], 1, sign=True), "n"),
            ]
        )
        for side, words in (
            ("home", text(told.row["home_team"])),
            ("draw", "draw"),
            ("away", text(told.row["away_team"])),
        )
    ]
    heads = (("after 90 minutes", ""), ("before kickoff", "n"), ("now", "n"), ("market", "n"), ("difference", "n"))
    return table(heads, rows, caption="Chances")


def _sides(each: dict[str, Any]) -> tuple[str, str, str]:
    return text(each["home_team"]), "draw", text(each["away_team"])


def _timeline(incidents: pd.DataFrame) -> str:
    if incidents.empty:
        return empty("No goal, card or substitution is reported yet.")
    rows = []
    for each in _plain(incidents):
        minute = "" if each["minute"] is None else f"{each['minute']}'"
        minute += f"+{each['added_minutes']}" if each["added_minutes"] else ""
        who = each["player"] or (f"{each['player_in']} for {each['player_out']}" if each["player_in"] else None)
        score = None if each["home_score"] is None else f"{each['home_score']} : {each['away_score']}"
        extra = (
            f" <small>{text(each['reason'] or each['var_result'])}</small>"
            if each["reason"] or each["var_result"]
            else ""
        )
        sides = ("", "") if each["side"] is None else (text(each["side"]), "")
        rows.append(
            row([(minute, "n"), (text(each["type"]) + extra, ""), (sides[0], ""), (text(who), ""), (text(score), "c")])
        )
    heads = (("minute", "n"), ("what", ""), ("side", ""), ("who", ""), ("score", "c"))
    return table(heads, rows, caption="Timeline")


def _numbers(stats: pd.DataFrame) -> str:
    if stats.empty:
        return empty("The provider gives no statistics of this match.")
    rows = [row([(text(e["home"]), "n"), (text(e["stat"]), "c"), (text(e["away"]), "")]) for e in _plain(stats)]
    return table((("home", "n"), ("", "c"), ("away", "")), rows, caption="Statistics")


def _prices(each: dict[str, Any]) -> str:
    if each["odds_company"] is None:
        return empty(f"No preferred bookmaker quotes this match ({each['odds_gap'] or 'none of those configured'}).")
    rows = []
    for market, words, sides in (
        ("moneyline", "1X2", ("home", "draw", "away")),
        ("handicap", f"handicap {number(each['home_spread'], 2, sign=True)}", ("home", "away")),
        ("total", f"goals {number(each['total_line'], 2)}", ("over", "under")),
    ):
        for side in sides:
            decimal = each[f"{market}_{side}_decimal"]
            forms: tuple[Form, ...] = FORMS
            cells = [(price(decimal, form), "n") for form in forms]
            rows.append(row([(words, ""), (side, ""), *cells, (text(each[f"{market}_state"]), "")]))
    heads = (("market", ""), ("side", ""), *((form, "n") for form in FORMS), ("state", ""))
    by = f"Prices of {text(each['odds_company'])}, one of {text(each['odds_companies'])} bookmakers."
    return f'<p class="fa-note">{by}</p>' + table(heads, rows, caption="Prices")


def _chance_chart(told: _Told) -> None:
    points = [(at, values) for at, values in told.past if values.get("moneyline_home_decimal")]
    if len(points) < 2:
        return
    ui.html(
        '<h2>Chances by the bookmaker\'s prices</h2><p class="fa-note">Margin taken off in proportion.</p>',
        sanitize=False,
    )
    shares = [_fair(values) for _, values in points]
    series = [
        {"name": name, "type": "line", "showSymbol": False, "data": [round(100 * each[n], 1) for each in shares]}
        for n, name in enumerate(("home", "draw", "away"))
    ]
    _chart([at for at, _ in points], series, "%")


def _price_chart(told: _Told) -> None:
    points = [(at, values) for at, values in told.past if values.get("moneyline_home_decimal")]
    if len(points) < 2:
        ui.html(f'<p class="fa-note">{HISTORY_SOON}</p>', sanitize=False)
        return
    ui.html("<h2>1X2 prices since the match came on the list</h2>", sanitize=False)
    series = [
        {
            "name": side,
            "type": "line",
            "step": "end",
            "showSymbol": False,
            "data": [values.get(f"moneyline_{side}_decimal") for _, values in points],
        }
        for side in ("home", "draw", "away")
    ]
    _chart([at for at, _ in points], series, "")


HISTORY_SOON = "The charts begin when prices were seen in two cycles."


def _fair(values: dict[str, Any]) -> list[float]:
    shares = [1 / float(values[f"moneyline_{side}_decimal"]) for side in ("home", "draw", "away")]
    return [each / sum(shares) for each in shares]


def _chart(times: list[str], series: list[dict[str, Any]], unit: str) -> None:
    options = {
        "color": list(CHART_COLORS),
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "textStyle": {"color": "#7a8794"}},
        "grid": {"left": 45, "right": 15, "top": 35, "bottom": 30},
        "xAxis": {"type": "category", "data": times},
        "yAxis": {"type": "value", "scale": True, "axisLabel": {"formatter": "{value} " + unit}},
        "series": series,
        "animation": False,
    }
    ui.echart(options).style("height:260px;width:100%")
