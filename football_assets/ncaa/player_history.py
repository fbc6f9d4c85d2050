"""What is known about each player, his team and his opponent before a game: means that forget, shares, opposition.

Everything is a walk in the order of kickoffs; a row sees only rows of games that were over when its own began.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.player_games import COUNTED, SHARES, Stat, value_of

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

FEWEST_GAMES = 4
# Half lives in games of the player: his role of late, and what kind of player he is.
FAST_GAMES, SLOW_GAMES = 2.0, 8.0
ROLE_GAMES = 4.0
# A game below this share of what the player makes is one in which he hardly took part.
LOW_GAME = 0.3
TEAM_GAMES = 6.0
# Half life in weeks of the league's average, which follows the game's changes and those of the scorers.
LEVEL_WEEKS = 5.0
# An opponent that let nobody beyond the average through counts so many average games.
OPPONENT_PRIOR_GAMES = 2.0
LONGEST_ABSENCE_DAYS = 300.0
WEEK = pd.Timedelta(days=7)
# Weeks begin on a Tuesday noon UTC, when no game is on.
FIRST_WEEK = pd.Timestamp("2000-01-04 12:00", tz="UTC")


@dataclass
class History:
    """Logs in the order of kickoffs with what all stats share; `inputs` holds one row a row of `logs`."""

    logs: pd.DataFrame
    shared: pd.DataFrame
    players: "Walk"
    teams: pd.DataFrame
    offenses: "Walk"
    defenses: "Walk"


class Walk:
    """The rows of each key one after another, as blocks: all first rows, all second rows and so on."""

    def __init__(self, keys: Places) -> None:
        self.keys = keys
        self.count = int(keys.max()) + 1 if len(keys) else 0
        self.number = pd.Series(keys).groupby(keys).cumcount().to_numpy(np.intp)
        order = np.argsort(self.number, kind="stable")
        self.blocks = np.split(order, np.flatnonzero(np.diff(self.number[order])) + 1) if len(keys) else []

    def sums(self, values: Floats, half_life: float) -> tuple[Floats, Floats]:
        """Of the rows before each row of its key: the fading sum, and the sum of the weights. NaN counts nothing.

        `values` is (rows, columns), and so are both results. `half_life` is in rows; infinite means no fading.
        """
        keep = 0.5 ** (1.0 / half_life)
        known = ~np.isnan(values)
        made = np.where(known, values, 0.0)
        total, weight = (np.zeros((self.count, values.shape[1])) for _ in range(2))
        totals, weights = (np.zeros(values.shape) for _ in range(2))
        for block in self.blocks:
            keys = self.keys[block]
            totals[block], weights[block] = total[keys], weight[keys]
            total[keys] = keep * total[keys] + made[block]
            weight[keys] = keep * weight[keys] + known[block]
        return totals, weights

    def means(self, values: Floats, half_life: float) -> Floats:
        """Fading mean of the rows before each row of its key; NaN before the first."""
        totals, weights = self.sums(values, half_life)
        found: Floats = np.divide(totals, weights, out=np.full(values.shape, np.nan), where=weights > 0)
        return found

    def last(self, values: Floats) -> Floats:
        """The value one row before; NaN in the first row."""
        found = np.full(values.shape, np.nan)
        for before, block in zip(self.blocks[:-1], self.blocks[1:], strict=True):
            latest = np.zeros(self.count, dtype=np.intp)
            latest[self.keys[before]] = before
            found[block] = values[latest[self.keys[block]]]
        return found


def history(logs: pd.DataFrame, *, open_only: bool = False) -> History:
    """What all stats share, out of `player_games` (and the rows of games still open).

    `open_only`: leave out the players who are in no open game; teams and the league count whole.
    """
    logs = logs.sort_values(["kickoff_at", "game_id", "team_id", "player_id"], ignore_index=True)
    names = list(COUNTED)
    made = logs.groupby(["game_id", "team_id"], sort=False)[names].sum(min_count=1)
    about = logs.drop_duplicates(["game_id", "team_id"])
    about = about[["game_id", "team_id", "opponent_id", "kickoff_at", "over_at"]]
    teams = about.merge(made.reset_index(), on=["game_id", "team_id"]).reset_index(drop=True)
    if open_only:
        asked = logs.loc[logs["is_open"].astype(bool), "player_id"]
        logs = logs[logs["player_id"].isin(asked)].reset_index(drop=True)
    players = Walk(_codes(logs["player_id"]))
    return History(
        logs,
        _shared(logs, players),
        players,
        teams,
        Walk(_codes(teams["team_id"])),
        Walk(_codes(teams["opponent_id"])),
    )


def inputs(known: History, stat: Stat) -> pd.DataFrame:
    """What a projection of one stat is made of: one row a row of `known.logs`.

    Beside the inputs of the model: `value` (what happened, NaN while open), `level` (the league's average a team and
    game), `games` (earlier games of the player in which the stat is known) and `role` (his recent volume a game).
    """
    team_total = np.array(value_of(known.teams, stat), dtype=np.float64)
    level = _level(known.teams, team_total)
    at = pd.MultiIndex.from_frame(known.teams[["game_id", "team_id"]])
    row = at.get_indexer(pd.MultiIndex.from_frame(known.logs[["game_id", "team_id"]]))
    own_level = level[row]
    value = value_of(known.logs, stat).to_numpy(np.float64)
    volume = known.logs[list(stat.volumes)].sum(axis=1, skipna=False).to_numpy(np.float64)
    ratio = value / own_level
    both = np.column_stack([ratio, volume, ratio**2])
    fast, slow = known.players.means(both, FAST_GAMES), known.players.means(both, SLOW_GAMES)
    career, games = known.players.sums(np.column_stack([ratio, value]), np.inf)
    last = known.players.last(both)
    low = np.where(np.isnan(ratio) | np.isnan(slow[:, 0]), np.nan, ratio < LOW_GAME * slow[:, 0])
    offense, defense = _opposition(known, team_total / level)
    return pd.DataFrame(
        {
            "value": value,
            "level": own_level,
            "games": games[:, 1],
            "role": known.players.means(volume[:, None], ROLE_GAMES)[:, 0],
            "fast_mean": fast[:, 0],
            "slow_mean": slow[:, 0],
            "career_mean": career[:, 0] / np.maximum(games[:, 0], 1.0),
            "career_median": _medians(known.logs["player_id"], ratio),
            "slow_sd": np.sqrt(np.maximum(slow[:, 2] - slow[:, 0] ** 2, 0.0)),
            "low_games": known.players.means(low[:, None], SLOW_GAMES)[:, 0],
            "last_value": last[:, 0],
            "fast_volume": fast[:, 1],
            "slow_volume": slow[:, 1],
            "last_volume": last[:, 1],
            "offense": offense[row],
            "opponent": defense[row],
            **{name: known.shared[name].to_numpy() for name in known.shared},
        }
    )


INPUTS = (
    "games",
    "fast_mean",
    "slow_mean",
    "career_mean",
    "career_median",
    "slow_sd",
    "low_games",
    "last_value",
    "fast_volume",
    "slow_volume",
    "last_volume",
    "offense",
    "opponent",
    "pass_share",
    "carry_share",
    "reception_share",
    "days_off",
    "week",
    "place",
    "is_fbs_opponent",
    "elo_gap",
)


def _shared(logs: pd.DataFrame, players: Walk) -> pd.DataFrame:
    shares = players.means(logs[list(SHARES)].to_numpy(np.float64), FAST_GAMES)
    kickoff = logs["kickoff_at"].to_numpy("datetime64[us]").astype(np.int64) / 8.64e10
    off = kickoff - players.last(kickoff[:, None])[:, 0]
    return pd.DataFrame(
        {
            **{name: shares[:, place] for place, name in enumerate(SHARES)},
            "days_off": np.minimum(off, LONGEST_ABSENCE_DAYS),
            **{name: logs[name].to_numpy(np.float64) for name in ("week", "place", "is_fbs_opponent", "elo_gap")},
        }
    )


def _level(teams: pd.DataFrame, total: Floats) -> Floats:
    """The league's fading average a team and game over the weeks that ended before each kickoff; NaN in the first."""
    over = ((teams["over_at"] - FIRST_WEEK) // WEEK).to_numpy(np.int64)
    begins = ((teams["kickoff_at"] - FIRST_WEEK) // WEEK).to_numpy(np.int64)
    weeks = np.unique(over)
    place = np.searchsorted(weeks, over)
    known = ~np.isnan(total)
    made = np.bincount(place[known], total[known], len(weeks))
    games = np.bincount(place[known], minlength=len(weeks)).astype(np.float64)
    keep = 0.5 ** (1.0 / LEVEL_WEEKS)
    level = np.full(len(weeks) + 1, np.nan)
    fading_made = fading_games = 0.0
    for number in range(len(weeks)):
        fading_made, fading_games = keep * fading_made + made[number], keep * fading_games + games[number]
        level[number + 1] = fading_made / fading_games if fading_made > 0 else np.nan
    return level[np.searchsorted(weeks, begins)]


def _opposition(known: History, ratio: Floats) -> tuple[Floats, Floats]:
    """For each team and game: what the team makes, and how much of that its opponent lets through; 1 is average."""
    totals, weights = known.offenses.sums(ratio[:, None], TEAM_GAMES)
    offense = ((totals + OPPONENT_PRIOR_GAMES) / (weights + OPPONENT_PRIOR_GAMES))[:, 0]
    both = np.column_stack([ratio, np.where(np.isnan(ratio), np.nan, offense)])
    sums, _ = known.defenses.sums(both, TEAM_GAMES)
    return offense, (sums[:, 0] + OPPONENT_PRIOR_GAMES) / (sums[:, 1] + OPPONENT_PRIOR_GAMES)


def _medians(players: "pd.Series[str]", values: Floats) -> Floats:
    """Median of the rows before each row of its player; NaN before the first."""
    earlier = pd.Series(values, index=players.index).groupby(players)
    medians = earlier.expanding().median().droplevel(0).sort_index()
    return np.array(medians.groupby(players).shift(), dtype=np.float64)


def _codes(keys: "pd.Series[int] | pd.Series[str]") -> Places:
    return np.asarray(pd.factorize(keys)[0], dtype=np.intp)
