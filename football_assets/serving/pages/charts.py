"""The charts of all pages: one look that reads on light and dark, instants in UTC, what is not known left open."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nicegui import ui

Options = dict[str, Any]

BLUE, GREY, ORANGE, GREEN, RED = "#3d8bdb", "#8b95a1", "#d9762b", "#2e9e5b", "#d64541"
INK, RULE = "#82909d", "rgba(130,144,157,0.28)"


def chart(options: Options, *, height_px: int = 260) -> ui.echart:
    """A chart in the page."""
    return ui.echart(options).style(f"height:{height_px}px;width:100%")


def redraw(made: ui.echart, options: Options) -> None:
    """Put other options in the place of those of a chart; nothing is sent when they are the same."""
    if dict(made.options) == options:
        return
    made.options.clear()
    made.options.update(options)
    made.update()


def options(
    series: Sequence[Options], x: Options, y: Options, *, about: str, unit: str = "", digits: int = 1
) -> Options:
    """The options of a chart. `about` is what it shows, for those who do not see it; `unit` follows every value."""
    several = len(series) > 1
    return {
        "useUTC": True,
        "aria": {"enabled": True, "label": {"description": about}},
        "color": [BLUE, GREY, ORANGE],
        "tooltip": {
            "trigger": "axis",
            ":valueFormatter": f"v => typeof v === 'number' ? v.toFixed({digits}) + '{unit}' : '-'",
        },
        "legend": {"show": several, "top": 0, "itemHeight": 9, "textStyle": {"color": INK}},
        "grid": {"left": 8, "right": 14, "top": 12 if not several else 48, "bottom": 8, "containLabel": True},
        "xAxis": {"axisLabel": {"color": INK, "hideOverlap": True}, "axisLine": {"lineStyle": {"color": RULE}}, **x},
        "yAxis": {
            "type": "value",
            "axisLabel": {"color": INK, "formatter": "{value}" + unit},
            "splitLine": {"lineStyle": {"color": RULE}},
            **y,
        },
        "series": list(series),
        "animation": False,
    }


def milliseconds(instant: datetime) -> int:
    """An instant as a time axis takes it."""
    return round(instant.timestamp() * 1000)
