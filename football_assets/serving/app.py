"""The web application: one process that serves REST, the stream and the pages."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.middleware.cors import CORSMiddleware
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route

from football_assets.config import Settings
from football_assets.errors import FootballError
from football_assets.rooms import installed, load_declarations
from football_assets.serving.access import Access
from football_assets.serving.answers import HEADERS, compressed
from football_assets.serving.cache import AnswerCache
from football_assets.serving.dagster_api import DagsterApi
from football_assets.serving.document import documented
from football_assets.serving.guard import API_PATHS, Guard, Requests, completed
from football_assets.serving.keys import KeyStore
from football_assets.serving.lifespan import running
from football_assets.serving.problems import PROBLEM_JSON, Problem
from football_assets.serving.published import Published
from football_assets.serving.routes import routers
from football_assets.serving.rows import to_bytes
from football_assets.serving.services import Services
from football_assets.serving.stream.hub import Hub

if TYPE_CHECKING:
    from football_assets.serving.fast_lane import Looker

log = logging.getLogger(__name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ABOUT = """Live soccer and NCAA football from the published tables of this platform.

Every answer is `{data, meta}`: `meta` says whose data they are, how old, and in which state. Values that are not
known are null. Errors are problem details (RFC 9457) with a `code`.
"""


def create_app(settings: Settings, *, pages: bool = False, looker: "Callable[[], Looker] | None" = None) -> FastAPI:
    """The application of one serving process, with or without the web pages.

    `looker` makes who looks at the provider for the fast lane; nothing is called without one.
    """
    load_declarations()
    services = _services(settings)
    app = FastAPI(
        title="football_assets",
        version=version("football-assets"),
        description=ABOUT,
        lifespan=running(services, looker),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # ours, below: made in a thread, and compressed
    )
    app.state.services = services
    found = routers(installed())
    for router in found:
        app.include_router(router)
    _document(app)
    _refuse_the_rest(app, [route for router in found for route in router.routes])
    most = settings.serving.largest_body_bytes
    app.add_middleware(Guard, largest_body_bytes=most, requests=services.requests, access=services.access)
    if settings.serving.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.serving.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "If-None-Match", "X-Request-ID"],
            expose_headers=["ETag", "Retry-After", "X-Request-ID"],
        )
    _answer_errors(app)
    if pages:
        from football_assets.serving.pages.mount import mount

        mount(app, services)
    return app


def _document(app: FastAPI) -> None:
    """Serve the OpenAPI document. Making it takes a good part of a second, so it is not made in the event loop."""

    def whole() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = documented(app)
        return app.openapi_schema

    app.openapi = whole  # type: ignore[method-assign]

    @app.get("/v1/openapi.json", include_in_schema=False)
    async def document(request: Request) -> Response:
        return compressed(request, await asyncio.to_thread(lambda: to_bytes(app.openapi())), HEADERS)


def _refuse_the_rest(app: FastAPI, own: Sequence[BaseRoute]) -> None:
    """An address of the API that is none, or a method that it has not, is an error of the API and no page."""

    async def refuse(request: Request) -> Response:
        fitting = [each for each in own if each.matches(request.scope)[0] is Match.PARTIAL]
        allowed = sorted({method for each in fitting if isinstance(each, Route) for method in each.methods or ()})
        raise HTTPException(405 if allowed else 404, headers={"Allow": ", ".join(allowed)} if allowed else None)

    for path in API_PATHS:
        whole = f"{path}{{rest:path}}" if path.endswith("/") else path
        app.add_route(whole, refuse, methods=list(METHODS), include_in_schema=False)


def _services(settings: Settings) -> Services:
    """The shared parts of what is installed."""
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
    return services


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
        # This answer is made outside of the guard, which gives the others their headers.
        headers = {name.decode(): value.decode() for name, value in completed(request.url.path, [], request_id)}
        headers["connection"] = "close"  # as the server does after what was not foreseen
        return Response(to_bytes(body), status_code=500, headers=headers, media_type=PROBLEM_JSON)


def _problem(request: Request, problem: Problem, *, status: int | None = None) -> Response:
    request_id = getattr(request.state, "request_id", "")
    body = problem.body(request_id)
    if status is not None:
        body["status"] = status
    return Response(to_bytes(body), status_code=body["status"], headers=dict(problem.headers), media_type=PROBLEM_JSON)
