"""What the provider's lists say beside a game: who returns, how last season's plays went, the weather.

All of it was known at kickoff. The numbers of a season that is running hold the games they are asked about, so only
those of the season before count. What a list does not name is missing.
"""

import pandas as pd

from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.team_games import SIDES

RETURNING = {"ppa_share": "returning_production", "passing_usage_share": "returning_passes"}
LAST_SEASON = {"offense": "last_success_rate", "defense": "last_success_rate_allowed"}
WEATHER = ("is_indoors", "temperature_f", "wind_speed_mph", "precipitation")
COLUMNS = (
    *(f"{side}_{name}" for side in SIDES for name in (*RETURNING.values(), *LAST_SEASON.values())),
    *WEATHER,
)


def circumstances(games: pd.DataFrame, lists: SeasonLists) -> pd.DataFrame:
    """`COLUMNS` by the index of `games`, which has `game_id`, `season` and both team ids."""
    returning = _by_team(lists.returning_production, list(RETURNING)).rename(columns=RETURNING)
    last = _last_season(lists.advanced_stats)
    found = pd.DataFrame(index=games.index)
    for side in SIDES:
        of_side = pd.MultiIndex.from_arrays([games["season"].astype("int64"), games[f"{side}_team_id"].astype("int64")])
        for frame in (returning, last):
            for name in frame:
                found[f"{side}_{name}"] = frame[name].reindex(of_side).to_numpy()
    weather = lists.weather
    for name in WEATHER:
        known = None if weather is None else weather.drop_duplicates("game_id", keep="last").set_index("game_id")[name]
        found[name] = games["game_id"].map({} if known is None else known)
    return found[list(COLUMNS)]


def _last_season(advanced: pd.DataFrame | None) -> pd.DataFrame:
    """By season and team: the success rates of the season before."""
    parts = []
    for side, name in LAST_SEASON.items():
        rows = None if advanced is None else advanced[advanced["side"] == side]
        rows = None if rows is None else rows.assign(season=rows["season"] + 1)
        parts.append(_by_team(rows, ["success_rate"]).rename(columns={"success_rate": name}))
    return pd.concat(parts, axis=1)


def _by_team(rows: pd.DataFrame | None, names: list[str]) -> pd.DataFrame:
    """The numbers by season and team id; a row whose team is not known counts for nobody."""
    if rows is None or rows.empty:
        none = pd.MultiIndex.from_arrays([pd.Index([], dtype="int64")] * 2, names=["season", "team_id"])
        return pd.DataFrame(columns=names, index=none, dtype="float64")
    known = rows[rows["team_id"].notna()].drop_duplicates(["season", "team_id"], keep="last")
    known = known.astype({"season": "int64", "team_id": "int64"}).set_index(["season", "team_id"])
    return known[names].astype("float64")
