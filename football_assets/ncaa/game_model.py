"""Margin and total of a game as normal distributions, fitted only on games that were over before.

Family `no_market`: two ridge regressions on the features, none of which comes from a betting line. Each week is
predicted by models fitted on the games that were over at its first kickoff; the spread around a prediction is
measured on earlier predictions of games that had not been seen either. Games between FBS sides learn from such games
only; the others, which are few and lopsided, from all.
"""

import json
import math
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.features import over_at
from football_assets.ncaa.strengths import DIFFERENCES
from football_assets.ncaa.strengths import QUANTITIES as JOINT

Target = Literal["margin", "total"]
Floats = npt.NDArray[np.float64]

FAMILY: Literal["no_market"] = "no_market"
TARGETS: tuple[Target, ...] = ("margin", "total")
FEWEST_GAMES = 200
# Earlier misses needed before a spread is believed, and how many of the latest it is measured on.
FEWEST_MISSES = 100
LATEST_MISSES = 2500
# The many ratings of one team say nearly the same: the more there are, the more they are held down, by game and input.
PENALTY_PER_INPUT: dict[Target, float] = {"margin": 110.0, "total": 80.0}
PENALTY_PER_GAME = 0.033
FEW_PENALTY = 100.0
# The game changes (the home field is worth less than it was): a game four years old weighs half.
HALF_LIFE_DAYS = 4 * 365.0
# Matrices this small only wait for each other on more threads.
THREADS = 1
# Weight of "an average season so far" against the games played, when form is shrunk.
FORM_PRIOR_GAMES = 4.0
EARLY_WEEKS = 4.0
EARLY_GAMES = 4.0
QUANTITIES = ("points", "yards", "yards_per_play", "yards_per_rush", "third_down_pct", "turnovers")
# Mostly luck or said better by the other inputs: with them the margins of 2015-2020 were missed by 0.02 points more.
NOT_FOR_MARGINS = frozenset({"third_down_pct", "turnovers", "passing_ppa", "rushing_ppa"})
# A journey of so many kilometres already counts as a long one.
TRAVEL_KM = 100.0

NO_MODEL = "fewer than 200 earlier games to learn from"
NO_SPREAD = "fewer than 100 earlier misses to measure the spread on"
NOT_NEXT = "a side plays another game before it"
NO_KICKOFF = "no kickoff"


def margin_inputs(features: pd.DataFrame) -> pd.DataFrame:
    """What the margin is regressed on: home less away. A value that is missing stays missing."""
    found = _numbers(features)
    at_home = 1.0 - found["is_neutral_site"]
    inputs = {
        "at_home": at_home,
        "conference_at_home": at_home * found["is_conference_game"],
        "fbs": found["is_home_fbs"] - found["is_away_fbs"],
        "elo": found["home_elo"] - found["away_elo"],
        "provider_elo": found["home_provider_elo"] - found["away_provider_elo"],
        "travel": (np.log1p(found["travel_km"] / TRAVEL_KM) * at_home).where(at_home > 0.0, 0.0),
        "rest_days": found["home_rest_days"] - found["away_rest_days"],
    }
    for name in QUANTITIES:
        if name not in NOT_FOR_MARGINS:
            inputs[name] = _net(found, "home", name) - _net(found, "away", name)
    for name in ("form", "recent_form"):
        inputs[name] = _shrunk(found, "home", name) - _shrunk(found, "away", name)
    early = np.exp(-found["week"] / EARLY_WEEKS) * (1.0 - found["is_postseason"])
    inputs["points_early"] = inputs["points"] * early
    joint = [name for name in JOINT if name not in NOT_FOR_MARGINS]
    inputs |= {f"net_{name}": found[f"net_{name}"] for name in (*joint, *DIFFERENCES, "votes")}
    few = np.exp(-(found["home_games"] + found["away_games"]) / (2.0 * EARLY_GAMES))
    inputs |= {f"net_{name}_early": found[f"net_{name}"] * few for name in DIFFERENCES}
    return pd.DataFrame(inputs)


