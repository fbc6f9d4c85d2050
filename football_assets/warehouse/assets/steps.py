"""Steps that make several tables or whose checks need more than a table: outputs and checks from declarations."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import dagster as dg

from football_assets.tables import Rule, Table, Verdict, judge
from football_assets.warehouse.assets.tables import OWNERS, asset_key, check_specs, column_docs

Rules = Mapping[str, Rule]


def table_out(
    table: type[Table], description: str | None = None, *, kinds: frozenset[str] = frozenset()
) -> dg.AssetOut:
    """One table of a step: key, docs and storage from its declaration."""
    return dg.AssetOut(
        key=asset_key(table),
        description=description or inspect.cleandoc(table.__doc__ or ""),
        group_name=table.about().domain,
        owners=OWNERS,
        kinds={"pandas", "parquet", *kinds},
        metadata={"dagster/column_schema": column_docs(table), "dagster/table_name": table.sql_name()},
        io_manager_key="lake",
    )


def rules_of(table: type[Table], **further: Callable[..., Verdict]) -> dict[str, Callable[..., Verdict]]:
    """The schema check of a table and further rules by name."""
    return {"schema": partial(judge, table), **further}


def given(rule: Callable[..., Verdict], **values: object) -> Rule:
    """A rule that needs more than the frame, with what the step knows; its words stay."""

    def holds(frame: object) -> Verdict:
        return rule(frame, **values)

    holds.__doc__ = inspect.getdoc(rule)
    return holds


def bound(rules: Mapping[str, Callable[..., Verdict]], **known: Mapping[str, Any]) -> dict[str, Rule]:
    """The rules, each given what the step knows: `bound(RULES, box_scores={"games": games})`."""
    return {name: given(rule, **known.get(name, {})) for name, rule in rules.items()}


def checks_of(rules: Mapping[type[Table], Mapping[str, Callable[..., Verdict]]]) -> list[dg.AssetCheckSpec]:
    """The checks of all tables of a step."""
    return [spec for table, named in rules.items() for spec in check_specs(table, named)]
