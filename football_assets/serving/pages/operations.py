"""The operations page: what runs, how fresh everything is, what the server does."""

from typing import Any

from nicegui import ui

from football_assets.config import now_utc
from football_assets.rooms import installed
from football_assets.serving.dagster_api import UNFINISHED, Run
from football_assets.serving.pages.frame import page, page_frame, provenance
from football_assets.serving.pages.html import age_words, empty, instant, link, number, row, table, text
from football_assets.serving.problems import Problem
from football_assets.serving.services import Services

REFRESH_S = 5.0
SHOWN_RUNS = 25
TREND_RUNS = 60
RATE_RUNS = 100


def register(services: Services) -> None:
    """The page `/operations`."""

    @page(services, "/operations")
    async def operations() -> None:
        with page_frame("Operations", "/operations"):
            head = ui.html("", sanitize=False).classes("fa-note")
            cards = ui.html("", sanitize=False)
            ui.html("<h2>How long live cycles took</h2>", sanitize=False)
            chart = ui.echart(_trend([])).style("height:220px;width:100%")
            runs = ui.html("", sanitize=False)

        async def draw() -> None:
            head.set_content("<br>".join(provenance(services, name) for name in installed()))
            try:
                found = await services.dagster.runs(limit=RATE_RUNS, cursor=None)
                problem = None
            except Problem as error:
                found, problem = [], error.detail
            cards.set_content(_cards(services, found, problem))
            cycles = [run for run in found if run.job == "live_cycle" and run.duration_s is not None][:TREND_RUNS]
            chart.options.update(_trend(list(reversed(cycles))))
            chart.update()
            runs.set_content(
                "<h2>Runs</h2>" + (_runs(services, found[:SHOWN_RUNS]) if found else empty(problem or NO_RUN))
            )

        await draw()
        ui.timer(REFRESH_S, draw)


NO_RUN = "Dagster has run nothing yet. Its schedules start the live cycle each minute and the college run daily."


def _cards(services: Services, found: list[Run], problem: str | None) -> str:
    over = [run for run in found if run.status in ("SUCCESS", "FAILURE")]
    good = sum(run.status == "SUCCESS" for run in over)
    rate = f"{100 * good / len(over):.1f} %" if over else "-"
    cache = services.cache.about()
    shown = [
        ("away" if problem else "running", "Dagster"),
        (rate, f"success of the last {len(over)} runs"),
        (str(sum(run.status in UNFINISHED for run in found)) if not problem else "-", "runs under way or queued"),
        (str(len(services.hub.clients)), "stream clients"),
        ("-" if cache["hit_rate"] is None else f"{100 * cache['hit_rate']:.0f} %", "reads answered from the cache"),
        (f"{1000 * services.loop_lag_s:.1f} ms", "event loop lag"),
        (age_words((now_utc() - services.started_at).total_seconds()), "this server runs"),
    ]
    cards = "".join(
        f'<div class="fa-card"><b>{text(value)}</b><span>{text(words)}</span></div>' for value, words in shown
    )
    link_to = f'<p class="fa-note"><a href="{services.dagster.url}">Dagster: assets, checks, schedules, logs</a></p>'
    return f'<div class="fa-cards">{cards}</div>{link_to}'


def _card(value: str, words: str) -> str:
    return f'<div class="fa-card"><b>{text(value)}</b><span>{text(words)}</span></div>'


def _runs(services: Services, found: list[Run]) -> str:
    rows = []
    for run in found:
        kind = "good" if run.status == "SUCCESS" else "bad" if run.status == "FAILURE" else "soft"
        rows.append(
            row(
                [
                    (link(f"{services.dagster.url}/runs/{run.run_id}", run.run_id[:8]), ""),
                    (text(run.job), ""),
                    (f'<span class="{kind}">{text(run.status.lower())}</span>', ""),
                    (instant(run.created_at, "%b %d %H:%M:%S"), ""),
                    (number(run.duration_s, 1), "n"),
                    (text(run.tags.get("dagster/partition")), "wide"),
                ]
            )
        )
    heads = (("run", ""), ("job", ""), ("status", ""), ("asked for, UTC", ""), ("seconds", "n"), ("season", "wide"))
    return table(heads, rows, caption="Runs")


def _trend(cycles: list[Run]) -> dict[str, Any]:
    return {
        "color": ["#0b63ce"],
        "tooltip": {"trigger": "axis"},
        "grid": {"left": 45, "right": 15, "top": 15, "bottom": 30},
        "xAxis": {"type": "category", "data": [f"{run.created_at:%H:%M}" if run.created_at else "" for run in cycles]},
        "yAxis": {"type": "value", "axisLabel": {"formatter": "{value} s"}},
        "series": [{"type": "bar", "data": [round(run.duration_s or 0, 2) for run in cycles]}],
        "animation": False,
    }
