"""The charts of a match: chances by model and market, and the prices, with goals and red cards marked."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from football_assets.serving.pages import charts
from football_assets.soccer.derived_chances import OUTCOMES
from football_assets.soccer.story import Event, Moment, Story, Three

NAMES = dict(zip(OUTCOMES, (charts.BLUE, charts.GREY, charts.ORANGE), strict=True))
# What was before the kickoff is shown from so long before it; all of it is there by zooming out.
BEFORE_KICKOFF = timedelta(minutes=20)


def chance_options(past: Story, longest_step_s: float) -> charts.Options:
    """Chances of the three results over time: the model's drawn through, the market's dashed."""
    series: list[charts.Options] = []
    for place, (side, color) in enumerate(NAMES.items()):
        for who, dashed in (("model", False), ("market", True)):
            points = list(_points(past.moments, who, place, longest_step_s))
            series.append(_line(f"{side}, {who}", points, color, dashed=dashed))
    series[0]["markLine"] = _marks(past.events)
    about = "Chances of home, draw and away by the model and by the market, over time"
    return charts.options(series, {"type": "time"}, {"min": 0, "max": 100}, about=about, unit=" %")


def price_options(past: Story, kickoff_at: datetime | None, until: datetime) -> charts.Options:
    """Decimal prices over time, each as long as it stood; nothing while no bets were taken."""
    series = [
        {
            **_line(side, [*_prices(past, place), *_still(past, place, until)], color),
            "step": "end",
        }
        for place, (side, color) in enumerate(NAMES.items())
    ]
    series[0]["markLine"] = _marks(past.events)
    made = charts.options(
        series, {"type": "time"}, {"scale": True}, about="Prices of home, draw and away over time", digits=2
    )
    zoom: dict[str, Any] = {"type": "slider", "height": 18, "bottom": 4, "filterMode": "none", "brushSelect": False}
    if kickoff_at is not None and past.prices and past.prices[0].at < kickoff_at - BEFORE_KICKOFF < until:
        zoom["startValue"] = charts.milliseconds(kickoff_at - BEFORE_KICKOFF)
    made["dataZoom"] = [zoom]
    made["grid"] = {**made["grid"], "bottom": 34}
    return made


def _points(moments: Sequence[Moment], who: str, place: int, longest_step_s: float) -> Iterator[list[Any]]:
    """[instant, percent]; where cycles are missing a point without a value breaks the line."""
    before: Moment | None = None
    for each in moments:
        at = charts.milliseconds(each.at)
        if before is not None and each.at - before.at > timedelta(seconds=longest_step_s):
            yield [at - 1, None]
        chances: Three | None = each.model if who == "model" else each.market
        yield [at, None if chances is None else round(100 * chances[place], 2)]
        before = each


def _prices(past: Story, place: int) -> Iterator[list[Any]]:
    for each in past.prices:
        yield [charts.milliseconds(each.at), None if each.prices is None else each.prices[place]]


def _still(past: Story, place: int, until: datetime) -> list[list[Any]]:
    """The newest price at the newest reading, when it still stands."""
    last = past.prices[-1] if past.prices else None
    return [] if last is None or last.prices is None else [[charts.milliseconds(until), last.prices[place]]]


def _line(name: str, points: list[Any], color: str, *, dashed: bool = False) -> charts.Options:
    return {
        "name": name,
        "type": "line",
        "data": points,
        "color": color,
        "showAllSymbol": True,
        "symbol": "emptyCircle" if dashed else "circle",
        "symbolSize": 3,
        "lineStyle": {"width": 1.5 if dashed else 2, "type": "dashed" if dashed else "solid"},
    }


def _marks(events: Sequence[Event]) -> charts.Options:
    """A line at each goal and red card, where the first cycle showed it."""
    lines = []
    for each in events:
        color = charts.RED if "red card" in each.what else charts.GREEN
        minute = f" {each.minute}'" if each.minute else ""
        name = f"{each.what}{minute}{', after a gap' if each.after_gap else ''}"
        lines.append(
            {
                "xAxis": charts.milliseconds(each.at),
                "lineStyle": {"color": color, "type": "solid", "width": 1},
                "label": {"formatter": name, "color": color, "position": "insideEndTop", "fontSize": 11},
            }
        )
    return {"symbol": "none", "silent": True, "data": lines}
