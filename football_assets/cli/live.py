"""`football live`: one cycle of the live pipeline, its board now and in the past, and the changes of a match."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any, Literal

import pandas as pd
import typer
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from football_assets.cli.headings import age_text, heading
from football_assets.cli.past import (
    changes_json,
    instant,
    open_history,
    past_heading,
    past_json,
    render_changes,
)
from football_assets.cli.table import to_json
from football_assets.config import load_settings, now_utc
from football_assets.errors import ConfigError, StorageError
from football_assets.operations.jobs import JobOutcome, run_job
from football_assets.providers import reading_world
from football_assets.soccer.board import match_board
from football_assets.soccer.codes import IN_PLAY, STATUS
from football_assets.soccer.gaps import gaps
from football_assets.states import Source
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import HOW_TO_PUBLISH, open_warehouse

FAILED, PARTIAL, NOTHING = 1, 2, 3
JOB = "live_cycle"
STEPS = 5
MARKS = "Y yellow, R red cards  # suspended  ≠ quoted at another score  - not quoted now  ~ stale, its age  ? not known"
Justify = Literal["left", "center", "right"]
COLUMNS: tuple[tuple[str, int, Justify], ...] = (
    ("min", 8, "right"),
    ("home", 20, "right"),
    ("score", 15, "center"),
    ("away", 20, "left"),
    ("cards", 11, "left"),
    ("corners", 7, "left"),
    ("1X2", 19, "left"),
    ("handicap, home", 18, "left"),
    ("total goals", 17, "left"),
    ("state", 12, "left"),
)
NAME_COLUMNS = ("home", "away")
PLACE = ("competition", "country")
PADDING = 1
WIDE = sum(width + 2 * PADDING for _, width, _ in COLUMNS)

app = typer.Typer(name="live", help="The live soccer cycle and its board.", no_args_is_help=True)

World = Annotated[
    Source | None, typer.Option("--source", help="The world to read. Default: the real one with keys, else the newest.")
]


@app.command()
def once() -> None:
    """Run one cycle, then print the board. Exit code 2 when something is missing, 3 when nothing is in play."""
    console = Console()
    outcome = run_cycle()
    for line in outcome.errors:
        Console(stderr=True).print(line, style="red", highlight=False)
    if not outcome.ok:
        raise typer.Exit(FAILED)
    raise typer.Exit(show_board(console))


@app.command()
def board(
    status: Annotated[
        list[str] | None,
        typer.Option("--status", help="Only matches of this status, by number or name; may be repeated."),
    ] = None,
    competition: Annotated[str | None, typer.Option("--competition", help="Only competitions so named.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="The board as it was at an instant: 2025-05-28T17:45Z.")
    ] = None,
    source: World = None,
) -> None:
    """Print the published board: matches in play, or those of the statuses named."""
    if as_of is not None:
        chosen = _statuses(status or [])
        raise typer.Exit(show_past(Console(), instant(as_of), chosen, competition, as_json=as_json, source=source))
    raise typer.Exit(
        show_board(Console(), statuses=_statuses(status or []), competition=competition, as_json=as_json, source=source)
    )


@app.command()
def history(
    match: Annotated[str, typer.Argument(help="Match id.")],
    everything: Annotated[bool, typer.Option("--all", help="With minutes, ages and statistics.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, all changes.")] = False,
    source: World = None,
) -> None:
    """Print every change of a match, oldest first."""
    changes = open_history(source).changes_of(match)
    if as_json:
        typer.echo(changes_json(changes))
    else:
        Console().print(render_changes(changes, match, everything=everything))


def run_cycle(env: Mapping[str, str] | None = None) -> JobOutcome:
    """One live cycle as an ordinary Dagster run."""
    return run_job(JOB, tags={"football/live": "true"}, env=env, steps=STEPS)


def show_board(
    console: Console,
    *,
    statuses: Collection[int] = IN_PLAY,
    competition: str | None = None,
    as_json: bool = False,
    source: Source | None = None,
) -> int:
    """Print the newest published board; the exit code says whether it is whole (0), partial (2) or empty (3)."""
    settings = load_settings()
    warehouse = open_warehouse(settings, reading_world(settings, "soccer", source))
    publication = warehouse.publication("soccer")
    if publication is None:
        raise StorageError(
            "reading the board", f"no soccer is published in the {warehouse.source.value} world", HOW_TO_PUBLISH
        )
    if set(statuses) == IN_PLAY:
        frame = warehouse.read("soccer_match_board")
    else:
        frame = match_board(warehouse.read("soccer_flattened_matches"), statuses)
    frame = _of_competition(frame, competition)
    if as_json:
        typer.echo(board_json(frame, publication))
    else:
        console.print(render_board(frame, publication))
    return _exit_code(frame)


def show_past(
    console: Console,
    at: datetime,
    statuses: Collection[int] = IN_PLAY,
    competition: str | None = None,
    *,
    as_json: bool = False,
    source: Source | None = None,
) -> int:
    """Print the board as it was at an instant; the exit code as for the newest one."""
    kept = open_history(source)
    past = kept.at(at)
    frame = _of_competition(match_board(past.flattened, statuses), competition)
    if as_json:
        typer.echo(past_json(frame, past, at, kept.source))
    else:
        console.print(Group(past_heading(past, at, kept.source), *_board(frame)))
    return _exit_code(frame)


def _of_competition(frame: pd.DataFrame, competition: str | None) -> pd.DataFrame:
    if competition is None:
        return frame
    named = frame["competition"].fillna("").str.contains(competition, case=False, regex=False)
    return frame[named].reset_index(drop=True)


def _exit_code(frame: pd.DataFrame) -> int:
    if frame.empty:
        return NOTHING
    return PARTIAL if gaps(frame) else 0


def board_json(frame: pd.DataFrame, publication: Publication) -> str:
    """The board as JSON: the world, when it was published, how old it is, what is missing, the matches."""
    about = {
        "source": publication.source.value,
        "publication_id": publication.id,
        "published_at": publication.published_at.isoformat(),
        "as_of": publication.as_of.isoformat() if publication.as_of else None,
        "age_s": round((now_utc() - publication.published_at).total_seconds(), 1),
        "gaps": gaps(frame),
        "matches": json.loads(to_json(frame)),
    }
    return json.dumps(about, ensure_ascii=False, indent=1)


def render_board(frame: pd.DataFrame, publication: Publication | None) -> RenderableType:
    """The board for a terminal: where it comes from, the matches by competition, and what is missing.

    `frame` has the columns of MatchBoard, in its order.
    """
    return Group(_heading(frame, publication), *_board(frame))


def _board(frame: pd.DataFrame) -> Iterator[RenderableType]:
    if frame.empty:
        yield Text("No match to show.")
    else:
        yield _Matches(frame)
        yield Text(MARKS, "dim")
    yield from (Text(line, style="yellow") for line in gaps(frame))


def _heading(frame: pd.DataFrame, publication: Publication | None) -> Text:
    matches = f"{len(frame)} matches"
    if publication is None:
        return Text(f"{matches}, not published")
    return heading(matches, publication, simulated="matches", as_of="provider's clock")


class _Matches:
    """The matches by competition: a grid where it fits, else two lines a match, which wrap between words only.

    A grid squeezed into a narrow terminal would break prices apart, and half a price reads as another one.
    """

    def __init__(self, frame: pd.DataFrame) -> None:
        records = frame.astype(object).where(frame.notna(), None).to_dict("records")
        self._rows = [{str(name): value for name, value in row.items()} for row in records]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        is_wide = options.max_width >= WIDE
        if is_wide:
            yield _grid([], header=True)
        for (_, competition, country), group in groupby(self._rows, itemgetter("competition_id", *PLACE)):
            place = f" ({country})" if country and f"({country})" not in (competition or "") else ""
            yield Text(f"{competition or 'competition not known'}{place}", style="bold cyan")
            rows = list(group)
            if is_wide:
                yield _grid(rows)
            else:
                for row in rows:
                    yield from _lines(row)


def _grid(rows: Iterable[Mapping[str, Any]], *, header: bool = False) -> Table:
    grid = Table(box=None, pad_edge=True, padding=(0, PADDING), show_header=header)
    for title, width, justify in COLUMNS:
        # A name may be cut short, a price must not.
        is_name = title in NAME_COLUMNS
        grid.add_column(
            title, width=width, justify=justify, no_wrap=is_name, overflow="ellipsis" if is_name else "fold"
        )
    for row in rows:
        grid.add_row(*_cells(row))
    return grid


def _lines(row: Mapping[str, Any]) -> Iterator[Text]:
    minute, home, score, away, cards, corners, *prices, states = _cells(row)
    yield Text(" ").join([Text(" "), minute, home, score, away, Text(" "), cards, Text("corners"), corners])
    titled = [
        part for title, cell in zip(("1X2", "home", "goals"), prices, strict=True) for part in (Text(title), cell)
    ]
    yield Text(" ").join([Text("     "), *titled, states])


def _cells(row: Mapping[str, Any]) -> list[Text]:
    return [
        Text(_minute(row)),
        Text(str(row["home_team"] or "?")),
        _score(row),
        Text(str(row["away_team"] or "?")),
        _cards(row),
        Text(_pair(row, "corners") or "?"),
        _prices(row, "moneyline", None, ("home", "draw", "away")),
        _prices(row, "handicap", "home_spread", ("home", "away")),
        _prices(row, "total", "total_line", ("over", "under")),
        _states(row),
    ]


def _minute(row: Mapping[str, Any]) -> str:
    minute: str | None = row["minute_text"]
    if minute is None:
        return row["status"] or "?"
    return f"{minute}'" if minute != "HT" else minute


def _score(row: Mapping[str, Any]) -> Text:
    text = Text(_pair(row, "score") or "?", style="bold")
    details = [f"HT {half}" if (half := _pair(row, "score_half_time")) else None]
    if _pair(row, "score_extra_time"):
        details.append(f"90' {_pair(row, 'score_regular')}")
    if kicks := _pair(row, "score_penalties"):
        details.append(f"pens {kicks}")
    if known := ", ".join(filter(None, details)):
        text.append(f" ({known})", style="not bold")
    return text


def _pair(row: Mapping[str, Any], name: str) -> str | None:
    home, away = row[f"home_{name}"], row[f"away_{name}"]
    return None if home is None or away is None else f"{home}-{away}"


def _cards(row: Mapping[str, Any]) -> Text:
    yellow, red = _pair(row, "yellow_cards"), _pair(row, "red_cards")
    text = Text(f"Y {yellow}" if yellow else "?")
    if red and red != "0-0":
        text.append(f" R {red}", style="red")
    return text


def _prices(row: Mapping[str, Any], market: str, line: str | None, selections: tuple[str, ...]) -> Text:
    state = row[f"{market}_state"]
    if state == "suspended":
        return Text("#", style="yellow")
    if state != "open":
        return Text("-", style="dim")
    words = [] if line is None else [_line(row[line], signed=line == "home_spread")]
    for selection in selections:
        price = row[f"{market}_{selection}_decimal"]
        words.append(f"{price:.2f}" if isinstance(price, float) else "-")
    return Text(" ".join(words) + (" ≠" if row[f"{market}_at_other_score"] else ""))


def _line(line: object, *, signed: bool) -> str:
    if not isinstance(line, float):
        return "?"
    return f"{line:+g}" if signed and line else f"{line:g}"


def _states(row: Mapping[str, Any]) -> Text:
    text = Text()
    for part in ("detail", "odds", "names"):
        state, age = row[f"{part}_state"], row[f"{part}_age_s"]
        if state == "stale":
            old = f" {age_text(timedelta(seconds=age))}" if isinstance(age, float) else ""
            text.append(f"~{part}{old} ", style="yellow")
        elif state == "missing":
            text.append(f"?{part} ", style="red")
    if row["live_gap"] is not None:
        text.append("?live ", style="red")
    return text


def _statuses(wanted: list[str]) -> Collection[int]:
    """Status numbers from numbers or names; in play when none is named."""
    if not wanted:
        return IN_PLAY
    names = {name: number for number, name in STATUS.items()}
    found: set[int] = set()
    for word in wanted:
        number = int(word) if word.isdecimal() else names.get(word.strip().lower())
        if number is None or number not in STATUS:
            allowed = ", ".join(f"{number} {name}" for number, name in STATUS.items())
            raise ConfigError("--status", value=word, allowed=allowed, origin="the command line")
        found.add(number)
    return found
