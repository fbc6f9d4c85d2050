"""The match board for a terminal: as many columns as fit, names cut short before anything else is left out."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

import pandas as pd
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from football_assets.cli.headings import Heading, heading, published_json
from football_assets.cli.layout import Laid, fitted, header, laid, least, line, packed
from football_assets.cli.live_cells import (
    ESSENTIAL,
    MODEL,
    NO_MOVES,
    OPTIONAL,
    OTHER_SCORE,
    STATES,
    Column,
    Moves,
    Row,
)
from football_assets.cli.table import to_json
from football_assets.tables import plain_rows
from football_assets.warehouse.publication import Publication

# How far names are cut before a match takes two lines, for prices and the model, and for anything else.
LEAST_NAME, FAIR_NAME, GOOD_NAME = 8, 12, 18
CARDS = "Y yellow, R red cards"
CLOSED = "- not quoted now"
AT_OTHER_SCORE = f"{OTHER_SCORE} quoted at another score"
UNKNOWN = "? not known"
NOT_LIVE = "~ stale with its age (D detail, O odds, N names, L live list)"
CHANCES = "model: home, draw, away after 90 minutes in %; vs market: points above the bookmaker's"


class Board:
    """The matches by competition, one row each; two lines each where not even the essential columns fit.

    `only` limits what is shown to some rows; the columns are laid out for all of them, so pages stand alike.
    """

    def __init__(self, rows: Sequence[Row], moves: Moves = NO_MOVES, only: Sequence[int] | None = None) -> None:
        self.rows = rows
        self.moves = moves
        self._only = range(len(rows)) if only is None else only

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        columns = layout(self.rows, self.moves, options.max_width)
        if columns:
            yield header(columns)
        chosen = columns or unlaid(self.rows, self.moves)
        for (_, place), group in groupby(self._only, lambda n: place_of(self.rows[n])):
            yield Text(place, "bold cyan", no_wrap=True, overflow="ellipsis")
            for n in group:
                cells = [each.cells[n] for each in chosen]
                yield from [line(columns, cells)] if columns else _two_lines(chosen, cells)
        yield from packed(_marks(chosen, self._only), options.max_width)

    def pages(self, width: int, height: int) -> list[list[int]]:
        """The rows of each page of a screen of `height` lines: competitions' names, header and marks counted."""
        columns = layout(self.rows, self.moves, width)
        chosen = columns or unlaid(self.rows, self.moves)
        marks = len(list(packed(_marks(chosen, range(len(self.rows))), width)))
        each = 1 if columns else 4
        room = max(height - marks - 1, each + 1)
        found: list[list[int]] = [[]]
        used, last = 0, None
        for n, row in enumerate(self.rows):
            place = place_of(row)
            needed = each + (place != last)
            if used + needed > room:
                found.append([])
                used, needed = 0, each + 1
            found[-1].append(n)
            used, last = used + needed, place
        return found


def layout(rows: Sequence[Row], moves: Moves, width: int) -> list[Laid] | None:
    """The columns that fit into a width, as wide as their cells; None when not even the essential ones do."""
    essential, states = (_measured(columns, rows, moves) for columns in (ESSENTIAL, (STATES,)))
    if least([*essential, *states], LEAST_NAME) > width:
        return None
    optional: list[Laid] = []
    for place, group in enumerate(OPTIONAL):
        if group is MODEL and all(row.get("model_state") is None for row in rows):
            continue
        more = _measured(group, rows, moves)
        name = FAIR_NAME if place <= OPTIONAL.index(MODEL) else GOOD_NAME
        if least([*essential, *optional, *more, *states], name) > width:
            break
        optional += more
    return fitted([*essential, *optional, *states], width)


def unlaid(rows: Sequence[Row], moves: Moves) -> list[Laid]:
    """Essential columns, prices and states, whatever their widths."""
    return _measured((*ESSENTIAL, *OPTIONAL[0], *OPTIONAL[1], STATES), rows, moves)


def place_of(row: Row) -> tuple[str | None, str]:
    """The competition's id, and its name with the country."""
    competition, country = row["competition"], row["country"]
    named = f" ({country})" if country and f"({country})" not in (competition or "") else ""
    return row["competition_id"], f"{competition or 'competition not known'}{named}"


def render_board(frame: pd.DataFrame, publication: Publication, missing: Sequence[str]) -> RenderableType:
    """The board for a terminal: where it comes from, the matches by competition, and what is missing.

    `frame` has the columns of MatchBoard, in its order.
    """
    return Group(board_heading(len(frame), publication), *board_body(frame, missing))


def board_heading(count: int, publication: Publication) -> Heading:
    """The first line of the board."""
    what = f"{count} match" if count == 1 else f"{count} matches"
    return heading(what, publication, simulated="matches", as_of="provider's clock")


def board_body(frame: pd.DataFrame, missing: Sequence[str]) -> Iterator[RenderableType]:
    """The matches, then what is missing."""
    yield Text("No match to show.") if frame.empty else Board(plain_rows(frame))
    yield from (Text(each, "yellow") for each in missing)


def board_json(frame: pd.DataFrame, publication: Publication, missing: Sequence[str]) -> str:
    """The board as JSON: the world, when it was published, how old it is, what is missing, the matches."""
    about = {**published_json(publication), "gaps": list(missing), "matches": json.loads(to_json(frame))}
    return json.dumps(about, ensure_ascii=False, indent=1)


def _measured(columns: Sequence[Column], rows: Sequence[Row], moves: Moves) -> list[Laid]:
    made = [(column, column.cells(rows, moves)) for column in columns]
    return [
        laid(column.title, cells, column.justify, is_name=column.is_name)
        for column, cells in made
        if not column.is_spare or any(cell.plain for cell in cells)
    ]


def _two_lines(columns: Sequence[Laid], cells: Sequence[Text]) -> Iterator[Text]:
    """Two lines of a match, which wrap between words only: half a price reads as another one."""
    told = {each.title: cell for each, cell in zip(columns, cells, strict=True)}
    first = [told.pop(column.title) for column in ESSENTIAL[:-1] if column.title in told]
    yield Text(" ").join([Text(" "), *(cell for cell in first if cell)])
    rest = [Text(f"{title} {' '.join(cell.plain.split())}") for title, cell in told.items() if cell]
    yield Text(" ").join([Text("     "), *rest])


def _marks(columns: Sequence[Laid], only: Sequence[int]) -> list[str]:
    """What the marks mean that are on the screen."""
    by_title = {each.title: [each.cells[n].plain for n in only] for each in columns}
    everything = [cell for cells in by_title.values() for cell in cells]
    told = {
        CARDS: True,
        CLOSED: "-" in by_title["1X2"],
        AT_OTHER_SCORE: any(cell.endswith(OTHER_SCORE) for cell in everything),
        UNKNOWN: any(cell.startswith("?") for cell in everything),
        NOT_LIVE: any(by_title.get(STATES.title, [])),
        CHANCES: MODEL[0].title in by_title,
    }
    return [words for words, is_there in told.items() if is_there]
