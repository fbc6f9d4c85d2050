"""The web application: one process that serves REST, the stream and the pages."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from football_assets.config import Settings
from football_assets.errors import FootballError
from football_assets.providers import Domain
from football_assets.rooms import installed, load_declarations
from football_assets.serving.access import Access
from football_assets.serving.cache import AnswerCache
from football_assets.serving.dagster_api import DagsterApi
from football_assets.serving.guard import Guard, Requests
from football_assets.serving.keys import KeyStore
from football_assets.serving.problems import PROBLEM_JSON, Problem, ProblemBody
from football_assets.serving.published import Published
from football_assets.serving.routes import routers
from football_assets.serving.rows import to_bytes
from football_assets.serving.services import Services
from football_assets.serving.stream.feed import Feed
from football_assets.serving.stream.hub import Hub
from football_assets.serving.stream.news import News
from football_assets.serving.stream.overlay import CHANNEL, Overlay
from football_assets.warehouse.publication import Publication

if TYPE_CHECKING:
    from football_assets.serving.fast_lane import Looker

log = logging.getLogger(__name__)
LAG_EVERY_S = 0.5
ABOUT = """Live soccer and NCAA football from the published tables of this platform.

Every answer is `{data, meta}`: `meta` says whose data they are, how old, and in which state. Values that are not
known are null. Errors are problem details (RFC 9457) with a `code`.
"""


def create_app(settings: Settings, *, pages: bool = False, looker: "Callable[[], Looker] | None" = None) -> FastAPI:
    """The application of one serving process, with or without the web pages.

    `looker` makes who looks at the provider for the fast lane; nothing is called without one.
    """
    load_declarations()
    redis = settings.redis_url.get_secret_value() if settings.redis_url else None
    keys = KeyStore(settings.folder)
    services = Services(
        settings=settings,
        published=Published(settings),
        cache=AnswerCache(redis, entries=settings.serving.cache_entries),
        keys=keys,
        access=Access(keys, settings.serving, settings.folder / "logs" / "audit.log"),
        requests=Requests(),
        hub=Hub(),
        dagster=DagsterApi(settings.serving.dagster_url),
    )
    if "ncaa" in installed():
        from football_assets.serving.evidence import EvidenceStore
        from football_assets.serving.props import PropDesk

        services.desk = PropDesk(services.published, EvidenceStore(settings.folder / "evidence"))
    overlay = Overlay()
    feed = Feed(services.published, services.hub, overlay)

    @asynccontextmanager
    async def running(_app: FastAPI) -> AsyncIterator[None]:
        loop = services.loop = asyncio.get_running_loop()
        sooner, news = asyncio.Event(), News(redis) if redis else None

        def tell(topic: str) -> None:
            if news is not None:
                news.tell(topic)

        def hear(topic: str) -> None:
            if topic == CHANNEL and services.fast_lane is not None:
                services.fast_lane.news.set()
            elif topic != CHANNEL:
                sooner.set()

        def note(domain: Domain, publication: Publication, changed: frozenset[str]) -> None:
            loop.call_soon_threadsafe(services.cache.forget, domain)
            loop.call_soon_threadsafe(feed.note, domain, publication, changed)
            loop.call_soon_threadsafe(tell, domain)

        undo = services.published.listen(note)
        await asyncio.to_thread(services.published.look)
        await asyncio.sleep(0)  # lets the listener's calls come in
        await feed.catch_up()
        tasks = [
            asyncio.create_task(services.published.watch(sooner)),
            asyncio.create_task(feed.run()),
            asyncio.create_task(_watch_lag(services)),
        ]
        if news is not None:
            tasks.append(asyncio.create_task(news.hear(hear)))
        if settings.fast_lane.enabled and "soccer" in installed():
            from football_assets.serving.fast_lane import FastLane

            services.fast_lane = FastLane(
                settings, services.hub, services.published, overlay, looker, lambda: tell(CHANNEL)
            )
            tasks.append(asyncio.create_task(services.fast_lane.run()))
        try:
            yield
        finally:
            undo()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if news is not None:
                await news.close()
            await services.cache.close()

    app = FastAPI(
        title="football_assets",
        version=version("football-assets"),
        description=ABOUT,
        lifespan=running,
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    app.state.services = services
    for router in routers(installed()):
        app.include_router(router)
    app.add_middleware(Guard, largest_body_bytes=settings.serving.largest_body_bytes, requests=services.requests)
    if settings.serving.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=list(settings.serving.cors_origins), allow_methods=["GET", "POST"]
        )
    _answer_errors(app)
    if pages:
        from football_assets.serving.pages.mount import mount

        mount(app, services)
    app.openapi = lambda: _documented(app)  # type: ignore[method-assign]
    return app


async def _watch_lag(services: Services) -> None:
    """Note again and again how late the event loop is."""
    loop = asyncio.get_running_loop()
    while True:
        wanted = loop.time() + LAG_EVERY_S
        await asyncio.sleep(LAG_EVERY_S)
        services.loop_lag_s = max(0.0, loop.time() - wanted)


def _answer_errors(app: FastAPI) -> None:
    """Every error as a problem document; what went wrong inside never leaves the server."""

    @app.exception_handler(Problem)
    async def problem(request: Request, error: Problem) -> Response:
        return _problem(request, error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        found = [
            {"parameter": ".".join(str(part) for part in each["loc"][1:]), "detail": each["msg"]}
            for each in error.errors()
        ]
        first = f"{found[0]['parameter'] or 'body'}: {found[0]['detail']}" if found else "The request is malformed."
        return _problem(request, Problem("invalid_parameter", first, errors=found))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            detail = f"There is no {request.url.path}. /v1/openapi.json lists what there is."
            return _problem(request, Problem("not_found", detail))
        made = Problem("invalid_parameter", str(error.detail), headers=dict(error.headers or {}))
        # What the framework calls a bad request is a body that is not JSON: invalid like any other.
        return _problem(request, made, status=None if error.status_code == 400 else error.status_code)

    @app.exception_handler(FootballError)
    async def ours(request: Request, error: FootballError) -> Response:
        return _problem(request, Problem("no_data_available", str(error)))

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        request_id = getattr(request.state, "request_id", "")
        log.error("request %s failed", request_id, exc_info=error)
        detail = f"Something went wrong here; the server's log names request {request_id}."
        about = {"title": "Internal error", "status": 500, "code": "internal_error", "request_id": request_id}
        body = {"type": "urn:football-assets:problem:internal_error", **about, "detail": detail}
        return Response(to_bytes(body), status_code=500, media_type=PROBLEM_JSON)


def _problem(request: Request, problem: Problem, *, status: int | None = None) -> Response:
    request_id = getattr(request.state, "request_id", "")
    body = problem.body(request_id)
    if status is not None:
        body["status"] = status
    return Response(to_bytes(body), status_code=body["status"], headers=dict(problem.headers), media_type=PROBLEM_JSON)


def _documented(app: FastAPI) -> dict[str, Any]:
    """OpenAPI with the problem document among its schemas and the two ways to send a key."""
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        parts = made.setdefault("components", {})
        parts.setdefault("schemas", {})["ProblemBody"] = ProblemBody.model_json_schema()
        parts["securitySchemes"] = {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        }
        made["security"] = [{"bearer": []}, {"header": []}, {}]
        app.openapi_schema = made
    return app.openapi_schema
