"""`/v1/providers`: breakers, limits, quota and the last error of each provider."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from football_assets.provider_status import ProviderStatus, provider_statuses
from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain
from football_assets.serving.paging import LARGEST, Cursor, Limit, part
from football_assets.serving.problems import Problem, problems
from football_assets.serving.services import services_of

router = APIRouter(prefix="/v1/providers", tags=["providers"], dependencies=[Depends(needs("read"))])


class BreakerAbout(BaseModel):
    """One path's breaker."""

    path: str = Field(description="Provider and path")
    state: str = Field(description="closed, open, or unknown when its file cannot be read")
    failures_in_a_row: int = Field(description="Failed tries since the last good one")
    last_failure: str | None = Field(description="What the last failure was")
    opened_at: datetime | None = Field(description="Since when it is open")
    next_probe_at: datetime | None = Field(description="When it is tried again")


class Quota(BaseModel):
    """Calls of the month."""

    month: str = Field(description="Month")
    used: int = Field(description="Calls used")
    limit: int = Field(description="Calls the plan has")
    left: int = Field(description="Calls left")
    resets_at: datetime = Field(description="When the count begins anew")
    noted_at: datetime = Field(description="When this was last known")


class ProviderAbout(BaseModel):
    """One provider."""

    name: str = Field(description="Provider")
    pipeline: str = Field(description="soccer or ncaa")
    world: str | None = Field(description="real, recorded or simulated; null before the first run")
    is_configured: bool = Field(description="Whether it can be asked: a key is set, or it is an emulator")
    is_open: bool = Field(description="Whether a breaker is open: some path counts as down")
    last_error: str | None = Field(description="What failed last and has not worked since")
    breakers: list[BreakerAbout] = Field(description="One entry a path")
    connections: int = Field(description="Most connections at once")
    per_second: int | None = Field(description="Most requests a second; null: no such limit")
    per_minute_by_path: dict[str, int] = Field(description="Most requests a minute by path")
    quota: Quota | None = Field(description="The month's calls; null where the plan has no quota or none was made")


@router.get(
    "",
    response_model=Envelope[list[ProviderAbout]],
    responses=problems(),
    summary="Providers",
    openapi_extra={"x-example": "/v1/providers"},
)
async def providers(request: Request, limit: Limit = LARGEST, cursor: Cursor = None) -> Response:
    """As the pipelines last saw them; no provider is called."""
    found = await asyncio.to_thread(provider_statuses, services_of(request).settings)
    shown, further = part(found, lambda each: each.name, limit, cursor)
    return plain(request, [told(each) for each in shown], total=len(found), next_cursor=further)


@router.get(
    "/{name}",
    response_model=Envelope[ProviderAbout],
    responses=problems("not_found"),
    summary="One provider",
    openapi_extra={"x-example": "/v1/providers/soccer"},
)
async def one(
    request: Request, name: Annotated[str, Path(max_length=60, description="Name, or pipeline: soccer, ncaa")]
) -> Response:
    """One provider by its name or its pipeline's."""
    found = await asyncio.to_thread(provider_statuses, services_of(request).settings)
    for each in found:
        if name.casefold() in (each.name.casefold(), each.pipeline):
            return plain(request, told(each))
    raise Problem("not_found", f"No provider {name!r}. There are: {', '.join(each.name for each in found)}.")


def told(status: ProviderStatus) -> dict[str, Any]:
    """A provider's status as plain values."""
    return {**asdict(status), "is_open": status.is_open, "last_error": status.last_error}
