"""The fitted goals model on disk: numbers and names as JSON, read only when its checksum is the one that is known.

One small file holds all that live predictions need: both regressions, and the beliefs about every team that was seen
lately. It is read in a few milliseconds, without scikit-learn.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from football_assets.errors import StorageError
from football_assets.soccer.football_data import Division
from football_assets.soccer.goals_model import FAMILY, GoalsModel, Scaling
from football_assets.soccer.match_features import Strengths
from football_assets.whole_files import read_checked, write_among

FOLDER = "models"
PREFIX = f"soccer-{FAMILY}"
FORM = 1
KEPT_FILES = 5
TO_DO = "Run the job soccer_model_daily; it writes a new one."


@dataclass(frozen=True)
class SoccerModelFile:
    """What live predictions are made from.

    `team_divisions`: (country, team) -> code of the division it played in last. `trained_through`: start of the last
    day whose results were learned from, UTC. `read_at`: when the newest of them were read.
    """

    model: GoalsModel
    strengths: Strengths
    divisions: Mapping[str, Division]
    team_divisions: Mapping[tuple[str, str], str]
    trained_through: datetime
    read_at: datetime
    model_id: str = ""

    def divisions_of(self, country: str) -> Sequence[Division]:
        """The divisions of a country."""
        return [each for each in self.divisions.values() if each.country == country]


def save(made: SoccerModelFile, world: Path) -> tuple[str, str, str]:
    """Write a model below `world` (`<home>/<source>`); gives its id, its path from there and its sha256.

    The newest few files are kept. Raises StorageError when it cannot be written.
    """
    content = json.dumps(_packed(made), separators=(",", ":")).encode()
    digest = hashlib.sha256(content).hexdigest()
    model_id = f"{FAMILY}-{made.trained_through:%Y%m%d}-{digest[:8]}"
    path = world / FOLDER / f"soccer-{model_id}.json"
    try:
        write_among(path, content, f"{PREFIX}-*.json", KEPT_FILES)
    except OSError as error:
        raise StorageError(f"writing {path}", str(error), "Free or mend the disk; older models are kept.") from error
    return model_id, str(path.relative_to(world)), digest


def load(model_id: str, file: str, sha256: str, world: Path) -> SoccerModelFile:
    """The model kept in `file` below `world`.

    Raises StorageError when it cannot be read, its checksum is not `sha256`, or it is not of this form.
    """
    path = world / file
    doing = f"reading the model {path.name}"
    content = read_checked(path, sha256, doing, TO_DO)
    try:
        return _unpacked(json.loads(content), model_id)
    except (ValueError, KeyError, TypeError) as error:
        raise StorageError(doing, f"it is not of the form of this version ({error})", TO_DO) from error


def _packed(made: SoccerModelFile) -> dict[str, Any]:
    model = made.model
    return {
        "form": FORM,
        "family": FAMILY,
        "trained_through": made.trained_through.isoformat(),
        "read_at": made.read_at.isoformat(),
        "mean": model.scaling.mean.tolist(),
        "deviation": model.scaling.deviation.tolist(),
        "weights": model.weights.tolist(),
        "tie": model.tie,
        "matches": model.matches,
        "divisions": [vars(each) for each in made.divisions.values()],
        "team_divisions": [[*key, code] for key, code in made.team_divisions.items()],
        "strengths": made.strengths.state(),
    }


def _unpacked(found: Mapping[str, Any], model_id: str) -> SoccerModelFile:
    if found["form"] != FORM or found["family"] != FAMILY:
        raise ValueError(f"form {found['form']} of {found['family']}, expected form {FORM} of {FAMILY}")
    scaling = Scaling(np.array(found["mean"], np.float64), np.array(found["deviation"], np.float64))
    weights = np.array(found["weights"], np.float64)
    if weights.shape != (scaling.mean.size, 2) or not np.isfinite(weights).all():
        raise ValueError(f"weights of the shape {weights.shape}")
    through = datetime.fromisoformat(found["trained_through"]).astimezone(UTC)
    model = GoalsModel(scaling, weights, float(found["tie"]), int(found["matches"]), pd.Timestamp(through.date()))
    divisions = [Division(**each) for each in found["divisions"]]
    return SoccerModelFile(
        model,
        Strengths.restored(found["strengths"]),
        {each.code: each for each in divisions},
        {(country, team): code for country, team, code in found["team_divisions"]},
        through,
        datetime.fromisoformat(found["read_at"]).astimezone(UTC),
        model_id,
    )
