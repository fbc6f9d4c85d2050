"""Whether a model may be published: how its walk-forward predictions did, beside Elo and the model in service."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from football_assets.ncaa.features import over_at
from football_assets.ncaa.game_model import FAMILY, Misses, p_home
from football_assets.ncaa.ratings import MarginElo
from football_assets.tables import Verdict

DECILES = 10
# Half-width of the interval that holds 80 % of a normal distribution, in standard deviations.
EIGHTY = 1.2815515655446004
# The same model that only saw a few more games: its margins differ by less, and so do its scores.
SAME_MARGIN = 0.25
SAME_MAE, SAME_BRIER = 0.005, 0.0002
FEWEST_JUDGED = 300


@dataclass(frozen=True)
class Score:
    """How predictions did on games that are over.

    `calibration_gap`: largest distance between predicted and observed share of home wins in a tenth of the games.
    """

    games: int
    mae: float
    brier: float
    log_loss: float
    calibration_gap: float
    margin_coverage: float
    total_mae: float
    total_coverage: float


@dataclass(frozen=True)
class Decision:
    """Whether to publish, and why."""

    publish: bool
    why: str


def score(rows: pd.DataFrame) -> Score:
    """The figures of predictions with `margin` and `total` beside; rows without an outcome do not count."""
    judged = rows[rows["margin"].notna()]
    margin, total = judged["margin"].astype("float64"), judged["total"].astype("float64")
    won, chance = (margin > 0).astype("float64"), judged["p_home"].astype("float64")
    table = calibration(judged)
    gap = (table["predicted"] - table["observed"]).abs().max()
    return Score(
        games=len(judged),
        mae=float((margin - judged["margin_mean"]).abs().mean()),
        brier=float(((chance - won) ** 2).mean()),
        log_loss=float(-np.log(chance.where(won == 1.0, 1.0 - chance)).mean()),
        calibration_gap=float(gap),
        margin_coverage=float(((margin - judged["margin_mean"]).abs() <= EIGHTY * judged["margin_sd"]).mean()),
        total_mae=float((total - judged["total_mean"]).abs().mean()),
        total_coverage=float(((total - judged["total_mean"]).abs() <= EIGHTY * judged["total_sd"]).mean()),
    )


def calibration(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a tenth of the games by predicted chance: games, predicted and observed share of home wins."""
    order = rows.assign(won=(rows["margin"] > 0).astype("float64")).sort_values("p_home", kind="stable")
    tenth = np.arange(len(order)) * DECILES // max(len(order), 1)
    groups = order.groupby(tenth)
    return pd.DataFrame(
        {"games": groups.size(), "predicted": groups["p_home"].mean(), "observed": groups["won"].mean()}
    )


@dataclass(frozen=True)
class Elo:
    """An Elo rating as the features hold it: the columns, Elo points to one on the scoreboard, and the home field."""

    home: str
    away: str
    per_point: float
    edge: float


OWN_ELO = Elo("home_elo", "away_elo", MarginElo.per_point, MarginElo.home)
# The provider's rating is on the usual scale, with a home field of 55.
PROVIDER_ELO = Elo("home_provider_elo", "away_provider_elo", 25.0, 55.0)


def elo_predictions(rows: pd.DataFrame, features: pd.DataFrame, elo: Elo = OWN_ELO) -> pd.DataFrame:
    """`rows` with the margins and chances that Elo gives, spread as its earlier misses were.

    The total and its spread stay as they are. Games whose spread cannot be measured yet are left out.
    """
    known = features[["game_id", elo.home, elo.away]]
    found = rows.merge(known, on="game_id").dropna(subset=[elo.home, elo.away])
    found = found.sort_values(["kickoff_at", "game_id"], ignore_index=True)
    where = 1.0 - found["is_neutral_site"].astype("float64")
    difference = found[elo.home].astype("float64") - found[elo.away].astype("float64")
    found["margin_mean"] = (difference + elo.edge * where) / elo.per_point
    misses, spreads = Misses(), np.full(len(found), np.nan)
    outcomes = (found["margin"].astype("float64") - found["margin_mean"]).to_numpy(np.float64)
    known_at, kickoffs = over_at(found).to_numpy(), found["kickoff_at"].to_numpy()
    order, next_known = np.argsort(known_at, kind="stable"), 0
    for row in range(len(found)):
        while next_known < len(order) and known_at[order[next_known]] <= kickoffs[row]:
            miss = outcomes[order[next_known]]
            if not np.isnan(miss):
                misses.add(np.array([miss]), np.array([True]))
            next_known += 1
        spreads[row] = misses.spread(True) or np.nan
    found["margin_sd"] = spreads
    found = found[found["margin_sd"].notna()]
    return found.assign(p_home=p_home(found["margin_mean"].to_numpy(), found["margin_sd"].to_numpy()))


