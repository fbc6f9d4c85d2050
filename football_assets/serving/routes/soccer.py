"""`/v1/soccer`: the live matches, now or as they were."""

from datetime import date, datetime
from typing import Annotated

import pandas as pd
from fastapi import APIRouter, Depends, Path, Query, Request, Response

from football_assets.errors import StorageError
from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer
from football_assets.serving.paging import Cursor, Limit, page
from football_assets.serving.problems import Problem, problems
from football_assets.serving.published import View
from football_assets.serving.rows import records, row_model
from football_assets.serving.services import Services, services_of
from football_assets.serving.times import AsOf, aware
from football_assets.soccer.codes import STATUS
from football_assets.soccer.history import History
from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchStats
from football_assets.tables import Table

router = APIRouter(prefix="/v1/soccer", tags=["soccer"], dependencies=[Depends(needs("read"))])
ORDER = ("competition", "status_id", "kickoff_at", "match_id")

Match = row_model(FlattenedMatches, name="Match")
Event = row_model(Incidents, name="Event")
Statistic = row_model(MatchStats, name="Statistic")
MatchId = Annotated[str, Path(description="Match id", pattern=r"^[a-z0-9]{1,32}$")]


@router.get(
    "/matches",
    response_model=Envelope[list[Match]],  # type: ignore[valid-type]
    responses=problems("no_data_available"),
    summary="Live matches",
    openapi_extra={"x-example": "/v1/soccer/matches?live=true&limit=5"},
)
async def matches(
    request: Request,
    status: Annotated[
        list[str] | None, Query(description="Only these statuses, by id or name: `4`, `second half`")
    ] = None,
    competition: Annotated[str | None, Query(max_length=100, description="Id, or part of the name")] = None,
    on: Annotated[date | None, Query(alias="date", description="Only matches that kick off on this day, UTC")] = None,
    live: Annotated[bool | None, Query(description="true: being played; false: not being played")] = None,
    updated_since: Annotated[
        datetime | None, Query(description="Only matches that changed after this instant, ISO 8601")
    ] = None,
    as_of: AsOf = None,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """Everything with activity in the last two hours, ordered by competition, status and kickoff."""
    services = services_of(request)
    statuses = None if status is None else {status_id(each) for each in status}

    def build() -> Built:
        view = _view(services, as_of, FlattenedMatches)
        frame = view[FlattenedMatches]
        if statuses is not None:
            frame = frame[frame["status_id"].isin(list(statuses))]
        if competition is not None:
            named = frame["competition"].str.contains(competition, case=False, regex=False, na=False)
            frame = frame[named | (frame["competition_id"] == competition)]
        if on is not None:
            frame = frame[frame["kickoff_at"].dt.date == on]
        if live is not None:
            frame = frame[frame["is_in_play"].fillna(False).astype(bool) == live]
        if updated_since is not None:
            changed = _changed_since(services, view, aware(updated_since))
            frame = frame[frame["match_id"].isin(changed)]
        found = page(frame, ORDER, limit, cursor)
        return Built(records(found.rows), found.total, found.next_cursor, view.read_as_of)

    return await answer(request, domain="soccer", kind="live", build=build)


@router.get(
    "/matches/{match_id}",
    response_model=Envelope[Match],  # type: ignore[valid-type]
    responses=problems("not_found", "no_data_available"),
    summary="One match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}"},
)
async def match(request: Request, match_id: MatchId, as_of: AsOf = None) -> Response:
    """Everything known of a match of the live list."""
    services = services_of(request)

    def build() -> Built:
        view = _view(services, as_of, FlattenedMatches)
        return Built(records(_one(view, match_id))[0], read_as_of=view.read_as_of)

    return await answer(request, domain="soccer", kind="live", build=build)


@router.get(
    "/matches/{match_id}/events",
    response_model=Envelope[list[Event]],  # type: ignore[valid-type]
    responses=problems("not_found", "no_data_available"),
    summary="Goals, cards, substitutions and reviews of a match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}/events"},
)
async def events(request: Request, match_id: MatchId, as_of: AsOf = None) -> Response:
    """The incidents in the provider's order, the oldest first."""
    return await _of_match(request, Incidents, "seq", match_id, as_of)


@router.get(
    "/matches/{match_id}/stats",
    response_model=Envelope[list[Statistic]],  # type: ignore[valid-type]
    responses=problems("not_found", "no_data_available"),
    summary="Running totals of a match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}/stats"},
)
async def stats(request: Request, match_id: MatchId, as_of: AsOf = None) -> Response:
    """Shots, corners, cards, possession: both sides' totals so far."""
    return await _of_match(request, MatchStats, "stat_type", match_id, as_of)


async def _of_match(
    request: Request, table: type[Table], order: str, match_id: str, as_of: datetime | None
) -> Response:
    services = services_of(request)

    def build() -> Built:
        view = _view(services, as_of, FlattenedMatches, table)
        _one(view, match_id)
        frame = view[table]
        found = frame[frame["match_id"] == match_id].sort_values(order)
        return Built(records(found), len(found), read_as_of=view.read_as_of)

    return await answer(request, domain="soccer", kind="live", build=build)


def status_id(text: str) -> int:
    """The status that a client names. Raises Problem."""
    names = {name.casefold(): number for number, name in STATUS.items()}
    if text.isdecimal():
        return int(text)
    if (found := names.get(text.casefold())) is None:
        raise Problem("invalid_parameter", f"status: {text!r} is none of {', '.join(names)}.", parameter="status")
    return found


def _view(services: Services, as_of: datetime | None, *tables: type[Table]) -> View:
    """The tables now, or rebuilt from the history as they were."""
    now = services.published.view("soccer", *tables)
    if as_of is None:
        return now
    try:
        past = History(services.settings.folder, now.publication.source).at(aware(as_of))
    except StorageError as error:
        raise Problem("no_data_available", str(error), as_of=as_of) from None
    frames = {table.sql_name(): past.tables[table.table_name()] for table in tables}
    return View(now.publication, frames, past.observed_at)


def _changed_since(services: Services, view: View, instant: datetime) -> set[str]:
    """The matches that were otherwise, or not there, at an instant."""
    now = view[FlattenedMatches]
    try:
        then = History(services.settings.folder, view.publication.source).at(instant).flattened
    except StorageError:
        return set(now["match_id"])
    ignored = [name for name in now.columns if name.endswith("_age_s") or name == "fetched_at"]
    merged = now.drop(columns=ignored).merge(then.drop(columns=ignored), how="left", indicator=True)
    return set(merged.loc[merged["_merge"] == "left_only", "match_id"])


def _one(view: View, match_id: str) -> pd.DataFrame:
    frame = view[FlattenedMatches]
    found = frame[frame["match_id"] == match_id]
    if found.empty:
        when = "" if view.read_as_of is None else " at that instant"
        detail = f"No match {match_id} is on the live list{when}: it lists what was active in the last two hours."
        raise Problem("not_found", detail)
    return found
