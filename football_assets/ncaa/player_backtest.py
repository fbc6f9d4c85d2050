"""How the player projections did on seasons they had not learned from, beside each player's own mean and spread."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.player_distributions import Distribution, against
from football_assets.ncaa.player_games import STATS, value_of
from football_assets.ncaa.player_model import Projected, project

Floats = npt.NDArray[np.float64]

QUANTILES: dict[str, float] = {"p10": 0.1, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p90": 0.9}
DECILES = 10
FEWEST_JUDGED = 2000
OFF_BY = 0.05
BETTER_BY = 0.05
# A player who always made the same has a spread of 0, which no distribution can have.
SMALLEST_SD = 0.25
PUBLISHED = (
    *("game_id", "player_id", "stat_type", "season", "player", "team", "line", "p_over", "p_under", "p_push"),
    *("mean", "sd", *QUANTILES, "actual", "n_games", "crps", "own_mean", "own_sd", "own_crps", "normal_crps"),
)


def backtest(logs: pd.DataFrame, seasons: Iterable[int], stat_types: Iterable[str] = tuple(STATS)) -> pd.DataFrame:
    """One row per game, player and stat of the seasons: the projection, a line, and what happened.

    The line is the median of the player's earlier games, moved up to the half point where it is a whole number, so
    that no bet is void. Columns: game_id, player_id, stat_type, season, player, team, line, p_over, p_under, p_push,
    mean, sd, p10 .. p90, actual, n_games, crps; `own_mean`, `own_sd` and `own_crps` are the mean and spread of the
    player's earlier games and the score of a normal distribution with these; `normal_crps` is the score of one with
    the mean and spread of the projection.
    """
    found = []
    seasons = tuple(seasons)
    for stat_type in stat_types:
        walked = list(project(logs, seasons, (stat_type,)))
        if walked:
            own = own_games(walked[0].whole, stat_type)
            found += [_judged(each, each.found, own) for each in walked if each.found is not None]
    if not found:
        return pd.DataFrame(columns=["game_id", "player_id", "stat_type", "season"])
    return pd.concat(found, ignore_index=True)


def scores(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a stat: player-games, how far the worst tenth of P(over) is off, and the gain in CRPS over `own_crps`."""
    found = []
    for stat_type, part in rows.groupby("stat_type", sort=False):
        off = calibration(part)
        found.append(
            {
                "stat_type": stat_type,
                "player_games": len(part),
                "worst_decile": float((off["observed"] - off["expected"]).abs().max()),
                "by_chance": float(np.sqrt(off["expected"] * (1 - off["expected"]) / off["rows"]).max()),
                "bias": float((part["mean"] - part["actual"]).mean()),
                "crps": float(part["crps"].mean()),
                "own_crps": float(part["own_crps"].mean()),
                "gain": float(1 - part["crps"].mean() / part["own_crps"].mean()),
                "normal_gain": float(1 - part["normal_crps"].mean() / part["own_crps"].mean()),
                "in_80": float(part["actual"].between(part["p10"], part["p90"]).mean()),
            }
        )
    return pd.DataFrame(found)


