"""Whether this process lives, and whether it can answer."""

import asyncio
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from football_assets.rooms import installed
from football_assets.serving.access import needs
from football_assets.serving.metrics import CONTENT_TYPE, exposition
from football_assets.serving.operations_metrics import gathered
from football_assets.serving.problems import Problem, problems
from football_assets.serving.rows import to_bytes
from football_assets.serving.services import services_of

router = APIRouter(tags=["health"])
TEXT = {"type": "string", "description": "Prometheus text format"}


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = Field(description="Always `alive`")


class Ready(BaseModel):
    """The process has data to serve."""

    status: Literal["ready"] = Field(description="Always `ready`")
    pipelines: dict[str, str] = Field(description="State of each pipeline that has published tables")


@router.get("/health/live", response_model=Alive, summary="Whether the process lives")
async def live() -> Response:
    """For a supervisor: restarts the process when this does not answer. Needs no key."""
    return Response(to_bytes({"status": "alive"}), media_type="application/json")


@router.get(
    "/health/ready",
    response_model=Ready,
    responses=problems("no_data_available"),
    summary="Whether there is something to serve",
)
async def ready(request: Request) -> Response:
    """For a load balancer: 503 until a pipeline has published. Needs no key."""
    published = services_of(request).published
    found = {name: published.newest(name) for name in installed()}
    states = {name: published.freshness(each).state for name, each in found.items() if each is not None}
    if not states:
        raise Problem("no_data_available", "Nothing is published yet. `make run` or `make up` begins.")
    return Response(to_bytes({"status": "ready", "pipelines": states}), media_type="application/json")


@router.get(
    "/metrics",
    responses={
        200: {"content": {"text/plain": {"schema": TEXT}}, "description": "Metrics"},
        **problems(),
    },
    response_class=Response,
    summary="Metrics for Prometheus",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/metrics"},
)
async def metrics(request: Request) -> Response:
    """Requests, cache, stream, event loop; runs, phases, tables, quality, breakers, alerts and the machine."""
    services = services_of(request)
    operations = await asyncio.to_thread(gathered, services.settings)
    return Response(exposition(services, operations), media_type=CONTENT_TYPE)
