"""`football live watch`: the published board, read again when it is published again; it asks no provider.

A screen shows a page of matches at a time, what changed, and how old all of it is. A file or pipe gets a board for
each publication.
"""

import signal
import time
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import pandas as pd
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.text import Text

from football_assets.cli.headings import age_text
from football_assets.cli.live_board import Board, board_heading
from football_assets.cli.live_cells import NO_MOVES, Moves
from football_assets.cli.live_changes import News, moves_between, news_between
from football_assets.cli.live_filters import named
from football_assets.cli.live_read import Published, read_published
from football_assets.errors import StorageError
from football_assets.soccer.codes import IN_PLAY
from football_assets.soccer.gaps import gaps
from football_assets.states import Source
from football_assets.tables import plain_rows
from football_assets.warehouse.reader import Warehouse

LOOK_S = 1.0
PAGE_S = 10.0
NEWS_KEPT, LINES_A_NEWS = 50, 8  # one line of news for so many lines of the screen
GAPS_SHOWN, FAIR_HEIGHT = 3, 20
STALE_AFTER = 2  # intervals
START = "`football up` starts a cycle every {interval_s} s; `football live once` runs one."


class State(Enum):
    """How the board stands in time."""

    NOTHING = "nothing"
    CURRENT = "current"
    STALE = "stale"


@dataclass(frozen=True)
class Frame:
    """What is shown at one look. `number` is the publication, None before the first."""

    number: int | None
    state: State
    heading: RenderableType
    standing: Text
    board: Board | None
    gaps: tuple[Text, ...]
    news: tuple[Text, ...]

    def whole(self) -> RenderableType:
        """Everything, however long it is."""
        body: RenderableType = self.board or Text("No match to show." if self.number is not None else "")
        return Group(self.heading, self.standing, *self.news, body, *self.gaps)


class Watch:
    """Looks at the newest publication. `open_world` gives the database of the world to read, and may raise."""

    def __init__(
        self,
        open_world: Callable[[], Warehouse],
        *,
        interval_s: int,
        statuses: Collection[int] = IN_PLAY,
        competition: str | None = None,
    ) -> None:
        self._open_world = open_world
        self._interval = timedelta(seconds=interval_s)
        self._statuses = statuses
        self._competition = competition
        self._shown: Published | None = None
        self._board: pd.DataFrame = pd.DataFrame()
        self._moves: Moves = NO_MOVES
        self._trouble: str | None = None
        self._news: deque[News] = deque(maxlen=NEWS_KEPT)
        self.publications = 0

    def look(self, now: datetime) -> Frame:
        """The board as it stands; its tables are read only when there is a newer publication."""
        try:
            self._read()
            self._trouble = None
        except StorageError as error:
            self._trouble = str(error)
        state = self._state(now)
        standing = self._standing(state, now)
        if self._shown is None:
            return Frame(None, state, Text("Watching soccer", "bold"), standing, None, (), ())
        rows = plain_rows(self._board)
        return Frame(
            number=self._shown.publication.id,
            state=state,
            heading=board_heading(len(rows), self._shown.publication),
            standing=standing,
            board=Board(rows, self._moves) if rows else None,
            gaps=tuple(Text(each, "yellow") for each in (*gaps(self._board), *self._shown.unknown_statuses)),
            news=tuple(_line(each) for each in reversed(self._news)),
        )

    def _read(self) -> None:
        warehouse = self._open_world()
        newest = warehouse.publication("soccer")
        known = self._shown
        if known and newest and (newest.source, newest.id) == (known.publication.source, known.publication.id):
            return
        found = read_published(warehouse, self._statuses)
        board = named(found.board, self._competition)
        if known and known.publication.source is found.publication.source:
            before, after, listed = (_by_id(frame) for frame in (self._board, board, found.listed))
            self._moves = moves_between(before, after)
            told = list(news_between(before, after, listed, found.incidents, found.publication.as_of))
            self._news.extend(reversed(told))
        else:  # another world: what differs from the one before is no news
            self._moves = NO_MOVES
            self._news.clear()
        self._shown, self._board = found, board
        self.publications += 1

    def _state(self, now: datetime) -> State:
        if self._shown is None:
            return State.NOTHING
        age = now - self._shown.publication.published_at
        return State.STALE if age > STALE_AFTER * self._interval else State.CURRENT

    def _standing(self, state: State, now: datetime) -> Text:
        """One line: how the board stands in time, when the next one is due, and what to do when none comes."""
        how = START.format(interval_s=int(self._interval.total_seconds()))
        if self._shown is None:
            return Text(f"NOTHING IS PUBLISHED YET. {how}", "bold yellow")
        due = self._shown.publication.published_at + self._interval - now
        if state is State.STALE:
            old = age_text(now - self._shown.publication.published_at)
            text = Text(" STALE ", "bold white on red")
            text.append(f" nothing was published for {old}: scores and prices may have changed. {how}", "red")
        else:
            text = Text(" CURRENT ", "bold black on green")
            words = (
                f"next board in {age_text(due)}" if due >= timedelta(0) else f"the next board is {age_text(-due)} late"
            )
            text.append(f" {words}", "not bold")
        if (behind := self._behind()) is not None:
            text.append(f"; the provider's clock was {age_text(behind)} behind", "bold red")
        if self._trouble:
            text.append(f"; {self._trouble}", "red")
        return text

    def _behind(self) -> timedelta | None:
        """By how much the provider's answer was older than its publication; only the real one shares our clock."""
        assert self._shown is not None
        publication = self._shown.publication
        if publication.source is not Source.REAL or publication.as_of is None:
            return None
        behind = publication.published_at - publication.as_of
        return behind if behind > STALE_AFTER * self._interval else None


