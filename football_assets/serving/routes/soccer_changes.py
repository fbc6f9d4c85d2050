"""`/v1/soccer/changes`: everything that changed of the live matches, in order, for a program that follows by asking."""

import base64
import binascii
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

import orjson
import pyarrow as pa
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from football_assets.errors import StorageError
from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer
from football_assets.serving.live import history_of, live_view
from football_assets.serving.paging import Listing, listing
from football_assets.serving.problems import Problem, reads
from football_assets.serving.rows import as_text
from football_assets.serving.services import services_of
from football_assets.serving.times import aware
from football_assets.soccer.change_feed import Place, RowChange, UnknownPlace, changes_from
from football_assets.soccer.changes import LOGGED, instant_of
from football_assets.tables import arrow_schema

router = APIRouter(prefix="/v1/soccer", tags=["soccer"], dependencies=[Depends(needs("read"))])
BEGIN = timedelta(minutes=10)


class ValueChange(BaseModel):
    """One value that became another."""

    column: str = Field(description="Column, as in the rows of /v1/soccer/matches, /events and /stats")
    before: Any = Field(description="What it was; null: not known, or the row was not there")
    after: Any = Field(description="What it is; null: not known any more")


class MatchChange(BaseModel):
    """One row of a match that changed in one cycle, or one look of the fast lane; clock and ages left aside."""

    observed_at: datetime = Field(description="The provider's clock of the first cycle or look that shows it")
    match_id: str = Field(description="Match id")
    table: Literal["flattened_matches", "incidents", "match_stats", "match_predictions"] = Field(
        description="Which of its tables"
    )
    row: str | None = Field(description="Place of the incident or code of the statistic; null: the match itself")
    kind: Literal["appeared", "changed", "left"] = Field(description="What happened to the row")
    values: list[ValueChange] = Field(description="Its values that changed; of a row that left, none")


@router.get(
    "/changes",
    response_model=Envelope[list[MatchChange]],
    responses=reads(),
    summary="What changed of the live matches",
    openapi_extra={"x-example": "/v1/soccer/changes?limit=5"},
)
async def changes(
    request: Request,
    rows: Annotated[Listing, listing(100)],
    since: Annotated[
        datetime | None,
        Query(description="Begin after this instant, ISO 8601; 10 minutes before the newest when left out"),
    ] = None,
    match_id: Annotated[str | None, Query(pattern=r"^[a-z0-9]{1,32}$", description="Only this match")] = None,
) -> Response:
    """Row by row in the order seen, the oldest first, over days and restarts, with nothing left out or said twice.

    A cycle is entered some seconds after it was read, so looks of the fast lane that are newer may come before it.

    `meta.next_cursor` is always given: asking with it again returns what came since, an empty list while there is
    nothing. With `as_of` nothing later is told. A cursor of a day that is no longer kept is refused.
    """
    services = services_of(request)

    def build() -> Built:
        view = live_view(services, rows.as_of)
        newest = view.publication.as_of or view.publication.published_at
        begin = _read(rows.cursor) if rows.cursor else aware(since) if since else newest - BEGIN
        history = history_of(services, view)
        try:
            found, place = changes_from(history, begin, rows.limit, rows.as_of, match_id)
        except UnknownPlace:
            raise Problem("invalid_parameter", f"cursor: {NOT_KEPT}", parameter="cursor") from None
        except StorageError as error:
            raise Problem("no_data_available", str(error)) from None
        return Built([_told(each) for each in found], view, None, None if place is None else _cursor(place))

    return await answer(request, domain="soccer", kind="live", build=build)


NOT_KEPT = "not one of this list, or of a day that is not kept any more. Begin without a cursor."


def _cursor(place: Place) -> str:
    looked = (place.look, place.in_look) if place.look else ()
    told = orjson.dumps([place.day.isoformat(), place.cycle, place.observed_us, place.rows, *looked])
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def _read(cursor: str) -> Place:
    try:
        day, *numbers = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        numbers = numbers if len(numbers) == 5 else [*numbers, 0, 0]
        cycle, observed_us, rows, look, in_look = (int(each) for each in numbers)
        return Place(date.fromisoformat(day), cycle, observed_us, rows, look, bool(in_look))
    except (binascii.Error, ValueError, TypeError):
        raise Problem("invalid_parameter", f"cursor: {NOT_KEPT}", parameter="cursor") from None


def _told(change: RowChange) -> dict[str, Any]:
    schema = arrow_schema(LOGGED[change.table])
    instants = {field.name for field in schema if pa.types.is_timestamp(field.type)}

    def shown(column: str, value: Any) -> Any:
        return as_text(instant_of(value)) if column in instants and value is not None else value

    values = [
        {"column": c.column, "before": shown(c.column, c.before), "after": shown(c.column, c.after)}
        for c in change.changes
    ]
    about = {"match_id": change.match_id, "table": change.table, "row": change.row, "kind": change.kind}
    return {"observed_at": as_text(change.observed_at), **about, "values": values}
