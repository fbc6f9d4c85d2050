"""From the results of past seasons to the kept model: one walk through time gives features, report and model."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from football_assets.soccer import de_vig, goals_model
from football_assets.soccer.football_data import Division
from football_assets.soccer.match_features import QUANTITIES, Flags, Floats, Inputs, Ints, Strengths
from football_assets.soccer.model_files import SoccerModelFile
from football_assets.soccer.past_seasons import learnable, season_of
from football_assets.soccer.prediction_schemas import SoccerFeatures, SoccerModel
from football_assets.tables import Verdict, conform, from_rows, to_arrow

# Seasons with fewer matches that every family knows say little.
FEWEST_COMPARED = 200
_SIDES = ("home", "away")


@dataclass(frozen=True)
class Trained:
    """What training gave: SoccerFeatures, SoccerModel rows without the model's own, and the model or why there is none.

    `chances` (matches, 3) and `outcomes` are those of the newest season in the report, for its picture.
    """

    features: pd.DataFrame
    report: pd.DataFrame
    model: SoccerModelFile | str
    chances: Floats
    outcomes: Ints


def train(table: pd.DataFrame) -> Trained:
    """Learn from HistoricalMatches.

    There is no model when there are too few matches to fit one, or when it said less about the newest season than the
    frequencies of results before it: then a reason stands in its place.
    """
    matches = learnable(table)
    strengths = Strengths()
    inputs = strengths.walk(matches)
    predicted = goals_model.predict_seasons(matches, inputs)
    outcomes = goals_model.outcomes_of(matches)
    families = _families(matches, predicted, outcomes)
    report = _report(matches, families, outcomes)
    chances = predicted[["home", "draw", "away"]].to_numpy(np.float64)
    newest = _newest(matches, chances, outcomes)
    return Trained(
        _features(matches, inputs, predicted),
        report,
        _model(table, matches, inputs, strengths, report),
        chances[newest],
        outcomes[newest],
    )


def _families(matches: pd.DataFrame, predicted: pd.DataFrame, outcomes: Ints) -> dict[str, Floats]:
    """1X2 of each family that has any; the frequencies of the results before each season are what is to be beaten."""
    seasons = matches["season"].to_numpy(np.int64)
    ours = predicted[["home", "draw", "away"]].to_numpy(np.float64)
    early = de_vig.shin(matches[["early_home", "early_draw", "early_away"]].to_numpy(np.float64))
    closing = de_vig.shin(matches[["closing_home", "closing_draw", "closing_away"]].to_numpy(np.float64))
    frequencies = np.full(ours.shape, np.nan)
    for season in np.unique(seasons):
        before = outcomes[(seasons < season) & (outcomes >= 0)]
        if before.size:
            frequencies[seasons == season] = np.bincount(before, minlength=3) / before.size
    return {
        goals_model.FAMILY: ours,
        "frequencies": frequencies,
        "early_prices": early,
        goals_model.MARKET_AWARE: goals_model.market_aware(seasons, outcomes, ours, early),
        "closing_prices": closing,
    }


def _report(matches: pd.DataFrame, families: Mapping[str, Floats], outcomes: Ints) -> pd.DataFrame:
    """SoccerModel rows: each season's families on the matches that all of them know."""
    seasons = matches["season"].to_numpy(np.int64)
    rows: list[dict[str, Any]] = []
    for season in np.unique(seasons):
        played = (seasons == season) & (outcomes >= 0)
        told = {name: np.isfinite(each).all(axis=1) & played for name, each in families.items()}
        if told[goals_model.FAMILY].sum() < FEWEST_COMPARED:
            continue
        present = [name for name, each in told.items() if each.sum() >= FEWEST_COMPARED]
        common = np.all([told[name] for name in present], axis=0)
        for name in present:
            chances = families[name][common]
            rps = goals_model.ranked_probability_scores(chances, outcomes[common]).mean()
            loss = goals_model.log_losses(chances, outcomes[common]).mean()
            figures = {"matches": int(common.sum()), "rps": float(rps), "log_loss": float(loss)}
            rows.append({"family": name, "season": int(season), **figures})
    return from_rows(SoccerModel, rows)


