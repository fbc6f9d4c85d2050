"""What the bookmakers say about a game, as one number: the median over all of them."""

import pandas as pd


def market(lines: pd.DataFrame) -> pd.DataFrame:
    """One row per game of `lines`: `market_spread` and `market_total`, home-based medians; null without a value."""
    medians = lines.groupby("game_id")[["spread", "over_under"]].median()
    return medians.rename(columns={"spread": "market_spread", "over_under": "market_total"}).reset_index()
