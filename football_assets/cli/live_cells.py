"""The cells of the match board: how a minute, a score, prices, chances and states read. Unknown reads `?`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from football_assets.cli.headings import short_age
from football_assets.cli.layout import Justify
from football_assets.figures import rounded
from football_assets.soccer.codes import (
    CANCELLED,
    CUT_SHORT,
    DELAYED,
    ENDED,
    EXTRA_TIME,
    EXTRA_TIME_RETIRED,
    INTERRUPTED,
    NOT_STARTED,
    SHOOT_OUT,
    TO_BE_DETERMINED,
)
from football_assets.soccer.schemas import NO_MODEL, PREDICTED

Row = Mapping[str, Any]
# Match id -> column -> 1 where its value rose since the last publication, -1 where it fell, 0 where it is another.
Moves = Mapping[str, Mapping[str, int]]

SHORT_STATUS: Mapping[int, str] = {
    0: "abn.",
    EXTRA_TIME: "ET",
    EXTRA_TIME_RETIRED: "ET",
    SHOOT_OUT: "pens",
    ENDED: "FT",
    DELAYED: "delay",
    INTERRUPTED: "int.",
    CUT_SHORT: "cut",
    CANCELLED: "canc.",
    TO_BE_DETERMINED: "TBD",
}
PART_LETTERS = {"detail": "D", "odds": "O", "names": "N"}
NO_MOVES: Moves = {}
ROSE, FELL, GOAL, TAKEN_BACK = "green", "red", "bold black on green", "bold white on red"
OTHER_SCORE, SUSPENDED = "≠", "suspended"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the board: its cells for all rows at once, so that the parts of prices stand in line."""

    title: str
    cells: Callable[[Sequence[Row], Moves], list[Text]]
    justify: Justify = "left"
    is_name: bool = False
    is_spare: bool = False  # left out when no row has anything to say


def _each(cell: Callable[[Row], Text]) -> Callable[[Sequence[Row], Moves], list[Text]]:
    return lambda rows, _: [cell(row) for row in rows]


def minute(row: Row) -> Text:
    """`71'`, `45+'`, `HT`, the kickoff of a match that has not begun, else what its status is."""
    text: str | None = row["minute_text"]
    if text is not None:
        return Text(text if text == "HT" else f"{text}'")
    if row["status_id"] == NOT_STARTED and row["kickoff_at"] is not None:
        return Text(f"{row['kickoff_at']:%H:%M}")
    return Text(SHORT_STATUS.get(row["status_id"]) or row["status"] or "?")


def pair(row: Row, name: str) -> str | None:
    """`2-1` of the home and away column of a name; None unless both are known."""
    home, away = row[f"home_{name}"], row[f"away_{name}"]
    return None if home is None or away is None else f"{home}-{away}"


def score(row: Row, moves: Mapping[str, int]) -> Text:
    """The score as shown, a shoot-out behind it; coloured when it changed."""
    changed = [moves[name] for name in ("home_score", "away_score") if name in moves]
    style = "bold" if not changed else TAKEN_BACK if -1 in changed else GOAL
    text = Text(pair(row, "score") or "?", style)
    if kicks := pair(row, "score_penalties"):
        text.append(f" p{kicks}", "not bold" if style == "bold" else style)
    return text


def red_cards(row: Row, moves: Mapping[str, int]) -> Text:
    """`0-1`; nothing without a red card, so that one stands out."""
    reds = pair(row, "red_cards")
    if reds is None:
        return Text("?")
    changed = any(moves.get(f"{side}_red_cards") for side in ("home", "away"))
    return Text("" if reds == "0-0" and not changed else reds, TAKEN_BACK if changed else "red")


def half_time(row: Row) -> Text:
    """The score at the break, and after 90 minutes when extra time was played."""
    words = [pair(row, "score_half_time")]
    if pair(row, "score_extra_time"):
        words.append(f"90' {pair(row, 'score_regular') or '?'}")
    return Text(", ".join(filter(None, words)))


def line_text(line: object, *, signed: bool) -> str:
    """`+0.25` or `2.5`; `?` when not known."""
    if not isinstance(line, float):
        return "?"
    return f"{line:+g}" if signed and line else f"{line:g}"


def price_text(price: object) -> str:
    """`1.95`, whole from 100 on; `-` when there is none."""
    if not isinstance(price, float):
        return "-"
    return f"{price:.2f}" if price < 100 else f"{price:.0f}"


