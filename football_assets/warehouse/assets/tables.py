"""`table_asset`: an asset made of a table's declaration and the function that builds the table.

The declaration gives the key, group, description, column docs and the blocking schema check; further rules become
checks of the same asset. The function returns the frame, or the frame and metadata.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.tables import Rule, Table, Verdict, columns, judge
from football_assets.timing import Phases
from football_assets.warehouse.assets.remembering import unless_unchanged
from football_assets.warehouse.storage import table_of
from football_assets.warehouse.versions import content_version, is_compared

OWNERS = ["team:football-assets"]
# Everything but the live cycle shares this pool: it has fewer places than there are runs, so a live cycle finds one.
BESIDE_LIVE = "beside_live"
SCHEMA_CHECK = "Holds {} to its declaration: types, ranges, nulls, key"
Built = pd.DataFrame | tuple[pd.DataFrame, Mapping[str, Any]]


def asset_key(table: type[Table]) -> dg.AssetKey:
    """`ncaa/team_games` for `TeamGames`."""
    return dg.AssetKey([table.about().domain, table.table_name()])


def reads(*tables: type[Table]) -> dict[str, dg.AssetIn]:
    """Inputs of an asset, named like the tables; every season of a table kept by season."""
    found = {}
    for table in tables:
        mapping = dg.AllPartitionMapping() if table.about().by_season else None
        metadata = {"allow_missing_partitions": True} if table.about().by_season else None
        found[table.table_name()] = dg.AssetIn(key=asset_key(table), partition_mapping=mapping, metadata=metadata)
    return found


def column_docs(table: type[Table]) -> dg.TableSchema:
    """The column docs that the UI shows on the asset."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=c.name,
                type=c.type,
                description="; ".join(
                    filter(None, [c.description, c.unit and f"in {c.unit}", c.source and f"from {c.source}", c.known])
                ),
                constraints=dg.TableColumnConstraints(nullable=c.nullable, unique=(c.name,) == table.about().key),
            )
            for c in columns(table)
        ]
    )


def table_asset(
    table: type[Table],
    *,
    rules: Mapping[str, Rule] | None = None,
    kinds: set[str] | None = None,
    **options: Any,
) -> Callable[[Callable[..., Built]], dg.AssetsDefinition]:
    """Make an asset of the function that builds `table`.

    One whose inputs are all named by `ins=reads(...)` computes only when one of them, or the code, has changed.

    Args:
        table: The declaration.
        rules: Further checks by name; a rule that fails at level `error` blocks what depends on the table.
        kinds: Badges in the UI beside `pandas`.
        **options: Passed on to `dagster.asset`.
    """
    named: dict[str, Rule] = {"schema": functools.partial(judge, table), **(rules or {})}

    def wrap(build: Callable[..., Built]) -> dg.AssetsDefinition:
        @functools.wraps(build)
        def compute(*args: Any, **kwargs: Any) -> Iterator[dg.MaterializeResult[pd.DataFrame]]:
            yield result(table, build(*args, **kwargs), named)

        compute.__signature__ = inspect.signature(build)  # type: ignore[attr-defined]
        compute.__annotations__ = {k: v for k, v in build.__annotations__.items() if k != "return"}
        inputs = tuple(table_of(each.key) for each in (options.get("ins") or {}).values())
        step: Callable[..., Iterator[dg.MaterializeResult[Any]]] = compute
        if inputs and is_compared(table):
            step = unless_unchanged(table, made_of=inputs)(compute)
        asset: dg.AssetsDefinition = dg.asset(
            key=asset_key(table),
            group_name=table.about().domain,
            description=inspect.cleandoc(build.__doc__ or table.__doc__ or ""),
            owners=OWNERS,
            kinds={"pandas", "parquet"} | (kinds or set()),
            metadata={"dagster/column_schema": column_docs(table), "dagster/table_name": table.sql_name()},
            check_specs=check_specs(table, named),
            io_manager_key="lake",
            pool=BESIDE_LIVE,
            **options,
        )(step)
        return asset

    return wrap


def check_specs(table: type[Table], rules: Mapping[str, Rule]) -> list[dg.AssetCheckSpec]:
    """One check for each rule, blocking on level `error` unless the rule says `blocking = False`."""
    return [
        dg.AssetCheckSpec(
            name=name,
            asset=asset_key(table),
            blocking=getattr(rule, "blocking", True),
            description=inspect.cleandoc(rule.__doc__ or "")
            if name != "schema"
            else SCHEMA_CHECK.format(table.sql_name()),
        )
        for name, rule in rules.items()
    ]


def result(table: type[Table], built: Built, rules: Mapping[str, Rule]) -> dg.MaterializeResult[pd.DataFrame]:
    """The materialization of one table with its metadata and all its checks."""
    frame, about = built if isinstance(built, tuple) else (built, {})
    phases = Phases()
    with phases.measured("checks_s"):
        judged = [check_result(table, name, rule(frame)) for name, rule in rules.items()]
    return dg.MaterializeResult(
        asset_key=asset_key(table),
        value=frame,
        data_version=dg.DataVersion(content_version(table, frame)) if is_compared(table) else None,
        metadata={"dagster/row_count": len(frame), **about, **phases.seconds},
        check_results=judged,
    )


def check_result(table: type[Table], name: str, verdict: Verdict) -> dg.AssetCheckResult:
    """A rule's verdict as Dagster shows it, failing rows as a table."""
    metadata: dict[str, Any] = dict(verdict.figures)
    if verdict.rows:
        records = [dg.TableRecord({k: str(v) for k, v in row.items()}) for row in verdict.rows]
        metadata["failing_rows"] = dg.MetadataValue.table(records)
    severity = dg.AssetCheckSeverity.ERROR if verdict.level == "error" else dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(
        asset_key=asset_key(table),
        check_name=name,
        passed=verdict.passed,
        severity=severity,
        description=verdict.says,
        metadata=metadata,
    )
