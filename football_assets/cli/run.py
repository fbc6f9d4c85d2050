"""`football run`: both pipelines once, from their providers or from the simulation, and what came out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer
from rich.console import Console

from football_assets.config import Settings, environment_with_dotenv, load_settings
from football_assets.errors import FootballError, StorageError
from football_assets.operations.feeds import Feed, emulated, feeds
from football_assets.operations.jobs import JobOutcome
from football_assets.providers import Domain
from football_assets.rooms import installed

PIPED_COLUMNS = 160  # a file or a pipe has no width of its own; the board needs this much for one line a match
TITLES: dict[Domain, str] = {"soccer": "Soccer", "ncaa": "NCAA"}

# Nobody bets on a simulation: its models learn from fewer seasons, so that a first look comes sooner.
SIMULATED_SEASONS = 3
NEXT = """
[bold]Where to look next[/bold]
  make up                      pages at http://127.0.0.1:8000, Dagster at http://127.0.0.1:3000, cycles every 60 s
  football table               every published table; football table NAME --out F.csv writes one
  football live board          the match board again; football ncaa predictions the coming week
  football config show         every setting and where it came from
  .env                         THESPORTS_USER, THESPORTS_SECRET, CFBD_API_KEY switch to the real services
Run these as .venv/bin/football, or after: source .venv/bin/activate"""


def run(
    emulate: Annotated[
        bool | None,
        typer.Option(
            "--emulate/--no-emulate",
            help="Simulate both providers, or neither. Default: those without a key.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Run the live cycle and the college run once, then print the match board and the coming week."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=PIPED_COLUMNS)
    settings = load_settings()
    found = [feed for feed in feeds(settings, emulate) if feed.domain in installed()]
    console.print("[bold]Source[/bold]  " + "   ".join(f"{feed.domain}: {feed.state}" for feed in found))
    failed = 0
    with _emulators(found, settings) as variables:
        for feed in found:
            for outcome in _collect(feed, variables):
                failed += not outcome.ok
                _report(outcome, console)
    for feed in found:
        _show(feed.domain, console)
    console.print(NEXT)
    raise typer.Exit(1 if failed else 0)


@contextmanager
def _emulators(found: list[Feed], settings: Settings) -> Iterator[dict[str, str]]:
    """Start the emulators that are needed; gives the variables that point the jobs at them."""
    logs = settings.folder / "logs"
    variables: dict[str, str] = {}
    with ExitStack() as ending:
        started = []
        for feed in emulated(found, settings):
            emulator = feed.start_emulator(logs, environment_with_dotenv())
            ending.callback(emulator.child.stop, 3.0)
            variables |= emulator.variables
            started.append(emulator)
            if feed.domain == "ncaa":
                variables["FOOTBALL_CFBD__PER_SECOND"] = "200"  # our own emulator needs no mercy
        for emulator in started:
            emulator.wait()
        yield variables


def _collect(feed: Feed, variables: dict[str, str]) -> Iterator[JobOutcome]:
    try:
        if feed.domain == "soccer":
            from football_assets.cli.live import run_cycle
            from football_assets.cli.soccer_model import learn

            if feed.emulated and (learned := learn(variables)) is not None:
                yield learned
            yield run_cycle(env=variables)
            return
        from football_assets.cli.ncaa import collect

        yield collect(env=variables, most_history=SIMULATED_SEASONS if feed.emulated else None)
    except FootballError as error:  # what fails before its job starts does not take the other pipeline with it
        yield JobOutcome(f"{feed.domain} collection", errors=[str(error)])


def _report(outcome: JobOutcome, console: Console) -> None:
    word = "[green]done[/green]" if outcome.ok else "[red]failed[/red]"
    log = f" (log: {outcome.log})" if outcome.log else ""
    console.print(f"{outcome.job}: {word} in {outcome.duration_s:.1f} s{log}", soft_wrap=True)
    for line in outcome.errors:
        console.print(f"  [red]{line}[/red]", highlight=False)
    for line in outcome.warnings:
        console.print(f"  [yellow]{line}[/yellow]", highlight=False)


def _show(domain: Domain, console: Console) -> None:
    console.rule(TITLES[domain])
    try:
        if domain == "soccer":
            from football_assets.cli.live import show_board

            show_board(console)
        else:
            from football_assets.cli.ncaa import show_predictions

            show_predictions(console)
    except StorageError as error:  # a first run that failed has published nothing; the other pipeline still shows
        console.print(str(error), style="red", highlight=False)