def total_inputs(features: pd.DataFrame) -> pd.DataFrame:
    """What the total is regressed on: both sides together. A value that is missing stays missing."""
    found = _numbers(features)
    inputs = {
        "is_fbs_game": found["is_home_fbs"] * found["is_away_fbs"],
        "is_conference_game": found["is_conference_game"],
        "is_neutral_site": found["is_neutral_site"],
        "is_postseason": found["is_postseason"],
        "week": found["week"] * (1.0 - found["is_postseason"]),
        "mismatch": (_net(found, "home", "points") - _net(found, "away", "points")).abs(),
    }
    for name in QUANTITIES:
        makes = found[f"home_offense_{name}"] + found[f"away_offense_{name}"]
        inputs[name] = makes - found[f"home_defense_{name}"] - found[f"away_defense_{name}"]
    # Not an input of its own: it moves so slowly that few seasons give it any weight.
    inputs["points"] += 2.0 * found["scoring_level"]
    inputs |= {f"sum_{name}": found[f"sum_{name}"] for name in JOINT}
    return pd.DataFrame(inputs)


INPUTS = {"margin": margin_inputs, "total": total_inputs}


def _numbers(features: pd.DataFrame) -> pd.DataFrame:
    return features.select_dtypes(["number", "boolean"]).astype("float64")


def _net(found: pd.DataFrame, side: str, name: str) -> "pd.Series[float]":
    return found[f"{side}_offense_{name}"] + found[f"{side}_defense_{name}"]


def _shrunk(found: pd.DataFrame, side: str, name: str) -> "pd.Series[float]":
    """Form weighed by its games: none played is no evidence, which is what a weight of zero says."""
    weight = found[f"{side}_games"] / (found[f"{side}_games"] + FORM_PRIOR_GAMES)
    return (weight * found[f"{side}_{name}"]).where(found[f"{side}_games"] > 0, 0.0)


@dataclass(frozen=True)
class Fitted:
    """One fitted regression: the pipeline, its inputs by name, and what it learned from."""

    target: Target
    pipeline: Any
    inputs: tuple[str, ...]
    trained_through: pd.Timestamp
    n_games: int
    residual_sd: float = math.nan
    family: str = FAMILY


@dataclass
class Walk:
    """What walking forward gave: predictions by game, the newest models, and why a game has no prediction.

    `predictions`: game_id, margin_mean, margin_sd, total_mean, total_sd, n_games, trained_through.
    """

    predictions: pd.DataFrame
    newest: list[Fitted] = field(default_factory=list)
    gaps: Mapping[int, str] = field(default_factory=dict)


def fit(inputs: Floats, values: Floats, weights: Floats, penalty: float = 100.0) -> Any:
    """A ridge regression; missing inputs take their mean.

    That one is missing says nothing of its own: it is mostly the first game of a season, for both sides alike.
    """
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import Ridge
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    steps = [
        ("impute", SimpleImputer(keep_empty_features=True)),
        ("scale", StandardScaler()),
        ("ridge", Ridge(penalty, solver="cholesky")),
    ]
    return Pipeline(steps).fit(inputs, values, ridge__sample_weight=weights)


class Misses:
    """Earlier misses of one target, FBS games and others apart; the spread is measured on the latest of them."""

    def __init__(self) -> None:
        self._kinds: dict[bool, deque[float]] = {kind: deque(maxlen=LATEST_MISSES) for kind in (True, False)}
        self._measured: dict[bool, float | None] = {}

    def add(self, misses: Floats, is_fbs_game: npt.NDArray[np.bool_]) -> None:
        """Take in the misses of games that are over."""
        for miss, kind in zip(misses, is_fbs_game, strict=True):
            self._kinds[bool(kind)].append(float(miss))
            self._measured.clear()

    def spread(self, is_fbs_game: bool) -> float | None:
        """Root mean square of the misses of that kind, of all when too few; None when these are too few too."""
        if is_fbs_game not in self._measured:
            self._measured[is_fbs_game] = self._spread(is_fbs_game)
        return self._measured[is_fbs_game]

    def _spread(self, is_fbs_game: bool) -> float | None:
        for chosen in (self._kinds[is_fbs_game], [*self._kinds[True], *self._kinds[False]]):
            if len(chosen) >= FEWEST_MISSES:
                misses = np.array(chosen, dtype=np.float64)
                # Added up one after another, whatever the version of Python or numpy.
                return math.sqrt(float(np.cumsum(misses * misses)[-1]) / len(misses))
        return None


