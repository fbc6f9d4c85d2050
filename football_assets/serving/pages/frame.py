"""What every page has: the bar with its links, light and dark, the world and age of what is shown."""

import functools
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nicegui import app, ui
from starlette.responses import RedirectResponse

from football_assets.config import now_utc
from football_assets.providers import Domain
from football_assets.serving.pages.html import age, instant
from football_assets.serving.published import INTERVALS_UNTIL_STALE, PROVIDERS
from football_assets.serving.services import Services

LINKS = (
    ("/", "Match centre"),
    ("/ncaa", "NCAA week"),
    ("/ncaa/rankings", "Rankings"),
    ("/players", "Players"),
    ("/props", "Props"),
    ("/operations", "Operations"),
    ("/playground", "Playground"),
)
STYLE = Path(__file__).with_name("pages.css")
LOGIN = "/login"
LOOK_S = 1.0
DAY_S = 86_400.0


Draw = Callable[..., Coroutine[Any, Any, None]]


def page(services: Services, path: str) -> Callable[[Draw], Draw]:
    """A page at a path, for visitors who may see pages; the others are asked for a key first."""

    def wrap(draw: Draw) -> Draw:
        @functools.wraps(draw)
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            if not signed_in(services):
                return RedirectResponse(LOGIN)
            await draw(*args, **kwargs)
            return None

        ui.page(path)(guarded)
        return draw

    return wrap


def signed_in(services: Services) -> bool:
    """Whether this visitor may see pages: always without keys, else after showing one that is still valid."""
    if services.access.is_open:
        return True
    number = app.storage.user.get("key_id")
    return any(key.id == number and key.is_valid(now_utc()) for key in services.access.configured)


@contextmanager
def page_frame(title: str, path: str) -> Iterator[None]:
    """The bar above, then the page itself as one landmark."""
    ui.add_css(STYLE)
    ui.page_title(f"{title} · football")
    dark = ui.dark_mode(value=app.storage.user.get("dark"))
    ui.html('<a class="skip" href="#main">Skip to the content</a>', sanitize=False)
    with ui.element("header").classes("fa-top"):
        ui.link("football", "/").classes("brand")
        with ui.element("nav").props('aria-label="Pages"'):
            for target, words in LINKS:
                ui.link(words, target).props('aria-current="page"' if target == path else "")
        ui.space()
        ui.button("Light / dark", on_click=lambda: _toggle(dark)).props("flat dense no-caps")
    with ui.element("main").classes("fa-main").props('id="main"'):
        ui.html(f"<h1>{title}</h1>", sanitize=False)
        yield


def _toggle(dark: ui.dark_mode) -> None:
    app.storage.user["dark"] = dark.value = not bool(dark.value)


def provenance(services: Services, domain: Domain) -> str:
    """One line: the world, who gave the data, when they were published and how old that is now."""
    publication = services.published.newest(domain)
    if publication is None:
        return '<span class="fa-stale">nothing is published yet</span>'
    freshness = services.published.freshness(publication)
    world = publication.source.value
    words = "SIMULATED, nothing here is real" if world == "simulated" else world.upper()
    interval_s = float(services.settings.live.interval_s) if domain == "soccer" else DAY_S
    as_of = f", as of {instant(publication.as_of, '%Y-%m-%d %H:%M:%S')} UTC" if publication.as_of else ""
    return (
        f'<span class="fa-world {world}">{words}</span> {PROVIDERS[domain]}{as_of}, '
        f"published {instant(publication.published_at, '%H:%M:%S')} UTC, "
        f"{age(freshness.age_s, INTERVALS_UNTIL_STALE * interval_s)}"
    )
