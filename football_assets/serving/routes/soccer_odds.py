"""`/v1/soccer/matches/{id}/odds` and `/prediction`: what bookmakers quote on a match, and what the model says of it."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer
from football_assets.serving.live import cycle_view, history_of, one_match
from football_assets.serving.paging import part
from football_assets.serving.problems import Problem, reads
from football_assets.serving.routes.soccer import MatchId, Whole
from football_assets.serving.rows import records, row_model
from football_assets.serving.services import services_of
from football_assets.serving.times import AsOf
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.quote_series import quotes_of, series_json, series_of
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import plain_rows

router = APIRouter(prefix="/v1/soccer", tags=["soccer"], dependencies=[Depends(needs("read"))])
Prediction = row_model(MatchPredictions, name="MatchPrediction")
MarketName = Literal["moneyline", "handicap", "total", "corners"]


class Prices(BaseModel):
    """One price in each form; null where none was quoted."""

    decimal: float | None = Field(description="Decimal")
    hong_kong: float | None = Field(description="Hong Kong: gain of a stake of 1")
    american: int | None = Field(description="American")


class QuoteAbout(BaseModel):
    """One quote."""

    quoted_at: datetime = Field(description="When it was quoted, by the provider")
    age_s: float = Field(description="Seconds from then until the live list was read last")
    minute_text: str | None = Field(description="Match minute; null before kickoff, `midfield` at half-time")
    score_text: str | None = Field(description="Score at that moment; corners in the corner market")
    is_suspended: bool = Field(description="Whether no bets were taken")
    line: float | None = Field(description="Handicap as goals added to the home side, or the total; null in moneyline")
    prices: dict[str, Prices] = Field(description="Prices by selection: home, draw, away, over, under")


class OddsSeries(BaseModel):
    """What one bookmaker quotes on one market."""

    company_id: int = Field(description="Bookmaker id")
    company: str = Field(description="Bookmaker")
    market: MarketName = Field(description="Market")
    state: Literal["open", "suspended", "closed"] = Field(description="Whether bets are taken")
    is_suspended: bool = Field(description="Whether the state is suspended")
    at_other_score: bool | None = Field(description="Whether it was quoted at another score than now; null: unknown")
    now: QuoteAbout | None = Field(description="The price now; null unless open")
    last_open: QuoteAbout | None = Field(description="The newest price at which bets were taken")
    early: QuoteAbout | None = Field(description="The last open price of the early minutes as set in `live`")
    first: QuoteAbout = Field(description="The oldest price known")
    quotes: int = Field(description="How many quotes are known")
    history: list[QuoteAbout] | None = Field(None, description="All of them, newest first; null unless asked for")


@router.get(
    "/matches/{match_id}/odds",
    response_model=Envelope[list[OddsSeries]],
    responses=reads("not_found"),
    summary="What every bookmaker quotes on a match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}/odds?market=moneyline"},
)
async def odds(
    request: Request,
    match_id: MatchId,
    rows: Whole,
    market: Annotated[MarketName | None, Query(description="Only this market")] = None,
    company: Annotated[str | None, Query(max_length=60, description="Bookmaker id, or part of the name")] = None,
    history: Annotated[bool, Query(description="Every quote, too, newest first")] = False,
) -> Response:
    """A series a bookmaker and market: the price now, the early and the first one. Preferred bookmakers first."""
    services = services_of(request)

    def build() -> Built:
        view = cycle_view(services, rows.as_of, FlattenedMatches)
        match = plain_rows(one_match(view, match_id))[0]
        live = services.settings.live
        quotes = quotes_of(history_of(services, view), match_id, view.publication.as_of)
        if market is not None:
            quotes = quotes[quotes["market"] == market]
        found = series_of(quotes, match, live.companies, live.early_minutes, is_listed=True)
        if company is not None:
            wanted = company.casefold()
            found = [each for each in found if wanted in each.company.casefold() or wanted == str(each.company_id)]
        shown, further = part(found, lambda each: f"{each.company_id}:{each.market.name}", rows.limit, rows.cursor)
        return Built(list(series_json(shown, history=history)), view, len(found), further)

    return await answer(request, domain="soccer", kind="live", build=build)


@router.get(
    "/matches/{match_id}/prediction",
    response_model=Envelope[Prediction],  # type: ignore[valid-type]
    responses=reads("not_found"),
    summary="What the model says of a match",
    openapi_extra={"x-example": "/v1/soccer/matches/{match_id}/prediction"},
)
async def prediction(request: Request, match_id: MatchId, as_of: AsOf = None) -> Response:
    """Chances before the kickoff and as it stands beside the bookmaker's, or the reason why there are none.

    With `as_of`, what was said then; a cycle of the history from before predictions were kept has none.
    """
    services = services_of(request)

    def build() -> Built:
        view = cycle_view(services, as_of, FlattenedMatches, MatchPredictions)
        one_match(view, match_id)
        said = view[MatchPredictions]
        found = records(said[said["match_id"] == match_id])
        if not found:
            raise Problem("not_found", f"No prediction of match {match_id} is published.")
        return Built(found[0], view)

    return await answer(request, domain="soccer", kind="live", build=build)
