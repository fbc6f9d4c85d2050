"""Options that several commands have, said once."""

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
