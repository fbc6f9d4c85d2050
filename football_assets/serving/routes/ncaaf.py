"""`/v1/ncaaf`: teams, games, standings, rankings and predictions of college football."""

from collections.abc import Callable
from typing import Annotated, Literal

import pandas as pd
from fastapi import APIRouter, Depends, Query, Request, Response

from football_assets.ncaa.game_model import FAMILY
from football_assets.ncaa.ledger_schemas import GamePredictions
from football_assets.ncaa.predictions import coming_week
from football_assets.ncaa.projection_schemas import PowerRatings, SeasonOutlook
from football_assets.ncaa.schemas import Games, TeamRecords
from football_assets.ncaa.season_schemas import Rankings, Teams
from football_assets.serving.access import needs
from football_assets.serving.answers import Built, Envelope, answer, listed
from football_assets.serving.paging import Listing, listing
from football_assets.serving.problems import Problem, reads
from football_assets.serving.rows import row_model
from football_assets.serving.services import services_of
from football_assets.tables import Table

router = APIRouter(prefix="/v1/ncaaf", tags=["ncaaf"], dependencies=[Depends(needs("read"))])

Team = row_model(Teams, name="Team")
Game = row_model(Games, name="Game")
Standing = row_model(TeamRecords, name="Standing")
Ranking = row_model(Rankings, name="Ranking")
PowerRating = row_model(PowerRatings, name="PowerRating")
Outlook = row_model(SeasonOutlook, name="Outlook")
Prediction = row_model(GamePredictions, name="GamePrediction")

Season = Annotated[int | None, Query(ge=1869, le=2200, description="Season; the newest when left out")]
Week = Annotated[int | None, Query(ge=1, le=30, description="Week of the season type")]
SeasonType = Annotated[Literal["regular", "postseason"] | None, Query(description="regular or postseason")]
Conference = Annotated[str | None, Query(max_length=60, description="Conference, such as `Big Ten`")]
Listed = Annotated[Listing, listing(100)]
LongListed = Annotated[Listing, listing(200)]
SEARCHED = ("team", "mascot", "abbreviation")
TeamName = Annotated[
    str | None, Query(max_length=60, description="Team id, or its school as listed, such as `Ohio State`")
]


