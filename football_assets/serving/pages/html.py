"""Small pieces of HTML: everything that comes from data is escaped here."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

import pandas as pd

from football_assets.figures import rounded

UNKNOWN = '<span class="soft" title="not known">-</span>'


def text(value: Any) -> str:
    """A value for people; what is not known is a dash that says so."""
    return UNKNOWN if _is_unknown(value) else escape(str(value))


def number(value: Any, digits: int = 1, *, sign: bool = False) -> str:
    """A number with so many digits; with `sign` also a plus, and zero without any."""
    return UNKNOWN if _is_unknown(value) else rounded(float(value), digits, sign=sign)


def percent(value: Any, digits: int = 0) -> str:
    """A share as percent."""
    return UNKNOWN if _is_unknown(value) else f"{100 * float(value):.{digits}f}\u202f%"


def words(name: str) -> str:
    """The name of a column or code as words: `rushing yards`, `pass TDs`."""
    return " ".join("TDs" if each == "tds" else each.upper() if each == "td" else each for each in name.split("_"))


def instant(value: Any, form: str = "%b %d %H:%M") -> str:
    """An instant, UTC."""
    if _is_unknown(value):
        return UNKNOWN
    moment = pd.Timestamp(value)
    return f'<time datetime="{moment.isoformat()}" class="nowrap">{moment.strftime(form)}</time>'


def age(since: datetime | None, limit_s: float | None = None, *, of_page: bool = False) -> str:
    """How old something of an instant is; the page counts on by itself. Past its limit it looks stale and says so.

    When it is that of all that the page shows, `of_page`, the whole page looks so then.
    """
    if _is_unknown(since):
        return UNKNOWN
    assert since is not None
    limit = "" if limit_s is None else f' data-limit="{limit_s:g}"'
    whole = " data-page" if of_page else ""
    return f'<span class="nowrap" data-at="{since.timestamp() * 1000:.0f}"{limit}{whole}></span>'


def table(heads: Sequence[tuple[str, str]], rows: Iterable[str], *, caption: str, kind: str = "") -> str:
    """A table. `heads` are titles with their classes; `rows` are whole `<tr>` elements.

    A `tall` one scrolls within its own height; the cells of a `stacked` one lie below each other on a phone.
    """
    top = "".join(f'<th scope="col" class="{style}">{escape(title)}</th>' for title, style in heads)
    return (
        f'<div class="fa-scroll {kind}" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="fa"><thead><tr>{top}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def labelled(label: str, cell: str) -> str:
    """A cell of a stacked table: on a phone, where there are no heads, its label stands before it."""
    return f'<span class="narrow soft">{escape(label)} </span>{cell}'


def row(cells: Iterable[tuple[str, str]], kind: str = "") -> str:
    """A row of cells, each HTML with its class."""
    return f'<tr class="{kind}">' + "".join(f'<td class="{style}">{cell}</td>' for cell, style in cells) + "</tr>"


def cards(shown: Iterable[tuple[str, str]]) -> str:
    """Figures with what each is: pairs of HTML."""
    return (
        '<div class="fa-cards">'
        + "".join(f'<div class="fa-card"><b>{value}</b><span>{words}</span></div>' for value, words in shown)
        + "</div>"
    )


def mark(words: str, kind: str) -> str:
    """A word with the colour of what it means: good, bad, warn or soft."""
    return f'<span class="fa-mark {kind}">{escape(words)}</span>'


def meter(share: float | None, kind: str = "") -> str:
    """A bar of a share of 0 to 1; nothing when it is not known."""
    if _is_unknown(share):
        return ""
    width = 100 * min(max(float(share or 0.0), 0.0), 1.0)
    return f'<span class="fa-meter {kind}" aria-hidden="true"><i style="width:{width:.1f}%"></i></span>'


def group(title: str, columns: int) -> str:
    """A heading row inside a table."""
    return f'<tr class="group"><td colspan="{columns}">{escape(title)}</td></tr>'


def lines(*cells: str) -> str:
    """Values below each other in one cell, each on a line of its own, so that those of a row stand level."""
    return "".join(f'<span class="fa-line">{cell}</span>' for cell in cells)


def link(path: str, words: str) -> str:
    """A link within the pages."""
    return f'<a href="{escape(path, quote=True)}">{words}</a>'


def empty(words: str) -> str:
    """What stands where there is nothing to show: why, and what to do."""
    return f'<div class="fa-empty">{escape(words)}</div>'


def _is_unknown(value: Any) -> bool:
    return value is None or value is pd.NA or (not isinstance(value, str | list | dict) and bool(pd.isna(value)))
