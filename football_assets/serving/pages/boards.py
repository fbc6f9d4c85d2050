"""The live board as HTML: competition by competition, with the prices in the form chosen and model against market.

Every cell of a match has three lines: what is of the home side (or over), of the draw, of the away side (or under).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

from football_assets.serving.pages.html import UNKNOWN, age, group, lines, link, number, percent, row, table, text
from football_assets.soccer.derived_chances import OUTCOMES
from football_assets.soccer.odds import american_from_decimal, hong_kong_from_decimal
from football_assets.tables import plain_rows

Form = Literal["decimal", "american", "hong kong"]
FORMS: tuple[Form, ...] = ("decimal", "american", "hong kong")
HEADS = (
    ("min", "c"),
    ("match", "teams"),
    ("score", "c"),
    ("1X2", "n"),
    ("handicap", "n wide"),
    ("goals", "n wide"),
    ("model", "n"),
    ("market", "n wide"),
    ("difference", "n wide"),
    ("prices of", "wide"),
)
LEGEND = (
    "Model and market: chances of home, draw and away after 90 minutes; market is the bookmaker's without his margin. "
    "Difference: model less market, in percentage points."
)
ODDS_LIMIT_S = 120.0
# Under half a point both say the same.
LEAST_EDGE = 0.005

Score = tuple[Any, Any]
Row = Mapping[str, Any]


def board_html(
    frame: pd.DataFrame, form: Form, published_at: datetime, before: Mapping[str, Score] | None = None
) -> str:
    """The board. `frame` is MatchBoard as of a publication; scores other than in `before` flash."""
    rows: list[str] = []
    last: tuple[Any, Any] | None = None
    for each in plain_rows(frame):
        place = (each["competition_id"], each["competition"])
        if place != last:
            rows.append(group(place_of(each), len(HEADS)))
            last = place
        rows.append(_match(each, form, published_at, has_moved(each, before)))
    return table(HEADS, rows, caption="Live matches") + f'<p class="fa-note">{LEGEND}</p>'


def place_of(each: Row) -> str:
    """The competition, with its country where its name does not hold it."""
    name, country = str(each["competition"] or "competition not known"), each["country"]
    return name if not country or str(country) in name else f"{name}, {country}"


def scores(frame: pd.DataFrame) -> dict[str, Score]:
    """The score of each match, to see next time what moved."""
    return {str(each["match_id"]): (each["home_score"], each["away_score"]) for each in plain_rows(frame)}


def has_moved(each: Row, before: Mapping[str, Score] | None) -> bool:
    """Whether a match that was on the board before has another score now."""
    return before is not None and each["match_id"] in before and before[each["match_id"]] != _score(each)


def told_scores(frame: pd.DataFrame, before: Mapping[str, Score] | None) -> str:
    """The scores that moved, as a sentence for those who do not see the flash."""
    moved = [each for each in plain_rows(frame) if has_moved(each, before)]
    return ". ".join(f"{e['home_team']} {e['home_score']}, {e['away_team']} {e['away_score']}" for e in moved)


def price(decimal: Any, form: Form) -> str:
    """A decimal price in the form chosen."""
    if form == "american":
        american = american_from_decimal(decimal)
        return UNKNOWN if american is None else f"{american:+d}"
    shown = hong_kong_from_decimal(decimal) if form == "hong kong" else decimal
    return UNKNOWN if shown is None else f"{shown:.2f}"


def minute(each: Row) -> str:
    """`37'`, `45+'`, `HT`; the kickoff of a match that has not begun; else its status."""
    told = each["minute_text"]
    if told is not None:
        return text(told if told == "HT" else f"{told}'")
    if each["status"] == "not started" and each["kickoff_at"] is not None:
        return f"{each['kickoff_at']:%H:%M}"
    return text(each["status"])


def _score(each: Row) -> Score:
    return each["home_score"], each["away_score"]


def _match(each: Row, form: Form, published_at: datetime, moved: bool) -> str:
    home, away = _score(each)
    gaps = [each[name] for name in ("live_gap", "detail_gap", "names_gap") if each.get(name)]
    note = f'<small class="fa-stale" title="{text("; ".join(gaps))}">incomplete</small>' if gaps else ""
    status = "" if each["minute_text"] in (None, "HT") else f'<small class="wide">{text(each["status"])}</small>'
    sides = lines(_side(each, "home"), "<small>draw</small>", _side(each, "away"))
    late = "" if each["odds_state"] not in ("stale", "missing") else " late"
    return row(
        [
            (lines(minute(each), status), "c minute"),
            (link(f"/match/{each['match_id']}", sides) + note + _narrow_age(each, published_at), "teams"),
            (lines(text(home), "", text(away)), "score flash" if moved else "score"),
            (_prices(each, "moneyline", form), f"n{late}"),
            (_prices(each, "handicap", form), "n wide"),
            (_prices(each, "total", form), "n wide"),
            (_chances(each, "p"), "n"),
            (_chances(each, "market_p"), "n wide"),
            (lines(*(_edge(each[f"edge_{side}"]) for side in OUTCOMES)), "n wide"),
            (lines(text(each["odds_company"]), odds_age(each, published_at)), "wide"),
        ]
    )


def _side(each: Row, side: str) -> str:
    reds = int(each[f"{side}_red_cards"] or 0)
    name = each[f"{side}_team"]
    cards = '<span class="red" role="img" aria-label="red card" title="red card"></span>' * reds
    return f'<span title="{text(name) if name else ""}">{text(name)}</span>{cards}'


def _prices(each: Row, market: str, form: Form) -> str:
    """The prices of a market on three lines, or why there are none."""
    state = each[f"{market}_state"]
    ends = ("over", "under") if market == "total" else ("home", "away")
    shown = [price(each[f"{market}_{side}_decimal"], form) for side in ends]
    middle = {
        "moneyline": lambda: price(each["moneyline_draw_decimal"], form),
        "handicap": lambda: f"<small>{number(each['home_spread'], 2, sign=True)}</small>",
        "total": lambda: f"<small>{number(each['total_line'], 2)}</small>",
    }[market]()
    if state is None:
        return lines(UNKNOWN)
    if all(each[name] is None for name in each if name.startswith(f"{market}_") and name.endswith("_decimal")):
        return lines(f'<span class="soft" title="no prices now">{text(state)}</span>')
    told = lines(shown[0], middle, shown[1])
    if state != "open":
        return f'<span class="susp" title="{text(state)}: no bets taken">{told}</span>'
    if each[f"{market}_at_other_score"]:
        return f'<span class="late" title="quoted at another score than the one shown">{told}</span>'
    return told


def _chances(each: Row, prefix: str) -> str:
    if all(each[f"{prefix}_{side}"] is None for side in OUTCOMES):
        if prefix != "p":
            return lines(UNKNOWN)
        why = text(each.get("model_reason") or "this match is not in the model")
        return lines(f'<span class="soft" title="{why}"><span class="wide">no model</span>{NARROW_DASH}</span>')
    return lines(*(percent(each[f"{prefix}_{side}"]) for side in OUTCOMES))


NARROW_DASH = '<span class="narrow">-</span>'


def _edge(value: float | None) -> str:
    if value is None:
        return ""
    kind = "good" if value > LEAST_EDGE else "bad" if value < -LEAST_EDGE else "soft"
    return f'<span class="{kind}">{number(100 * value, 0, sign=True)}</span>'


def _narrow_age(each: Row, published_at: datetime) -> str:
    """The age of the prices where a phone has no room for a column of it."""
    quoted = each["odds_company"] is not None or each["odds_state"] == "missing"
    return f'<small class="narrow">prices {odds_age(each, published_at)}</small>' if quoted else ""


def odds_age(each: Row, published_at: datetime) -> str:
    """How old the prices are, counted on from the publication they came with."""
    if each["odds_company"] is None and each["odds_state"] != "missing":
        return '<small title="no preferred bookmaker quotes it">no prices</small>'
    if each["odds_state"] == "missing" or each["odds_age_s"] is None:
        return f'<span class="fa-stale" title="{text(each["odds_gap"])}">missing</span>'
    return f"<small>{age(published_at - timedelta(seconds=each['odds_age_s']), ODDS_LIMIT_S)}</small>"
