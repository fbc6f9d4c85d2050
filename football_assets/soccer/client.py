"""TheSports' football API, read-only: one method for each call that a cycle makes."""

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from football_assets.errors import SourceChanged, SourceRejected
from football_assets.soccer.models import Competition, Country, Incident, LiveMatch, MatchDetail, Row, Score, Stat, Team
from football_assets.soccer.odds_feed import OddsChanges, OddsUpdate, odds_changes, odds_updates
from football_assets.states import DataState
from football_assets.transport import CachePolicy, SourceProblem, Transport

SOURCE = "TheSports"
DAY_S = 86_400
NAMES_STALE_S = 90 * DAY_S
PAGE_ROWS = 1000
MOST_PAGES = 30
NOT_IN_PLAN = "url is not"

Value = TypeVar("Value")
Read = TypeVar("Read", covariant=True)
Kind = TypeVar("Kind", bound=Row)

# The beginnings of the provider's refusals, what each means, and what to change.
REFUSALS: Mapping[str, tuple[str, str]] = {
    "ip is not": (
        "this machine's address is not on the account's whitelist",
        "Ask TheSports to add the IPv4 address this machine calls from.",
    ),
    NOT_IN_PLAN: (
        "the account's plan does not include this endpoint",
        "Ask TheSports to add it to the plan; without the odds bundle everything but odds works.",
    ),
    "unauthorized": (
        "the user and secret were not accepted",
        "Check THESPORTS_USER and THESPORTS_SECRET, and that the account is active.",
    ),
}
OTHER_REFUSAL = ("the provider refused", "Ask TheSports what the account may do.")


def judge(status: int, body: Any) -> SourceProblem | None:
    """What an answer says about itself: most failures come with HTTP 200. None when it can be used.

    An `err` text cannot be cleared by asking again; code 429 and codes of the 500s can. Code 0 is success, 200 is
    taken for it too, as some of the provider's documents have it.
    """
    if not isinstance(body, dict):
        return None if status >= 300 else _changed("body", "an object", body)
    if refusal := body.get("err"):
        words = str(refusal)
        happened, to_do = next((v for k, v in REFUSALS.items() if words.lower().startswith(k)), OTHER_REFUSAL)
        return SourceProblem("rejected", f"{happened} ({words.rstrip('. ')})", to_do)
    code = body.get("code")
    if code == 429:
        return SourceProblem("unavailable", "too many requests (code 429)")
    if status >= 300 or code in (0, 200):
        return None
    if not isinstance(code, int):
        return _changed("code", "0", code)
    happened = f"code {code}" + (f", {body['msg']}" if body.get("msg") else "")
    if code >= 500:
        return SourceProblem("unavailable", happened)
    return SourceProblem("rejected", happened, "Retrying cannot clear this; check what was asked.")


def refused_for_all(error: Exception) -> bool:
    """Whether a refusal concerns the account, not the one thing asked, so that asking for others is no use."""
    meanings = [happened for happened, _ in (*REFUSALS.values(), OTHER_REFUSAL)]
    return isinstance(error, SourceRejected) and any(error.happened.startswith(f"{words} (") for words in meanings)


def not_in_plan(error: Exception) -> bool:
    """Whether an endpoint was refused because the account's plan does not include it."""
    return isinstance(error, SourceRejected) and error.happened.startswith(f"{REFUSALS[NOT_IN_PLAN][0]} (")


@dataclass(frozen=True, slots=True)
class Reading(Generic[Read]):
    """What was read, how fresh it is, and the provider's clock when it was read."""

    value: Read
    state: DataState
    served_at: datetime
    age_s: float


@dataclass
class ChangedMatches:
    """Schedule rows that changed, by match. `unreadable` are matches whose row changed but does not fit."""

    details: dict[str, MatchDetail] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)