def walk_forward(games: pd.DataFrame, features: pd.DataFrame) -> Walk:
    """Predict every game that is over, and the next one of each side, week by week in the order of time."""
    from sklearn import config_context
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # The inputs come out of a table that was checked; looking at all of them again each week takes a quarter longer.
    with threadpool_limits(limits=THREADS), config_context(assume_finite=True, skip_parameter_validation=True):
        return _Walker(games, features).walk()


class _Walker:
    def __init__(self, games: pd.DataFrame, features: pd.DataFrame) -> None:
        about = ["game_id", "is_completed", "home_points", "away_points", "is_kickoff_tbd"]
        self.games = features.merge(games[about], on="game_id").sort_values(
            ["kickoff_at", "game_id"], ignore_index=True
        )
        self.over = (self.games["is_completed"].astype(bool) & self.games["home_points"].notna()).to_numpy(bool)
        self.known_at = over_at(self.games)
        home, away = (self.games[f"{side}_points"].astype("float64") for side in ("home", "away"))
        self.values: dict[Target, Floats] = {
            "margin": np.array(home - away, dtype=np.float64),
            "total": np.array(home + away, dtype=np.float64),
        }
        frames = {target: INPUTS[target](self.games) for target in TARGETS}
        self.names = {target: tuple(frame.columns) for target, frame in frames.items()}
        self.inputs = {target: frame.to_numpy(np.float64) for target, frame in frames.items()}
        self.is_fbs_game = (self.games["is_home_fbs"] & self.games["is_away_fbs"]).to_numpy(bool)
        self.misses = {target: Misses() for target in TARGETS}
        self.waiting: list[tuple[npt.NDArray[np.intp], dict[Target, Floats]]] = []
        self.gaps: dict[int, str] = _unplaced(games)

    def walk(self) -> Walk:
        parts: list[pd.DataFrame] = []
        newest: dict[Target, Fitted] = {}
        wanted = self.over | self._next_of_both()
        self._explain(~wanted, NOT_NEXT)
        for members in self._weeks():
            members = members[wanted[members]]
            if not len(members):
                continue
            cut = self.games["kickoff_at"].iloc[members].min()
            self._settle(cut)
            for kind in (True, False):
                of_kind = members[self.is_fbs_game[members] == kind]
                fitted = self._fit(cut, kind) if len(of_kind) else None
                if fitted is None:
                    self._explain(of_kind, NO_MODEL)
                    continue
                part = self._predict(of_kind, fitted)
                self._explain(np.setdiff1d(of_kind, part.index.to_numpy()), NO_SPREAD)
                if len(part):
                    parts.append(part)
                    newest = fitted if kind else newest
        predictions = pd.concat(parts, ignore_index=True) if parts else self._nothing()
        return Walk(predictions, [self._with_spread(each) for each in newest.values()], self.gaps)

    def _nothing(self) -> pd.DataFrame:
        none = self.games.head(0)
        measures = dict.fromkeys(_MEASURES, none["home_elo"])
        return pd.DataFrame({"game_id": none["game_id"], **measures, "trained_through": none["kickoff_at"]}).assign(
            n_games=none["game_id"]
        )

    def _weeks(self) -> Iterator[npt.NDArray[np.intp]]:
        """Positions of the games of each week, weeks in the order of their first kickoffs.

        All FBS bowls and playoff games are one week to the provider; here they go by the calendar.
        """
        calendar = self.games["kickoff_at"].dt.strftime("%G-%V").where(self.games["is_postseason"].astype(bool), "")
        keys = [self.games["season"], self.games["season_type"], self.games["week"], calendar]
        weeks = pd.Series(np.arange(len(self.games))).groupby([key.to_numpy() for key in keys], sort=False)
        yield from (positions.to_numpy() for _, positions in weeks)

    def _next_of_both(self) -> npt.NDArray[np.bool_]:
        """The open games before which neither side has another: only for these the features are those of kickoff."""
        busy: set[int] = set()
        found = np.zeros(len(self.games), dtype=bool)
        teams = self.games[["home_team_id", "away_team_id"]].to_numpy(np.int64)
        for position in np.flatnonzero(~self.over):
            sides = set(teams[position].tolist())
            found[position] = not sides & busy
            busy |= sides
        return found

    def _fit(self, cut: pd.Timestamp, is_fbs_game: bool) -> dict[Target, Fitted] | None:
        """Models of games between FBS sides out of such games, of the others out of all games."""
        past = self.over & (self.known_at <= cut).to_numpy(bool)
        known = past & (self.is_fbs_game | (not is_fbs_game))
        if known.sum() < FEWEST_GAMES:
            return None
        # The ratings among the inputs have seen every game, whichever the model is fitted on.
        through = self.games["kickoff_at"][past].max()
        age_days = (through - self.games["kickoff_at"][known]).dt.total_seconds().to_numpy() / 86_400
        weights = np.exp2(-age_days / HALF_LIFE_DAYS).astype(np.float64)
        found: dict[Target, Fitted] = {}
        for target in TARGETS:
            inputs = self.inputs[target][known]
            penalty = _penalty(target, inputs, float(weights.sum())) if is_fbs_game else FEW_PENALTY
            pipeline = fit(inputs, self.values[target][known], weights, penalty)
            found[target] = Fitted(target, pipeline, self.names[target], through, int(known.sum()))
        return found

    def _settle(self, cut: pd.Timestamp) -> None:
        """Count the misses of the predictions whose games are over by now."""
        over = self.over & (self.known_at <= cut).to_numpy(bool)
        still = []
        for members, means in self.waiting:
            done = over[members]
            for target in TARGETS:
                misses = self.values[target][members[done]] - means[target][done]
                self.misses[target].add(misses, self.is_fbs_game[members[done]])
            if not done.all():
                still.append((members[~done], {target: mean[~done] for target, mean in means.items()}))
        self.waiting = still

    def _predict(self, members: npt.NDArray[np.intp], fitted: Mapping[Target, Fitted]) -> pd.DataFrame:
        means = {target: fitted[target].pipeline.predict(self.inputs[target][members]) for target in TARGETS}
        self.waiting.append((members, means))
        part = pd.DataFrame({"game_id": self.games["game_id"].iloc[members].to_numpy()}, index=members)
        for target in TARGETS:
            spreads = {kind: self.misses[target].spread(kind) for kind in (True, False)}
            part[f"{target}_mean"] = means[target]
            part[f"{target}_sd"] = [spreads[bool(kind)] for kind in self.is_fbs_game[members]]
        part["n_games"] = fitted["margin"].n_games
        part["trained_through"] = fitted["margin"].trained_through
        return part.dropna(subset=["margin_sd", "total_sd"])

    def _with_spread(self, fitted: Fitted) -> Fitted:
        spread = self.misses[fitted.target].spread(True)
        assert spread is not None
        return Fitted(**{**fitted.__dict__, "residual_sd": spread})

    def _explain(self, which: npt.NDArray[Any], why: str) -> None:
        self.gaps |= dict.fromkeys(self.games["game_id"].to_numpy()[which].tolist(), why)


