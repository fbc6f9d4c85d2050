"""Several tables from one step: what one answer of the provider gives belongs together."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial

import dagster as dg

from football_assets.soccer.rules import together
from football_assets.tables import Rule, Table, Verdict, judge
from football_assets.warehouse.assets.tables import OWNERS, asset_key, check_specs, column_docs

Rules = Mapping[str, Rule]


def table_out(table: type[Table], description: str, *, kinds: frozenset[str] = frozenset()) -> dg.AssetOut:
    """One table of a step: key, docs and storage from its declaration."""
    return dg.AssetOut(
        key=asset_key(table),
        description=description,
        group_name=table.about().domain,
        owners=OWNERS,
        kinds={"pandas", "parquet", *kinds},
        metadata={"dagster/column_schema": column_docs(table), "dagster/table_name": table.sql_name()},
        io_manager_key="lake",
    )


def rules_of(table: type[Table], *with_schema: Rule, **further: Rule) -> Rules:
    """The schema check of a table, together with what else belongs to its form, and further checks by name."""
    schema: Rule = partial(judge, table)
    return {"schema": together(schema, *with_schema) if with_schema else schema, **further}


def given(rule: Callable[..., Verdict], **values: object) -> Rule:
    """A rule that needs more than the frame, with what the step knows; its words stay."""

    def holds(frame: object) -> Verdict:
        return rule(frame, **values)

    holds.__doc__ = inspect.getdoc(rule)
    return holds


def checks_of(rules: Mapping[type[Table], Rules]) -> list[dg.AssetCheckSpec]:
    """The checks of all tables of a step."""
    return [spec for table, named in rules.items() for spec in check_specs(table, named)]
