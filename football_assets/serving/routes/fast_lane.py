"""`/v1/stream/fast-lane`: whether somebody looks at the live list between the cycles, and how that goes."""

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain
from football_assets.serving.problems import problems
from football_assets.serving.services import services_of

router = APIRouter(prefix="/v1/stream", tags=["stream"])


class FastLaneAbout(BaseModel):
    """The fast lane as this process sees it."""

    state: Literal["off", "looking", "following"] = Field(
        description="off: not enabled; looking: this process looks; following: it passes on what another sees"
    )
    interval_s: float = Field(description="Start to start of two looks, s")
    looks: int = Field(description="Looks made by this process")
    skipped: int = Field(description="Looks not made: the provider counts as down, or its answer was an older one")
    changes: int = Field(description="Changes passed on to the stream")
    corrections: int = Field(description="Corrections passed on to the stream")
    problems: int = Field(description="Looks that failed, and times the log could not be kept")
    last_look_at: datetime | None = Field(description="When this process looked last, UTC; null when it did not")
    last_problem: str | None = Field(description="What went wrong last; null when the last look went well")


@router.get(
    "/fast-lane",
    response_model=Envelope[FastLaneAbout],
    responses=problems(),
    summary="State of the fast lane",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/v1/stream/fast-lane"},
)
async def about(request: Request) -> Response:
    """Who looks, how often, and what came of it."""
    services = services_of(request)
    lane = services.fast_lane
    names = ("looks", "skipped", "changes", "corrections", "problems")
    told = {
        "state": "off" if lane is None else "looking" if lane.is_leading else "following",
        "interval_s": services.settings.fast_lane.interval_s if lane is None else lane.interval_s,
        **{name: 0 if lane is None else lane.counts[name] for name in names},
        "last_look_at": None if lane is None else lane.last_look_at,
        "last_problem": None if lane is None else lane.last_problem,
    }
    return plain(request, told)
