"""Options that several commands have, and how they are read, said once."""

import re
from typing import Annotated, Literal

import typer

from football_assets.states import Source

World = Annotated[
    Source | None, typer.Option("--source", help="The world. Default: the real one with keys, else the newest.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Family = Annotated[
    Literal["no_market", "market_aware"],
    typer.Option("--family", help="no_market never sees a betting line, market_aware sees the opening one."),
]


def seasons_range(text: str, *, several: bool = False) -> tuple[int, int]:
    """First and last season of `2021-2024`, or of `2024` unless it must be `several`. Raises BadParameter."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text)
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if first > last or (several and "-" not in text):
        raise typer.BadParameter(f"{text!r} is no range of seasons such as 2021-2024", param_hint="--seasons")
    return first, last
