"""`football drill`: faults on purpose to a platform of its own on the simulation, and what came of each."""

import json
import shutil
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from football_assets.operations.drill.faults import Fault, Result
    from football_assets.operations.drill.running import Report

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
    from football_assets.operations.drill.running import chosen
    from football_assets.operations.drill.table import FAULTS

    faults = chosen(FAULTS, names or [])
    if listed:
        _list(faults, as_json=as_json)
        return 0
    console = Console(stderr=True)
    report = _in_scratch(faults, console, with_college=college)
    _show(report, console, as_json=as_json, markdown=markdown, out=out)
    return FAILED if report.count("failed") else PARTIAL if report.count("not run") else 0


def _in_scratch(faults: "Sequence[Fault]", console: Console, *, with_college: bool) -> "Report":
    """Run the faults in a folder of their own, which stays only when one failed."""
    scratch = Path(tempfile.mkdtemp(prefix="football-drill-"))
    scratch.chmod(0o755)  # a server that runs as another user has to reach its folder
    console.print(f"{len(faults)} faults on a platform of its own in {scratch}; your data is not touched")
    # Ctrl-C and SIGTERM alike end what was started and remove the folder.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    report: Report | None = None
    try:
        report = _followed(faults, scratch, console, with_college=with_college)
        return report
    finally:
        if report is None or not report.count("failed"):
            shutil.rmtree(scratch, ignore_errors=True)
        else:
            console.print(f"What the failed ones left to look at is in {scratch}", soft_wrap=True)


def _followed(faults: "Sequence[Fault]", scratch: Path, console: Console, *, with_college: bool) -> "Report":
    """Run the faults while a bar shows the one that is under way; each result scrolls by."""
    from football_assets.operations.drill.running import run

    counted = TextColumn("{task.completed}/{task.total}")
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), counted, TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("preparing", total=len(faults))

        def told(result: "Result") -> None:
            progress.advance(task)
            progress.console.print(*_lines(result), sep="\n", highlight=False, soft_wrap=True)

        def begins(fault: "Fault") -> None:
            progress.update(task, description=f"{fault.name}: {fault.done}")

        return run(faults, scratch, with_college=with_college, told=told, begins=begins)


def _show(report: "Report", console: Console, *, as_json: bool, markdown: bool, out: Path | None) -> None:
    """Print and write the report as asked; the counts come last."""
    from football_assets.operations.drill.running import markdown as as_markdown
    from football_assets.operations.drill.running import written

    if as_json:
        typer.echo(json.dumps(report.about(), indent=1))
    if markdown:
        typer.echo(as_markdown(report))
    for path in written(report, out) if out else []:
        console.print(f"written: {path}", soft_wrap=True)
    counts = f"{report.count('passed')} passed, {report.count('failed')} failed, {report.count('not run')} not run"
    console.print(f"{counts} in {(report.ended_at - report.began_at).total_seconds():.0f} s")


def _lines(result: "Result") -> list[str]:
    """A result as it scrolls by."""
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


def _list(faults: "Sequence[Fault]", *, as_json: bool) -> None:
    """The faults, what each needs and what of that is absent here."""
    from football_assets.operations.drill.running import missing

    absent = {each.name: [why for need in each.needs if (why := missing(need))] for each in faults}
    if as_json:
        rows = [
            {"name": each.name, "done": each.done, "judged": each.judged, "needs": list(each.needs)}
            | {"absent": absent[each.name], "about_s": each.about_s}
            for each in faults
        ]
        typer.echo(json.dumps(rows, indent=1))
        return
    grid = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for title in ("fault", "what is done", "what is judged", "needs", "about"):
        grid.add_column(title, no_wrap=title in ("fault", "about"))
    for each in faults:
        needs = "; ".join(absent[each.name]) or ", ".join(each.needs) or "-"
        grid.add_row(each.name, each.done, each.judged, needs, f"{each.about_s} s")
    Console().print(grid)
