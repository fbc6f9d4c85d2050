"""The addresses of the earlier service, answered by the same handlers in the same envelope."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response, WebSocket
from pydantic import BaseModel, Field

from football_assets.provider_status import provider_statuses, reset_breakers
from football_assets.serving.access import needs
from football_assets.serving.answers import Envelope, plain, published_answer
from football_assets.serving.metrics import figures
from football_assets.serving.paging import page
from football_assets.serving.players import TABLES, by_id, by_name, directory, logs, search
from football_assets.serving.problems import Problem, problems
from football_assets.serving.props import Batch, Prop
from football_assets.serving.routes.cache import CacheAbout, Cleared, Warmed
from football_assets.serving.routes.measures import Benchmark, Figures, require_simulated, timed_reads
from football_assets.serving.routes.pipeline import PipelineStatus, status
from football_assets.serving.routes.players import PROFILE, GameLog, Player
from football_assets.serving.routes.props import BatchAnswer, PropAnalysis, analyze_one
from football_assets.serving.routes.providers import ProviderAbout, told
from football_assets.serving.routes.stream import StreamAbout, about, stream
from football_assets.serving.rows import records
from football_assets.serving.services import Services, services_of
from football_assets.serving.warming import warm

SERVED = "NCAAF"
ALIASES = ("NCAAF", "NCAA", "CFB", "COLLEGE_FOOTBALL")
LOG_GAMES = 10
FOUND = 20


async def sport(
    sport: Annotated[str, Query(max_length=40, description="Sport; only NCAAF is served here")] = SERVED,
) -> str:
    """The sport asked for. Raises Problem for one that is not served."""
    if sport.upper().replace(" ", "_") not in ALIASES:
        detail = f"sport: {sport!r} is not served here. Served are: {SERVED}; live soccer is under /v1/soccer."
        raise Problem("invalid_parameter", detail, parameter="sport", served=[SERVED])
    return SERVED


READS = [Depends(needs("read")), Depends(sport)]
realtime = APIRouter(prefix="/api/optimized-realtime", tags=["earlier addresses"], dependencies=READS)
optimized = APIRouter(prefix="/api/v1/optimized", tags=["earlier addresses"], dependencies=READS)
sockets = APIRouter(prefix="/api/optimized-realtime", tags=["earlier addresses"])


class PlayerData(BaseModel):
    """A player with his last games."""

    player: Player = Field(description="Who he is")
    games: list[GameLog] = Field(description="His last games, the newest first")


class Reset(BaseModel):
    """What was reset."""

    closed: int = Field(description="Breakers that were open")


@realtime.get("/health", response_model=Envelope[PipelineStatus], responses=problems(), summary="Health")
async def health(request: Request) -> Response:
    """As /v1/pipeline/status."""
    return await status(request)


@realtime.get("/metrics", response_model=Envelope[Figures], responses=problems(), summary="Figures")
@optimized.get("/performance-metrics", response_model=Envelope[Figures], responses=problems(), summary="Figures")
async def metrics(request: Request) -> Response:
    """As /v1/metrics."""
    return plain(request, figures(services_of(request)))


@realtime.get(
    "/player-data",
    response_model=Envelope[PlayerData],
    responses=problems("not_found", "ambiguous_player", "no_data_available"),
    summary="A player by id or name",
)
async def player_data(
    request: Request,
    player_id: Annotated[str | None, Query(max_length=40, description="Player id")] = None,
    player_name: Annotated[str | None, Query(max_length=80, description="Player, when no id is given")] = None,
    team: Annotated[str | None, Query(max_length=60, description="School, to tell players of one name apart")] = None,
) -> Response:
    """A player with his last games."""
    if player_id is None and player_name is None:
        raise Problem("invalid_parameter", "player_id or player_name is needed.", parameter="player_id")
    found = await asyncio.to_thread(_player, services_of(request), player_id, player_name, team)
    return published_answer(request, "ncaa", found)


@optimized.get(
    "/player-data/{player_name}",
    response_model=Envelope[PlayerData],
    responses=problems("not_found", "ambiguous_player", "no_data_available"),
    summary="A player by name",
)
async def player_by_name(
    request: Request,
    player_name: Annotated[str, Path(max_length=80, description="Player")],
    team: Annotated[str | None, Query(max_length=60, description="School, to tell players of one name apart")] = None,
) -> Response:
    """A player with his last games."""
    return published_answer(
        request, "ncaa", await asyncio.to_thread(_player, services_of(request), None, player_name, team)
    )


@realtime.get(
    "/search-players",
    response_model=Envelope[list[Player]],
    responses=problems("no_data_available"),
    summary="Find players by name",
)
async def search_players(
    request: Request, query: Annotated[str, Query(min_length=2, max_length=60, description="Words of the name")]
) -> Response:
    """As /v1/ncaaf/players/search."""
    services = services_of(request)

    def find() -> list[dict[str, Any]]:
        view = services.published.view("ncaa", *TABLES)
        found = search(directory(services.published, view), query, None)
        return records(page(found, ("_less", "_earlier", "player", "player_id"), FOUND, None).rows, PROFILE)

    return published_answer(request, "ncaa", await asyncio.to_thread(find))


@realtime.get("/cache/stats", response_model=Envelope[CacheAbout], responses=problems(), summary="Cache statistics")
@optimized.get("/cache-stats", response_model=Envelope[CacheAbout], responses=problems(), summary="Cache statistics")
async def cache_stats(request: Request) -> Response:
    """As /v1/cache/stats."""
    return plain(request, services_of(request).cache.about())


@realtime.post(
    "/cache/warm",
    response_model=Envelope[Warmed],
    responses=problems("forbidden"),
    summary="Read the tables ahead",
    dependencies=[Depends(needs("write", audited=True))],
)
@optimized.post(
    "/warm-cache",
    response_model=Envelope[Warmed],
    responses=problems("forbidden"),
    summary="Read the tables ahead",
    dependencies=[Depends(needs("write", audited=True))],
)
async def cache_warm(request: Request) -> Response:
    """As /v1/cache/warm."""
    return plain(request, await warm(services_of(request)))


@realtime.post(
    "/cache/clear",
    response_model=Envelope[Cleared],
    responses=problems("forbidden"),
    summary="Forget all answers",
    dependencies=[Depends(needs("admin", audited=True))],
)
async def cache_clear(request: Request) -> Response:
    """As /v1/cache/clear."""
    return plain(request, {"cleared": await services_of(request).cache.clear()})


@realtime.get(
    "/circuit-breaker/status", response_model=Envelope[list[ProviderAbout]], responses=problems(), summary="Breakers"
)
@realtime.get(
    "/rate-limits/status", response_model=Envelope[list[ProviderAbout]], responses=problems(), summary="Rate limits"
)
async def provider_state(request: Request) -> Response:
    """As /v1/providers."""
    found = await asyncio.to_thread(provider_statuses, services_of(request).settings)
    return plain(request, [told(each) for each in found])


@realtime.post(
    "/circuit-breaker/reset",
    response_model=Envelope[Reset],
    responses=problems("forbidden"),
    summary="Close all breakers",
    dependencies=[Depends(needs("admin", audited=True))],
)
async def breaker_reset(request: Request) -> Response:
    """The next cycle asks again at once, instead of waiting for its probe."""
    return plain(request, {"closed": await asyncio.to_thread(reset_breakers, services_of(request).settings)})


@realtime.get(
    "/performance/benchmark",
    response_model=Envelope[Benchmark],
    responses=problems("no_data_available"),
    summary="Time reads of this process",
)
@optimized.get(
    "/benchmark-performance",
    response_model=Envelope[Benchmark],
    responses=problems("no_data_available"),
    summary="Time reads of this process",
)
async def benchmark(request: Request) -> Response:
    """Reads of two published tables, timed here and now; no answer is kept for them."""
    services = services_of(request)
    require_simulated(services)
    return plain(request, await asyncio.to_thread(timed_reads, services))


@realtime.get("/websocket/status", response_model=Envelope[StreamAbout], responses=problems(), summary="The stream")
async def websocket_status(request: Request) -> Response:
    """As /v1/stream/about."""
    return await about(request)


@sockets.websocket("/ws/player-updates")
async def player_updates(socket: WebSocket) -> None:
    """As /v1/stream; `{"type": "subscribe", "player_id": ...}` follows a player's projections."""
    await stream(socket)