class TheSports:
    """The calls. Each raises SourceUnavailable, SourceRejected or SourceChanged.

    What moves is never cached; names are fresh for `names_fresh_s` and serve on as stale when they cannot be read.
    """

    def __init__(self, transport: Transport, *, names_fresh_s: float = DAY_S) -> None:
        self._transport = transport
        self._names = CachePolicy(fresh_s=names_fresh_s, stale_s=max(NAMES_STALE_S, names_fresh_s))

    async def live(self, *, probe: bool = False) -> Reading[tuple[list[LiveMatch], int]]:
        """Every match with activity in the last 120 minutes, in the provider's order; how many rows named no match.

        An answer of another shape is asked for once more: it may have been garbled on its way, and without the list
        there is no cycle. A `probe` is one try, whatever the transport's own breaker says.
        """
        try:
            return await self._live(probe)
        except SourceChanged:
            if probe:
                raise
            return await self._live(probe)

    async def _live(self, probe: bool) -> Reading[tuple[list[LiveMatch], int]]:
        doing = "reading the live list"
        ask = self._transport.probe if probe else self._transport.get
        answer = await ask("match/detail_live", doing=doing)
        rows = _results(answer.body, list, doing)
        matches = {match.id: match for match in map(live_match, rows) if match is not None}
        if rows and not any(match.score for match in matches.values()):
            raise SourceChanged(SOURCE, doing, field="results", expected="rows with id and score", got=_short(rows[0]))
        unnamed = sum(live_match_id(row) is None for row in rows)
        return Reading((list(matches.values()), unnamed), answer.state, answer.served_at, answer.age_s)

    async def match(self, match_id: str) -> Reading[MatchDetail | None]:
        """The schedule row of a match; None when the provider does not know it."""
        return await self._one("match/recent/list", match_id, MatchDetail, "match", None)

    async def changed_matches(self, since: datetime) -> Reading[ChangedMatches]:
        """Every schedule row changed at or after `since`, served as of the first page.

        A page holds 1000 rows: while a full one comes, the next begins at its newest change, and rows that come twice
        count once. Raises SourceChanged when that leads nowhere.
        """
        doing = "reading the changed matches"
        at, found, first = int(since.timestamp()), ChangedMatches(), None
        for _ in range(MOST_PAGES):
            answer = await self._transport.get("match/recent/list", doing=doing, params={"time": at})
            first = first or answer
            rows = _results(answer.body, list, doing)
            newest = _take_changes(rows, found, doing)
            if len(rows) < PAGE_ROWS:
                return Reading(found, first.state, first.served_at, first.age_s)
            if newest > at:
                at = newest
            elif len(rows) > PAGE_ROWS:  # one second's changes, all of them, in one oversized page
                at += 1
            else:
                break
        raise SourceChanged(
            SOURCE, doing, field="results[].updated_at", expected="changes that can be read to their end", got=str(at)
        )

    async def odds_changes(self) -> Reading[OddsChanges]:
        """The quotes of the last 60 s of all matches; those without a change are absent."""
        doing = "reading the odds changes"
        answer = await self._transport.get("odds/live", doing=doing)
        changes = odds_changes(_results(answer.body, dict, doing))
        return Reading(changes, answer.state, answer.served_at, answer.age_s)

    async def odds_updates(self) -> Reading[list[OddsUpdate]]:
        """Which matches had odds changed or repaired in the last 60 s."""
        doing = "reading which odds were updated"
        answer = await self._transport.get("odds/update", doing=doing)
        results = answer.body.get("results") if isinstance(answer.body, dict) else None
        updates = odds_updates(results)
        if updates is None:
            raise SourceChanged(
                SOURCE, doing, field="results", expected="id, company_id, update_time", got=_short(results)
            )
        return Reading(updates, answer.state, answer.served_at, answer.age_s)

    async def odds(self, match_id: str) -> Reading[dict[str, Any]]:
        """Every quote of a match: company id -> market -> rows of 8, newest first; {} when there is none."""
        doing = f"reading the odds of match {match_id}"
        answer = await self._transport.get("odds/history", doing=doing, params={"uuid": match_id})
        return Reading(_results(answer.body, dict, doing), answer.state, answer.served_at, answer.age_s)

    async def team(self, team_id: str) -> Reading[Team | None]:
        """A team; None when the provider does not know it."""
        return await self._one("team/additional/list", team_id, Team, "team", self._names)

    async def competition(self, competition_id: str) -> Reading[Competition | None]:
        """A competition; None when the provider does not know it."""
        return await self._one("competition/additional/list", competition_id, Competition, "competition", self._names)

    async def countries(self) -> Reading[dict[str, Country]]:
        """All countries by id."""
        doing = "reading the countries"
        answer = await self._transport.get("country/list", doing=doing, cache=self._names)
        found = [_row(Country, row, doing) for row in _results(answer.body, list, doing)]
        return Reading({row.id: row for row in found}, answer.state, answer.served_at, answer.age_s)

    async def _one(
        self, path: str, uuid: str, kind: type[Kind], noun: str, cache: CachePolicy | None
    ) -> Reading[Kind | None]:
        doing = f"reading {noun} {uuid}"
        answer = await self._transport.get(path, doing=doing, params={"uuid": uuid}, cache=cache)
        rows = _results(answer.body, list, doing)
        # The row is taken by its own id: some other match's data would be worse than none.
        mine = next((row for row in rows if isinstance(row, dict) and row.get("id") == uuid), None)
        if mine is None and rows:
            raise SourceChanged(SOURCE, doing, field="results[].id", expected=uuid, got=_short(rows[0]))
        value = None if mine is None else _row(kind, mine, doing)
        return Reading(value, answer.state, answer.served_at, answer.age_s)


