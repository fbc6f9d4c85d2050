"""The table that says how good the other tables are."""

from football_assets.tables import Instant, Real, Table, Text, Whole, column


class DataQuality(Table, domain="ncaa", key=("judged_table", "measured_at")):
    """One row per table and run in which its quality moved; the newest row of a table is its quality now."""

    judged_table: Text = column("Table that is judged")
    measured_at: Instant = column("When it was judged, by our clock")
    run_id: Text = column("Run that judged it", null=True)
    season: Whole = column("Newest season that it holds", null=True)
    rows: Whole = column("Rows of all seasons", ge=0)
    score: Real = column(
        "Validity x consistency x fourth root of completeness x (0.9 + 0.1 freshness); null where no part applies",
        null=True,
        unit="0 to 1",
        ge=0,
        le=1,
    )
    completeness: Real = column(
        "Mean over the columns of the share of values that are there, of the newest season; full marks within the "
        "share of nulls that is allowed",
        null=True,
        unit="0 to 1",
        ge=0,
        le=1,
    )
    validity: Real = column(
        "Share of rows that fit their declaration and make sense by themselves; of the worst season and rule",
        null=True,
        unit="0 to 1",
        ge=0,
        le=1,
    )
    consistency: Real = column(
        "Share of rows that agree with other rows and tables; of the worst season and rule; null without a rule",
        null=True,
        unit="0 to 1",
        ge=0,
        le=1,
    )
    freshness: Real = column(
        "1 while nothing has been due for longer than two intervals of the schedule, 0.4 after five; null for a table "
        "that no game makes due",
        null=True,
        unit="0 to 1",
        ge=0,
        le=1,
    )
    null_columns: Text = column("Columns of the newest season with more nulls than allowed: name share, ...", null=True)
    broken_rules: Text = column("Rules that rows break: name failing/looked at, ...", null=True)
    content: Text = column("Checksum of the content that was judged")