@router.get(
    "/teams",
    response_model=Envelope[list[Team]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Teams of a season",
    openapi_extra={"x-example": "/v1/ncaaf/teams?limit=5"},
)
async def teams(
    request: Request,
    rows: Listed,
    season: Season = None,
    conference: Conference = None,
    search: Annotated[
        str | None, Query(max_length=60, description="Part of the school, nickname or short form")
    ] = None,
) -> Response:
    """FBS teams with conference, colours and stadium."""

    def pick(frame: pd.DataFrame) -> pd.DataFrame:
        found = _of_season(frame, season)
        if search is not None:
            words = [found[name].str.contains(search, case=False, regex=False, na=False) for name in SEARCHED]
            found = found[words[0] | words[1] | words[2]]
        return _of_conference(found, conference)

    return await _list(request, Teams, ("season", "team", "team_id"), pick, rows, kind_ids=True)


@router.get(
    "/games",
    response_model=Envelope[list[Game]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Games",
    openapi_extra={"x-example": "/v1/ncaaf/games?week=1&limit=5"},
)
async def games(
    request: Request,
    rows: Listed,
    season: Season = None,
    week: Week = None,
    season_type: SeasonType = None,
    team: TeamName = None,
    conference: Conference = None,
    completed: Annotated[bool | None, Query(description="true: over; false: still to be played")] = None,
) -> Response:
    """Games of a season with their scores where played, in the order of kickoff. Repeated listings are left out."""

    def pick(frame: pd.DataFrame) -> pd.DataFrame:
        found = _of_week(_of_season(frame, season), week, season_type)
        found = found[found["duplicate_of"].isna()]
        if team is not None:
            found = found[_is_side(found, "home", team) | _is_side(found, "away", team)]
        if conference is not None:
            found = found[
                (found["home_conference"].str.casefold() == conference.casefold()).fillna(False)
                | (found["away_conference"].str.casefold() == conference.casefold()).fillna(False)
            ]
        return found if completed is None else found[found["is_completed"].astype(bool) == completed]

    return await _list(request, Games, ("kickoff_at", "game_id"), pick, rows)


@router.get(
    "/standings",
    response_model=Envelope[list[Standing]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Records of the teams",
    openapi_extra={"x-example": "/v1/ncaaf/standings?limit=5"},
)
async def standings(
    request: Request,
    rows: LongListed,
    season: Season = None,
    conference: Conference = None,
) -> Response:
    """Wins, losses and ties: overall, in the conference, by place, against the spread. By conference, best first."""

    def pick(frame: pd.DataFrame) -> pd.DataFrame:
        found = _of_conference(_of_season(frame, season), conference)
        played = found["conference_wins"] + found["conference_losses"] + found["conference_ties"]
        share = (found["conference_wins"] + 0.5 * found["conference_ties"]).astype(float) / played.astype(float)
        return found.assign(_worse=-share.fillna(-1.0), _fewer=-found["win_pct"].fillna(-1.0))

    order = ("season", "conference", "_worse", "_fewer", "team", "team_id")
    return await _list(request, TeamRecords, order, pick, rows)


@router.get(
    "/rankings",
    response_model=Envelope[list[Ranking]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Polls",
    openapi_extra={"x-example": "/v1/ncaaf/rankings?limit=25"},
)
async def rankings(
    request: Request,
    rows: Listed,
    season: Season = None,
    week: Week = None,
    season_type: SeasonType = None,
    poll: Annotated[str | None, Query(max_length=60, description="Poll, such as `AP Top 25`")] = None,
) -> Response:
    """The polls as published; without a week, the newest of the season."""

    def pick(frame: pd.DataFrame) -> pd.DataFrame:
        found = _of_season(frame, season)
        if week is None and season_type is None and len(found):
            bowls = found[found["season_type"] == "postseason"]
            found = bowls if len(bowls) else found
            found = found[found["week"] == found["week"].max()]
        found = _of_week(found, week, season_type)
        return found if poll is None else found[found["poll"].str.casefold() == poll.casefold()]

    return await _list(request, Rankings, ("season", "week", "poll", "rank", "team_id"), pick, rows)


@router.get(
    "/power-ratings",
    response_model=Envelope[list[PowerRating]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Our power ratings",
    openapi_extra={"x-example": "/v1/ncaaf/power-ratings?limit=25"},
)
async def power_ratings(request: Request, rows: LongListed, conference: Conference = None) -> Response:
    """Points better than an average FBS team on neutral ground, with the interval, the strongest first."""
    return await _list(
        request, PowerRatings, ("rank", "team_id"), lambda found: _of_conference(found, conference), rows
    )


@router.get(
    "/outlook",
    response_model=Envelope[list[Outlook]],  # type: ignore[valid-type]
    responses=reads(),
    summary="How the season may end",
    openapi_extra={"x-example": "/v1/ncaaf/outlook?limit=25"},
)
async def outlook(request: Request, rows: LongListed, conference: Conference = None) -> Response:
    """Chances of finishing in the top 25 and of the conference title, out of simulated seasons; likeliest first."""

    def pick(frame: pd.DataFrame) -> pd.DataFrame:
        found = _of_conference(frame, conference)
        return found.assign(_rarer=-found["p_ranked"])

    return await _list(request, SeasonOutlook, ("_rarer", "team_id"), pick, rows)


@router.get(
    "/predictions",
    response_model=Envelope[list[Prediction]],  # type: ignore[valid-type]
    responses=reads(),
    summary="Predictions of games",
    openapi_extra={"x-example": "/v1/ncaaf/predictions?limit=5"},
)
async def predictions(
    request: Request,
    rows: Listed,
    season: Season = None,
    week: Week = None,
    season_type: SeasonType = None,
    family: Annotated[
        Literal["no_market", "market_aware", "all"],
        Query(description="no_market sees no betting line, market_aware the opening one"),
    ] = FAMILY,
    team: TeamName = None,
) -> Response:
    """Win probability, margin and total with their spread beside the bookmakers' line; without a week, the coming."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", GamePredictions, Games, as_of=rows.as_of)
        frame = view[GamePredictions]
        frame = frame if family == "all" else frame[frame["family"] == family]
        if season is None and week is None and season_type is None:
            now = view.read_as_of or view.publication.as_of
            frame = coming_week(frame, None if now is None else pd.Timestamp(now))
        else:
            frame = _of_week(_of_season(frame, season), week, season_type)
        if team is not None:
            all_games = view[Games]
            his = all_games.loc[_is_side(all_games, "home", team) | _is_side(all_games, "away", team), "game_id"]
            frame = frame[frame["game_id"].isin(his)]
        return listed(view, frame, ("kickoff_at", "game_id", "family"), rows)

    return await answer(request, domain="ncaa", kind="game_data", build=build)


async def _list(
    request: Request,
    table: type[Table],
    order: tuple[str, ...],
    pick: Callable[[pd.DataFrame], pd.DataFrame],
    rows: Listing,
    *,
    kind_ids: bool = False,
) -> Response:
    """A page of one table. `pick` filters it and may add columns, beginning with `_`, to sort by."""
    services = services_of(request)

    def build() -> Built:
        view = services.published.view("ncaa", table, as_of=rows.as_of)
        return listed(view, pick(view[table]), order, rows)

    return await answer(request, domain="ncaa", kind="ids" if kind_ids else "game_data", build=build)


def _of_season(frame: pd.DataFrame, season: int | None) -> pd.DataFrame:
    wanted = frame["season"].max() if season is None and len(frame) else season
    found = frame[frame["season"] == wanted]
    if season is not None and found.empty:
        there = ", ".join(str(each) for each in sorted(frame["season"].unique()))
        raise Problem("not_found", f"Season {season} is not published. There are: {there or 'none'}.")
    return found


def _of_week(frame: pd.DataFrame, week: int | None, season_type: str | None) -> pd.DataFrame:
    if season_type is not None or week is not None:
        # The provider counts the bowls from week 1 again; a week by number is one of the regular season.
        frame = frame[frame["season_type"] == (season_type or "regular")]
    return frame if week is None else frame[frame["week"] == week]


def _of_conference(frame: pd.DataFrame, conference: str | None) -> pd.DataFrame:
    if conference is None:
        return frame
    return frame[(frame["conference"].str.casefold() == conference.casefold()).fillna(False)]


def _is_side(frame: pd.DataFrame, side: str, team: str) -> "pd.Series[bool]":
    if team.isdecimal():
        return frame[f"{side}_team_id"] == int(team)
    return frame[f"{side}_team"].str.casefold() == team.casefold()
