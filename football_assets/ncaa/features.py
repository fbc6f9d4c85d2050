"""What is known about a game at its kickoff: ratings, form, rest, week and place. One pass in the order of time.

A result counts from four hours after its kickoff (a day more where only the day of the kickoff is known), so games
that kick off together never see each other, and no feature depends on a game that kicks off at or after its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from football_assets.ncaa.box_estimates import with_plays
from football_assets.ncaa.circumstances import circumstances
from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.ratings import FBS, MarginElo, PairRating, Tuning, Unit
from football_assets.ncaa.schemas import Features
from football_assets.ncaa.strengths import Strengths, made
from football_assets.ncaa.team_games import SIDES, counted
from football_assets.ncaa.travel import travel_km
from football_assets.tables import conform

GAME_LASTS = pd.Timedelta(hours=4)
DAY = pd.Timedelta(days=1)
# A game not played two days after its kickoff counts as called off.
CALLED_OFF_AFTER = pd.Timedelta(days=2)
# A quantity not seen for so many of a team's games says nothing about it any more.
FORGOTTEN_AFTER_GAMES = 8
LONGEST_REST_DAYS = 30.0
RECENT_GAMES = 4
# Matrices this small only wait for each other on more threads.
THREADS = 1

# Points were tuned on the seasons 2014-2020; the other quantities share their variances. Turnovers count negative:
# fewer are better for the side that makes them.
RATED: Mapping[str, tuple[Tuning, float]] = {
    "points": (Tuning(noise=11.0, level=28.0, home=3.0, outsider=9.0), 1.0),
    "yards": (Tuning(noise=95.0, level=395.0, home=20.0, outsider=45.0), 1.0),
    "yards_per_play": (Tuning(noise=1.25, level=5.7, home=0.2, outsider=0.6), 1.0),
    "yards_per_rush": (Tuning(noise=1.3, level=4.5, home=0.2, outsider=0.5), 1.0),
    "third_down_pct": (Tuning(noise=12.0, level=40.0, home=2.0, outsider=4.0), 1.0),
    "turnovers": (Tuning(noise=1.3, level=-1.6, home=0.1, outsider=0.2), -1.0),
}

Game = Mapping[str, Any]


@dataclass
class TeamForm:
    """What one team has behind it in the running season."""

    wins: int = 0
    margins: list[float] = field(default_factory=list)
    last_kickoff_at: datetime | None = None


@dataclass
class State:
    """Everything carried from game to game."""

    strengths: Strengths
    elo: MarginElo = field(default_factory=MarginElo)
    rated: dict[str, PairRating] = field(
        default_factory=lambda: {name: PairRating(tuning, sign) for name, (tuning, sign) in RATED.items()}
    )
    form: dict[int, TeamForm] = field(default_factory=dict)
    season: int | None = None

    def team(self, team_id: int) -> TeamForm:
        """The team's running season."""
        return self.form.setdefault(team_id, TeamForm())

    def begin(self, season: int, conferences: Mapping[int, str | None], fbs: frozenset[int]) -> None:
        """Carry everything over into a new season."""
        if self.season is not None:
            self.elo.new_season(conferences, fbs.__contains__)
            for rating in self.rated.values():
                rating.new_season(conferences, fbs.__contains__)
        self.strengths.begin(season)
        self.form.clear()
        self.season = season

    def learn(self, game: Game) -> None:
        """Take in one result."""
        home, away = game["home_team_id"], game["away_team_id"]
        fbs, where, margin = _fbs(game), _where(game), game["margin"]
        if game["season"] == self.season:
            self._remember(home, margin - where * self.points.home, self.strength(away, fbs[1]), margin > 0)
            self._remember(away, where * self.points.home - margin, self.strength(home, fbs[0]), margin < 0)
        self.elo.observe(home, away, margin, where, fbs)
        for name, rating in self.rated.items():
            rating.observe(home, away, game[name], where, fbs)
        self.strengths.learn(game, where, fbs)

    def kick_off(self, games: Iterable[Game]) -> None:
        """Note that these games of the running season have begun."""
        for game in games:
            if game["season"] == self.season:
                for side in SIDES:
                    self.team(game[f"{side}_team_id"]).last_kickoff_at = game["kickoff_at"]

    @property
    def points(self) -> PairRating:
        """The rating on which form is measured."""
        return self.rated["points"]

    def strength(self, team_id: int, is_fbs: bool) -> float:
        """Points by which the team is better than an average FBS one."""
        attack = self.points.unit(self.points.attack, team_id, is_fbs)
        return attack.mean + self.points.unit(self.points.defend, team_id, is_fbs).mean

    def _remember(self, team_id: int, margin: float, against: float, won: bool) -> None:
        form = self.team(team_id)
        form.wins += won
        form.margins.append(margin + against)

    def known(self, game: Game) -> dict[str, Any]:
        """The features of one game out of what has been learned so far."""
        row = {name: game[name] for name in _COPIED}
        row |= {"scoring_level": self.points.level, "home_edge": self.points.home}
        row["is_postseason"] = game["season_type"].endswith("postseason")
        for side, is_fbs in zip(SIDES, _fbs(game), strict=True):
            about = self._side(game[f"{side}_team_id"], is_fbs, game["kickoff_at"])
            row |= {f"is_{side}_fbs": is_fbs, f"{side}_provider_elo": game[f"{side}_pregame_elo"]}
            row |= {f"{side}_{name}": value for name, value in about.items()}
        return row | self.strengths.known(game, _fbs(game))

    def _side(self, team_id: int, is_fbs: bool, kickoff_at: datetime) -> dict[str, Any]:
        form = self.team(team_id)
        played, recent = len(form.margins), form.margins[-RECENT_GAMES:]
        about: dict[str, Any] = {"elo": self.elo.rating(team_id, is_fbs), "games": played}
        for name, rating in self.rated.items():
            about[f"offense_{name}"] = _told(rating.unit(rating.attack, team_id, is_fbs), name)
            about[f"defense_{name}"] = _told(rating.unit(rating.defend, team_id, is_fbs), name)
        about["win_pct"] = form.wins / played if played else None
        about["form"] = sum(form.margins) / played if played else None
        about["recent_form"] = sum(recent) / len(recent) if recent else None
        if form.last_kickoff_at is not None:
            rest_days = (kickoff_at - form.last_kickoff_at).total_seconds() / 86_400
            about["rest_days"] = min(rest_days, LONGEST_REST_DAYS)
        return about


