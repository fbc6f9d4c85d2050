"""`/v1/metrics` and `/v1/benchmarks`: how this serving process does."""

import asyncio
import time
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from football_assets.rooms import installed
from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain
from football_assets.serving.metrics import figures
from football_assets.serving.problems import Problem, problems
from football_assets.serving.routes.cache import CacheAbout
from football_assets.serving.services import Services, services_of
from football_assets.states import Source
from football_assets.warehouse.publication import published_tables

router = APIRouter(prefix="/v1", tags=["measures"], dependencies=[Depends(needs("read"))])
READS = 20


class Figures(BaseModel):
    """Figures of this serving process."""

    requests: int = Field(description="Requests answered")
    failed: int = Field(description="Of them with a status of 500 or more")
    mean_ms: float | None = Field(description="Mean time of an answer; null before the first")
    loop_lag_ms: float = Field(description="How late the event loop was when last looked at")
    stream_clients: int = Field(description="Connections to the stream")
    cache: CacheAbout = Field(description="The cache")


class Benchmark(BaseModel):
    """Reads timed in this process, on this machine, now."""

    tables: int = Field(description="Published tables read each time")
    reads: int = Field(description="Reads timed")
    p50_ms: float = Field(description="Half of them took at most this")
    p99_ms: float = Field(description="99 of 100 took at most this")


@router.get(
    "/metrics",
    response_model=Envelope[Figures],
    responses=problems(),
    summary="Figures of this process",
    openapi_extra={"x-example": "/v1/metrics"},
)
async def metrics(request: Request) -> Response:
    """Requests, times, event loop, stream and cache; /metrics gives the same and more to Prometheus."""
    return plain(request, figures(services_of(request)))


@router.get(
    "/benchmarks",
    response_model=Envelope[Benchmark],
    responses=problems("forbidden", "no_data_available"),
    summary="Time reads, on the simulator",
    openapi_extra={"x-example": "/v1/benchmarks"},
)
async def benchmarks(request: Request) -> Response:
    """Reads of published tables, timed here and now. Only where nothing real is served: it takes time from others."""
    services = services_of(request)
    require_simulated(services)
    return plain(request, await asyncio.to_thread(timed_reads, services))


def require_simulated(services: Services) -> None:
    """Raise Problem `forbidden` where real data are served."""
    found = [services.published.newest(name) for name in installed()]
    if any(each is not None and each.source is Source.REAL for each in found):
        raise Problem("forbidden", "Benchmarks run on the simulator only; this server serves real data.")


def timed_reads(services: Services, reads: int = READS) -> dict[str, Any]:
    """How long reads of the published tables of a pipeline take in this process, once they are in memory."""
    domain = next(name for name in installed() if services.published.newest(name) is not None)
    tables = published_tables(domain)[:5]
    services.published.view(domain, *tables)
    took = []
    for _ in range(reads):
        began = time.perf_counter()
        services.published.view(domain, *tables)
        took.append(1000 * (time.perf_counter() - began))
    took.sort()
    figures_of = {"p50_ms": round(took[reads // 2], 3), "p99_ms": round(took[min(reads - 1, reads * 99 // 100)], 3)}
    return {"tables": len(tables), "reads": reads, **figures_of}