def calibration(rows: pd.DataFrame) -> pd.DataFrame:
    """Tenths of the rows by P(over), ascending: rows, expected (its mean) and observed (share that went over)."""
    tenth = np.minimum(rows["p_over"].rank(method="first").to_numpy() * DECILES // (len(rows) + 1), DECILES - 1)
    over = (rows["actual"] > rows["line"]).astype("float64")
    table = pd.DataFrame({"tenth": tenth.astype(int), "expected": rows["p_over"], "observed": over})
    groups = table.groupby("tenth")
    return groups[["expected", "observed"]].mean().assign(rows=groups.size())


def report(rows: pd.DataFrame, seasons: str, source: str) -> str:
    """The scores as a page of Markdown. `seasons` and `source` say what was projected and in which world."""
    table = scores(rows)
    names = "stat, player-games, worst tenth off, one sd of chance, CRPS, own CRPS, gain, normal gain, in p10-p90"
    lines = ["| " + names.replace(", ", " | ") + " |", "|" + " --- |" * 9]
    lines += [
        f"| {row['stat_type']} | {row['player_games']} | {row['worst_decile']:.3f} | {row['by_chance']:.3f} "
        f"| {row['crps']:.3f} | {row['own_crps']:.3f} | {row['gain']:.1%} | {row['normal_gain']:.1%} "
        f"| {row['in_80']:.1%} |"
        for row in table.to_dict("records")
    ]
    judged = table[table["player_games"] >= FEWEST_JUDGED]
    off = judged.loc[judged["worst_decile"] > OFF_BY, "stat_type"].tolist()
    poor = judged.loc[judged["gain"] < BETTER_BY, "stat_type"].tolist()
    says = [
        f"{len(judged)} stats have at least {FEWEST_JUDGED} player-games.",
        f"A tenth of P(over) is off by more than {OFF_BY}: {', '.join(off) or 'none'}.",
        f"CRPS gains less than {100 * BETTER_BY:.0f} % on the own mean and spread: {', '.join(poor) or 'none'}.",
    ]
    return "\n".join([f"# Player projections of {seasons} ({source})", "", *says, "", *lines, "", *NOTES, ""])


NOTES = (
    "- Every season is projected by models fitted on those before it; a projection sees no game at or after its own.",
    "- Line: median of the player's earlier games, moved up to the half point when whole. Nothing is void.",
    "- Worst tenth off: rows by P(over) in tenths; the largest distance of their mean and the share that went over.",
    "- One sd of chance: what the share of a perfectly calibrated tenth of that size is off by, typically.",
    "- CRPS: of the whole distribution. Own CRPS: of a normal distribution with mean and spread of the player's "
    "earlier games. Normal gain: the same when only mean and sd of the projection are used, as a normal distribution.",
    "- A player is judged only in games whose box score lists him; under 4 earlier games there is no projection.",
)


def normal_crps(mean: Floats, sd: Floats, actual: Floats) -> Floats:
    """The continuous ranked probability score of normal distributions."""
    from scipy.special import ndtr  # type: ignore[import-untyped]

    z = (actual - mean) / sd
    density = np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)
    found: Floats = sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi))
    return found


def half_point(values: Floats, step: float) -> Floats:
    """The line at each value: itself between two steps, else half a step above, where no bet is void."""
    found: Floats = step * (np.floor(values / step + 1e-9) + 0.5)
    return found


def own_games(logs: pd.DataFrame, stat_type: str) -> pd.DataFrame:
    """Median, mean and standard deviation of each player's earlier games, by the index of `logs`."""
    value = value_of(logs, STATS[stat_type])
    earlier = value.groupby(logs["player_id"]).expanding()
    found = pd.DataFrame({"median": earlier.median(), "mean": earlier.mean(), "sd": earlier.std()})
    found = found.reset_index(level=0)
    shifted = found.groupby("player_id")[["median", "mean", "sd"]].shift()
    return shifted.reindex(logs.index)


def _judged(projected: Projected, found: Distribution, own: pd.DataFrame) -> pd.DataFrame:
    step = STATS[projected.stat_type].step
    own = own.loc[projected.logs.index]
    actual = projected.known["value"].to_numpy(np.float64)
    median = own["median"].to_numpy(np.float64)
    line = half_point(median, step)
    over, under, push = against(found, line)
    mean, sd = found.mean(), found.sd()
    own_mean = own["mean"].to_numpy(np.float64)
    own_sd = np.maximum(own["sd"].to_numpy(np.float64), SMALLEST_SD)
    about = projected.logs[["game_id", "player_id", "season", "player", "team"]]
    rows = about.assign(
        stat_type=projected.stat_type,
        line=line,
        p_over=over,
        p_under=under,
        p_push=push,
        mean=mean,
        sd=sd,
        **{name: found.quantile(level) for name, level in QUANTILES.items()},
        actual=actual,
        n_games=projected.known["games"].to_numpy().astype("int64"),
        crps=found.crps(actual),
        own_mean=own_mean,
        own_sd=own_sd,
        own_crps=normal_crps(own_mean, own_sd, actual),
        normal_crps=normal_crps(mean, np.maximum(sd, 1e-6), actual),
    )
    return rows[rows["actual"].notna()]
