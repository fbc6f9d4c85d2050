"""The live board as HTML: competition by competition, with the prices in the form chosen and model against market."""

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from football_assets.serving.pages.html import UNKNOWN, age, group, link, number, percent, row, table, text

Form = Literal["decimal", "american", "hong kong"]
FORMS: tuple[Form, ...] = ("decimal", "american", "hong kong")
HEADS = (
    ("minute", "c"),
    ("match", ""),
    ("score", "c"),
    ("1X2", "n"),
    ("handicap", "n wide"),
    ("goals", "n wide"),
    ("model 1X2", "n"),
    ("market 1X2", "n wide"),
    ("difference", "n"),
    ("prices of", "wide"),
)
ODDS_LIMIT_S = 120.0

Score = tuple[Any, Any]


def board_html(frame: pd.DataFrame, form: Form, before: Mapping[str, Score] | None = None) -> str:
    """The board. `frame` is MatchBoard; scores other than in `before` flash."""
    rows: list[str] = []
    last: tuple[Any, Any] | None = None
    for each in frame.astype(object).where(frame.notna(), None).to_dict("records"):
        place = (each["competition_id"], each["competition"])
        if place != last:
            country = (
                f", {each['country']}" if each["country"] and each["country"] not in str(each["competition"]) else ""
            )
            rows.append(group(f"{each['competition'] or 'competition not known'}{country}", len(HEADS)))
            last = place
        rows.append(_match({str(k): v for k, v in each.items()}, form, before))
    return table(HEADS, rows, caption="Live matches")


def _title(competition: Any, country: Any) -> str:
    name = str(competition or "competition not known")
    return name if not country or str(country) in name else f"{name}, {country}"


def scores(frame: pd.DataFrame) -> dict[str, Score]:
    """The score of each match, to see next time what moved."""
    told = frame[["match_id", "home_score", "away_score"]].astype(object)
    return {str(row.match_id): (row.home_score, row.away_score) for row in told.itertuples()}


def price(decimal: Any, form: Form) -> str:
    """A decimal price in the form chosen."""
    if decimal is None or pd.isna(decimal):
        return UNKNOWN
    if form == "american":
        return f"{(decimal - 1) * 100:+.0f}" if decimal >= 2 else f"{-100 / (decimal - 1):.0f}"
    return f"{decimal - 1:.2f}" if form == "hong kong" else f"{decimal:.2f}"


def _match(each: Mapping[str, Any], form: Form, before: Mapping[str, Score] | None) -> str:
    now = (each["home_score"], each["away_score"])
    moved = before is not None and each["match_id"] in before and before[each["match_id"]] != now
    reds = ['<span class="red" title="red card"></span>' * int(each[f"{s}_red_cards"] or 0) for s in ("home", "away")]
    sides = f"{text(each['home_team'])}{reds[0]}<br>{text(each['away_team'])}{reds[1]}"
    minute = f"{text(each['minute_text'])}'" if each["minute_text"] is not None else text(each["status"])
    gaps = [each[name] for name in ("live_gap", "detail_gap", "odds_gap", "names_gap") if each.get(name)]
    note = f'<br><small title="{text("; ".join(gaps))}">incomplete</small>' if gaps else ""
    return row(
        [
            (f"{minute}<br><small>{text(each['status'])}</small>", "c"),
            (link(f"/match/{each['match_id']}", sides) + note, ""),
            (f"{text(now[0])}<br>{text(now[1])}", "score flash" if moved else "score"),
            (_three(each, form), "n"),
            (_handicap(each, form), "n wide"),
            (_goals(each, form), "n wide"),
            (_chances(each, "p"), "n"),
            (_chances(each, "market_p"), "n wide"),
            (_edges(each), "n"),
            (f"{text(each['odds_company'])}<br>{_odds_age(each)}", "wide"),
        ]
    )


def _state(each: Mapping[str, Any], market: str, shown: str) -> str:
    state = each[f"{market}_state"]
    if state is None:
        return UNKNOWN
    if all(each[name] is None for name in each if name.startswith(f"{market}_") and name.endswith("_decimal")):
        return f'<span class="soft" title="no prices now">{text(state)}</span>'
    if state != "open":
        return f'<span class="susp" title="{text(state)}: no bets taken">{shown}</span>'
    if each[f"{market}_at_other_score"]:
        return f'{shown}<br><span class="fa-stale" title="quoted before the last goal">other score</span>'
    return shown


def _three(each: Mapping[str, Any], form: Form) -> str:
    prices = [price(each[f"moneyline_{side}_decimal"], form) for side in ("home", "draw", "away")]
    return _state(each, "moneyline", "<br>".join(prices))


def _handicap(each: Mapping[str, Any], form: Form) -> str:
    prices = " / ".join(price(each[f"handicap_{side}_decimal"], form) for side in ("home", "away"))
    return _state(each, "handicap", f"{number(each['home_spread'], 2, sign=True)}<br>{prices}")


def _goals(each: Mapping[str, Any], form: Form) -> str:
    prices = " / ".join(price(each[f"total_{side}_decimal"], form) for side in ("over", "under"))
    return _state(each, "total", f"{number(each['total_line'], 2)}<br>{prices}")


def _chances(each: Mapping[str, Any], prefix: str) -> str:
    if prefix == "p" and each["p_home"] is None:
        why = text(each.get("model_reason") or "this match is not in the model")
        return f'<span class="soft" title="{why}">no model</span>'
    return "<br>".join(percent(each[f"{prefix}_{side}"]) for side in ("home", "draw", "away"))


def _edges(each: Mapping[str, Any]) -> str:
    found = []
    for side in ("home", "draw", "away"):
        value = each[f"edge_{side}"]
        if value is None:
            found.append(UNKNOWN)
            continue
        kind = "good" if value > 0.005 else "bad" if value < -0.005 else "soft"
        found.append(f'<span class="{kind}">{100 * value:+.0f}</span>')
    return "<br>".join(found)


def _odds_age(each: Mapping[str, Any]) -> str:
    if each["odds_state"] == "missing":
        return f'<span class="fa-stale" title="{text(each["odds_gap"])}">missing</span>'
    return age(each["odds_age_s"], ODDS_LIMIT_S)
