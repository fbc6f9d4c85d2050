"""`/v1/cache`: what is kept, filling it ahead, and emptying it."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain
from football_assets.serving.problems import problems
from football_assets.serving.services import services_of
from football_assets.serving.warming import warm

router = APIRouter(prefix="/v1/cache", tags=["cache"])


class Counts(BaseModel):
    """Exact counts of reads since the start."""

    reads: int = Field(description="Reads that went to the cache")
    hits: int = Field(description="Answered from this process's memory")
    redis_hits: int = Field(description="Answered from Redis")
    coalesced: int = Field(description="Waited for an answer that another read was making")
    misses: int = Field(description="Made anew")
    evicted: int = Field(description="Given up for room")
    expired: int = Field(description="Too old for their class when asked for")
    invalidated: int = Field(description="Given up because the tables were published anew")
    hit_rate: float | None = Field(description="Share of reads not made anew; null before the first")


class CacheAbout(Counts):
    """The cache of this process."""

    entries: int = Field(description="Answers kept in memory")
    most_entries: int = Field(description="Most that are kept")
    bytes: int = Field(description="Their size")
    redis: str = Field(description="in use, away, or not configured")
    ttl_s: dict[str, float] = Field(description="How long an answer of each class is kept")
    by_class: dict[str, Counts] = Field(description="The counts by class")


class Cleared(BaseModel):
    """What was emptied."""

    cleared: int = Field(description="Answers that were kept in memory")


class Warmed(BaseModel):
    """What was filled."""

    warmed: int = Field(description="Answers made ahead")
    tables: dict[str, Any] = Field(description="Rows of each table now in memory")


@router.get(
    "/stats",
    response_model=Envelope[CacheAbout],
    responses=problems(),
    summary="Cache statistics",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/v1/cache/stats"},
)
async def stats(request: Request) -> Response:
    """Exact counts by class since this process started."""
    return plain(request, services_of(request).cache.about())


@router.post(
    "/warm",
    response_model=Envelope[Warmed],
    responses=problems("forbidden"),
    summary="Read the tables ahead",
    dependencies=[Depends(needs("write", audited=True))],
)
async def warm_up(request: Request) -> Response:
    """Bring the tables that most answers need into memory; what is not published is left out."""
    return plain(request, await warm(services_of(request)))


@router.post(
    "/clear",
    response_model=Envelope[Cleared],
    responses=problems("forbidden"),
    summary="Forget all answers",
    dependencies=[Depends(needs("admin", audited=True))],
)
async def clear(request: Request) -> Response:
    """Forget what is kept, here and in Redis; the next reads are made anew."""
    return plain(request, {"cleared": await services_of(request).cache.clear()})
