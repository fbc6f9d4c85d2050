"""Wins, losses and ties of each FBS team in each season, counted from its completed games by team id."""

import pandas as pd

from football_assets.ncaa.ratings import FBS
from football_assets.ncaa.schemas import TeamRecords
from football_assets.tables import conform

RESULTS = {"wins": "W", "losses": "L", "ties": "T"}
AGAINST_THE_SPREAD = {"wins": "W", "losses": "L", "pushes": "P"}
TEAM = ["season", "team_id"]


def team_records(team_games: pd.DataFrame) -> pd.DataFrame:
    """`team_records` out of `team_games`. A team without a completed game has zeroes and no percentage.

    Sides outside the FBS are left out: only their games against FBS sides are known, which is no record.
    """
    ours = team_games[team_games["classification"] == FBS].sort_values("kickoff_at")
    over = ours[ours["result"].notna()]
    parts = [ours.groupby(TEAM)[["team", "conference"]].last(), _count(over, "result", RESULTS, "")]
    for prefix, chosen in (
        ("conference_", over["is_conference_game"].fillna(False).astype(bool)),
        ("home_", over["place"] == "home"),
        ("away_", over["place"] == "away"),
        ("neutral_", over["place"] == "neutral"),
        ("regular_", over["season_type"] == "regular"),
        ("postseason_", over["season_type"] == "postseason"),
    ):
        parts.append(_count(over[chosen], "result", RESULTS, prefix))
    parts.append(_count(over, "spread_result", AGAINST_THE_SPREAD, "spread_"))
    parts.append(over.groupby(TEAM)[["points_for", "points_against"]].sum())
    parts.append(over.groupby(TEAM)[["kickoff_at"]].max().rename(columns={"kickoff_at": "last_kickoff_at"}))
    return conform(TeamRecords, _with_percentages(pd.concat(parts, axis=1)))


def _count(games: pd.DataFrame, column: str, letters: dict[str, str], prefix: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            f"{prefix}{name}": (games[column] == letter).groupby([games[k] for k in TEAM]).sum()
            for name, letter in letters.items()
        }
    )


def _with_percentages(records: pd.DataFrame) -> pd.DataFrame:
    counts = [name for name in records.columns if name not in ("team", "conference", "last_kickoff_at")]
    records[counts] = records[counts].fillna(0).astype("Int64")
    records["games"] = records["wins"] + records["losses"] + records["ties"]
    won = records["wins"].astype("float64") + 0.5 * records["ties"].astype("float64")
    records["win_pct"] = won / records["games"].where(records["games"] > 0).astype("float64")
    decided = (records["spread_wins"] + records["spread_losses"]).astype("float64")
    records["spread_win_pct"] = records["spread_wins"].astype("float64") / decided.where(decided > 0)
    return records.reset_index().sort_values(TEAM, ignore_index=True)
