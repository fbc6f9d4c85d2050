"""`/v1/soccer`: the live matches, now or as they were."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer, listed
from football_assets.serving.live import changed_since, live_view, one_match
from football_assets.serving.paging import LARGEST, Listing, listing, page
from football_assets.serving.problems import Problem, reads
from football_assets.serving.rows import records, row_model
from football_assets.serving.services import services_of
from football_assets.serving.times import AsOf, aware
from football_assets.soccer.codes import STATUS
from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchStats
from football_assets.tables import Table

router = APIRouter(prefix="/v1/soccer", tags=["soccer"], dependencies=[Depends(needs("read"))])
ORDER = ("competition", "status_id", "kickoff_at", "match_id")

Match = row_model(FlattenedMatches, name="Match")
Event = row_model(Incidents, name="Event")
Statistic = row_model(MatchStats, name="Statistic")
Whole = Annotated[Listing, listing(LARGEST)]
MatchId = Annotated[str, Path(description="Match id", pattern=r"^[a-z0-9]{1,32}$")]


@router.get(
    "/matches",
    response_model=Envelope[list[Match]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Live matches",
    openapi_extra={"x-example": "/v1/soccer/matches?live=true&limit=5"},
)
async def matches(
    request: Request,
    rows: Annotated[Listing, listing(100)],
    status: Annotated[
        list[str] | None, Query(description="Only these statuses, by id or name: `4`, `second half`")
    ] = None,
    competition: Annotated[str | None, Query(max_length=100, description="Id, or part of the name")] = None,
    on: Annotated[date | None, Query(alias="date", description="Only matches that kick off on this day, UTC")] = None,
    live: Annotated[
        bool | None, Query(description="true: being played, or of a status nobody knows; false: not")
    ] = None,
    updated_since: Annotated[
        datetime | None, Query(description="Only matches that changed after this instant, ISO 8601")
    ] = None,
) -> Response:
    """Everything with activity in the last two hours, ordered by competition, status and kickoff."""
    services = services_of(request)
    statuses = None if status is None else {status_id(each) for each in status}

    def build() -> Built:
        view = live_view(services, rows.as_of, FlattenedMatches)
        frame = view[FlattenedMatches]
        if statuses is not None:
            frame = frame[frame["status_id"].isin(list(statuses))]
        if competition is not None:
            named = frame["competition"].str.contains(competition, case=False, regex=False, na=False)
            frame = frame[named | (frame["competition_id"] == competition)]
        if on is not None:
            frame = frame[frame["kickoff_at"].dt.date == on]
        if live is not None:
            # As on the board: what is not known to be over or to come may be in play.
            frame = frame[frame["is_in_play"].fillna(True).astype(bool) == live]
        if updated_since is not None:
            changed = changed_since(services, view, aware(updated_since))
            frame = frame[frame["match_id"].isin(changed)]
        return listed(view, frame, ORDER, rows)

    return await answer(request, domain="soccer", kind="live", build=build)


@router.get(
    "/matches/{match_id}",
    response_model=Envelope[Match],  # type: ignore[valid-type]
    responses=reads("not_found"),
    summary="One match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}"},
)
async def match(request: Request, match_id: MatchId, as_of: AsOf = None) -> Response:
    """Everything known of a match of the live list."""
    services = services_of(request)

    def build() -> Built:
        view = live_view(services, as_of, FlattenedMatches)
        return Built(records(one_match(view, match_id))[0], view)

    return await answer(request, domain="soccer", kind="live", build=build)


@router.get(
    "/matches/{match_id}/events",
    response_model=Envelope[list[Event]],  # type: ignore[valid-type]
    responses=reads("not_found"),
    summary="Goals, cards, substitutions and reviews of a match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}/events"},
)
async def events(request: Request, match_id: MatchId, rows: Whole) -> Response:
    """The incidents in the provider's order, the oldest first."""
    return await _of_match(request, Incidents, "seq", match_id, rows)


@router.get(
    "/matches/{match_id}/stats",
    response_model=Envelope[list[Statistic]],  # type: ignore[valid-type]
    responses=reads("not_found"),
    summary="Running totals of a match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}/stats"},
)
async def stats(request: Request, match_id: MatchId, rows: Whole) -> Response:
    """Shots, corners, cards, possession: both sides' totals so far."""
    return await _of_match(request, MatchStats, "stat_type", match_id, rows)


async def _of_match(request: Request, table: type[Table], order: str, match_id: str, rows: Listing) -> Response:
    services = services_of(request)

    def build() -> Built:
        view = live_view(services, rows.as_of, FlattenedMatches, table)
        one_match(view, match_id)
        frame = view[table]
        found = page(frame[frame["match_id"] == match_id], (order,), rows.limit, rows.cursor)
        return Built(records(found.rows), view, found.total, found.next_cursor)

    return await answer(request, domain="soccer", kind="live", build=build)


def status_id(text: str) -> int:
    """The status that a client names. Raises Problem."""
    names = {name.casefold(): number for number, name in STATUS.items()}
    if text.isdecimal():
        return int(text)
    if (found := names.get(text.casefold())) is None:
        raise Problem("invalid_parameter", f"status: {text!r} is none of {', '.join(names)}.", parameter="status")
    return found
