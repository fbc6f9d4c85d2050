"""`/v1/ncaaf/players`: search, profile, game log and projections."""

from datetime import datetime
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import Field, create_model

from football_assets.ncaa.player_games import STATS
from football_assets.ncaa.projection_schemas import PlayerProjections
from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer, listed
from football_assets.serving.paging import LARGEST, Listing, listing, page
from football_assets.serving.players import TABLES, by_id, directory, logs, search
from football_assets.serving.problems import reads
from football_assets.serving.rows import Row, records, row_model
from football_assets.serving.services import services_of
from football_assets.serving.times import AsOf, aware

router = APIRouter(prefix="/v1/ncaaf/players", tags=["ncaaf players"], dependencies=[Depends(needs("read"))])
PROFILE = ("player_id", "player", "team_id", "team", "games", "first_season", "last_season", "last_kickoff_at")
Projection = row_model(PlayerProjections, name="PlayerProjection")
Found = Annotated[Listing, listing(20)]
PlayerId = Annotated[str, Path(description="Player id", max_length=40)]


class Player(Row):
    """A player with at least one line in a box score."""

    player_id: str = Field(description="Player id")
    player: str = Field(description="Name in the last game")
    team_id: int = Field(description="Team id of the last game")
    team: str = Field(description="School of the last game")
    games: int = Field(description="Games with a line in the box score", ge=1)
    first_season: int = Field(description="First season with a line")
    last_season: int = Field(description="Last season with a line")
    last_kickoff_at: datetime | None = Field(description="Kickoff of the last game")


_LOG: dict[str, Any] = {
    "game_id": (int, Field(description="Game id")),
    "season": (int, Field(description="Season")),
    "week": (int, Field(description="Week of its season type")),
    "kickoff_at": (datetime | None, Field(description="Kickoff")),
    "player_id": (str, Field(description="Player id")),
    "player": (str, Field(description="Name in that game")),
    "team_id": (int, Field(description="Team id of his side")),
    "team": (str, Field(description="His side")),
    "opponent_id": (int, Field(description="Team id of the other side")),
    "opponent": (str | None, Field(description="The other side")),
    "place": (str, Field(description="home, away or neutral")),
    "points_for": (int | None, Field(description="Points of his side")),
    "points_against": (int | None, Field(description="Points of the other side")),
    **{name: (float | None, Field(description=f"{name}; null: the box score lacks it")) for name in STATS},
}
GameLog = create_model("PlayerGame", __base__=Row, __doc__="One game of a player.", **_LOG)


@router.get(
    "/search",
    response_model=Envelope[list[Player]],
    responses=reads(),
    summary="Find players by name",
    openapi_extra={"x-example": "/v1/ncaaf/players/search?q={player_word}&limit=5"},
)
async def find(
    request: Request,
    rows: Found,
    q: Annotated[str, Query(min_length=2, max_length=60, description="Words of the name, in any order")],
    team: Annotated[str | None, Query(max_length=60, description="School of the last game")] = None,
) -> Response:
    """Players whose name holds every word; accents, points and case do not matter. Whole names first."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", *TABLES, as_of=rows.as_of)
        found = search(directory(services.published, view), q, team)
        return listed(view, found, ("_less", "_earlier", "player", "player_id"), rows, only=PROFILE)

    return await answer(request, domain="ncaa", kind="ids", build=build)


@router.get(
    "/{player_id}",
    response_model=Envelope[Player],
    responses=reads("not_found"),
    summary="One player",
    openapi_extra={"x-example": "/v1/ncaaf/players/{player_id}"},
)
async def player(request: Request, player_id: PlayerId, as_of: AsOf = None) -> Response:
    """Who he is, and since when he has been seen."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", *TABLES, as_of=as_of and aware(as_of))
        row = by_id(directory(services.published, view), player_id)
        return Built(records(pd.DataFrame([row]).convert_dtypes(), PROFILE)[0], view)

    return await answer(request, domain="ncaa", kind="profile", build=build)


@router.get(
    "/{player_id}/gamelog",
    response_model=Envelope[list[GameLog]],
    responses=reads("not_found"),
    summary="What a player did game by game",
    openapi_extra={"x-example": "/v1/ncaaf/players/{player_id}/gamelog?limit=5"},
)
async def gamelog(
    request: Request,
    player_id: PlayerId,
    rows: Annotated[Listing, listing(50)],
    season: Annotated[int | None, Query(ge=1869, le=2200, description="Only this season")] = None,
) -> Response:
    """The newest game first, under the same names that props and projections use."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", *TABLES, as_of=rows.as_of)
        found = logs(services.published, view)
        found = found[found["player_id"] == player_id]
        if found.empty:
            by_id(directory(services.published, view), player_id)
        if season is not None:
            found = found[found["season"] == season]
        newest = -found["kickoff_at"].astype("int64")
        return listed(view, found.assign(_earlier=newest), ("_earlier", "game_id"), rows, only=tuple(_LOG))

    return await answer(request, domain="ncaa", kind="player_stats", build=build)


@router.get(
    "/{player_id}/projections",
    response_model=Envelope[list[Projection]],  # type: ignore[valid-type]
    responses=reads("not_found"),
    summary="What a player may do in the coming games",
    openapi_extra={"x-example": "/v1/ncaaf/players/{projected_id}/projections"},
)
async def projections(request: Request, player_id: PlayerId, rows: Annotated[Listing, listing(LARGEST)]) -> Response:
    """A distribution a stat type, if he takes part; `insufficient_data` with the reason where there is none."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", *TABLES, PlayerProjections, as_of=rows.as_of)
        by_id(directory(services.published, view), player_id)
        said = view[PlayerProjections]
        his = said[said["player_id"] == player_id]
        found = page(his, ("kickoff_at", "game_id", "stat_type"), rows.limit, rows.cursor)
        return Built(records(found.rows), view, found.total, found.next_cursor)

    return await answer(request, domain="ncaa", kind="player_stats", build=build)