def prices(market: str, line: str | None, selections: tuple[str, ...]) -> Callable[[Sequence[Row], Moves], list[Text]]:
    """The cells of a market: its line and prices in columns of their own, or what keeps them from being shown."""
    names = [f"{market}_{selection}_decimal" for selection in selections]

    def words(row: Row) -> list[str]:
        found = [] if line is None else [line_text(row[line], signed=line == "home_spread")]
        return [*found, *(price_text(row[name]) for name in names)]

    def cells(rows: Sequence[Row], moves: Moves) -> list[Text]:
        told = {n: words(row) for n, row in enumerate(rows) if row[f"{market}_state"] == "open"}
        widths = [max(map(cell_len, part)) for part in zip(*told.values(), strict=True)]
        columns = [None, *names] if line else names
        found = []
        for n, row in enumerate(rows):
            if n not in told:
                found.append(_without_price(row, market))
                continue
            moved = moves.get(row["match_id"], {})
            text = Text()
            for part, width, column in zip(told[n], widths, columns, strict=True):
                style = {1: ROSE, -1: FELL}.get(moved.get(column, 0), "") if column else ""
                text.append((" " if text else "") + part.rjust(width), style)
            found.append(text.append(OTHER_SCORE if row[f"{market}_at_other_score"] else ""))
        return found

    return cells


def _without_price(row: Row, market: str) -> Text:
    """Why there is no price: suspended, not known whether there is one, or not quoted now."""
    if row[f"{market}_state"] == SUSPENDED:
        return Text(SUSPENDED, "yellow")
    is_known = row["odds_state"] != "missing" or row[f"{market}_state"] is not None
    return Text("-", "dim") if is_known else Text("?", "red")


def chances(prefix: str, ending: str = "%") -> Callable[[Row], Text]:
    """Three chances in percent, or three differences in points: home, draw, away."""

    def cell(row: Row) -> Text:
        if row.get("model_state") != PREDICTED:
            return Text(NO_MODEL if ending == "%" else "", "dim")
        values = [row[f"{prefix}_{side}"] for side in ("home", "draw", "away")]
        if any(value is None for value in values):
            return Text("-", "dim")
        signed = ending != "%"
        return Text(" ".join(rounded(100 * value, 0, sign=signed).rjust(2 + signed) for value in values))

    return cell


def states(row: Row) -> Text:
    """Which parts are stale, each with its age, and which are missing."""
    words = []
    for part, letter in PART_LETTERS.items():
        state, age = row[f"{part}_state"], row[f"{part}_age_s"]
        if state == "stale":
            old = short_age(timedelta(seconds=age)) if isinstance(age, float) else "?"
            words.append((f"~{letter}{old}", "yellow"))
        elif state == "missing":
            words.append((f"?{letter}", "red"))
    if row["live_gap"] is not None:
        words.append(("?L", "red"))
    return Text(" ").join(Text(word, style) for word, style in words)


def _moved(cell: Callable[[Row, Mapping[str, int]], Text]) -> Callable[[Sequence[Row], Moves], list[Text]]:
    return lambda rows, moves: [cell(row, moves.get(row["match_id"], {})) for row in rows]


ESSENTIAL = (
    Column("min", _each(minute), "right"),
    Column("home", _each(lambda row: Text(str(row["home_team"] or "?"))), "right", is_name=True),
    Column("score", _moved(score), "center"),
    Column("away", _each(lambda row: Text(str(row["away_team"] or "?"))), is_name=True),
    Column("Y", _each(lambda row: Text(pair(row, "yellow_cards") or "?"))),
    Column("R", _moved(red_cards), is_spare=True),
    Column("1X2", prices("moneyline", None, ("home", "draw", "away"))),
)
STATES = Column("state", _each(states), is_spare=True)
MODEL = (Column("model %", _each(chances("p"))), Column("vs market", _each(chances("edge", "points"))))
# Columns that come with more room, in the order of their worth; those of one group come together.
OPTIONAL: tuple[tuple[Column, ...], ...] = (
    (Column("handicap", prices("handicap", "home_spread", ("home", "away"))),),
    (Column("goals", prices("total", "total_line", ("over", "under"))),),
    MODEL,
    (Column("HT", _each(half_time), is_spare=True),),
    (Column("corners", _each(lambda row: Text(pair(row, "corners") or "?"))),),
)
