"""The games of some conferences, as `ncaa.conferences` in the settings names them."""

from collections.abc import Sequence

import pandas as pd

from football_assets.errors import ConfigError

SIDES = ("home", "away")


def of_conferences(frame: pd.DataFrame, games: pd.DataFrame, wanted: Sequence[str]) -> pd.DataFrame:
    """The rows of `frame`, which has a `game_id`, whose game has a side in one of the conferences; all without any.

    Raises ConfigError for a name that is no conference of a listed game.
    """
    if not wanted:
        return frame
    named = pd.concat([games[f"{side}_conference"] for side in SIDES])
    there = sorted(named.dropna().unique())
    for number, name in enumerate(wanted):
        if name not in there:
            allowed = f"one of {', '.join(there)}" if there else "none, for no game is listed"
            raise ConfigError(f"ncaa.conferences.{number}", value=name, allowed=allowed, origin="settings")
    chosen = games["home_conference"].isin(wanted) | games["away_conference"].isin(wanted)
    return frame[frame["game_id"].isin(games.loc[chosen, "game_id"])]
