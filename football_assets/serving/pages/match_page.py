"""One match in the page: put there once, and filled anew with each publication."""

from collections.abc import Callable
from typing import Any

from nicegui import ui

from football_assets.serving.pages import match_views as views
from football_assets.serving.pages.charts import chart, options, redraw
from football_assets.serving.pages.frame import follow, provenance
from football_assets.serving.pages.html import empty
from football_assets.serving.pages.match_charts import chance_options, price_options
from football_assets.serving.pages.match_reading import MatchReader, Told
from football_assets.serving.services import Services

BLANK = options([], {}, {}, about="nothing to show yet")


async def match_page(services: Services, reader: MatchReader, match_id: str, entitle: Callable[[str], None]) -> None:
    """Show a match to one visitor and keep it fresh."""
    shown = _Shown()
    longest_step_s = services.settings.alerts.stale_intervals * services.settings.interval_s("soccer")

    async def draw() -> None:
        shown.head.set_content(provenance(services, "soccer"))
        told = await reader.read(match_id)
        if isinstance(told, str):
            shown.say(told)
        else:
            entitle(views.title(told.row))
            shown.fill(told, longest_step_s)

    await follow(services, "soccer", draw)


class _Shown:
    """The parts of the page."""

    def __init__(self) -> None:
        self.head = _html().classes("fa-note")
        self.about = _html()
        self.parts = ui.element("div").classes("fa-two")
        with self.parts:
            with ui.element("section"):
                ui.html("<h2>Model and market</h2>", sanitize=False)
                self.chances = _html()
                self.chance_note = _html().classes("fa-note")
                self.chance_chart = chart(BLANK, height_px=300)
                ui.html("<h2>1X2 prices</h2>", sanitize=False)
                self.price_note = _html().classes("fa-note")
                self.price_chart = chart(BLANK, height_px=280)
            with ui.element("section"):
                self.timeline, self.numbers, self.prices = _html(), _html(), _html()
        self.parts.set_visibility(False)

    def say(self, words: str) -> None:
        """Instead of a match, why there is none. What was shown goes: it is not so any more."""
        self.about.set_content(empty(words))
        self.parts.set_visibility(False)

    def fill(self, told: Told, longest_step_s: float) -> None:
        """Everything of a match."""
        self.parts.set_visibility(True)
        self.about.set_content(views.about(told))
        self.chances.set_content(views.chances(told))
        self.timeline.set_content("<h2>Timeline</h2>" + views.timeline(told.incidents))
        self.numbers.set_content("<h2>Numbers</h2>" + views.numbers(told.stats))
        self.prices.set_content("<h2>Prices</h2>" + views.prices(told))
        self._draw(told, longest_step_s)

    def _draw(self, told: Told, longest_step_s: float) -> None:
        past = told.past
        chances, prices = views.has_chances(past), views.has_prices(past)
        self.chance_note.set_content(views.chance_note(past))
        self.price_note.set_content(views.price_note(told))
        self.chance_chart.set_visibility(chances)
        self.price_chart.set_visibility(prices)
        if not isinstance(past, str):
            row: dict[str, Any] = told.row
            if chances:
                redraw(self.chance_chart, chance_options(past, longest_step_s))
            if prices:
                redraw(self.price_chart, price_options(past, row["kickoff_at"], row["fetched_at"]))


def _html() -> ui.html:
    return ui.html("", sanitize=False)
