"""Which team a school's name means: lists that come without ids, joined by exact name within one season."""

import pandas as pd

from football_assets.tables import SHOWN_ROWS, Verdict


def team_ids(games: pd.DataFrame, teams: pd.DataFrame, season: int) -> dict[str, int]:
    """Team id by school among a season's games and FBS teams; a name that stands for two teams is in none."""
    games, teams = games[games["season"] == season], teams[teams["season"] == season]
    sides = [games[[f"{side}_team", f"{side}_team_id"]].set_axis(["team", "team_id"], axis=1) for side in _SIDES]
    pairs = pd.concat([*sides, teams[["team", "team_id"]]]).drop_duplicates()
    known = pairs[~pairs["team"].duplicated(keep=False)]
    return {str(team): int(team_id) for team, team_id in zip(known["team"], known["team_id"], strict=True)}


_SIDES = ("home", "away")


def identified(frame: pd.DataFrame, ids: dict[str, int]) -> pd.DataFrame:
    """The frame with `team_id` by `team`, null where the name is unknown."""
    return frame.assign(team_id=frame["team"].map(ids).astype("Int64"))


def teams_identified(frame: pd.DataFrame, fbs: dict[int, dict[int, str]]) -> Verdict:
    """Warns when an FBS team has no row while names are unknown: one is probably spelt in another way.

    `fbs` holds the FBS schools by season and team id. Schools of lower divisions that play no FBS team have no id;
    they are counted.
    """
    unknown = sorted(set(frame.loc[frame["team_id"].isna(), "team"]))
    missing = []
    for season in sorted(set(frame["season"])):
        part = frame[frame["season"] == season]
        names, present = sorted(set(part.loc[part["team_id"].isna(), "team"])), set(part["team_id"].dropna())
        absent = sorted(name for team_id, name in fbs.get(int(season), {}).items() if team_id not in present)
        if names and absent:
            missing += [{"season": int(season), "team": team, "unknown": ", ".join(names)} for team in absent]
    says = f"{len(unknown)} names without a team id in {len(frame)} rows"
    if missing:
        first = ", ".join(f"{row['team']} {row['season']}" for row in missing[:3])
        says = f"{len(missing)} FBS teams have no row ({first}) and {says}"
    figures = {"unknown_names": len(unknown), "fbs_teams_without_row": len(missing)}
    return Verdict(not missing, says, "warn", figures, tuple(missing[:SHOWN_ROWS]))
