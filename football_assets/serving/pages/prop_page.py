"""The prop calculator: one bet on a player's number, with everything that speaks for or against it."""

from typing import Any

from nicegui import ui
from pydantic import ValidationError

from football_assets.ncaa.player_games import STATS
from football_assets.serving.pages.frame import BEGIN, follow, nothing, page, page_frame, provenance
from football_assets.serving.pages.html import (
    UNKNOWN,
    empty,
    instant,
    labelled,
    number,
    percent,
    row,
    table,
    text,
    words,
)
from football_assets.serving.problems import Problem
from football_assets.serving.props import Batch, Prop
from football_assets.serving.services import Services

DEFAULT_STAT, DEFAULT_LINE, USUAL_PRICE = "rushing_yards", 50.5, -110
HINT = "Prices may be American (-110) or decimal (1.91). Enter in any field analyses."
BET = ("chance", "price", "expected value", "9 of 10 cases", "lowest price to take", "share to stake")
VERDICTS = {"over": "Over", "under": "Under", "no_bet": "No bet", "insufficient_data": "Not enough is known"}


def register(services: Services) -> None:
    """The page `/props`; `?player=&team=&stat=&line=` fills the fields in."""

    @page(services, "/props")
    async def props(player: str = "", team: str = "", stat: str = DEFAULT_STAT, line: float = DEFAULT_LINE) -> None:
        with page_frame("Prop calculator", "/props"):
            head = ui.html("", sanitize=False).classes("fa-note")
            shown = _Calculator(services, player, team, stat if stat in STATS else DEFAULT_STAT, line)

            async def draw() -> None:
                head.set_content(provenance(services, "ncaa"))
                await shown.renew()

            await follow(services, "ncaa", draw)
            if player:
                await shown.analyse()


class _Calculator:
    """The calculator of one visitor."""

    def __init__(self, services: Services, player: str, team: str, stat: str, line: float) -> None:
        self._services = services
        self._shows: Prop | None = None
        with ui.element("div").classes("fa-tools"):
            self._name = ui.input("Player", value=player).props("outlined dense").style("min-width:14rem")
            self._team = ui.input("Team, if several share it", value=team).props("outlined dense")
            self._team.style("min-width:14rem")
            self._stat = ui.select({each: words(each) for each in STATS}, value=stat, label="Number")
            self._stat.props("outlined dense").style("min-width:11rem")
            self._line = ui.number("Line", value=line, step=0.5).props("outlined dense").style("width:7rem")
            self._over = ui.number("Over, price", value=USUAL_PRICE).props("outlined dense").style("width:8rem")
            self._under = ui.number("Under, price", value=USUAL_PRICE).props("outlined dense").style("width:8rem")
            ui.button("Analyse", on_click=self.analyse).props("no-caps")
        self._body = ui.html(empty(HINT), sanitize=False).props('aria-live="polite"')
        for field in (self._name, self._team, self._line, self._over, self._under):
            field.on("keydown.enter", self.analyse)

    async def analyse(self) -> None:
        """Show what there is to say of the bet."""
        self._shows = None
        if not self._name.value or self._line.value is None:
            self._body.set_content(empty("A player and a line are needed."))
            return
        try:
            self._shows = self._asked()
        except ValidationError as error:
            self._body.set_content(empty("; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())))
            return
        self._body.set_content('<p class="fa-note">analysing ...</p>')
        await self.renew()

    async def renew(self) -> None:
        """Show what is published now of the bet that is shown, however long the page is left open."""
        if self._shows is None:
            if self._services.published.newest("ncaa") is None:
                self._body.set_content(empty(BEGIN["ncaa"]))
            return
        try:
            told = await self._services.props.analyze(Batch(props=[self._shows]))
        except Problem as problem:
            self._body.set_content(empty(nothing(self._services, "ncaa", problem)))
            return
        self._body.set_content(_failed(told["failures"][0]) if told["failures"] else _analysis(told["results"][0]))

    def _asked(self) -> Prop:
        return Prop(
            prop_id="page",
            player_name=str(self._name.value),
            team=str(self._team.value) if self._team.value else None,
            stat_type=str(self._stat.value),
            line=float(self._line.value),
            over_price=self._over.value,
            under_price=self._under.value,
        )


def _failed(told: dict[str, Any]) -> str:
    listed = [f"{e['player']}, {e['team']} ({e['last_season']})" for e in told.get("candidates", ())]
    return empty(told["detail"] + (f" They are: {'; '.join(listed)}." if listed else ""))


def _analysis(told: dict[str, Any]) -> str:
    title = f"<h2>{VERDICTS[told['recommendation']]}: {text(told['reason'])}</h2>"
    note = f'<p class="fa-note">{text(told["player"])}, {text(told["matchup"])}, {instant(told["kickoff_at"])} UTC</p>'
    reasons = "".join(
        f'<li>{text(e["text"])} <a href="/v1/evidence/{e["evidence_id"]}" target="_blank">rows behind it</a></li>'
        for e in told["reasoning"]
    )
    return f"{title}{note}{_bets(told)}<h2>Why</h2><ul>{reasons}</ul>"


def _bets(told: dict[str, Any]) -> str:
    """Both sides of the bet."""
    sides = []
    for side in ("over", "under"):
        each = told[side]
        if each is None:
            continue
        low, high = each["expected_value_low"], each["expected_value_high"]
        span = UNKNOWN if low is None else f"{number(low, 3, sign=True)} to {number(high, 3, sign=True)}"
        shown = (
            percent(each["p"], 1),
            number(each["price_decimal"], 2),
            number(each["expected_value"], 3, sign=True),
            span,
            number(each["lowest_acceptable_decimal"], 2),
            percent(each["kelly_share"], 2),
        )
        sides.append(
            row(
                [
                    (f"<b>{side} {told['line']:g}</b>", "nowrap"),
                    *((labelled(what, cell), "n") for what, cell in zip(BET, shown, strict=True)),
                ]
            )
        )
    heads = (("bet", ""), *((what, "n") for what in BET))
    return table(heads, sides, caption="Bets", kind="stacked") if sides else ""
