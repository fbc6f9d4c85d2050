"""`football drill`: faults on purpose to a platform of its own on the simulation, and what came of each."""

import json
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from football_assets.errors import FootballError

FAILED, PARTIAL = 1, 2
COLOURS = {"passed": "green", "failed": "red", "not run": "yellow"}


def drill(
    names: Annotated[
        list[str] | None, typer.Argument(help="Faults to run, or beginnings such as `provider`; all when none.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the faults and what each needs.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report, or the list, as JSON.")] = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the report as a Markdown table.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write drill.json and drill.md there.")
    ] = None,
    college: Annotated[
        bool, typer.Option("--college/--no-college", help="Keep college tables and a ledger beside, to be lost.")
    ] = True,
) -> int:
    """Do each fault to a platform of its own (simulated, in a scratch folder) and judge what was lost or invented.

    Your data folder is not touched. Exit code 1 when a fault failed, 2 when one could not be run here.
    """
    from football_assets.operations.drill.running import Report, chosen, missing, run, written
    from football_assets.operations.drill.running import markdown as as_markdown
    from football_assets.operations.drill.table import FAULTS

    console = Console(stderr=True)
    faults = chosen(FAULTS, names or [])
    if listed:
        rows = [
            {"name": each.name, "done": each.done, "judged": each.judged, "needs": list(each.needs)}
            | {"absent": [why for need in each.needs if (why := missing(need))], "about_s": each.about_s}
            for each in faults
        ]
        if as_json:
            typer.echo(json.dumps(rows, indent=1))
        else:
            _list(rows)
        return 0
    scratch = Path(tempfile.mkdtemp(prefix="football-drill-"))
    scratch.chmod(0o755)  # a server that runs as another user has to reach its folder
    console.print(f"{len(faults)} faults on a platform of its own in {scratch}; your data is not touched")
    report: Report | None = None
    # Ctrl-C and SIGTERM alike end what was started and remove the folder.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    try:
        with Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed}/{task.total}"),
            TimeElapsedColumn(),
            console=console,
        ) as progress:
            task = progress.add_task("preparing", total=len(faults))

            def told(result: object) -> None:
                progress.advance(task)
                progress.console.print(*_lines(result), sep="\n", highlight=False, soft_wrap=True)

            report = run(
                faults,
                scratch,
                with_college=college,
                told=told,
                begins=lambda fault: progress.update(task, description=f"{fault.name}: {fault.done}"),
            )
    finally:
        if report is None or not report.count("failed"):
            shutil.rmtree(scratch, ignore_errors=True)
        else:
            console.print(f"What the failed ones left to look at is in {scratch}", soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(report.about(), indent=1))
    if markdown:
        typer.echo(as_markdown(report))
    for path in written(report, out) if out else []:
        console.print(f"written: {path}", soft_wrap=True)
    counts = f"{report.count('passed')} passed, {report.count('failed')} failed, {report.count('not run')} not run"
    console.print(f"{counts} in {(report.ended_at - report.began_at).total_seconds():.0f} s")
    return FAILED if report.count("failed") else PARTIAL if report.count("not run") else 0


def _lines(result: object) -> list[str]:
    """A result as it scrolls by."""
    from football_assets.operations.drill.faults import Result

    if not isinstance(result, Result):
        raise FootballError("showing a result", f"got {result!r}", "Give a Result.")
    colour, found = COLOURS[result.state], result.findings
    back = "" if found.recovered_s is None else f", back after {found.recovered_s:.1f} s"
    lines = [f"[{colour}]{result.state:7}[/{colour}] {result.name} ({result.seconds:.0f} s{back})"]
    if result.reason:
        lines.append(f"        {_plain(result.reason)}")
    lines += [f"        [dim]sees[/dim] {_plain(line)}" for line in found.sees]
    lines += [f"        [dim]kept[/dim] {_plain(found.kept)}"] if found.kept else []
    return [*lines, *(f"        [red]{_plain(line)}[/red]" for line in found.broken)]


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _list(rows: list[dict[str, object]]) -> None:
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("fault", "what is done", "what is judged", "needs", "about"):
        grid.add_column(title, no_wrap=title in ("fault", "about"))
    for row in rows:
        needs = ", ".join(map(str, row["needs"])) if isinstance(row["needs"], list) else ""
        absent = "; ".join(map(str, row["absent"])) if isinstance(row["absent"], list) else ""
        grid.add_row(
            str(row["name"]), str(row["done"]), str(row["judged"]), absent or needs or "-", f"{row['about_s']} s"
        )
    Console().print(grid)
