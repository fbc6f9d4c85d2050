"""`football doctor`: what has to be right before anything runs, each with what to do."""

import json
from dataclasses import asdict

import typer
from rich.console import Console
from rich.text import Text

from football_assets.cli.options import AsJson

STYLES = {"good": "green", "warning": "yellow", "bad": "bold red"}


def doctor(as_json: AsJson = False) -> int:
    """Check configuration, keys, ports, disk, permissions, clock, databases and versions. Exit code 1: one is bad."""
    from football_assets.operations.diagnosis import diagnose

    found = diagnose()
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], indent=1))
    else:
        console = Console()
        for each in found:
            line = Text().append(f"{each.verdict:8}", STYLES[each.verdict]).append(f"{each.about}: {each.says}")
            console.print(line, soft_wrap=True)
            if each.to_do:
                console.print(Text(f"        {each.to_do}", "dim"), soft_wrap=True)
    return int(any(each.verdict == "bad" for each in found))