def _model(
    table: pd.DataFrame,
    matches: pd.DataFrame,
    inputs: Inputs,
    strengths: Strengths,
    report: pd.DataFrame,
) -> SoccerModelFile | str:
    try:
        model = goals_model.fit_newest(matches, inputs)
    except ValueError as error:
        return str(error)
    scores = report[report["season"] == report["season"].max()].set_index("family")["rps"]
    if goals_model.FAMILY in scores and scores[goals_model.FAMILY] >= scores["frequencies"]:
        return f"in {report['season'].max()} it said less than the frequencies of results: it is not used"
    played = matches[matches["home_goals"].notna()]
    through = played["played_on"].max().to_pydatetime()
    divisions_of: dict[tuple[str, str], str] = {}
    for side in _SIDES:
        for country, team, code in zip(played["country"], played[f"{side}_team"], played["division"], strict=True):
            divisions_of[str(country), str(team)] = str(code)
    day = pd.Timestamp(through)
    known = {key: code for key, code in divisions_of.items() if strengths.knows(*key, day)}
    read_at = table["read_at"].max().to_pydatetime()
    return SoccerModelFile(model, strengths, _divisions(table), known, _utc(through), read_at)


def _divisions(table: pd.DataFrame) -> dict[str, Division]:
    """The divisions of the kept results, by code."""
    distinct = table[["division", "country", "division_name", "tier"]].drop_duplicates("division", keep="last")
    rows = distinct.itertuples(index=False, name=None)
    return {str(code): Division(str(code), str(country), str(name), int(tier)) for code, country, name, tier in rows}


def reported(trained: Trained, stored: tuple[str, str, str] | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """SoccerModel with the kept model's own row entries, and figures about it; `stored` as `model_files.save` gives it.

    The model's entries stand in the newest row of its family, or in a row of their own before any season is reported.
    """
    rows: list[dict[str, Any]] = to_arrow(SoccerModel, trained.report).to_pylist()
    about: dict[str, Any] = {"matches": len(trained.features)}
    for row in rows[-len({row["family"] for row in rows}) :]:
        about[f"rps_{row['family']}"] = round(row["rps"], 5)
    model = trained.model
    if stored is None or isinstance(model, str):
        return trained.report, about
    own = [row for row in rows if row["family"] == goals_model.FAMILY]
    if not own:
        rows.append({"family": goals_model.FAMILY, "season": season_of(model.trained_through), "matches": 0})
        own = rows[-1:]
    own[-1] |= {
        **dict(zip(("model_id", "file", "sha256"), stored, strict=True)),
        "trained_through": model.trained_through,
        "trained_matches": model.model.matches,
        "teams": len(model.team_divisions),
    }
    about |= {"model_id": stored[0], "teams": len(model.team_divisions), "divisions": len(model.divisions)}
    return from_rows(SoccerModel, rows), about


def model_kept(_frame: pd.DataFrame, problem: str | None) -> Verdict:
    """A model could be fitted, and said more about the newest season than the frequencies of results."""
    return Verdict(problem is None, problem or "the model is kept", level="warn")


def _features(matches: pd.DataFrame, inputs: Inputs, predicted: pd.DataFrame) -> pd.DataFrame:
    """SoccerFeatures of the walk."""
    made = matches[["season", "division", "played_on", "home_team", "away_team"]].assign(
        played_on=matches["played_on"].dt.tz_localize("UTC").astype("datetime64[us, UTC]"),
        season=matches["season"].astype("Int64"),
        is_known=pd.array(inputs.is_known, "boolean"),
        level=inputs.level,
        expected_home_goals=predicted["expected_home_goals"],
        expected_away_goals=predicted["expected_away_goals"],
        p_home=predicted["home"],
        p_draw=predicted["draw"],
        p_away=predicted["away"],
        p_over=predicted["over"],
    )
    for at, quantity in enumerate(QUANTITIES):
        made[f"certainty_{quantity}"] = inputs.certainty[at].mean(axis=0)
        for side, name in enumerate(_SIDES):
            made[f"{name}_rate_{quantity}"] = inputs.log_rates[at, side]
    return conform(SoccerFeatures, made)


def _newest(matches: pd.DataFrame, chances: Floats, outcomes: Ints) -> Flags:
    """The matches of the newest season that has enough of them to draw."""
    seasons = matches["season"].to_numpy(np.int64)
    told = np.isfinite(chances).all(axis=1) & (outcomes >= 0)
    enough = [season for season in np.unique(seasons) if (told & (seasons == season)).sum() >= FEWEST_COMPARED]
    return np.asarray(told & (seasons == enough[-1]) if enough else np.zeros(len(seasons), bool))


def _utc(day: datetime) -> datetime:
    return pd.Timestamp(day).tz_localize("UTC").to_pydatetime()
