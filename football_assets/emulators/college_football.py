"""College Football Data on loopback: the API v2 over recorded or simulated seasons.

Authentication, tiers, monthly quota, parameters, errors and rows follow the provider's contract. Answers are kept as
serialised bytes by endpoint and query for as long as what is known does not change: a source that says when its
knowledge last changed (`changed_at`) is read again only then, any other once a minute of emulated time, as of the
full minute. Kept answers take at most `ANSWERS_BYTES`.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol, runtime_checkable

from aiohttp import web
from aiohttp.typedefs import Handler

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.college_football_account import Account, Refused
from football_assets.emulators.college_football_endpoints import ENDPOINTS, Endpoint, Question, SeasonIndex
from football_assets.emulators.college_football_queries import (
    BadParametersError,
    Details,
    Query,
    no_rule,
    read_query,
)
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import json_answer, json_body, new_app
from football_assets.emulators.sources import SeasonSource

ANSWERS_BYTES = 64_000_000
REMAINING = "X-CallLimit-Remaining"
TIER_LOCKED = ("games/weather", "wepa/")


@runtime_checkable
class DatedSource(Protocol):
    """A source that says when it last learnt something, so that answers can be kept until it learns more."""

    def changed_at(self, season: int | None, at: datetime) -> datetime:
        """The last instant up to `at` at which a season's rows changed; None looks at all seasons."""


def college_football_app(
    source: SeasonSource,
    clock: EmulatedClock,
    faults: Faults | None = None,
    *,
    key: str | None = None,
    monthly_limit: int = 1000,
    tier: int = 0,
) -> web.Application:
    """The emulator as an aiohttp application, to be run by `server.serving` or `server.run`.

    `key` is the only key accepted (None: any); `tier` 0 is a free one, which `/games/weather` and `/wepa/*` refuse.
    """
    account = Account(clock.now, key=key, monthly_limit=monthly_limit, tier=tier)
    answers = Answers(source, clock)
    app = new_app(
        label=source.label,
        clock=clock,
        faults=faults or Faults(),
        refusals=_refusals(account),
        name="college_football",
        plan_paths=TIER_LOCKED,
    )
    for path, endpoint in ENDPOINTS.items():
        app.router.add_get(f"/{path}", _answering(path, endpoint, account, answers))
    app.router.add_get("/info", _info(account))
    app.router.add_get("/info/usage", _usage(account))
    return app


class Answers:
    """Serialised answers of a source, kept until its knowledge changes; one is made at a time, off the event loop."""

    def __init__(self, source: SeasonSource, clock: EmulatedClock, *, most_bytes: int = ANSWERS_BYTES) -> None:
        self._source = source
        self._clock = clock
        self._most_bytes = most_bytes
        self._index = SeasonIndex()
        self._kept: OrderedDict[tuple[str, tuple[tuple[str, Any], ...]], tuple[datetime, bytes]] = OrderedDict()
        self._bytes = 0
        self._making = asyncio.Lock()

    async def get(self, path: str, endpoint: Endpoint, query: Query) -> bytes:
        """The JSON array for this query as of the emulated instant."""
        async with self._making:
            return await asyncio.to_thread(self._get, path, endpoint, query)

    def _get(self, path: str, endpoint: Endpoint, query: Query) -> bytes:
        at, stamp = self._instant(query)
        wanted = (path, tuple(sorted(query.items())))
        kept = self._kept.get(wanted)
        if kept is not None and kept[0] == stamp:
            self._kept.move_to_end(wanted)
            return kept[1]
        body = json_body(endpoint.answer(Question(self._source, at, query, self._index)))
        self._keep(wanted, stamp, body)
        return body

    def _instant(self, query: Query) -> tuple[datetime, datetime]:
        """The instant to ask the source about, and the stamp under which its answer stays true."""
        now = self._clock.now()
        if isinstance(self._source, DatedSource):
            return now, self._source.changed_at(query.get("year"), now)
        minute = now.replace(second=0, microsecond=0)
        return minute, minute

    def _keep(self, wanted: tuple[str, tuple[tuple[str, Any], ...]], stamp: datetime, body: bytes) -> None:
        _, before = self._kept.pop(wanted, (stamp, b""))
        self._kept[wanted] = (stamp, body)
        self._bytes += len(body) - len(before)
        while self._bytes > self._most_bytes and self._kept:
            _, (_, oldest) = self._kept.popitem(last=False)
            self._bytes -= len(oldest)


def _answering(path: str, endpoint: Endpoint, account: Account, answers: Answers) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        refusal = _admission(request, account, path, endpoint.tier)
        if refusal is not None:
            return refusal
        try:
            query = read_query(request.query, endpoint.parameters, endpoint.required, endpoint.rule)
        except BadParametersError as error:
            return _with_remaining(_invalid(error.details), account)
        with account.charged(path):
            body = await answers.get(path, endpoint, query)
        return _with_remaining(json_answer(body), account)

    return handle


def _info(account: Account) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        refusal = _admission(request, account, "info")
        return refusal or _with_remaining(json_answer(account.info()), account)

    return handle


def _usage(account: Account) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        refusal = _admission(request, account, "info/usage")
        if refusal is not None:
            return refusal
        try:
            query = read_query(request.query, ("days", "limit", "api"), (), no_rule)
            days, limit = _within(request, query, "days", 7, 31), _within(request, query, "limit", 10, 50)
        except BadParametersError as error:
            return _with_remaining(_invalid(error.details), account)
        return _with_remaining(json_answer(account.usage(days, limit, query.get("api", "all"))), account)

    return handle


def _within(request: web.Request, query: Query, name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`; a zero that was sent is out of range rather than not given."""
    value: int = query.get(name, 0 if name in request.query else default)
    if not 1 <= value <= most:
        message = f"{name} must be an integer between 1 and {most}"
        raise BadParametersError({name: {"message": message, "value": value}})
    return value


def _admission(request: web.Request, account: Account, path: str, tier: int = 0) -> web.Response | None:
    """The refusal of a request that may not be answered; None when it may."""
    try:
        account.authenticate(request.headers.get("Authorization", ""))
    except Refused as refused:
        return json_answer({"message": refused.message}, refused.status)
    try:
        account.admit(path, tier)
    except Refused as refused:
        return _with_remaining(json_answer({"message": refused.message}, refused.status), account)
    return None


def _with_remaining(response: web.Response, account: Account) -> web.Response:
    response.headers[REMAINING] = str(account.remaining)
    return response


def _invalid(details: Details) -> web.Response:
    return json_answer({"message": "Validation Failed", "details": details}, 400)


def _refusals(account: Account) -> Mapping[str, Any]:
    """What the provider says when a fault strikes; none of these costs a call."""

    def refusal(status: int, message: str, remaining: int | None = None) -> Any:
        def answer(_request: web.Request) -> web.Response:
            response = json_answer({"message": message}, status)
            left = account.remaining if remaining is None else remaining
            if status != 401:
                response.headers[REMAINING] = str(left)
            return response

        return answer

    return {
        "429": refusal(429, "Monthly call quota exceeded.", remaining=0),
        "500": refusal(500, "Internal Server Error"),
        "err": refusal(503, "Unable to verify call quota. Please retry later."),
        "ip_refused": refusal(401, "Account has been blacklisted."),
        "not_in_plan": refusal(401, "Unauthorized. This endpoint requires a Patreon subscription at Tier 1 or higher."),
    }
