"""The TheSports football API on loopback: every path our client calls, with the provider's envelopes and errors.

Refusals come with HTTP 200 and an `err` text, as the provider sends them. Where its documents leave something open:
a parameter that is missing or ill-typed answers `{"code": 400, "msg": ...}`; a match nobody knows answers HTTP 404
with `{"code": 404, "msg": ...}`; `min_time` and `max_time` of a time query without rows are 0. Per-match paths count
calls beyond 120 a minute as violations and refuse them only under the fault `429`.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, TypeVar

from aiohttp import web
from aiohttp.typedefs import Handler

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import CONTROL, json_answer, json_body, new_app, relative_path
from football_assets.emulators.sources import MatchSource, Row

T = TypeVar("T")

BASE = "/v1/football"
PAGE_ROWS = 1000
PER_MINUTE = {"odds/history": 120, "match/live/history": 120}
ENDED = 8
CHANGES = timedelta(seconds=60)
HISTORY = timedelta(days=30)
SERIALISED_ANSWERS = 512

UNAUTHORIZED = {"err": "Unauthorized access, please contact our business staff."}
IP_REFUSED = {"err": "IP is not authorized to access, please contact our business staff."}
URL_REFUSED = {"err": "URL is not authorized to access, please contact our business staff."}
RATE_LIMITED = {"code": 429}
NOT_FOUND = {"code": 404, "msg": "Resource does not exist"}
SERVER_ERROR = "<html><head><title>500 Internal Server Error</title></head><body>nginx</body></html>"

PAGED_REFERENCE: dict[str, str | None] = {
    "team/additional/list": "team",
    "team/list": "team",
    "competition/additional/list": "competition",
    "season/list": "season",
    "stage/list": "stage",
    "venue/list": "venue",
    "referee/list": "referee",
    "coach/list": None,  # no source knows coaches
}
BARE_REFERENCE = {"country/list": "country", "category/list": "category"}
LEAN_TEAM = ("id", "competition_id", "country_id", "name", "short_name", "logo", "national", "country_logo", "uid")
# Tables of `results_extra` in a diary: kind -> (keys it may carry, where a match row names the id).
DIARY_TABLES: dict[str, tuple[tuple[str, ...], Callable[[Row], Iterable[str]]]] = {
    "competition": (("id", "name", "logo"), lambda match: [match["competition_id"]]),
    "team": (("id", "name", "logo", "country_logo"), lambda match: [match["home_team_id"], match["away_team_id"]]),
    "referee": (("id", "name", "logo"), lambda match: [match["referee_id"]]),
    "venue": (("id", "name"), lambda match: [match["venue_id"]]),
    "season": (("id", "competition_id", "year"), lambda match: [match["season_id"]]),
    "stage": (
        ("id", "season_id", "name", "mode", "group_count", "round_count", "order"),
        lambda match: [match["round"]["stage_id"]],
    ),
}


def thesports_app(
    source: MatchSource,
    clock: EmulatedClock,
    faults: Faults = Faults(),  # noqa: B008  # frozen, so that one healthy set serves all
    *,
    user: str | None = None,
    secret: str | None = None,
) -> web.Application:
    """The emulator of TheSports over `source`, seen at the instants of `clock`.

    Any non-empty `user` and `secret` are accepted unless particular ones are given here.
    """
    app = new_app(
        label=source.label,
        clock=clock,
        faults=faults,
        per_minute=PER_MINUTE,
        refusals={
            "429": lambda _: json_answer(RATE_LIMITED),
            "500": lambda _: web.Response(text=SERVER_ERROR, status=500, content_type="text/html"),
            "err": lambda _: json_answer(UNAUTHORIZED),
            "ip_refused": lambda _: json_answer(IP_REFUSED),
            "not_in_plan": lambda _: json_answer(URL_REFUSED),
        },
        base=BASE,
        name="thesports",
        plan_paths=("odds/",),
    )
    app.middlewares.append(_authorised(user, secret))
    desk = _Answers(source, clock)
    for path, handler in desk.routes().items():
        app.router.add_get(f"{BASE}/{path}", handler)
    app.router.add_route("*", "/{anything:.*}", _url_refused)
    return app


def _authorised(user: str | None, secret: str | None) -> Any:
    """A middleware that refuses calls without the credentials wanted; the cause is never told, as in reality."""

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if relative_path(request).startswith(f"{CONTROL}/"):
            return await handler(request)
        for name, wanted in (("user", user), ("secret", secret)):
            given = request.query.get(name, "")
            if not given or (wanted is not None and not compare_digest(given.encode(), wanted.encode())):
                return json_answer(UNAUTHORIZED)
        return await handler(request)

    return check


async def _url_refused(_request: web.Request) -> web.Response:
    return json_answer(URL_REFUSED)


class _Answers:
    """One handler for each path. The source is asked at whole seconds, the resolution of the provider's times."""

    def __init__(self, source: MatchSource, clock: EmulatedClock) -> None:
        self._source = source
        self._clock = clock
        self._asked: dict[tuple[str, ...], tuple[datetime, Any]] = {}
        self._bodies: dict[str, tuple[object, bytes]] = {}

    def routes(self) -> dict[str, Handler]:
        """Path below the base -> handler."""
        paged = {path: self._paged(path, kind) for path, kind in PAGED_REFERENCE.items()}
        bare = {path: self._bare(path, kind) for path, kind in BARE_REFERENCE.items()}
        return {
            "match/detail_live": self.detail_live,
            "match/recent/list": self.recent_list,
            "match/diary": self.diary,
            "match/live/history": self.live_history,
            "odds/history": self.odds_history,
            "odds/live": self.odds_live,
            "odds/update": self.odds_update,
            "data/update": self.nothing,
            "deleted": self.nothing,
            **paged,
            **bare,
        }

    async def detail_live(self, _request: web.Request) -> web.StreamResponse:
        """Matches with activity in the last 120 minutes; parameters are ignored."""
        return self._bare_answer("match/detail_live", self._live())

    async def recent_list(self, request: web.Request) -> web.StreamResponse:
        """Schedule rows by page, time or id."""
        return self._list_answer(request, "match/recent/list", self._recent())

    async def diary(self, request: web.Request) -> web.StreamResponse:
        """Matches of the 24 hours after `tsp`, or of the UTC day `date`, at most 30 days away, with their names."""
        since = _diary_start(request)
        if since is None:
            return _bad_parameter("tsp")
        now = self._now()
        until = since + timedelta(days=1)
        if until <= now - HISTORY - timedelta(days=1) or since > now + HISTORY:
            matches = []
        else:
            span = range(int(since.timestamp()), int(until.timestamp()))
            matches = sorted(
                (row for row in self._recent() if row["match_time"] in span),
                key=lambda row: (row["match_time"], row["id"]),
            )
        query = {"total": len(matches), "type": "diary"}
        return json_answer({"code": 0, "query": query, "results": matches, "results_extra": self._names(matches)})

    async def live_history(self, request: web.Request) -> web.StreamResponse:
        """The detail of a match that ended in the last 30 days; {} while it is not over."""
        match_id = request.query.get("uuid", "")
        if not match_id:
            return _bad_parameter("uuid")
        if not self._source.knows(match_id):
            return json_answer(NOT_FOUND, 404)
        return json_answer({"code": 0, "results": self._finished(match_id)})

    async def odds_history(self, request: web.Request) -> web.StreamResponse:
        """Every quote of one match by company and market, newest first; {} when there is none."""
        match_id = request.query.get("uuid", "")
        if not match_id:
            return _bad_parameter("uuid")
        if not self._source.knows(match_id):
            return json_answer(NOT_FOUND, 404)
        return self._bare_answer(f"odds/history?{match_id}", self._source.odds(match_id, self._now()))

    async def odds_live(self, _request: web.Request) -> web.StreamResponse:
        """Quotes of the last 60 s by company."""
        return json_answer({"code": 0, "results": self._changes()})

    async def odds_update(self, _request: web.Request) -> web.StreamResponse:
        """Which match has new quotes of which company in the last 60 s, newest first."""
        latest: dict[tuple[str, int], int] = {}
        for company, quotes in self._changes().items():
            for match_id, _market, quote, *_ in quotes:
                key = (match_id, int(company))
                latest[key] = max(latest.get(key, 0), quote[0])
        newest_first = sorted(latest.items(), key=lambda item: (-item[1], item[0]))
        rows = [{"id": match_id, "company_id": company, "update_time": ts} for (match_id, company), ts in newest_first]
        return json_answer({"code": 0, "results": rows})

    async def nothing(self, _request: web.Request) -> web.StreamResponse:
        """A feed of changes that do not happen here: no line-ups or standings are served, nothing is deleted."""
        return json_answer({"code": 0, "results": {}})

    def _paged(self, path: str, kind: str | None) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            rows = self._reference(kind) if kind else []
            if path == "team/list":
                keys = (*LEAN_TEAM, "updated_at")
                rows = [{key: row[key] for key in keys if key in row} for row in rows]
            return self._list_answer(request, path, rows)

        return answer

    def _bare(self, path: str, kind: str) -> Handler:
        async def answer(_request: web.Request) -> web.StreamResponse:
            return self._bare_answer(path, self._reference(kind))

        return answer

    def _list_answer(self, request: web.Request, path: str, rows: list[Row]) -> web.StreamResponse:
        """The one mode asked for: an id, else a time, else a page."""
        asked = request.query
        if "uuid" in asked:
            found = [row for row in rows if row["id"] == asked["uuid"]]
            return json_answer(
                {"code": 0, "query": {"total": len(found), "type": "uuid", "uuid": asked["uuid"]}, "results": found}
            )
        mode = "time" if "time" in asked else "page"
        number = _whole_number(asked.get(mode, "1"))
        if number is None or number < (mode == "page"):
            return _bad_parameter(mode)
        if mode == "time":
            changed = rows_since(rows, number)
            edges = [changed[0]["updated_at"], changed[-1]["updated_at"]] if changed else [0, 0]
            query = {"total": len(changed), "type": "time", "time": number, "min_time": edges[0], "max_time": edges[1]}
            return json_answer({"code": 0, "query": query, "results": changed})
        page = sorted(rows, key=lambda row: str(row["id"]))[(number - 1) * PAGE_ROWS : number * PAGE_ROWS]
        return json_answer({"code": 0, "query": {"total": len(page), "type": "page", "page": number}, "results": page})

    def _bare_answer(self, key: str, results: object) -> web.Response:
        """`results` in the short envelope. A source that hands out the same object again means the same content."""
        kept = self._bodies.get(key)
        if kept is None or kept[0] is not results:
            if len(self._bodies) >= SERIALISED_ANSWERS:
                self._bodies.clear()
            kept = self._bodies[key] = (results, json_body({"code": 0, "results": results}))
        return json_answer(kept[1])

    def _names(self, matches: list[Row]) -> dict[str, list[Row]]:
        """The tables of names that go with a diary, only what its matches refer to."""
        tables = {}
        for kind, (keys, ids_of) in DIARY_TABLES.items():
            wanted = {name for match in matches for name in ids_of(match)}
            known = [row for row in self._reference(kind) if row["id"] in wanted]
            tables[kind] = [{key: row[key] for key in keys if key in row} for row in known]
        return tables

    def _finished(self, match_id: str) -> Row:
        """The last state of an ended match: as it shows now, else as it was last changed, else as it ended."""
        now = self._now()
        schedule = next((row for row in self._recent() if row["id"] == match_id), None)
        if schedule is None or schedule["status_id"] != ENDED:
            return {}
        instants = [datetime.fromtimestamp(schedule[key], UTC) for key in ("updated_at", "ended") if schedule.get(key)]
        if instants and now - instants[-1] > HISTORY:
            return {}
        for instant in (now, *(instant for instant in instants if instant <= now)):
            for match in self._source.live(instant):
                if match["id"] == match_id and match["score"][1] == ENDED:
                    return match
        return {}

    def _now(self) -> datetime:
        return self._clock.now().replace(microsecond=0)

    def _live(self) -> list[Row]:
        return self._once(("live",), self._source.live)

    def _recent(self) -> list[Row]:
        return self._once(("recent",), self._source.recent)

    def _reference(self, kind: str) -> list[Row]:
        return self._once(("reference", kind), lambda at: self._source.reference(kind, at))

    def _changes(self) -> dict[str, list[list[Any]]]:
        return self._once(("changes",), lambda at: self._source.odds_changes(at - CHANGES, at))

    def _once(self, key: tuple[str, ...], ask: Callable[[datetime], T]) -> T:
        """Ask the source once for each emulated second; a cycle asks by id a hundred times within one."""
        now = self._now()
        known = self._asked.get(key)
        if known is None or known[0] != now:
            known = self._asked[key] = (now, ask(now))
        return known[1]


def rows_since(rows: Iterable[Row], since: int) -> list[Row]:
    """Rows with `updated_at >= since`, ascending, cut at 1000.

    When one single second fills the cut, all of that second are given: a client continues from `max_time` and could
    never get past it otherwise.
    """
    changed = sorted(
        (row for row in rows if row["updated_at"] >= since), key=lambda row: (row["updated_at"], row["id"])
    )
    if len(changed) <= PAGE_ROWS:
        return changed
    first, last = changed[0]["updated_at"], changed[PAGE_ROWS - 1]["updated_at"]
    if first == last:
        return [row for row in changed if row["updated_at"] == first]
    return changed[:PAGE_ROWS]


def _diary_start(request: web.Request) -> datetime | None:
    """The beginning of the day asked for, by `tsp` (Unix seconds) or the older `date` (YYYYMMDD); None when unclear."""
    try:
        if "tsp" in request.query:
            return datetime.fromtimestamp(int(request.query["tsp"]), UTC)
        return datetime.strptime(request.query.get("date", ""), "%Y%m%d").replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _whole_number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _bad_parameter(name: str) -> web.Response:
    return json_answer({"code": 400, "msg": f"parameter {name} is missing or not valid"})
