"""Grades of a cycle: OK, WARN or ERROR by thresholds, and one check of several named rules.

Such a check blocks nothing: a late price or a missing name must not hold scores back. What is wrong with a table's
form, or a lost match, is for the blocking check `schema`.
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

import pandas as pd

from football_assets.tables import SHOWN_ROWS, Rule, Verdict

Grade: TypeAlias = Literal["OK", "WARN", "ERROR"]


def grade_of(verdict: Verdict) -> Grade:
    """The grade that a verdict stands for."""
    if verdict.passed:
        return "OK"
    return "ERROR" if verdict.level == "error" else "WARN"


def measured(value: float | None, warn: float, error: float, says: str, **rest: Any) -> Verdict:
    """The verdict of a figure that is better when lower: OK below `warn`, ERROR above `error`, WARN in between.

    None is a figure that is not known, which is warned about.
    """
    passed = value is not None and value < warn
    level: Literal["warn", "error"] = "error" if value is not None and value > error else "warn"
    return Verdict(passed, says, level, **rest)


def graded(**rules: Rule) -> Rule:
    """One check of several rules, which names each part with its grade, the bad ones first and in full.

    It fails as the worst of its parts. Dagster shows the severity; nothing is kept from publication.
    """

    def holds(frame: pd.DataFrame) -> Verdict:
        verdicts = {name: rule(frame) for name, rule in rules.items()}
        failed = [verdict for verdict in verdicts.values() if not verdict.passed]
        figures: dict[str, float | int | str] = {}
        for name, verdict in verdicts.items():
            figures |= {f"{name}_grade": grade_of(verdict), **verdict.figures}
        is_error = any(verdict.level == "error" for verdict in failed)
        rows = tuple(_padded([row for verdict in failed for row in verdict.rows][:SHOWN_ROWS]))
        return Verdict(not failed, "; ".join(_parts(verdicts)), "error" if is_error else "warn", figures, rows)

    holds.__doc__ = " ".join(inspect.getdoc(rule) or "" for rule in rules.values())
    holds.blocking = False  # type: ignore[attr-defined]
    return holds


def _parts(verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    bad = [name for name, verdict in verdicts.items() if not verdict.passed]
    yield from (f"{name} {grade_of(verdicts[name])}: {verdicts[name].says}" for name in bad)
    good = [name for name in verdicts if name not in bad]
    if bad and good:
        yield f"{', '.join(good)} OK"
    elif good:
        yield from (f"{name} OK: {verdicts[name].says}" for name in good)


def _padded(rows: list[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """The rows under the same columns, as a table shows them."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    yield from ({name: row.get(name, "") for name in names} for row in rows)