_COPIED = (
    "game_id",
    "season",
    "week",
    "season_type",
    "kickoff_at",
    "home_team_id",
    "away_team_id",
    "is_neutral_site",
    "is_conference_game",
)


def features(games: pd.DataFrame, team_games: pd.DataFrame, lists: SeasonLists | None = None) -> pd.DataFrame:
    """`features` out of `games`, `team_games` and the provider's lists: one row for each game that has a kickoff.

    A game that is called off has none. What comes from a list that is not given is missing.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    lists = lists or SeasonLists()
    listed = playable(games)
    schedule = _rows(listed)
    results = sorted(
        _results(listed, with_plays(team_games), lists), key=lambda game: (game["known_at"], game["game_id"])
    )
    conferences, fbs = _membership(listed)
    state = State(Strengths(lists, conferences, fbs))
    with threadpool_limits(limits=THREADS):
        rows = _walk(state, schedule, results, conferences, fbs)
    known = pd.DataFrame(rows, columns=list(Features.to_schema().columns))
    beside = circumstances(known, lists)
    return conform(Features, known.assign(travel_km=travel_km(known, lists.teams), **beside))


def _walk(
    state: State,
    schedule: Iterable[Game],
    results: Sequence[Game],
    conferences: Mapping[int, Mapping[int, str | None]],
    fbs: Mapping[int, frozenset[int]],
) -> list[dict[str, Any]]:
    """The features of each game of the schedule, learning each result as soon as it is known."""
    waiting, rows = 0, []
    begun: list[Game] = []
    for game in schedule:
        if begun and begun[-1]["kickoff_at"] < game["kickoff_at"]:
            state.kick_off(begun)
            begun = []
        while waiting < len(results) and results[waiting]["known_at"] <= game["kickoff_at"]:
            state.learn(results[waiting])
            waiting += 1
        season = game["season"]
        if state.season is None or season > state.season:
            state.begin(season, conferences[season], fbs[season])
        rows.append(state.known(game))
        begun.append(game)
    return rows


def playable(games: pd.DataFrame) -> pd.DataFrame:
    """The games that were played or still may be, once each, in the order of their kickoffs."""
    listed = counted(games)
    listed = listed[listed["kickoff_at"].notna()]
    late = listed["kickoff_at"] < games["fetched_at"].max() - CALLED_OFF_AFTER
    called_off = ~listed["is_completed"].astype(bool) & late
    found: pd.DataFrame = listed[~called_off].sort_values(["kickoff_at", "game_id"], ignore_index=True)
    return found


def over_at(games: pd.DataFrame) -> "pd.Series[pd.Timestamp]":
    """When a result may count as known: four hours after kickoff, a day more where only its day is known."""
    unknown_time = games["is_kickoff_tbd"].fillna(True).astype("int64")
    return games["kickoff_at"] + GAME_LASTS + unknown_time * DAY


def _results(listed: pd.DataFrame, team_games: pd.DataFrame, lists: SeasonLists) -> list[dict[str, Any]]:
    """The completed games with what each side made in each rated quantity; None where that is not known."""
    played = listed[listed["is_completed"].astype(bool) & listed["home_points"].notna() & listed["away_points"].notna()]
    kept = ["game_id", "season", "home_team_id", "away_team_id", "is_neutral_site"]
    whole = played[[*kept, "home_classification", "away_classification"]].assign(known_at=over_at(played))
    boxes = team_games.rename(columns={"points_for": "points"})[["game_id", "is_listed_home", *RATED]]
    for side, is_home in zip(SIDES, (True, False), strict=True):
        bench = boxes[boxes["is_listed_home"].astype(bool) == is_home].set_index("game_id")[list(RATED)]
        whole = whole.join(bench.astype("float64").add_prefix(f"{side}:"), on="game_id")
    whole["margin"] = whole["home:points"] - whole["away:points"]
    rows = _rows(whole)
    for row, of_groups in zip(rows, made(played, team_games, lists.ppa_games), strict=True):
        row["made"] = of_groups
        for name in RATED:
            row[name] = (_known(row[f"home:{name}"]), _known(row[f"away:{name}"]))
    return rows


def _membership(
    listed: pd.DataFrame,
) -> tuple[dict[int, dict[int, str | None]], dict[int, frozenset[int]]]:
    """By season: each team's conference, and which teams are in the FBS. Both are known before the first kickoff."""
    sides = [
        listed[["season", f"{side}_team_id", f"{side}_conference", f"{side}_classification"]].set_axis(
            ["season", "team", "conference", "classification"], axis=1
        )
        for side in SIDES
    ]
    conferences: dict[int, dict[int, str | None]] = {}
    fbs: dict[int, set[int]] = {}
    for season, team, conference, classification in pd.concat(sides).drop_duplicates().itertuples(index=False):
        conferences.setdefault(season, {})[team] = conference if isinstance(conference, str) else None
        fbs.setdefault(season, set())
        if classification == FBS:
            fbs[season].add(team)
    return conferences, {season: frozenset(teams) for season, teams in fbs.items()}


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def _told(unit: Unit, name: str) -> float | None:
    """The rating; None where the quantity was never seen or not for long.

    Scores are always known, so a new team starts on its division's average.
    """
    never = unit.seen == 0 and name != "points"
    return None if never or unit.unseen > FORGOTTEN_AFTER_GAMES else unit.mean


def _known(value: float) -> float | None:
    return None if value != value else value


def _fbs(game: Game) -> tuple[bool, bool]:
    return game["home_classification"] == FBS, game["away_classification"] == FBS


def _where(game: Game) -> float:
    return 0.0 if game["is_neutral_site"] else 1.0
