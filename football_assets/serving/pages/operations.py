"""The operations page: what runs, how good it was, what is wrong and who looks after it."""

import asyncio
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from football_assets.config import now_utc
from football_assets.errors import FootballError
from football_assets.operations.alert_state import AlertBook
from football_assets.rooms import installed
from football_assets.serving.pages import operations_tables as tables
from football_assets.serving.pages import operations_views as views
from football_assets.serving.pages.charts import chart, options, redraw
from football_assets.serving.pages.frame import may_stay, page, page_frame, provenance, visitor
from football_assets.serving.pages.operations_look import Look, Looker
from football_assets.serving.services import Services

REFRESH_S = 5.0
# The page is drawn by the server; only the id of the alert comes from the button that was pressed.
PRESSED = "(event) => { const button = event.target.closest('[data-ack]'); if (button) emit(button.dataset.ack); }"


def register(services: Services) -> None:
    """The page `/operations`."""
    looker = Looker(services)

    @page(services, "/operations")
    async def operations() -> None:
        with page_frame("Operations", "/operations"):
            await _Operations(services, looker).show()


class _Operations:
    """The page of one visitor."""

    def __init__(self, services: Services, looker: Looker) -> None:
        self._services = services
        self._looker = looker
        self._parts: dict[str, ui.html] = {}

    async def show(self) -> None:
        """Put it into the page and keep it fresh."""
        self._part("head").classes("fa-note")
        self._part("links")
        self._part("summary")
        self._part("alerts", "Alerts").on("click", self._acknowledge, js_handler=PRESSED)
        with ui.element("div").classes("fa-two"):
            with ui.element("section"):
                ui.html("<h2>How long runs took</h2>", sanitize=False)
                self._job = ui.select([], label="Job").props("dense outlined").style("min-width:12rem")
                self._trend = chart(options([], {}, {}, about="nothing to show yet"), height_px=240)
                self._none = ui.html("", sanitize=False)
            with ui.element("section"):
                self._part("machine", "Machine")
        self._part("errors", "Errors of the last 7 days")
        self._part("runs", "Runs")
        self._part("checks", "Quality: live cycle and checks")
        with ui.element("div").classes("fa-two"):
            with ui.element("section"):
                self._part("quality", "Quality: college tables")
            with ui.element("section"):
                self._part("tables", "Records")
        self._part("providers", "Providers")
        self._job.on_value_change(self.draw)
        await self.draw()
        ui.timer(REFRESH_S, self._again)

    def _part(self, name: str, title: str | None = None) -> ui.html:
        if title is not None:
            ui.html(f"<h2>{title}</h2>", sanitize=False)
        made = self._parts[name] = ui.html("", sanitize=False)
        return made

    async def draw(self, *_: Any) -> None:
        """Draw what is so now."""
        look = await self._looker.look()
        settings, url = self._services.settings, self._services.dagster.url
        for name, content in {
            "head": "<br>".join(provenance(self._services, each, of_page=False) for each in installed()),
            "links": views.links(look, url),
            "summary": views.summary(look, self._services),
            "alerts": views.alerts(look),
            "machine": tables.machine(look),
            "errors": tables.errors(look, url),
            "runs": tables.runs(look, url),
            "checks": tables.checks(look),
            "quality": tables.quality(
                look, settings.quality.min_data_quality_score, settings.quality.good_data_quality_score
            ),
            "providers": tables.providers(look),
            "tables": tables.tables(look),
        }.items():
            self._parts[name].set_content(content)
        self._draw_trend(look)

    async def _again(self) -> None:
        if may_stay(self._services):
            await self.draw()

    def _draw_trend(self, look: Look) -> None:
        jobs = views.jobs(look)
        self._job.set_visibility(bool(jobs))
        self._trend.set_visibility(bool(jobs))
        self._none.set_content("" if jobs else views.NO_TREND)
        if jobs != self._job.options:
            self._job.set_options(jobs, value=self._job.value if self._job.value in jobs else next(iter(jobs), None))
        if jobs:
            redraw(self._trend, views.trend(look, str(self._job.value)))

    async def _acknowledge(self, event: GenericEventArguments) -> None:
        key, alert_id = visitor(self._services), str(event.args)
        if key is None or not key.allows("write"):
            says = (
                "Sign in again"
                if key is None
                else f"Your key may {key.scope}; to acknowledge, sign in with one that may write"
            )
            ui.notify(f"{says}.", type="negative")
            return
        connection = ui.context.client.request
        self._services.access.note(key, connection, "POST", f"/v1/alerts/{alert_id[:40]}/ack")
        book = AlertBook(self._services.settings.folder)
        try:
            alert = await asyncio.to_thread(book.acknowledge, alert_id, key.name, now_utc())
        except FootballError as error:
            ui.notify(f"{error.happened}. {error.to_do}", type="negative")
            return
        ui.notify(f"Acknowledged: {alert.summary}", type="positive")
        await self._looker.look(anew=True)
        await self.draw()
