"""The addresses of the earlier service, answered by the same handlers in the same envelope."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field

from football_assets.provider_status import reset_breakers
from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer, plain
from football_assets.serving.players import TABLES, by_id, by_name, directory, logs
from football_assets.serving.problems import Problem, problems, reads
from football_assets.serving.props import SERVED, require_sport
from football_assets.serving.published import View
from football_assets.serving.routes import cache, measures, pipeline, players, props, providers, stream
from football_assets.serving.routes.players import PROFILE, GameLog, Player
from football_assets.serving.rows import records
from football_assets.serving.services import Services, services_of
from football_assets.serving.times import AsOf, aware

LOG_GAMES = 10


async def sport(
    sport: Annotated[str, Query(max_length=40, description="Sport; only NCAAF is served here")] = SERVED,
) -> str:
    """The sport asked for. Raises Problem for one that is not served."""
    require_sport(sport)
    return SERVED


REALTIME = "/api/optimized-realtime"
READER = [Depends(needs("read"))]
realtime = APIRouter(prefix=REALTIME, tags=["earlier addresses"], dependencies=[Depends(sport)])
optimized = APIRouter(prefix="/api/v1/optimized", tags=["earlier addresses"], dependencies=[Depends(sport)])
sockets = APIRouter(prefix=REALTIME, tags=["earlier addresses"])


class PlayerData(BaseModel):
    """A player with his last games."""

    player: Player = Field(description="Who he is")
    games: list[GameLog] = Field(description="His last games, the newest first")


class Reset(BaseModel):
    """What was reset."""

    closed: int = Field(description="Breakers that were open")


def _again(of: APIRouter, original: str, *places: tuple[APIRouter, str]) -> None:
    """Answer other addresses as an original does: same handler, answer, errors and rights."""
    route = next(each for each in of.routes if isinstance(each, APIRoute) and each.path == original)
    for router, path in places:
        router.add_api_route(
            path,
            route.endpoint,
            methods=sorted(route.methods or ()),
            response_model=route.response_model,
            responses=route.responses,
            summary=route.summary,
            description=f"As {original}. {route.description}",
            dependencies=route.dependencies,
        )


_again(pipeline.router, "/v1/pipeline/status", (realtime, "/health"))
_again(measures.router, "/v1/metrics", (realtime, "/metrics"), (optimized, "/performance-metrics"))
_again(measures.router, "/v1/benchmarks", (realtime, "/performance/benchmark"), (optimized, "/benchmark-performance"))
_again(cache.router, "/v1/cache/stats", (realtime, "/cache/stats"), (optimized, "/cache-stats"))
_again(cache.router, "/v1/cache/warm", (realtime, "/cache/warm"), (optimized, "/warm-cache"))
_again(cache.router, "/v1/cache/clear", (realtime, "/cache/clear"))
_again(providers.router, "/v1/providers", (realtime, "/circuit-breaker/status"), (realtime, "/rate-limits/status"))
_again(stream.router, "/v1/stream/about", (realtime, "/websocket/status"))
_again(props.router, "/v1/props/analyze", (optimized, "/enhanced-prop-analysis"))
_again(props.router, "/v1/props/analyze-batch", (optimized, "/batch-prop-analysis"))
sockets.websocket("/ws/player-updates")(stream.stream)


@realtime.get(
    "/player-data",
    response_model=Envelope[PlayerData],
    responses=reads("not_found", "ambiguous_player"),
    summary="A player by id or name",
    dependencies=READER,
    openapi_extra={"x-example": f"{REALTIME}/player-data?player_id={{player_id}}"},
)
async def player_data(
    request: Request,
    player_id: Annotated[str | None, Query(max_length=40, description="Player id")] = None,
    player_name: Annotated[str | None, Query(max_length=80, description="Player, when no id is given")] = None,
    team: Annotated[str | None, Query(max_length=60, description="School, to tell players of one name apart")] = None,
    as_of: AsOf = None,
) -> Response:
    """A player with his last games."""
    if player_id is None and player_name is None:
        raise Problem("invalid_parameter", "player_id or player_name is needed.", parameter="player_id")
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", *TABLES, as_of=as_of and aware(as_of))
        return Built(_player(services, view, player_id, player_name, team), view)

    return await answer(request, domain="ncaa", kind="player_stats", build=build)


@optimized.get(
    "/player-data/{player_name}",
    response_model=Envelope[PlayerData],
    responses=reads("not_found", "ambiguous_player"),
    summary="A player by name",
    dependencies=READER,
    openapi_extra={"x-example": "/api/v1/optimized/player-data/{player_name}"},
)
async def player_by_name(
    request: Request,
    player_name: Annotated[str, Path(max_length=80, description="Player")],
    team: Annotated[str | None, Query(max_length=60, description="School, to tell players of one name apart")] = None,
    as_of: AsOf = None,
) -> Response:
    """A player with his last games."""
    return await player_data(request, None, player_name, team, as_of)


@realtime.get(
    "/search-players",
    response_model=Envelope[list[Player]],
    responses=reads(),
    summary="Find players by name",
    dependencies=READER,
    openapi_extra={"x-example": f"{REALTIME}/search-players?query={{player_word}}"},
)
async def search_players(
    request: Request,
    rows: players.Found,
    query: Annotated[str, Query(min_length=2, max_length=60, description="Words of the name, in any order")],
) -> Response:
    """As /v1/ncaaf/players/search."""
    return await players.find(request, rows, query)


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


def routers() -> Sequence[APIRouter]:
    """All of them."""
    return realtime, optimized, sockets


def _player(
    services: Services, view: View, player_id: str | None, name: str | None, team: str | None
) -> dict[str, Any]:
    known = directory(services.published, view)
    row = by_id(known, player_id) if player_id is not None else by_name(known, name or "", team)
    mine = known[known["player_id"] == row["player_id"]]
    games = logs(services.published, view)
    games = games[games["player_id"] == row["player_id"]].tail(LOG_GAMES).iloc[::-1]
    return {"player": records(mine, PROFILE)[0], "games": records(games, tuple(GameLog.model_fields))}
