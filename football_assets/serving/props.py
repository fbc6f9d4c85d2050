"""Props as clients ask them, a batch at a time: who is meant, which game, and the analysis of each."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from football_assets.ncaa.player_forecasts import Forecast
from football_assets.ncaa.player_games import STATS
from football_assets.ncaa.prices import decimal_price
from football_assets.ncaa.projection_schemas import PlayerProjections
from football_assets.ncaa.prop_calibration import bucket_of
from football_assets.ncaa.prop_schemas import PropCalibration
from football_assets.ncaa.props import Analysis, Bucket, Outing, Question, analyze
from football_assets.serving.answers import Built
from football_assets.serving.evidence import EvidenceStore
from football_assets.serving.players import TABLES, by_id, by_name, directory, folded, logs
from football_assets.serving.problems import Problem
from football_assets.serving.published import Published, View
from football_assets.warehouse.publication import Publication

MOST = 50
AT_ONCE = 8
DEADLINE_S = 10.0
SERVED = "NCAAF"
ALIASES = ("NCAAF", "NCAA", "CFB", "COLLEGE_FOOTBALL")
EXAMPLE: dict[str, Any] = {
    "prop_id": "1",
    "player_name": "Sam Hill",
    "team": "Ironvale",
    "stat_type": "rushing_yards",
    "line": 62.5,
    "over_price": -110,
    "under_price": -110,
}
ORIGIN = ("id", "source", "published_at", "as_of")


class Prop(BaseModel):
    """One prop. Name the player by id, or by name and team; the game by id or matchup, else it is his next one."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [EXAMPLE]})

    prop_id: str = Field(min_length=1, max_length=100, description="Your name of the prop, which the answer repeats")
    player_id: str | None = Field(None, max_length=40, description="Player id")
    player_name: str | None = Field(None, max_length=80, description="Player, when no id is given")
    team: str | None = Field(None, max_length=60, description="School, to tell players of one name apart")
    game_id: int | None = Field(None, description="Game id")
    matchup: str | None = Field(None, max_length=140, description="Game by its sides: `Foxhollow at Ironvale`")
    stat_type: str = Field(max_length=40, description="What is counted, such as rushing_yards")
    line: float | None = Field(None, ge=-100, le=2_000, description="The line; 0.5 for anytime_td when left out")
    over_price: float | None = Field(None, description="Price of over: American (-110) or decimal (1.91)")
    under_price: float | None = Field(None, description="Price of under, likewise")
    book: str | None = Field(None, max_length=60, description="Whose prices these are")
    priority: Literal[1, 2, 3] = Field(2, description="1 is analysed first")
    sport: str = Field(SERVED, max_length=40, description="Sport; only NCAAF is served here")

    @model_validator(mode="after")
    def _names_a_player(self) -> "Prop":
        if self.player_id is None and self.player_name is None:
            raise ValueError("player_id or player_name is needed")
        return self