def _take_changes(rows: list[Any], found: ChangedMatches, doing: str) -> int:
    """Enter one page; a match that comes again is taken in its newer state. Returns the newest change, Unix seconds."""
    newest = 0
    for row in rows:
        match_id = live_match_id(row)
        if match_id is None:
            raise SourceChanged(SOURCE, doing, field="results[].id", expected="a match id", got=_short(row))
        try:
            detail = MatchDetail.model_validate(row)
        except ValidationError:
            found.unreadable.add(match_id)
            continue
        changed_at = detail.updated_at or datetime.fromtimestamp(0, UTC)
        newest = max(newest, int(changed_at.timestamp()))
        before = found.details.get(match_id)
        if before is None or before.updated_at is None or before.updated_at <= changed_at:
            found.details[match_id] = detail
    return newest


def live_match_id(row: Any) -> str | None:
    """The match a row of the live list is about; None when it does not say."""
    match_id = row.get("id") if isinstance(row, dict) else None
    return match_id if isinstance(match_id, str) and match_id else None


def live_match(row: Any) -> LiveMatch | None:
    """One row of the live list, its unreadable parts left out and named in `gap`; None when it names no match."""
    match_id = live_match_id(row)
    if match_id is None:
        return None
    try:
        return LiveMatch.model_validate(row)
    except ValidationError:
        pass
    scores, score_gap = _readable(Score, [row.get("score")], "score")
    stats, stat_gap = _readable(Stat, row.get("stats"), "stats")
    incidents, incident_gap = _readable(Incident, row.get("incidents"), "incidents")
    gap = "; ".join(filter(None, (score_gap, stat_gap, incident_gap)))
    return LiveMatch(
        id=match_id, score=scores[0] if scores else None, stats=tuple(stats), incidents=tuple(incidents), gap=gap
    )


def _readable(kind: type[Kind], rows: Any, name: str) -> tuple[list[Kind], str | None]:
    """The rows that fit, and a word on those that do not."""
    if not isinstance(rows, list):
        return [], None if rows is None else f"{name} unreadable ({_short(rows)})"
    found, problems = [], []
    for row in rows:
        try:
            found.append(kind.model_validate(row))
        except ValidationError as error:
            problems.append(_first(error))
    if not problems:
        return found, None
    field, expected, got = problems[0]
    return found, f"{len(problems)} of {len(rows)} {name} unreadable ({field or name}: {expected}, got {got})"


def _results(body: Any, kind: type[Value], doing: str) -> Value:
    results = body.get("results") if isinstance(body, dict) else None
    if kind is dict and results == []:  # an empty PHP map
        return kind()
    if not isinstance(results, kind):
        wanted = "a list" if kind is list else "an object"
        raise SourceChanged(SOURCE, doing, field="results", expected=wanted, got=_short(results))
    return results


def _row(kind: type[Kind], row: Any, doing: str) -> Kind:
    try:
        return kind.model_validate(row)
    except ValidationError as error:
        field, expected, got = _first(error)
        raise SourceChanged(SOURCE, doing, field=field, expected=expected, got=got) from None


def _first(error: ValidationError) -> tuple[str, str, str]:
    problem = error.errors(include_url=False)[0]
    return ".".join(map(str, problem["loc"])), problem["msg"][:1].lower() + problem["msg"][1:], _short(problem["input"])


def _changed(field: str, expected: str, got: Any) -> SourceProblem:
    return SourceProblem("changed", _short(got), field=field, expected=expected)


def _short(value: Any) -> str:
    return reprlib.repr(value)
