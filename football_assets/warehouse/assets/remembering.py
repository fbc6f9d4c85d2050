"""A step that computes only when something it depends on has changed: its stored tables are handed on as they are.

The step still reports every table, with the checks as they were found when it was computed, so that what comes after
it runs; nothing is written.
"""

import functools
import json
from collections.abc import Callable, Iterator
from typing import Any

import dagster as dg

from football_assets.tables import Table
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.storage import lake_of, table_of
from football_assets.warehouse.versions import Making, content_version, recipe, remember, remembered

Results = Iterator[dg.MaterializeResult[Any]]


def unless_unchanged(*tables: type[Table], made_of: tuple[type[Table], ...]) -> Callable[..., Callable[..., Results]]:
    """Make a step skip its work while the tables it is `made_of`, and the code, are those of the last time.

    It wraps the function below `dg.multi_asset` or `dg.asset`, one that yields a MaterializeResult for each of
    `tables`.
    """
    domain = tables[0].about().domain

    def wrap(step: Callable[..., Results]) -> Callable[..., Results]:
        @functools.wraps(step)
        def compute(*args: Any, **kwargs: Any) -> Results:
            lake = lake_of(domain)
            now = recipe(lake, domain, made_of)
            known = [remembered(lake, table, now) for table in tables]
            if all(known):
                yield from (_again(lake, table, making) for table, making in zip(tables, known, strict=True) if making)
                return
            for made in step(*args, **kwargs):
                table = table_of(made.asset_key) if made.asset_key else tables[0]
                remember(lake, table, _making(table, made, now))
                yield made

        return compute

    return wrap


def _making(table: type[Table], made: dg.MaterializeResult[Any], now: dict[str, str | None]) -> Making:
    checks = [
        {
            "check_name": each.check_name,
            "passed": each.passed,
            "severity": each.severity.value,
            "description": each.description,
            "metadata": _packed(each.metadata),
        }
        for each in made.check_results
    ]
    return Making(now, content_version(table, made.value), _packed(made.metadata), json.dumps(checks))


def _again(lake: Lake, table: type[Table], making: Making) -> dg.MaterializeResult[Any]:
    key = dg.AssetKey([table.about().domain, table.table_name()])
    checks = [
        dg.AssetCheckResult(
            asset_key=key,
            check_name=each["check_name"],
            passed=each["passed"],
            severity=dg.AssetCheckSeverity(each["severity"]),
            description=each["description"],
            metadata=_unpacked(each["metadata"]),
        )
        for each in json.loads(making.checks)
    ]
    about = {**_unpacked(making.about), "unchanged": True}
    return dg.MaterializeResult(
        asset_key=key,
        value=lake.read(table),
        metadata=about,
        check_results=checks,
        data_version=dg.DataVersion(making.content),
    )


def _packed(metadata: Any) -> str:
    return dg.serialize_value(dict(metadata or {}))


def _unpacked(text: str) -> dict[str, Any]:
    found: Any = dg.deserialize_value(text)
    return dict(found)
