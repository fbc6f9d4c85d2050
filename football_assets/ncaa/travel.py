"""How far the away side comes from: between the home venues of both sides, along the earth's surface."""

import numpy as np
import pandas as pd

EARTH_RADIUS_KM = 6371.0


def travel_km(games: pd.DataFrame, teams: pd.DataFrame | None) -> "pd.Series[float]":
    """Kilometres by game; NaN on neutral ground and where a venue's place is not known.

    Args:
        games: Rows with `home_team_id`, `away_team_id` and `is_neutral_site`.
        teams: The table `teams`, whose newest row of a team counts; None where it is not collected.
    """
    if teams is None:
        return pd.Series(np.nan, index=games.index)
    newest = teams.sort_values("season").drop_duplicates("team_id", keep="last").set_index("team_id")
    places = np.radians(newest[["latitude", "longitude"]].astype("float64"))
    (north, east), (other_north, other_east) = (
        [games[f"{side}_team_id"].astype("int64").map(places[name]) for name in places] for side in ("home", "away")
    )
    half = np.sin((other_north - north) / 2) ** 2
    half += np.cos(north) * np.cos(other_north) * np.sin((other_east - east) / 2) ** 2
    found: pd.Series[float] = 2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(half))
    return found.where(~games["is_neutral_site"].astype(bool))
