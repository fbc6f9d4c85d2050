"""The register of models: every candidate, what it learned from, how it did, and what the gate made of it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from football_assets.errors import FootballError
from football_assets.ncaa.game_model import FAMILY, Fitted, Target, names_json
from football_assets.ncaa.gate import Decision
from football_assets.ncaa.ledger_schemas import Models
from football_assets.ncaa.predictions import metrics
from football_assets.tables import Verdict, conform, from_rows

IN_SERVICE, RETIRED, REFUSED = "in_service", "retired", "refused"


@dataclass(frozen=True)
class Trial:
    """The candidates of one run, and how the gate decided.

    `predictions`: what they predicted by walking forward. `files`: target -> (file, sha256); empty when refused.
    """

    fitted: list[Fitted]
    predictions: pd.DataFrame
    trained_from: pd.Timestamp | None
    decision: Decision
    decided_at: datetime
    code_version: str
    files: Mapping[Target, tuple[str, str]]


def registered(before: pd.DataFrame, trial: Trial, is_kept: Callable[[str], bool]) -> pd.DataFrame:
    """The register with the candidates of a trial, oldest first.

    Those that passed are in service from now on and the ones before are retired; refused ones change nothing else.
    `is_kept` tells whether a file still exists: the register names no other.
    """
    rows = from_rows(Models, [_row(each, trial) for each in trial.fitted])
    kept = before[~before["model_id"].isin(rows["model_id"])]
    if trial.decision.publish and len(rows):
        kept = kept.assign(status=kept["status"].mask(kept["status"] == IN_SERVICE, RETIRED))
    found = pd.concat([kept, rows], ignore_index=True)
    gone = found["file"].notna() & ~found["file"].map(lambda file: isinstance(file, str) and is_kept(file)).astype(bool)
    return conform(Models, found.assign(**{name: found[name].mask(gone, None) for name in ("file", "sha256")}))


def in_service(register: pd.DataFrame) -> pd.DataFrame:
    """The models that predict: one a target; empty before the first has passed."""
    return register[register["status"] == IN_SERVICE].reset_index(drop=True)


def trained_from(games: pd.DataFrame, features: pd.DataFrame) -> pd.Timestamp | None:
    """Kickoff of the first game that models of games between FBS sides learn from; None without one."""
    over = games.loc[games["is_completed"].astype(bool) & games["home_points"].notna(), "game_id"]
    both = features["is_home_fbs"].astype(bool) & features["is_away_fbs"].astype(bool)
    learned = features.loc[both & features["game_id"].isin(over), "kickoff_at"]
    return learned.min() if len(learned) else None


def loads(register: pd.DataFrame, load: Callable[[str, str], Any]) -> Verdict:
    """Every model in service is on disk, has the digest of the register, holds known types only, and predicts."""
    wrong = []
    for row in in_service(register).to_dict("records"):
        try:
            pipeline = load(str(row["file"]), str(row["sha256"]))
            told = pipeline.predict(np.full((1, pipeline.n_features_in_), np.nan))
            problem = None if np.isfinite(told).all() else "it predicts nothing"
        except FootballError as error:
            problem = str(error)
        if problem is not None:
            wrong.append({"model_id": str(row["model_id"]), "problem": problem})
    says = f"{wrong[0]['model_id']}: {wrong[0]['problem']}" if wrong else f"{len(in_service(register))} models verified"
    return Verdict(not wrong, says, figures={"failing": len(wrong)}, rows=tuple(wrong))


def _row(fitted: Fitted, trial: Trial) -> dict[str, Any]:
    file, digest = trial.files.get(fitted.target, (None, None))
    made_of = f"{trial.code_version} {fitted.n_games} {fitted.residual_sd!r}"
    short = hashlib.sha256(made_of.encode()).hexdigest()[:8]
    return {
        "model_id": f"{FAMILY}-{fitted.target}-{fitted.trained_through:%Y%m%dT%H%MZ}-{short}",
        "family": FAMILY,
        "target": fitted.target,
        "status": IN_SERVICE if trial.decision.publish else REFUSED,
        "decision": trial.decision.why,
        "decided_at": trial.decided_at,
        "code_version": trial.code_version,
        "trained_from": trial.trained_from,
        "trained_through": fitted.trained_through,
        "n_games": fitted.n_games,
        "features": names_json(fitted.inputs),
        "residual_sd": fitted.residual_sd,
        "file": file,
        "sha256": digest,
        **metrics(trial.predictions, fitted.target),
    }
