"""How a table is declared, and what is derived from the declaration.

A table is one `Table` class: columns with types, descriptions, ranges, nullability and source, and a key. From it
come the blocking check, the column docs in the UI, the Arrow schema of the file and the SQL table, so they cannot
disagree. Asset, class and SQL table share the name: `ncaa/team_games`, `TeamGames`, `ncaa_team_games`.

Column types: `Whole` (nullable integer), `Real` (float, NaN is null), `Text`, `Flag` (nullable boolean) and
`Instant` (UTC, microseconds). Unknown is null in each of them.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, ClassVar, Literal

import pandas as pd
import pandera.pandas as pan
import pyarrow as pa
from pandera.errors import SchemaErrors
from pandera.typing.pandas import Series

from football_assets.errors import DataError
from football_assets.quick_check import surely_fits

Whole = Series[pd.Int64Dtype]
Real = Series[float]
Text = Series[str]
Flag = Series[pd.BooleanDtype]
Instant = Series[Annotated[pd.DatetimeTZDtype, "us", "UTC"]]

SHOWN_ROWS = 20

_ARROW: dict[str, pa.DataType] = {
    "Int64": pa.int64(),
    "float64": pa.float64(),
    "boolean": pa.bool_(),
    "datetime64[us, UTC]": pa.timestamp("us", tz="UTC"),
}
_PANDAS: dict[pa.DataType, Any] = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def column(
    description: str,
    *,
    null: bool = False,
    unit: str | None = None,
    source: str | None = None,
    known: str | None = None,
    **checks: Any,
) -> Any:
    """Declare a column.

    Args:
        description: What one value means, for a reader of the table.
        null: Whether a value may be unknown.
        unit: Unit of the value when the name does not say it.
        source: The provider's field it comes from.
        known: When the value may be known at the earliest, such as `at kickoff` or `after the game`.
        **checks: pandera checks: ge, le, gt, lt, isin, str_matches, unique.
    """
    about = {"unit": unit, "source": source, "known": known}
    return pan.Field(description=description, nullable=null, metadata={k: v for k, v in about.items() if v}, **checks)


REGISTER: "dict[tuple[str, str], type[Table]]" = {}


@dataclass(frozen=True)
class About:
    """What a table is, beside its columns."""

    domain: Literal["soccer", "ncaa"]
    key: tuple[str, ...]
    by_season: bool
    published: bool
    sealed_by: str | None = None


class Table(pan.DataFrameModel):
    """Base of all tables: `class TeamGames(Table, domain="ncaa", key=("game_id", "team_id"))`.

    `by_season` tables are kept one file and partition a season (column `season`); one that is not `published` stays
    in the lake and never reaches the database. Rows of a table that is `sealed_by` a column are only ever added, in the
    order of the key; the column, a hash, seals what a row holds.
    """

    _about: ClassVar[About]

    def __init_subclass__(
        cls,
        *,
        domain: Literal["soccer", "ncaa"],
        key: tuple[str, ...],
        by_season: bool = False,
        published: bool = True,
        sealed_by: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Enter the table into the register, by domain and name."""
        super().__init_subclass__(**kwargs)  # type: ignore[no-untyped-call]
        cls._about = About(domain, key, by_season, published, sealed_by)
        REGISTER[domain, cls.table_name()] = cls

    class Config:
        """Exactly the declared columns, nothing converted silently."""

        strict = True
        coerce = False

    @classmethod
    def about(cls) -> About:
        """Domain, key and how the table is kept."""
        return cls._about

    @classmethod
    def table_name(cls) -> str:
        """`TeamGames` -> `team_games`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def sql_name(cls) -> str:
        """`TeamGames` of the domain `ncaa` -> `ncaa_team_games`."""
        return f"{cls.about().domain}_{cls.table_name()}"


@dataclass(frozen=True)
class Column:
    """One column of a declaration, as everything derived from it needs it."""

    name: str
    type: Literal["Int64", "float64", "str", "boolean", "datetime64[us, UTC]"]
    nullable: bool
    description: str
    unit: str | None
    source: str | None
    known: str | None


def columns(table: type[Table]) -> list[Column]:
    """The columns of a table in the order of their declaration."""
    return list(_columns(table))


@cache
def _columns(table: type[Table]) -> tuple[Column, ...]:
    found = []
    for name, declared in table.to_schema().columns.items():
        kind = str(declared.dtype)
        about: Mapping[str, str] = declared.metadata or {}
        found.append(
            Column(
                name=str(name),
                type=kind if kind in _ARROW else "str",  # type: ignore[arg-type]
                nullable=bool(declared.nullable),
                description=declared.description or "",
                unit=about.get("unit"),
                source=about.get("source"),
                known=about.get("known"),
            )
        )
    return tuple(found)


@cache
def arrow_schema(table: type[Table]) -> pa.Schema:
    """The Arrow schema of the table's files."""
    return pa.schema([pa.field(c.name, _ARROW.get(c.type, pa.string())) for c in columns(table)])


