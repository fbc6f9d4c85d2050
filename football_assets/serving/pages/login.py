"""Where a visitor shows a key, when keys are configured."""

from nicegui import app, ui

from football_assets.serving.pages.frame import LOGIN, page_frame, visitor
from football_assets.serving.problems import Problem
from football_assets.serving.services import Services


def register(services: Services) -> None:
    """The page `/login`."""

    @ui.page(LOGIN)
    async def login() -> None:
        with page_frame("Sign in", LOGIN):
            if visitor(services) is not None:
                ui.label("You may see all pages.")
                ui.button("Sign out", on_click=leave).props("no-caps")
                return
            ui.html('<p class="fa-note">`football keys create NAME` makes a key.</p>', sanitize=False)
            shown = ui.input("API key", password=True).props("outlined dense").style("min-width:22rem")
            said = ui.label("").props('role="alert"').classes("bad")

            def enter() -> None:
                try:
                    app.storage.user["key_id"] = services.access.judge(str(shown.value or "").strip()).id
                except Problem as problem:
                    said.set_text(problem.detail)
                    return
                ui.navigate.to("/")

            shown.on("keydown.enter", enter)
            ui.button("Sign in", on_click=enter).props("no-caps")

    def leave() -> None:
        app.storage.user.pop("key_id", None)
        ui.navigate.to(LOGIN)
