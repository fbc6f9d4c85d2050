"""`football live odds`: what every bookmaker quotes on one match, now, early in the match and first."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

import typer
from rich.console import Console
from rich.text import Text

from football_assets.cli.headings import age_text, heading, published_json, short_age
from football_assets.cli.layout import Laid, fitted, header, laid, least, line, packed
from football_assets.cli.live_board import place_of
from football_assets.cli.live_cells import line_text, minute, pair
from football_assets.cli.live_filters import match_of, plain
from football_assets.cli.live_read import read_published, soccer_warehouse
from football_assets.config import load_settings
from football_assets.soccer.history import History
from football_assets.soccer.quote_series import Quote, Series, last_seen, quotes_of, series_json, series_of
from football_assets.states import Source

PARTIAL, NOTHING = 2, 3
LEAST_NAME = 8
UP, DOWN, SAME = "▲", "▼", "="
OTHER_LINE = "line"
BOARDS = "*"  # the bookmaker whose prices the board shows
MATCH_COLUMNS = (
    *("match_id", "home_team", "away_team", "competition", "country", "kickoff_at", "status_id", "status"),
    *("minute_text", "home_score", "away_score", "odds_state", "odds_age_s", "odds_gap"),
)
Match = Mapping[str, Any]


class Form(StrEnum):
    """How prices read."""

    DECIMAL = "decimal"
    HONGKONG = "hongkong"
    AMERICAN = "american"

    def text(self, quote: Quote, selection: str) -> str:
        """A price in this form; `-` when there is none."""
        price = quote.prices[selection]["hong_kong" if self is Form.HONGKONG else self.value]
        if price is None:
            return "-"
        return f"{price:+d}" if isinstance(price, int) else f"{price:.2f}"


def show_odds(
    console: Console,
    wanted: str,
    form: Form,
    *,
    history: bool = False,
    company: str | None = None,
    as_json: bool = False,
    source: Source | None = None,
) -> int:
    """Print the odds of a match; the exit code says whole (0), partial (2) or none (3)."""
    settings = load_settings()
    warehouse = soccer_warehouse(settings, source)
    published = read_published(warehouse)
    kept = History(settings.folder, warehouse.source)
    listed = match_of(published.listed, wanted)
    match = last_seen(kept, wanted) if listed is None else listed
    if match is None:
        happened = f"No match listed now has {wanted!r} as its id or in a team's name, and no kept day has such an id."
        typer.secho(f"{happened} `football live board` shows the matches.", err=True, fg="red")
        return NOTHING
    early = settings.live.early_minutes
    quotes = quotes_of(kept, str(match["match_id"]))
    quoted = series_of(quotes, match, settings.live.companies, early, is_listed=listed is not None)
    chosen = of_company(quoted, company)
    if as_json:
        about = {
            **published_json(published.publication),
            "match": {**{name: match[name] for name in MATCH_COLUMNS}, "is_listed": listed is not None},
            "early_minutes": early,
            "series": list(series_json(chosen, history=history)),
        }
        typer.echo(json.dumps(about, ensure_ascii=False, indent=1, default=str))
    else:
        console.print(heading(title(match), published.publication, simulated="matches", as_of="provider's clock"))
        for text in (*_remarks(match, is_listed=listed is not None), *_body(chosen, match, form, early, console.width)):
            console.print(text)
        for text in _movement(_followed(chosen, match, company), form) if history else ():
            console.print(text)
    if not chosen:
        return NOTHING
    return PARTIAL if listed is None or match["odds_state"] in ("stale", "missing") else 0


def title(match: Match) -> str:
    """`74' Pardubice 1-0 Chrudim (Czech First League, Czech Republic)`."""
    sides = f"{match['home_team'] or '?'} {pair(match, 'score') or '?'} {match['away_team'] or '?'}"
    return f"{minute(match).plain} {sides}, {place_of(match)[1]}"


def of_company(series: Sequence[Series], wanted: str | None) -> list[Series]:
    """Those of the bookmakers whose name has `wanted` in it. Raises BadParameter naming those that quote the match."""
    if wanted is None:
        return list(series)
    found = [each for each in series if plain(wanted) in plain(each.company)]
    if not found:
        there = ", ".join(dict.fromkeys(each.company for each in series)) or "none"
        raise typer.BadParameter(f"--company {wanted!r} quotes nothing on this match. Bookmakers that do: {there}.")
    return found


def _remarks(match: Match, *, is_listed: bool) -> Iterator[Text]:
    if not is_listed:
        yield Text("Not listed any more: every market is closed, ages count to its last change.", "yellow")
    elif match["odds_state"] in ("stale", "missing"):
        old = f", {age_text(timedelta(seconds=match['odds_age_s']))} old" if match["odds_age_s"] is not None else ""
        yield Text(f"odds: {match['odds_state']}{old}: {match['odds_gap'] or 'no reason given'}", "yellow")


def _body(series: Sequence[Series], match: Match, form: Form, early: tuple[int, int], width: int) -> Iterator[Text]:
    """A table a market, a row a bookmaker."""
    if not series:
        yield Text("No bookmaker quotes this match.")
        return
    for what, group in groupby(series, lambda each: each.market.what):
        each = list(group)
        columns = _columns(each, match, form, width)
        yield Text(f"{what} ({' / '.join(each[0].market.selections)}, {form})", "bold cyan")
        yield header(columns)
        yield from (line(columns, [column.cells[n] for column in columns]) for n in range(len(each)))
    marks = (
        f"{BOARDS} the board's bookmaker",
        "at: minute and score when quoted",
        "age: at the provider's clock",
        f"early: last open price of minutes {early[0]} to {early[1]}",
        "first: the oldest price known",
        f"move: the price now beside the early one, else the first; {OTHER_LINE!r} when its line is another",
    )
    yield from packed(marks, width)


def _columns(series: Sequence[Series], match: Match, form: Form, width: int) -> list[Laid]:
    newest = [each.newest for each in series]
    last = [None if each.state == "open" else each.last_open for each in series]
    names = [Text(f"{BOARDS if each.company_id == match['odds_company_id'] else ' '}{each.company}") for each in series]
    essential = [
        laid("bookmaker", names, is_name=True),
        laid("now", _states(series, _prices(newest, series, form))),
        laid("at", [Text(_at(quote)) for quote in newest]),
        laid("age", [Text(_age(quote)) for quote in newest], "right"),
        laid("move", [_move(each) for each in series]),
        laid("early", _prices([each.early for each in series], series, form)),
    ]
    found = list(essential)
    optional = [laid("last open", _prices(last, series, form))] if any(last) else []
    optional.append(laid("first", _prices([each.first for each in series], series, form)))
    optional.append(laid("quotes", [Text(f"{len(each.quotes):,}") for each in series], "right"))
    for column in optional:
        if least([*found, column], LEAST_NAME) <= width:
            found.append(column)
    return fitted(found, width)


def _prices(quotes: Sequence[Quote | None], series: Sequence[Series], form: Form) -> list[Text]:
    """Lines and prices, each part in a column of its own."""
    told = [None if quote is None else _parts(quote, each, form) for quote, each in zip(quotes, series, strict=True)]
    known = [parts for parts in told if parts is not None]
    widths = [max(map(len, part)) for part in zip(*known, strict=True)]
    return [
        Text("-", "dim")
        if parts is None
        else Text(" ".join(part.rjust(width) for part, width in zip(parts, widths, strict=True)))
        for parts in told
    ]


def _parts(quote: Quote, series: Series, form: Form) -> list[str]:
    prices = [form.text(quote, selection) for selection in series.market.selections]
    if series.market.line is None:
        return prices
    return [line_text(quote.line, signed=series.market.name == "handicap"), *prices]


def _states(series: Sequence[Series], prices: Sequence[Text]) -> list[Text]:
    """The prices now, or what keeps them from being taken."""
    styles = {"suspended": "yellow", "closed": "dim"}
    return [
        price.append("≠" if each.at_other_score else "")
        if each.state == "open"
        else Text(each.state, styles[each.state])
        for each, price in zip(series, prices, strict=True)
    ]


def _at(quote: Quote) -> str:
    spelled = {None: "before", "midfield": "HT"}
    minute_text = spelled.get(quote.minute_text, f"{quote.minute_text}'")
    return f"{minute_text} {quote.score_text or ''}".rstrip()


def _age(quote: Quote) -> str:
    return short_age(timedelta(seconds=max(quote.age_s, 0)))


def _move(series: Series) -> Text:
    """How the price that is open now stands to the early one, else the first one."""
    before = series.early or series.first
    return _signs(before, series.newest) if series.state == "open" and before is not series.newest else Text()


def _signs(before: Quote | None, after: Quote) -> Text:
    """A sign for each selection; of another line prices say nothing."""
    text = Text()
    if before is None:
        return text
    if before.line != after.line:
        return Text(OTHER_LINE, "yellow")
    for selection in after.prices:
        was, now = (quote.prices[selection]["decimal"] for quote in (before, after))
        if was is None or now is None:
            text.append("?")
        elif was == now:
            text.append(SAME, "dim")
        else:
            text.append(UP if now > was else DOWN, "green" if now > was else "red")
    return text


def _followed(series: Sequence[Series], match: Match, company: str | None) -> list[Series]:
    """Whose quotes are listed one by one: the bookmakers asked for, else the board's, else the first one."""
    if company is not None or not series:
        return list(series)
    ids = [each.company_id for each in series]
    chosen = match["odds_company_id"] if match["odds_company_id"] in ids else ids[0]
    return [each for each in series if each.company_id == chosen]


def _movement(series: Sequence[Series], form: Form) -> Iterator[Text]:
    """Every quote, newest first, and how it stands to the one before it."""
    for each in series:
        yield Text()
        yield Text(f"{each.company}, {each.market.what}, newest first: {len(each.quotes):,} of them", "bold")
        earlier = [*each.quotes[1:], None]
        columns = [
            laid("quoted at, UTC", [Text(f"{quote.quoted_at:%Y-%m-%d %H:%M:%S}") for quote in each.quotes]),
            laid("age", [Text(_age(quote)) for quote in each.quotes], "right"),
            laid("at", [Text(_at(quote)) for quote in each.quotes]),
            laid("price", _prices(each.quotes, [each] * len(each.quotes), form)),
            laid("move", [_signs(before, quote) for quote, before in zip(each.quotes, earlier, strict=True)]),
            laid("", [Text("suspended" if quote.is_suspended else "", "yellow") for quote in each.quotes]),
        ]
        yield header(columns)
        yield from (line(columns, [column.cells[n] for column in columns]) for n in range(len(each.quotes)))
