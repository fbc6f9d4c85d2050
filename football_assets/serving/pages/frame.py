"""What every page has: the bar with its links, light and dark, the world and age of what is shown."""

import functools
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from nicegui import app, ui
from starlette.responses import RedirectResponse

from football_assets.config import now_utc
from football_assets.providers import Domain
from football_assets.serving.access import LOCAL
from football_assets.serving.keys import Key
from football_assets.serving.pages.html import age, instant
from football_assets.serving.problems import Problem
from football_assets.serving.published import PROVIDERS
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
SCRIPT = Path(__file__).with_name("pages.js")
LOGIN = "/login"
LOOK_S = 1.0
BEGIN: dict[Domain, str] = {
    "soccer": "Nothing is published yet. `make run` runs one cycle, `make up` keeps going.",
    "ncaa": "Nothing is published yet. `football ncaa run` collects, predicts and publishes; `make up` does it daily.",
}
# A page that takes longer is an error; on a busy machine reading may take a while.
SLOWEST_S = 30.0


Draw = Callable[..., Coroutine[Any, Any, None]]


def page(services: Services, path: str) -> Callable[[Draw], Draw]:
    """A page at a path, for visitors who may see pages; the others are asked for a key first."""

    def wrap(draw: Draw) -> Draw:
        @functools.wraps(draw)
        async def guarded(*args: Any, **kwargs: Any) -> Any:
            if visitor(services) is None:
                return RedirectResponse(LOGIN)
            await draw(*args, **kwargs)
            return None

        ui.page(path, response_timeout=SLOWEST_S)(guarded)
        return draw

    return wrap


def visitor(services: Services) -> Key | None:
    """The key of this visitor: that of this machine without keys, else the one shown, while it is valid."""
    if services.access.is_open:
        return LOCAL
    number = app.storage.user.get("key_id")
    found = (key for key in services.access.configured if key.id == number and key.is_valid(now_utc()))
    return next(found, None)


@contextmanager
def page_frame(title: str, path: str) -> Iterator[Callable[[str], None]]:
    """The bar above, then the page itself as one landmark; gives what puts another title in the place of this one."""
    ui.add_css(STYLE)
    ui.add_head_html(
        f"<script>window.faAhead = {round(time.time() * 1000)} - Date.now();\n{SCRIPT.read_text()}</script>"
    )
    dark = ui.dark_mode(value=app.storage.user.get("dark"))
    ui.html('<a class="skip" href="#main">Skip to the content</a>', sanitize=False)
    with ui.element("header").classes("fa-top"):
        ui.link("football", "/").classes("brand")
        with ui.element("nav").props('aria-label="Pages"'):
            for target, words in LINKS:
                ui.link(words, target).props('aria-current="page"' if target == path else "")
        theme = ui.button("Light / dark", on_click=lambda: _toggle(dark), color=None)
        theme.props("flat dense no-caps").classes("fa-theme")
    with ui.element("main").classes("fa-main").props('id="main" tabindex="-1"'):
        head = ui.html("", sanitize=False)

        def entitle(words: str) -> None:
            head.set_content(f"<h1>{escape(words)}</h1>")
            ui.page_title(f"{words} · football")

        entitle(title)
        yield entitle


def _toggle(dark: ui.dark_mode) -> None:
    app.storage.user["dark"] = dark.value = not bool(dark.value)


async def follow(services: Services, domain: Domain, draw: Callable[[], Awaitable[None]]) -> None:
    """Draw now, and again whenever something of a pipeline was published."""
    seen: dict[str, int | None] = {"id": _newest(services, domain)}

    async def look() -> None:
        if not may_stay(services):
            return
        if (newest := _newest(services, domain)) != seen["id"]:
            seen["id"] = newest
            await draw()

    await draw()
    ui.timer(LOOK_S, look)


def remember(**chosen: str) -> None:
    """Put what was chosen into the page's address, so that a page made anew after a restart shows the same."""
    query = urlencode({name: value for name, value in chosen.items() if value})
    ui.run_javascript(
        f"history.replaceState(history.state, '', location.pathname + {json.dumps(query and '?' + query)})"
    )


def may_stay(services: Services) -> bool:
    """Whether the visitor may see the page still; one whose key was revoked or has expired is asked for another."""
    if visitor(services) is None:
        ui.navigate.to(LOGIN)
        return False
    return True


def _newest(services: Services, domain: Domain) -> int | None:
    publication = services.published.newest(domain)
    return publication.id if publication else None


def nothing(services: Services, domain: Domain, problem: Problem) -> str:
    """What stands where tables cannot be read: before the first publication how to begin, else what is wrong."""
    return problem.detail if services.published.newest(domain) else BEGIN[domain]


def provenance(services: Services, domain: Domain, *, of_page: bool = True) -> str:
    """One line: the world, who gave the data, when they were published and how old that is now.

    `of_page` says that all on the page is of this publication, and stale with it.
    """
    publication = services.published.newest(domain)
    if publication is None:
        return f'<span class="fa-stale">{PROVIDERS[domain]}: nothing is published yet</span>'
    freshness = services.published.freshness(publication)
    world = publication.source.value
    words = "SIMULATED, nothing here is real" if world == "simulated" else world.upper()
    as_of = f", as of {instant(publication.as_of, '%Y-%m-%d %H:%M:%S')} UTC" if publication.as_of else ""
    return (
        f'<span class="fa-world {world}">{words}</span> {PROVIDERS[domain]}{as_of}, '
        f"published {instant(publication.published_at, '%H:%M:%S')} UTC, "
        f"{age(publication.published_at, freshness.limit_s, of_page=of_page)}"
    )
