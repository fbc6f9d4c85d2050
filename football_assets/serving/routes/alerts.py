"""`/v1/health` and `/v1/alerts`: how the platform is, what is wrong, and who looks after it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from football_assets.config import now_utc
from football_assets.operations.alert_state import Alert, AlertBook, UnknownAlert
from football_assets.operations.health import health as measured
from football_assets.operations.health_report import Health
from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain
from football_assets.serving.keys import Key
from football_assets.serving.paging import LARGEST, Cursor, Limit, part
from football_assets.serving.problems import Problem, problems
from football_assets.serving.services import services_of

router = APIRouter(prefix="/v1", tags=["operations"])
Writer = Annotated[Key, Depends(needs("write", audited=True))]


@router.get(
    "/health",
    response_model=Envelope[Health],
    responses=problems(),
    summary="How the platform is",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/v1/health"},
)
async def health(request: Request) -> Response:
    """Services, cycles, tables, checks, providers and the machine; the numbers of `football health report --json`."""
    found = await asyncio.to_thread(measured, services_of(request).settings)
    return plain(request, found.model_dump())


@router.get(
    "/alerts",
    response_model=Envelope[list[Alert]],
    responses=problems(),
    summary="Alerts",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/v1/alerts?resolved=true"},
)
async def alerts(
    request: Request,
    resolved: Annotated[bool, Query(description="Also those that are over, up to 30 days back")] = False,
    limit: Limit = LARGEST,
    cursor: Cursor = None,
) -> Response:
    """What was raised and lasts, the worst first; with those that are over, the newest first."""
    state = await asyncio.to_thread(AlertBook(services_of(request).settings.folder).read)
    kept = list(reversed(state.alerts)) if resolved else state.open
    shown, further = part(kept, lambda each: each.id, limit, cursor)
    return plain(request, [each.model_dump() for each in shown], total=len(kept), next_cursor=further)


@router.post(
    "/alerts/{id}/ack",
    response_model=Envelope[Alert],
    responses=problems("not_found", "forbidden"),
    summary="Acknowledge an alert",
    openapi_extra={"x-example": "/v1/alerts/{alert_id}/ack"},
)
async def acknowledge(
    request: Request,
    key: Writer,
    alert_id: Annotated[str, Path(alias="id", max_length=40, description="Id of the alert")],
) -> Response:
    """Say that the owner of this key looks after it: level 2 is not called."""
    book = AlertBook(services_of(request).settings.folder)
    try:
        alert = await asyncio.to_thread(book.acknowledge, alert_id, key.name, now_utc())
    except UnknownAlert as error:
        raise Problem("not_found", f"{error.happened}. {error.to_do}") from None
    return plain(request, alert.model_dump())
