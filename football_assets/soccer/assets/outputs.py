"""The checks of a live table: few, since each costs its share of every cycle."""

from functools import partial

from football_assets.soccer.rules import together
from football_assets.tables import Rule, Table, judge
from football_assets.warehouse.assets.steps import Rules


def rules_of(table: type[Table], *with_schema: Rule, **further: Rule) -> Rules:
    """The schema check of a table, together with what else belongs to its form, and further checks by name."""
    schema: Rule = partial(judge, table)
    return {"schema": together(schema, *with_schema) if with_schema else schema, **further}