class Screen:
    """A frame cut to a terminal: heading, news, one page of the board, what is missing."""

    def __init__(self, frame: Frame, page: int) -> None:
        self._frame = frame
        self._page = page

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        frame, height = self._frame, options.height or console.height
        news = frame.news[: height // LINES_A_NEWS]
        shown = GAPS_SHOWN if height >= FAIR_HEIGHT else 0
        missing = list(frame.gaps[:shown])
        if len(frame.gaps) > shown:
            missing.append(Text(f"{len(frame.gaps) - shown} more gaps: football live board", "yellow"))
        top = Group(frame.heading, frame.standing, *(_one_line(each) for each in news))
        yield top
        if frame.board is None:
            yield Text("No match to show." if frame.number is not None else "")
        else:
            used = len(console.render_lines(top, options.update(height=None))) + len(missing) + 1
            pages = frame.board.pages(options.max_width, height - used)
            only = pages[self._page % len(pages)]
            yield Board(frame.board.rows, frame.board.moves, only)
            if len(pages) > 1:
                place = f"page {self._page % len(pages) + 1} of {len(pages)}, the next one every {PAGE_S:.0f} s"
                yield Text(f"{place} · Ctrl-C ends", "dim")
        yield from (_one_line(each) for each in missing)


def watch_until_stopped(
    console: Console,
    watching: Watch,
    *,
    clock: Callable[[], datetime],
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Show what is published until Ctrl-C, which ends it quietly."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the screen is left in order then, too
    try:
        if console.is_terminal:
            _on_screen(console, watching, clock, pause)
        else:
            _in_lines(console, watching, clock, pause)
    except KeyboardInterrupt:
        boards = "1 board" if watching.publications == 1 else f"{watching.publications} boards"
        console.print(f"Watched {boards}.", highlight=False)


def _on_screen(
    console: Console, watching: Watch, clock: Callable[[], datetime], pause: Callable[[float], None]
) -> None:
    started = clock()
    with Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            now = clock()
            page = int((now - started).total_seconds() // PAGE_S)
            live.update(Screen(watching.look(now), page), refresh=True)
            pause(LOOK_S)


def _in_lines(console: Console, watching: Watch, clock: Callable[[], datetime], pause: Callable[[float], None]) -> None:
    told: tuple[int | None, State] | None = None
    while True:
        frame = watching.look(clock())
        if told != (frame.number, frame.state):
            console.print(frame.whole() if told is None or told[0] != frame.number else frame.standing)
        told = frame.number, frame.state
        pause(LOOK_S)


def _line(news: News) -> Text:
    at = f"{news.at:%H:%M:%S} " if news.at else ""
    return Text(at, "dim").append(f"{news.what}  ", news.style or "not dim").append(news.text, "not dim")


def _one_line(text: Text) -> Text:
    line = text.copy()
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def _by_id(frame: pd.DataFrame) -> dict[str, dict[str, object]]:
    return {str(row["match_id"]): row for row in plain_rows(frame)}
