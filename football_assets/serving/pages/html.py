"""Small pieces of HTML: everything that comes from data is escaped here."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Any

import pandas as pd

from football_assets.config import now_utc

UNKNOWN = '<span class="soft" title="not known">-</span>'


def text(value: Any) -> str:
    """A value for people; what is not known is a dash that says so."""
    return UNKNOWN if _is_unknown(value) else escape(str(value))


def number(value: Any, digits: int = 1, *, sign: bool = False) -> str:
    """A number with so many digits."""
    return UNKNOWN if _is_unknown(value) else f"{float(value):{'+' if sign else ''}.{digits}f}"


def percent(value: Any, digits: int = 0) -> str:
    """A share as percent."""
    return UNKNOWN if _is_unknown(value) else f"{100 * float(value):.{digits}f}\u202f%"


def instant(value: Any, form: str = "%b %d %H:%M") -> str:
    """An instant, UTC."""
    if _is_unknown(value):
        return UNKNOWN
    moment = pd.Timestamp(value)
    return f'<time datetime="{moment.isoformat()}" class="nowrap">{moment.strftime(form)}</time>'


def age(seconds: float | None, limit_s: float | None = None) -> str:
    """An age for people; past its limit it looks stale and says so."""
    if seconds is None or _is_unknown(seconds):
        return UNKNOWN
    words = age_words(seconds)
    if limit_s is not None and seconds > limit_s:
        return f'<span class="fa-stale" title="older than it should be">{words} old, stale</span>'
    return f'<span class="soft">{words} old</span>'


def age_words(seconds: float) -> str:
    """`45 s`, `12 min`, `5 h`, `3 days`."""
    whole = int(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7_200:
        return f"{whole // 60} min"
    return f"{whole // 3_600} h" if whole < 172_800 else f"{whole // 86_400} days"


def since(moment: datetime) -> timedelta:
    """How long ago, never negative."""
    return max(now_utc() - moment, timedelta())


def table(heads: Sequence[tuple[str, str]], rows: Iterable[str], *, caption: str) -> str:
    """A table. `heads` are titles with their classes; `rows` are whole `<tr>` elements."""
    top = "".join(f'<th scope="col" class="{kind}">{escape(title)}</th>' for title, kind in heads)
    body = "".join(rows)
    return (
        f'<div class="fa-scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="fa"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def row(cells: Iterable[tuple[str, str]], kind: str = "") -> str:
    """A row of cells, each HTML with its class."""
    return f'<tr class="{kind}">' + "".join(f'<td class="{style}">{cell}</td>' for cell, style in cells) + "</tr>"


def group(title: str, columns: int) -> str:
    """A heading row inside a table."""
    return f'<tr class="group"><td colspan="{columns}">{escape(title)}</td></tr>'


def link(path: str, words: str) -> str:
    """A link within the pages."""
    return f'<a href="{escape(path, quote=True)}">{words}</a>'


def empty(words: str) -> str:
    """What stands where there is nothing to show: why, and what to do."""
    return f'<div class="fa-empty">{escape(words)}</div>'


def _is_unknown(value: Any) -> bool:
    return value is None or value is pd.NA or (not isinstance(value, str | list | dict) and bool(pd.isna(value)))