def from_arrow(data: pa.Table) -> pd.DataFrame:
    """A frame with the types that the declarations use."""
    return data.to_pandas(types_mapper=_PANDAS.get)


def from_rows(table: type[Table], rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """A frame of the table from row mappings; a column absent from a row is null there.

    Raises DataError when a value does not fit its column's type.
    """
    rows = list(rows)
    try:
        return from_arrow(pa.Table.from_pylist(rows, schema=arrow_schema(table)))
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            table.sql_name(), f"column types ({error})", len(rows), [], "Compare with the source."
        ) from None


def to_arrow(table: type[Table], frame: pd.DataFrame) -> pa.Table:
    """The frame's declared columns in their declared order and types. Raises DataError when they do not fit."""
    schema = arrow_schema(table)
    absent = [name for name in schema.names if name not in frame.columns]
    if absent:
        raise DataError(table.sql_name(), f"columns {absent} exist", len(frame), [], "Build every declared column.")
    try:
        return pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError(
            table.sql_name(), f"column types ({error})", len(frame), [], "Build the declared types."
        ) from None


def conform(table: type[Table], frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with exactly the declared columns, order and types; an undeclared column is dropped."""
    return from_arrow(to_arrow(table, frame))


def plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of any frame as Python values: instants as aware timestamps, unknown as None."""
    columns_of = {}
    for name in frame.columns:
        known = frame[name].notna().to_numpy()
        columns_of[str(name)] = [v if k else None for v, k in zip(frame[name].tolist(), known, strict=True)]
    return [dict(zip(columns_of, row, strict=True)) for row in zip(*columns_of.values(), strict=True)]


def instants_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its instants as ISO 8601 text ending in Z."""
    found = [name for name in frame.columns if isinstance(frame[name].dtype, pd.DatetimeTZDtype)]
    return frame.assign(**{name: frame[name].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ") for name in found})


@dataclass(frozen=True)
class Verdict:
    """What a rule found: passed or not, how bad, one sentence, figures and up to 20 failing rows."""

    passed: bool
    says: str
    level: Literal["warn", "error"] = "error"
    figures: Mapping[str, float | int | str] = field(default_factory=dict)
    rows: tuple[Mapping[str, Any], ...] = ()


Rule = Callable[[pd.DataFrame], Verdict]


def judge(table: type[Table], frame: pd.DataFrame) -> Verdict:
    """Hold a frame against its declaration: types, ranges, nulls, the key, and the table's own rules."""
    problems: list[Mapping[str, Any]] = []
    try:
        if not surely_fits(table.to_schema(), _empty(table), frame):
            table.validate(frame, lazy=True)
    except SchemaErrors as error:
        problems = [
            {
                "rule": str(case["check"]),
                "column": str(case["column"]),
                "value": str(case["failure_case"]),
                "row": _named(table, frame, case["index"]),
            }
            for case in error.failure_cases.to_dict("records")
        ]
    keys = list(table.about().key)
    if all(k in frame.columns for k in keys):
        again = frame[keys][frame.duplicated(keys, keep=False)]
        problems += [
            {"rule": "unique key", "column": ", ".join(keys), "value": str([row[k] for k in keys]), "row": str(index)}
            for index, row in again.head(SHOWN_ROWS).iterrows()
        ]
    if not problems:
        return Verdict(True, f"{len(frame)} rows fit {table.sql_name()}", figures={"rows": len(frame)})
    first = problems[0]
    example = f"{first['column']} = {first['value']} breaks {first['rule']} at {first['row']}"
    says = f"{len(problems)} values break {table.sql_name()}, first: {example}"
    figures = {"rows": len(frame), "failing": len(problems)}
    return Verdict(False, says, figures=figures, rows=tuple(problems[:SHOWN_ROWS]))


@cache
def _empty(table: type[Table]) -> pd.DataFrame:
    """The table without rows, in its types."""
    return from_arrow(arrow_schema(table).empty_table())


def prepare() -> None:
    """Derive all that is derived from every declaration, once, for the processes forked from this one."""
    for table in REGISTER.values():
        judge(table, conform(table, _empty(table)))


def _named(table: type[Table], frame: pd.DataFrame, index: Any) -> str:
    """A row as a person finds it: by its key, such as `match_id=ab12`."""
    if index not in frame.index:
        return "the whole column"
    row = frame.loc[[index]].iloc[0]
    return ", ".join(f"{name}={row[name]}" for name in table.about().key if name in frame.columns) or str(index)