def decide(candidate: Score, elo: Score, serving: Score | None = None, *, is_same: bool = False) -> Decision:
    """Publish only what beats Elo and the model in service, both in margin and in win probability.

    All three are figures of the same games. `is_same`: the candidate is the model in service that learned on; it may
    be as good.
    """
    slack = (SAME_MAE, SAME_BRIER) if is_same else (0.0, 0.0)
    for name, other, room in (("Elo", elo, (0.0, 0.0)), ("the model in service", serving, slack)):
        if other is None:
            continue
        pairs = (("mean miss", candidate.mae, other.mae), ("Brier score", candidate.brier, other.brier))
        for (what, ours, theirs), more in zip(pairs, room, strict=True):
            if not ours < theirs + more:
                says = f"{what} {ours:.4f} does not beat {name} ({theirs:.4f}) on {candidate.games} games"
                return Decision(False, says)
    beside = "" if serving is None else f"; the model in service {serving.mae:.3f} and {serving.brier:.4f}"
    return Decision(
        True,
        f"mean miss {candidate.mae:.3f} and Brier score {candidate.brier:.4f} on {candidate.games} games; "
        f"Elo {elo.mae:.3f} and {elo.brier:.4f}{beside}",
    )


def judged_by(found: pd.DataFrame, features: pd.DataFrame, serving: pd.DataFrame | None) -> Decision:
    """Whether new predictions may replace those in service, on the games between FBS sides that both have.

    `found` and `serving` are `game_predictions`; `serving` is None or empty before the first publication. With too
    few games to judge, the first models are published and models in service stay.
    """
    ours = _finished(found)
    elo = elo_predictions(ours, features)
    shared = set(elo["game_id"])
    theirs = None if serving is None or serving.empty else _with_outcome(_finished(serving, judged=False), ours)
    if theirs is not None:
        shared &= set(theirs["game_id"])
    if len(shared) < FEWEST_JUDGED:
        says = f"only {len(shared)} games to judge by, fewer than {FEWEST_JUDGED}"
        return Decision(theirs is None, says)
    one, other, kept = (
        None if rows is None else score(rows[rows["game_id"].isin(shared)]) for rows in (ours, elo, theirs)
    )
    assert one is not None
    assert other is not None
    return decide(one, other, kept, is_same=theirs is not None and _is_same(ours, theirs))


def _finished(predictions: pd.DataFrame, judged: bool = True) -> pd.DataFrame:
    rows = predictions[(predictions["family"] == FAMILY) & predictions["is_fbs_game"].astype(bool)]
    return rows[rows["margin"].notna()] if judged else rows


def _with_outcome(rows: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """The predictions in service of games that are over by now."""
    outcome = ours[["game_id", "margin", "total"]]
    return rows.drop(columns=["margin", "total"]).merge(outcome, on="game_id")


def _is_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> bool:
    """Whether both say nearly the same of the games that both have: one model, a few games apart."""
    pairs = ours[["game_id", "margin_mean"]].merge(theirs[["game_id", "margin_mean"]], on="game_id")
    return bool((pairs["margin_mean_x"] - pairs["margin_mean_y"]).abs().mean() < SAME_MARGIN)


def gate_passed(models: pd.DataFrame, decision: Decision) -> Verdict:
    """Warns when the new model does not beat Elo and the one in service, and says by how much."""
    says = decision.why if decision.publish else f"the new model is not published: {decision.why}"
    return Verdict(decision.publish, says, "warn", {"models": len(models)})