def _penalty(target: Target, inputs: Floats, games: float) -> float:
    """What holds the coefficients down, by the inputs that were seen at all."""
    seen = int((~np.isnan(inputs)).any(axis=0).sum())
    return seen * min(PENALTY_PER_INPUT[target], PENALTY_PER_GAME * games)


_MEASURES = ("margin_mean", "margin_sd", "total_mean", "total_sd")


def _unplaced(games: pd.DataFrame) -> dict[int, str]:
    """Games that still may be played and have no kickoff."""
    open_games = games[games["duplicate_of"].isna() & games["kickoff_at"].isna()]
    return dict.fromkeys(open_games["game_id"].tolist(), NO_KICKOFF)


def p_home(margin_mean: Floats, margin_sd: Floats) -> Floats:
    """Probability that the margin is above zero; a game cannot end level since 1996."""
    z = np.asarray(margin_mean, dtype=np.float64) / np.asarray(margin_sd, dtype=np.float64)
    chance = np.array([0.5 * math.erfc(-value / math.sqrt(2.0)) for value in z], dtype=np.float64)
    # A double cannot hold how close to certainty a hopeless game is; a probability of exactly 0 or 1 has no odds.
    return np.clip(chance, 1e-9, 1 - 1e-9)


def names_json(names: tuple[str, ...]) -> str:
    """Input names as the model table keeps them."""
    return json.dumps(list(names))
