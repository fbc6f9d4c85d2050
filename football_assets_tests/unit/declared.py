"""Tables for tests of declarations, which no publication knows."""

from football_assets.tables import REGISTER, Flag, Instant, Real, Table, Text, Whole, column


class SampleFixtures(Table, domain="soccer", key=("match_id",)):
    """One row a fixture."""

    match_id: Text = column("Match id", source="id")
    home_score: Whole = column("Goals", null=True, ge=0, le=30)
    price_home: Real = column("Decimal price", null=True, gt=1)
    is_neutral: Flag = column("Neutral ground", null=True)
    kickoff_at: Instant = column("Kickoff", known="before kickoff")


class Everything(Table, domain="soccer", key=("name",)):
    """A column of each type and a check of each kind."""

    name: Text = column("Name", str_matches=r"^[a-z]+$", unique=True)
    side: Text = column("Side", null=True, isin=("home", "away"))
    goals: Whole = column("Goals", null=True, ge=0, le=3)
    price: Real = column("Price", null=True, gt=1, lt=4)
    share: Real = column("Share")
    live: Flag = column("Live", null=True)
    at: Instant = column("At", null=True)


class Rare(Table, domain="soccer", key=("word",)):
    """A check that no table of ours has."""

    word: Text = column("Word", str_startswith="a")


# The register feeds publications; a table of a test has no place in it.
for table in (SampleFixtures, Everything, Rare):
    REGISTER.pop((table.about().domain, table.table_name()))
