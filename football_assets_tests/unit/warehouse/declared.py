"""Two small tables for the warehouse tests, kept out of the register until a test asks."""

from football_assets.tables import REGISTER, Instant, Real, Table, Text, Whole, column


class ToyMatches(Table, domain="soccer", key=("match_id",)):
    """One row a match."""

    match_id: Text = column("Match id")
    home_score: Whole = column("Goals", null=True, ge=0)
    fetched_at: Instant = column("Provider's clock")


class ToyGames(Table, domain="ncaa", key=("game_id",), by_season=True):
    """One row a game."""

    game_id: Whole = column("Game id")
    season: Whole = column("Season")
    spread: Real = column("Spread", null=True)


class ToyQuotes(Table, domain="soccer", key=("match_id",), published=False):
    """Stays in the lake."""

    match_id: Text = column("Match id")


TOYS = [ToyMatches, ToyGames, ToyQuotes]
for toy in TOYS:
    REGISTER.pop((toy.about().domain, toy.table_name()))
