"""The models in service: what they predict while a new model does not pass the gate."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from football_assets.ncaa.game_model import FAMILY, INPUTS, TARGETS, Walk

OLD_MODEL = "the model in service cannot predict it, and the new one did not pass the gate"
NO_MODEL_PASSED = "no model has passed the gate yet"
Load = Callable[[str, str], Any]


@dataclass(frozen=True)
class Serving:
    """What is in service: its rows of `models`, the `game_predictions`, and how a kept file is loaded."""

    models: pd.DataFrame
    predictions: pd.DataFrame
    load: Load

    def walk(self, new: Walk, features: pd.DataFrame) -> Walk:
        """The predictions of `new` as the models in service give them.

        A game that was predicted and is over by now keeps what was said. Another between FBS sides is predicted by
        the kept models; without them, or for other games, there is no prediction. Raises StorageError when a kept
        file does not verify.
        """
        columns = list(new.predictions.columns)
        told = self.predictions[self.predictions["family"] == FAMILY]
        said = told[told["is_completed"].astype(bool)][columns]
        rest = new.predictions[~new.predictions["game_id"].isin(said["game_id"])]
        asked = features[features["game_id"].isin(rest["game_id"]) & features["is_home_fbs"] & features["is_away_fbs"]]
        fresh = self._predict(asked.reset_index(drop=True))
        found = pd.concat([said, *([] if fresh is None else [fresh[columns]])], ignore_index=True)
        missing = set(new.predictions["game_id"]) - set(found["game_id"])
        return Walk(found, [], {**new.gaps, **dict.fromkeys(missing, OLD_MODEL)})

    def _predict(self, asked: pd.DataFrame) -> pd.DataFrame | None:
        kept = {str(row["target"]): row for row in self.models[self.models["family"] == FAMILY].to_dict("records")}
        if set(kept) != set(TARGETS) or asked.empty:
            return None
        found = asked[["game_id"]].copy()
        for target in TARGETS:
            row, inputs = kept[target], INPUTS[target](asked)
            names = json.loads(str(row["features"]))
            if not set(names) <= set(inputs.columns):
                return None
            pipeline = self.load(str(row["file"]), str(row["sha256"]))
            found[f"{target}_mean"] = pipeline.predict(inputs[names].to_numpy(np.float64))
            found[f"{target}_sd"] = float(row["residual_sd"])
        through = pd.Timestamp(kept["margin"]["trained_through"])
        found = found.assign(n_games=int(kept["margin"]["n_games"]), trained_through=through)
        # A game that kicked off before the kept models had learned is not theirs to predict.
        return found[(asked["kickoff_at"] > through).to_numpy(bool)]


def nothing(new: Walk) -> Walk:
    """No prediction at all: no model has passed the gate yet."""
    refused = dict.fromkeys(new.predictions["game_id"].tolist(), NO_MODEL_PASSED)
    return Walk(new.predictions.head(0), [], {**new.gaps, **refused})


def goes_on(serving: Serving | None, new: Walk, features: pd.DataFrame) -> Walk:
    """What is predicted while `new` is refused: by the models in service, and nothing before the first of them."""
    return nothing(new) if serving is None else serving.walk(new, features)
