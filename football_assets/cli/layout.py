"""Columns side by side in the width of a terminal: names are cut short, numbers never."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from rich.cells import cell_len
from rich.text import Text

Justify = Literal["left", "center", "right"]
GAP = 1
LARGEST_NAME = 30


@dataclass(frozen=True, slots=True)
class Laid:
    """A column with the cells of all its rows and its width."""

    title: str
    cells: Sequence[Text]
    justify: Justify
    is_name: bool
    width: int


def laid(title: str, cells: Sequence[Text], justify: Justify = "left", *, is_name: bool = False) -> Laid:
    """A column as wide as its widest cell and its title."""
    widest = max((cell.cell_len for cell in cells), default=0)
    return Laid(title, cells, justify, is_name, max(widest, cell_len(title)))


def least(columns: Sequence[Laid], name: int) -> int:
    """The width that columns take with names cut to `name` cells."""
    return sum((min(each.width, name) if each.is_name else each.width) + GAP for each in columns)


def fitted(columns: Sequence[Laid], width: int) -> list[Laid]:
    """The columns with the names cut so that all fit; what one name does not need goes to the next."""
    names = [min(each.width, LARGEST_NAME) for each in columns if each.is_name]
    left = width - least([each for each in columns if not each.is_name], 0) - GAP * len(names)
    shares: list[tuple[int, int]] = []
    for place, wanted in sorted(enumerate(names), key=lambda each: each[1]):
        share = min(wanted, left // (len(names) - len(shares)))
        shares.append((place, share))
        left -= share
    widths = iter(share for _, share in sorted(shares))
    return [replace(each, width=next(widths)) if each.is_name else each for each in columns]


def header(columns: Sequence[Laid]) -> Text:
    """The titles."""
    return line(columns, [Text(each.title, "dim") for each in columns])


def line(columns: Sequence[Laid], cells: Sequence[Text]) -> Text:
    """One row, each cell in its width."""
    found = Text(no_wrap=True, overflow="crop")
    for each, cell in zip(columns, cells, strict=True):
        shown = cell.copy()
        shown.truncate(each.width, overflow="ellipsis")
        shown.align(each.justify, each.width)
        found.append(" " * GAP).append_text(shown)
    return found


def packed(words: Sequence[str], width: int) -> Iterator[Text]:
    """Short texts one after another, as many on a line as fit."""
    found: list[str] = []
    for word in words:
        if found and cell_len(f"{found[-1]} · {word}") <= width:
            found[-1] += f" · {word}"
        else:
            found.append(word)
    yield from (Text(each, "dim") for each in found)
