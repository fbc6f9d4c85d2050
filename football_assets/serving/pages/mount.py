"""The pages on the application, and who may see them."""

import os
import secrets
from pathlib import Path

from fastapi import FastAPI
from nicegui import ui
from nicegui.storage import Storage
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from football_assets.rooms import installed
from football_assets.serving.guard import API_PATHS
from football_assets.serving.problems import Problem
from football_assets.serving.services import Services

SESSIONS = "page-sessions.key"
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self' ws: wss:; frame-ancestors 'none'; "
    "base-uri 'self'; form-action 'self'"
)


def mount(app: FastAPI, services: Services) -> None:
    """Put the pages beside the REST routes."""
    from football_assets.serving.pages import login, operations, playground

    login.register(services)
    operations.register(services)
    playground.register(app, services)
    if "soccer" in installed():
        from football_assets.serving.pages import matches

        matches.register(services)
    if "ncaa" in installed():
        from football_assets.serving.pages import college, people, prop_page

        college.register(services)
        people.register(services)
        prop_page.register(services)
    # Set on the class: set on an object of it, visits would be kept in the folder the process was started from.
    Storage.path = services.settings.folder / "page-visits"
    ui.run_with(
        app,
        title="football",
        storage_secret=_secret(services.settings.folder),
        tailwind=False,
        show_welcome_message=False,
        session_middleware_kwargs={"same_site": "strict", "https_only": False},
    )
    app.add_middleware(Gate, services=services)


class Gate:
    """Lets only visitors of this machine see pages without keys, and only those who showed a key with them."""

    def __init__(self, app: ASGIApp, *, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(API_PATHS):
            await self._app(scope, receive, send)
            return
        access = self._services.access
        if access.is_open:
            try:
                access.require_loopback(HTTPConnection(scope))
            except Problem as problem:
                if scope["type"] == "http":
                    await PlainTextResponse(problem.detail, 403)(scope, receive, send)
                else:
                    await send({"type": "websocket.close", "code": 1008})
                return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("content-security-policy", POLICY)
            await send(message)

        await self._app(scope, receive, headed)


def _secret(home: Path) -> str:
    """What signs the visitors' cookies; made once, readable by its owner alone."""
    path = home / SESSIONS
    home.mkdir(parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text(encoding="utf-8")