class Batch(BaseModel):
    """Up to 50 props."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"props": [EXAMPLE]}]})

    props: list[Prop] = Field(min_length=1, description="The props")
    deadline_s: float = Field(DEADLINE_S, gt=0, le=60, description="What is not analysed by then fails")
    sport: str = Field(SERVED, max_length=40, description="Sport; only NCAAF is served here")


@dataclass(frozen=True)
class _Room:
    """What a batch reads, once."""

    view: View
    logs: pd.DataFrame
    players: pd.DataFrame


class PropDesk:
    """Answers batches of props from the published tables."""

    def __init__(self, published: Published, evidence: EvidenceStore) -> None:
        self._published = published
        self.evidence = evidence
        # The loop's own threads may be fewer, and are for the reads of others.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="props")

    async def analyze(self, batch: Batch) -> dict[str, Any]:
        """The data of `answered`, as of now."""
        found: dict[str, Any] = (await self.answered(batch)).data
        return found

    async def answered(self, batch: Batch, as_of: datetime | None = None) -> Built:
        """`results` and `failures` of a batch; each failure has the `prop_id`, a code and what was wrong.

        Raises Problem `batch_too_large`, and `no_data_available` when nothing is published, or was at `as_of`.
        """
        require_size(len(batch.props))
        require_sport(batch.sport)
        began = time.monotonic()
        room = await asyncio.to_thread(self._room, as_of)
        groups: dict[str, list[Prop]] = defaultdict(list)
        for prop in sorted(batch.props, key=lambda each: each.priority):
            groups[prop.player_id or f"{folded(prop.player_name or '')}|{prop.team or ''}"].append(prop)
        places = asyncio.Semaphore(AT_ONCE)
        until = began + batch.deadline_s
        made = await asyncio.gather(*(self._player(room, props, places, until) for props in groups.values()))
        found = [each for group in made for each in group]
        order = {prop.prop_id: place for place, prop in enumerate(batch.props)}
        found.sort(key=lambda each: order[each["prop_id"]])
        results = [each for each in found if "code" not in each]
        failures = [each for each in found if "code" in each]
        about = {"asked": len(batch.props), "players": len(groups), "took_s": round(time.monotonic() - began, 4)}
        told = {"results": results, "failures": failures, **about, "as_of": room.view.publication.as_of}
        return Built(told, room.view)

    def _room(self, as_of: datetime | None) -> _Room:
        view = self._published.view("ncaa", *TABLES, PlayerProjections, PropCalibration, as_of=as_of)
        return _Room(view, logs(self._published, view), directory(self._published, view))

    async def _player(
        self, room: _Room, props: Sequence[Prop], places: asyncio.Semaphore, until: float
    ) -> list[dict[str, Any]]:
        async with places:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._player_props, room, props, until)

    def _player_props(self, room: _Room, props: Sequence[Prop], until: float) -> list[dict[str, Any]]:
        """All props of one player: his games are looked up once."""
        found: list[dict[str, Any]] = []
        mine: tuple[pd.Series[Any], pd.DataFrame] | None = None
        for prop in props:
            try:
                if time.monotonic() > until:
                    raise Problem("no_data_available", "Not analysed before the deadline; ask again, or for fewer.")
                require_sport(prop.sport)
                require_stat(prop.stat_type)
                if mine is None:
                    player = _player_of(room, prop)
                    mine = (player, room.logs[room.logs["player_id"] == player["player_id"]])
                found.append(self._one(room, prop, *mine))
            except Problem as problem:
                also = {"detail": problem.detail, **problem.also}
                found.append({"prop_id": prop.prop_id, "code": problem.code, **also})
        return found

    def _one(self, room: _Room, prop: Prop, player: "pd.Series[Any]", games: pd.DataFrame) -> dict[str, Any]:
        game = _game_of(room.view, prop, int(player["team_id"]))
        question = _question(room.view, prop, str(player["player_id"]), int(player["team_id"]), game, games)
        try:
            made = analyze(question)
        except ValueError as error:
            raise Problem("invalid_parameter", f"over_price, under_price: {error}") from None
        return self._told(made, prop, player, game, room.view.publication)

    def _told(
        self,
        made: Analysis,
        prop: Prop,
        player: "pd.Series[Any]",
        game: "pd.Series[Any]",
        publication: Publication,
    ) -> dict[str, Any]:
        about = {"player_id": str(player["player_id"]), "game_id": int(game["game_id"]), "stat_type": prop.stat_type}
        origin = {"from": {name: getattr(publication, name) for name in ORIGIN}}
        ids = {name: self.evidence.put({**about, **asdict(each), **origin}) for name, each in made.evidence.items()}
        sentences = [
            {"text": s.text, "value": s.value, "n": s.n, "window": s.window, "evidence_id": ids[s.evidence]}
            for s in made.sentences
        ]
        return {
            "prop_id": made.prop_id,
            "recommendation": made.recommendation,
            **about,
            "player": str(player["player"]),
            "team": str(player["team"]),
            "matchup": f"{game['away_team']} at {game['home_team']}",
            "kickoff_at": None if pd.isna(game["kickoff_at"]) else game["kickoff_at"].to_pydatetime(),
            "book": prop.book,
            **made.body,
            "reasoning": sentences,
            "evidence": ids,
        }


def require_size(count: int) -> None:
    """Raise Problem `batch_too_large` for more props than one batch may hold: none is cut off silently."""
    if count > MOST:
        raise Problem("batch_too_large", f"{count} props were sent, a batch holds at most {MOST}. Send several.")


def require_sport(sport: str) -> None:
    """Raise Problem for a sport that is not served, naming what is."""
    if sport.upper().replace(" ", "_") not in ALIASES:
        detail = f"sport: {sport!r} is not served here. Served are: {SERVED}; live soccer is under /v1/soccer."
        raise Problem("invalid_parameter", detail, parameter="sport", served=[SERVED])


def require_stat(stat_type: str) -> None:
    """Raise Problem `unsupported_stat_type` naming what is supported."""
    if stat_type not in STATS:
        detail = f"{stat_type!r} is not supported. There are: {', '.join(STATS)}."
        raise Problem("unsupported_stat_type", detail, supported=list(STATS))


def _player_of(room: _Room, prop: Prop) -> "pd.Series[Any]":
    if prop.player_id is not None:
        return by_id(room.players, prop.player_id)
    return by_name(room.players, prop.player_name or "", prop.team)


def _game_of(view: View, prop: Prop, team_id: int) -> "pd.Series[Any]":
    """The game meant, still to be played. Raises Problem."""
    games = view[TABLES[0]]
    mine = games[(games["home_team_id"] == team_id) | (games["away_team_id"] == team_id)]
    if prop.game_id is not None:
        found = mine[mine["game_id"] == prop.game_id]
        if found.empty:
            raise Problem("not_found", f"game_id: his team has no game {prop.game_id}.")
    elif prop.matchup is not None:
        words = folded(prop.matchup)
        sides = mine.apply(lambda row: folded(row["home_team"]) in words and folded(row["away_team"]) in words, axis=1)
        found = mine[sides.astype(bool) & ~mine["is_completed"].astype(bool)]
        if found.empty:
            raise Problem("not_found", f"matchup: his team has no coming game {prop.matchup!r}.")
    else:
        found = mine[~mine["is_completed"].astype(bool)]
        if found.empty:
            raise Problem("insufficient_data", "His team has no coming game in the published schedule.")
    game = found.sort_values("kickoff_at").iloc[0]
    if bool(game["is_completed"]):
        raise Problem("invalid_parameter", f"game_id: game {int(game['game_id'])} is over; props are for coming games.")
    return game


def _question(
    view: View, prop: Prop, player_id: str, team_id: int, game: "pd.Series[Any]", games: pd.DataFrame
) -> Question:
    """Everything the analysis needs: earlier games, the forecast, the prices as decimals, what came true."""
    line = prop.line if prop.line is not None else 0.5 if prop.stat_type == "anytime_td" else None
    if line is None:
        raise Problem("invalid_parameter", "line: needed for this stat_type.", parameter="line")
    kickoff = game["kickoff_at"]
    before = games if pd.isna(kickoff) else games[games["kickoff_at"] < kickoff]
    outings = [
        Outing(
            int(row["game_id"]),
            int(row["season"]),
            row["kickoff_at"].isoformat(),
            int(row["opponent_id"]),
            None if pd.isna(row["opponent"]) else str(row["opponent"]),
            None if pd.isna(row[prop.stat_type]) else float(row[prop.stat_type]),
        )
        for row in before.sort_values(["kickoff_at", "game_id"], ascending=False).to_dict("records")
    ]
    forecast, why = _forecast(view, player_id, int(game["game_id"]), prop.stat_type)
    over, under = (_decimal(name, getattr(prop, name)) for name in ("over_price", "under_price"))
    buckets: dict[str, Bucket | None] = {"over": None, "under": None}
    if forecast is not None:
        chances = forecast.against(line)
        calibration = view[PropCalibration]
        buckets = {
            "over": bucket_of(calibration, prop.stat_type, "over", chances.over),
            "under": bucket_of(calibration, prop.stat_type, "under", chances.under),
        }
    opponent = int(game["away_team_id"] if int(game["home_team_id"]) == team_id else game["home_team_id"])
    return Question(
        prop.prop_id,
        prop.stat_type,
        line,
        outings,
        int(game["season"]),
        opponent,
        forecast,
        why,
        over,
        under,
        buckets["over"],
        buckets["under"],
    )


def _forecast(view: View, player_id: str, game_id: int, stat_type: str) -> tuple[Forecast | None, str | None]:
    rows = view[PlayerProjections]
    found = rows[(rows["player_id"] == player_id) & (rows["game_id"] == game_id) & (rows["stat_type"] == stat_type)]
    if found.empty:
        return (
            None,
            "no projection is published for him in this game: it is not near enough, or he did not play of late",
        )
    row = found.iloc[0]
    if pd.isna(row["distribution"]):
        return None, str(row["reason"])
    return Forecast(str(row["distribution"])), None


def _decimal(name: str, price: float | None) -> float | None:
    try:
        return None if price is None else decimal_price(price)
    except ValueError as error:
        raise Problem("invalid_parameter", f"{name}: {error}", parameter=name) from None
