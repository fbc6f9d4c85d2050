"""`/v1/models` and `/v1/ledger`: which models predict, what was said before kickoff, and how it turned out."""

from typing import Annotated, Any, Literal

import orjson
import pandas as pd
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BaseModel, Field

from football_assets.ncaa.ledger_schemas import Ledger, LedgerGrades, Models
from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer, listed
from football_assets.serving.paging import Listing, listing
from football_assets.serving.problems import Problem, reads
from football_assets.serving.rows import records, row_model
from football_assets.serving.services import services_of
from football_assets.serving.times import AsOf, aware

router = APIRouter(prefix="/v1", tags=["models"], dependencies=[Depends(needs("read"))])
Listed = Annotated[Listing, listing(100)]
Model = row_model(Models, name="Model")
Entry = row_model(Ledger, name="LedgerEntry")
Grade = row_model(LedgerGrades, name="LedgerGrade")


class ModelReport(BaseModel):
    """A model, what it uses, and how what was said by its kind turned out."""

    model: Model = Field(description="The model as the register has it")  # type: ignore[valid-type]
    features: list[str] = Field(description="Names of its inputs")
    graded: int = Field(description="Games of its family in the ledger that are over")
    mean_absolute_margin_error: float | None = Field(description="Mean miss of the margin in those games, points")
    brier: float | None = Field(description="Mean Brier score of the win probability in those games")
    closing_brier: float | None = Field(description="The closing moneylines on the games of them that have one")


@router.get(
    "/models",
    response_model=Envelope[list[Model]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Models",
    openapi_extra={"x-example": "/v1/models?limit=5"},
)
async def models(
    request: Request,
    rows: Annotated[Listing, listing(50)],
    status: Annotated[
        Literal["in_service", "retired", "refused"] | None, Query(description="Only models of this status")
    ] = None,
) -> Response:
    """Every model that was a candidate: what it learned from, how its kind did, and what became of it."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", Models, as_of=rows.as_of)
        frame = _only(view[Models], status=status)
        return listed(view, frame, ("family", "target", "decided_at", "model_id"), rows)

    return await answer(request, domain="ncaa", kind="profile", build=build)


@router.get(
    "/models/{model_id}/report",
    response_model=Envelope[ModelReport],
    responses=reads("not_found"),
    summary="How a model does",
    openapi_extra={"x-example": "/v1/models/{model_id}/report"},
)
async def report(
    request: Request, model_id: Annotated[str, Path(max_length=200, description="Model id")], as_of: AsOf = None
) -> Response:
    """What it learned from, and how what its family said before kickoff turned out."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", Models, LedgerGrades, as_of=as_of and aware(as_of))
        found = view[Models][view[Models]["model_id"] == model_id]
        if found.empty:
            raise Problem("not_found", f"No model has the id {model_id!r}. /v1/models lists them.")
        row = records(found)[0]
        grades = view[LedgerGrades]
        mine = grades[grades["family"] == row["family"]]
        told: dict[str, Any] = {"model": row, "features": orjson.loads(row["features"]), "graded": len(mine)}
        told["mean_absolute_margin_error"] = _mean(mine["margin_error"].abs())
        told["brier"], told["closing_brier"] = _mean(mine["brier"]), _mean(mine["closing_brier"])
        return Built(told, view)

    return await answer(request, domain="ncaa", kind="profile", build=build)


@router.get(
    "/ledger",
    response_model=Envelope[list[Entry]],  # type: ignore[valid-type]
    responses=reads(),
    summary="What was said before kickoff",
    openapi_extra={"x-example": "/v1/ledger?limit=5"},
)
async def ledger(
    request: Request,
    rows: Listed,
    season: Annotated[int | None, Query(ge=1869, le=2200, description="Only this season")] = None,
    week: Annotated[int | None, Query(ge=1, le=30, description="Only this week of the season type")] = None,
    game_id: Annotated[int | None, Query(description="Only this game")] = None,
    family: Annotated[Literal["no_market", "market_aware"] | None, Query(description="Only this family")] = None,
) -> Response:
    """Entries in the order in which they were made; each holds the hash of the one before."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", Ledger)
        frame = view[Ledger]
        if rows.as_of is not None:  # entries are only ever added, so those of then are those said by then
            frame = frame[frame["said_at"] <= rows.as_of]
        frame = _only(frame, season=season, week=week, game_id=game_id, family=family)
        return listed(view, frame, ("sequence",), rows, as_of=rows.as_of)

    return await answer(request, domain="ncaa", kind="game_data", build=build)


@router.get(
    "/ledger/grades",
    response_model=Envelope[list[Grade]],  # type: ignore[valid-type]
    responses=reads(),
    summary="How what was said turned out",
    openapi_extra={"x-example": "/v1/ledger/grades?limit=5"},
)
async def grades(
    request: Request,
    rows: Listed,
    season: Annotated[int | None, Query(ge=1869, le=2200, description="Only this season")] = None,
    week: Annotated[int | None, Query(ge=1, le=30, description="Only this week of the season type")] = None,
    family: Annotated[Literal["no_market", "market_aware"] | None, Query(description="Only this family")] = None,
) -> Response:
    """Games that are over: the last entry before kickoff, the result and the closing line."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", LedgerGrades, as_of=rows.as_of)
        frame = _only(view[LedgerGrades], season=season, week=week, family=family)
        return listed(view, frame, ("kickoff_at", "game_id", "family"), rows)

    return await answer(request, domain="ncaa", kind="game_data", build=build)


def _only(frame: pd.DataFrame, **wanted: int | str | None) -> pd.DataFrame:
    """The rows that have the values asked for; None asks for none."""
    for name, value in wanted.items():
        if value is not None:
            frame = frame[frame[name] == value]
    return frame


def _mean(values: Any) -> float | None:
    known = values.dropna()
    return round(float(known.mean()), 6) if len(known) else None
