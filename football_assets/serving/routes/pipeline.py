"""`/v1/pipeline`: what Dagster ran, and starting a job."""

import re
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from football_assets.rooms import installed
from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain
from football_assets.serving.dagster_api import UNFINISHED, Run
from football_assets.serving.problems import Problem, problems, sent
from football_assets.serving.services import services_of

router = APIRouter(prefix="/v1/pipeline", tags=["pipeline"])
RUN_ID = re.compile(r"[0-9a-f-]{36}")
Status = Literal["QUEUED", "NOT_STARTED", "STARTING", "STARTED", "SUCCESS", "FAILURE", "CANCELING", "CANCELED"]


class RunAbout(BaseModel):
    """One run of a job."""

    run_id: str = Field(description="Run id, as Dagster's page shows it")
    job: str = Field(description="Job")
    status: str = Field(description="Dagster's status of the run")
    created_at: datetime | None = Field(description="When it was asked for")
    started_at: datetime | None = Field(description="When it began")
    ended_at: datetime | None = Field(description="When it ended; null while it runs")
    duration_s: float | None = Field(description="How long it took; null while it runs")
    tags: dict[str, str] = Field(description="Its tags")
    url: str = Field(description="The run in Dagster's page")


class PipelineAbout(BaseModel):
    """One pipeline."""

    pipeline: str = Field(description="soccer or ncaa")
    state: str = Field(description="live, simulated, stale or missing")
    world: str | None = Field(description="real, recorded or simulated; null before the first publication")
    published_at: datetime | None = Field(description="When its tables were published last")
    age_s: float | None = Field(description="Seconds since")
    publication_id: int | None = Field(description="The publication")


class PipelineStatus(BaseModel):
    """Both pipelines, and what Dagster is doing."""

    pipelines: list[PipelineAbout] = Field(description="One entry a pipeline")
    dagster: Literal["running", "away"] = Field(description="Whether Dagster's page answers")
    dagster_url: str = Field(description="Where Dagster's page is")
    unfinished: list[RunAbout] | None = Field(description="Runs queued or under way; null while Dagster is away")
    latest: list[RunAbout] | None = Field(description="The newest runs; null while Dagster is away")


class StartRun(BaseModel):
    """What to run."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"job": "live_cycle"}]})

    job: str = Field(max_length=100, description="Job, such as live_cycle or ncaa_daily")
    season: int | None = Field(None, ge=1992, le=2200, description="Season of a college job; its own default when null")


class Started(BaseModel):
    """A run that was asked for."""

    run_id: str = Field(description="Run id")
    job: str = Field(description="Job")
    url: str = Field(description="The run in Dagster's page")


@router.get(
    "/status",
    response_model=Envelope[PipelineStatus],
    responses=problems(),
    summary="How the pipelines are",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/v1/pipeline/status"},
)
async def status(request: Request) -> Response:
    """When each pipeline published last, and what Dagster runs; answers while Dagster is away, and says so."""
    services = services_of(request)
    found: list[dict[str, object]] = []
    for name in installed():
        publication = services.published.newest(name)
        if publication is None:
            empty = dict.fromkeys(("world", "published_at", "age_s", "publication_id"))
            found.append({"pipeline": name, "state": "missing", **empty})
            continue
        freshness = services.published.freshness(publication)
        found.append(
            {
                "pipeline": name,
                "state": freshness.state,
                "world": publication.source.value,
                "published_at": publication.published_at,
                "age_s": round(freshness.age_s, 3),
                "publication_id": publication.id,
            }
        )
    told = {"pipelines": found, "dagster": "running", "dagster_url": services.dagster.url}
    try:
        latest = [_about(run, services.dagster.url) for run in await services.dagster.runs(limit=50, cursor=None)]
    except Problem:
        return plain(request, {**told, "dagster": "away", "unfinished": None, "latest": None})
    unfinished = [run for run in latest if run["status"] in UNFINISHED]
    return plain(request, {**told, "unfinished": unfinished, "latest": latest[:10]})


@router.get(
    "/runs",
    response_model=Envelope[list[RunAbout]],
    responses=problems("upstream_unavailable"),
    summary="Runs",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/v1/pipeline/runs?job=live_cycle&limit=5"},
)
async def runs(
    request: Request,
    job: Annotated[str | None, Query(max_length=100, description="Only runs of this job")] = None,
    status: Annotated[Status | None, Query(description="Only runs with this status")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="How many rows at most")] = 50,
    cursor: Annotated[str | None, Query(max_length=36, description="Where to go on: `meta.next_cursor`")] = None,
) -> Response:
    """The newest run first, as Dagster has them."""
    if cursor is not None and not RUN_ID.fullmatch(cursor):
        raise Problem("invalid_parameter", "cursor: not one of this list. Begin without a cursor.", parameter="cursor")
    api = services_of(request).dagster
    found = await api.runs(job=job, status=status, limit=limit + 1, cursor=cursor)
    more = len(found) > limit
    shown = [_about(run, api.url) for run in found[:limit]]
    return plain(request, shown, next_cursor=found[limit - 1].run_id if more else None)


@router.post(
    "/runs",
    response_model=Envelope[Started],
    responses=sent("not_found", "forbidden", "upstream_unavailable"),
    summary="Start a job",
    dependencies=[Depends(needs("write", audited=True))],
)
async def start(request: Request, wanted: StartRun) -> Response:
    """Put a run into Dagster's queue and return its id at once."""
    api = services_of(request).dagster
    tags = {"football/asked_by": "api"}
    if wanted.season is not None:
        tags["dagster/partition"] = str(wanted.season)
    run_id = await api.start(wanted.job, tags)
    return plain(request, {"run_id": run_id, "job": wanted.job, "url": f"{api.url}/runs/{run_id}"})


def _about(run: Run, url: str) -> dict[str, object]:
    return {
        "run_id": run.run_id,
        "job": run.job,
        "status": run.status,
        "created_at": run.created_at,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "duration_s": run.duration_s,
        "tags": run.tags,
        "url": f"{url}/runs/{run.run_id}",
    }
