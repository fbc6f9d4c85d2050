"""`/v1/props` and `/v1/evidence`: what player props are worth, and the rows behind every number."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field

from football_assets.config import now_utc
from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain, published_answer
from football_assets.serving.problems import Problem, problems, sent
from football_assets.serving.props import Batch, Prop
from football_assets.serving.published import PROVIDERS
from football_assets.serving.services import services_of
from football_assets.serving.times import AsOf, aware

router = APIRouter(prefix="/v1", tags=["props"], dependencies=[Depends(needs("read"))])


class HitRate(BaseModel):
    """How often the line was passed."""

    hits: int = Field(description="Games over the line")
    pushes: int = Field(description="Games on the line")
    n: int = Field(description="Games")
    rate: float | None = Field(description="Hits among games that were no push; null without one")


class Projection(BaseModel):
    """The distribution of the stat in this game, if he takes part."""

    mean: float = Field(description="Expected value")
    sd: float = Field(description="Standard deviation")
    p10: float = Field(description="Not exceeded in 10 of 100 cases")
    p25: float = Field(description="Not exceeded in 25 of 100 cases")
    p50: float = Field(description="Not exceeded in 50 of 100 cases")
    p75: float = Field(description="Not exceeded in 75 of 100 cases")
    p90: float = Field(description="Not exceeded in 90 of 100 cases")


class MarketAbout(BaseModel):
    """What the two prices say."""

    over_decimal: float = Field(description="Decimal price of over")
    under_decimal: float = Field(description="Decimal price of under")
    fair_p_over: float = Field(description="Chance of over without the bookmaker's share")
    fair_p_under: float = Field(description="Chance of under without it")
    hold: float = Field(description="The bookmaker's share of the stakes")
    de_vig: str = Field(description="How it was taken off")


class SideAbout(BaseModel):
    """A bet on one side."""

    p: float = Field(description="Chance that it wins")
    p_low: float | None = Field(description="Lower end of the chance, 90 of 100; null when too little was graded")
    p_high: float | None = Field(description="Upper end")
    price_decimal: float | None = Field(description="The price given, as a decimal")
    expected_value: float | None = Field(description="Gain of a stake of 1 at that price")
    expected_value_low: float | None = Field(description="Lower end of it")
    expected_value_high: float | None = Field(description="Upper end of it")
    lowest_acceptable_decimal: float | None = Field(description="Price at which even the lower end does not lose")
    lowest_acceptable_american: float | None = Field(description="The same, American")
    kelly_share: float = Field(description="Quarter-Kelly share of the bankroll, capped; 0 where no bet is advised")


class Confidence(BaseModel):
    """How often projections that said about the same came true."""

    side: Literal["over", "under"] = Field(description="Of which side")
    observed: float = Field(description="Share that came true")
    said: float = Field(description="Mean chance that was said")
    n: int = Field(description="Player-games")
    from_: float = Field(alias="from", description="Lower end of the tenth")
    to: float = Field(description="Upper end of the tenth")


class Reason(BaseModel):
    """One sentence and what it rests on."""

    text: str = Field(description="The sentence")
    value: float | None = Field(description="Its number")
    n: int = Field(description="How many observations it rests on")
    window: str = Field(description="Over which games")
    evidence_id: str = Field(description="/v1/evidence/{id} returns the rows behind it")


class PropAnalysis(BaseModel):
    """What is known of one prop."""

    prop_id: str = Field(description="Your name of it")
    recommendation: Literal["over", "under", "no_bet", "insufficient_data"] = Field(description="What to do")
    reason: str = Field(description="Why")
    player_id: str = Field(description="Player id")
    player: str = Field(description="Player")
    team: str = Field(description="School")
    game_id: int = Field(description="Game id")
    matchup: str = Field(description="The sides")
    kickoff_at: datetime | None = Field(description="Kickoff")
    book: str | None = Field(description="Whose prices")
    stat_type: str = Field(description="What is counted")
    line: float = Field(description="The line")
    n_games: int = Field(description="Earlier games in which the stat is known")
    p_over: float | None = Field(description="Chance of more than the line; null with insufficient_data")
    p_under: float | None = Field(description="Chance of less")
    p_push: float | None = Field(description="Chance of exactly the line")
    projection: Projection | None = Field(description="The distribution; null with insufficient_data")
    hit_rates: dict[str, HitRate] = Field(description="last_5, last_10, season, against_opponent")
    market: MarketAbout | None = Field(description="Null unless both prices were given")
    over: SideAbout | None = Field(description="A bet on over")
    under: SideAbout | None = Field(description="A bet on under")
    confidence: Confidence | None = Field(description="How often such chances came true; null when not known")
    reasoning: list[Reason] = Field(description="Sentences, each with its evidence")
    evidence: dict[str, str] = Field(description="Evidence ids by name")


class Failure(BaseModel):
    """One prop that could not be analysed."""

    model_config = {"extra": "allow"}

    prop_id: str = Field(description="Your name of it")
    code: str = Field(description="The kind of error, as in problem documents")
    detail: str = Field(description="What was wrong and what to do")


class BatchAnswer(BaseModel):
    """A batch, in the order asked."""

    results: list[PropAnalysis] = Field(description="What could be analysed")
    failures: list[Failure] = Field(description="What could not, each with its reason")
    asked: int = Field(description="Props in the batch")
    players: int = Field(description="Players among them, each read once")
    took_s: float = Field(description="How long it took")
    as_of: datetime | None = Field(description="Newest instant of the provider among the data")


class EvidenceAbout(BaseModel):
    """Rows behind a sentence."""

    kind: Literal["games", "projection", "calibration", "market"] = Field(description="What the rows are")
    player_id: str = Field(description="Player id")
    game_id: int = Field(description="Game that was asked about")
    stat_type: str = Field(description="What is counted")
    about: dict[str, Any] = Field(description="The window and the line")
    rows: list[dict[str, Any]] = Field(description="The rows")


@router.post(
    "/props/analyze-batch",
    response_model=Envelope[BatchAnswer],
    responses=sent("batch_too_large", "no_data_available"),
    summary="Analyse up to 50 props",
)
async def analyze_batch(request: Request, batch: Batch, as_of: AsOf = None) -> Response:
    """Partial success: what cannot be analysed is listed with its reason, the rest is answered."""
    return published_answer(request, await services_of(request).props.answered(batch, as_of and aware(as_of)))


@router.post(
    "/props/analyze",
    response_model=Envelope[PropAnalysis],
    responses=sent("not_found", "ambiguous_player", "unsupported_stat_type", "insufficient_data", "no_data_available"),
    summary="Analyse one prop",
)
async def analyze_one(request: Request, prop: Prop, as_of: AsOf = None) -> Response:
    """One prop; what cannot be analysed is an error."""
    built = await services_of(request).props.answered(Batch(props=[prop]), as_of and aware(as_of))
    if built.data["failures"]:
        failed = dict(built.data["failures"][0])
        raise Problem(failed.pop("code"), failed.pop("detail"), **failed)
    return published_answer(request, replace(built, data=built.data["results"][0]))


@router.get(
    "/evidence/{evidence_id}",
    response_model=Envelope[EvidenceAbout],
    responses=problems("not_found"),
    summary="The rows behind a sentence",
)
async def evidence(
    request: Request,
    evidence_id: Annotated[str, Path(description="An `evidence_id` of an analysis", pattern="^[0-9a-f]{32}$")],
) -> Response:
    """What an analysis rests on, as it was then; kept for 30 days. `meta` is of the publication it was made from."""
    services = services_of(request)
    found = await asyncio.to_thread(services.props.evidence.get, evidence_id)
    origin = found.pop("from")
    age = now_utc() - datetime.fromisoformat(origin["published_at"])
    return plain(
        request,
        found,
        state="cached",
        data_as_of=None if origin["as_of"] is None else datetime.fromisoformat(origin["as_of"]),
        age_s=round(age.total_seconds(), 3),
        sources=[{"provider": PROVIDERS["ncaa"], "world": origin["source"]}],
        publication_id=origin["id"],
    )