@optimized.post(
    "/enhanced-prop-analysis",
    response_model=Envelope[PropAnalysis],
    responses=problems("not_found", "ambiguous_player", "unsupported_stat_type", "no_data_available"),
    summary="Analyse one prop",
)
async def enhanced(request: Request, prop: Prop) -> Response:
    """As /v1/props/analyze."""
    return await analyze_one(request, prop)


@optimized.post(
    "/batch-prop-analysis",
    response_model=Envelope[BatchAnswer],
    responses=problems("batch_too_large", "no_data_available"),
    summary="Analyse up to 50 props",
)
async def batch_analysis(request: Request, batch: Batch) -> Response:
    """As /v1/props/analyze-batch."""
    return published_answer(request, "ncaa", await services_of(request).props.analyze(batch))


def _player(services: Services, player_id: str | None, name: str | None, team: str | None) -> dict[str, Any]:
    view = services.published.view("ncaa", *TABLES)
    known = directory(services.published, view)
    row = by_id(known, player_id) if player_id is not None else by_name(known, name or "", team)
    mine = known[known["player_id"] == row["player_id"]]
    games = logs(services.published, view)
    games = games[games["player_id"] == row["player_id"]].tail(LOG_GAMES).iloc[::-1]
    return {"player": records(mine, PROFILE)[0], "games": records(games, tuple(GameLog.model_fields))}
