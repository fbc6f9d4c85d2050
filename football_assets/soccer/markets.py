"""The four betting markets: what each quotes, and the columns their prices take in our tables.

The provider quotes 1X2 in decimal form and the others in Hong Kong form (profit for each unit staked). Its handicap
is positive when the home side gives the start.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import new_class
from typing import Any, TypeVar, cast

import pandera.pandas as pan

from football_assets.tables import Flag, Instant, Real, Text, Whole, column


@dataclass(frozen=True, slots=True)
class Market:
    """One market: the provider's code, our name, selection -> place in a quote row, and where its line stands."""

    code: str
    name: str
    what: str
    selections: Mapping[str, int]
    line: int | None
    is_decimal: bool


MONEYLINE = Market("eu", "moneyline", "1X2", {"home": 2, "draw": 3, "away": 4}, None, True)
HANDICAP = Market("asia", "handicap", "Asian handicap", {"home": 2, "away": 4}, 3, False)
TOTAL = Market("bs", "total", "total goals", {"over": 2, "under": 4}, 3, False)
CORNERS = Market("cr", "corners", "total corners", {"over": 2, "under": 4}, 3, False)
MARKETS: Mapping[str, Market] = {market.code: market for market in (MONEYLINE, HANDICAP, TOTAL, CORNERS)}

LINE_MEANS = {
    "handicap": "goals; positive: the home side gives the start, in play counted from the score when it was quoted",
    "total": "goals in the whole match, those already scored included",
    "corners": "corners in the whole match, those already taken included",
}
NEWEST, OPEN, EARLY = "newest", "open", "early"
MOMENTS: Mapping[str, str] = {
    NEWEST: "newest quote",
    OPEN: "newest quote that was open for bets",
    EARLY: "newest open quote of the latest minute in the early window",
}
STATES = ("open", "suspended", "closed")

Model = TypeVar("Model", bound=pan.DataFrameModel)
Declared = dict[str, tuple[Any, Any]]  # column name -> (type, declaration)


def quoted_columns() -> Declared:
    """Columns of the quotes a match's prices come from, as the provider gave them."""
    found: Declared = {}
    for market in MARKETS.values():
        form = "decimal price" if market.is_decimal else "Hong Kong price"
        for moment, words in MOMENTS.items():
            name, about, source = f"{moment}_{market.name}", f"{market.what}, {words}", f"odds/history {market.code}"
            if market.line is not None:
                means = f"{about}: {LINE_MEANS[market.name]}"
                found[f"{name}_line"] = (Real, column(means, null=True, source=f"{source}[3]"))
            for selection, place in market.selections.items():
                says = f"{about}: {form} of {selection}"
                found[f"{name}_{selection}"] = (Real, column(says, null=True, source=f"{source}[{place}]", ge=0))
            found |= _when(name, about, source)
        found |= _condition(market)
    return found


def price_columns() -> Declared:
    """Columns of prices worked out for readers: in each form, with what the market's state was."""
    found: Declared = {}
    for market in MARKETS.values():
        name, what = market.name, market.what
        says = f"{what}: open, suspended (sealed for the moment) or closed (no quote for what is happening now)"
        found[f"{name}_state"] = (Text, column(says, null=True, isin=STATES))
        found[f"{name}_suspended"] = (Flag, column(f"{what}: whether it is sealed for the moment", null=True))
        says = f"{what}: whether the newest quote was made at another score than the one shown"
        found[f"{name}_at_other_score"] = (Flag, column(says, null=True))
        found |= _prices(market, name, f"{what}, current price", ("decimal", "hong_kong", "american"))
        found |= _prices(market, f"last_{name}", f"{what}, last known open price", ("decimal",))
        found |= _prices(market, f"early_{name}", f"{what}, early in-play price", ("decimal", "american"))
    return found


def with_columns(declared: Declared) -> Callable[[type[Model]], type[Model]]:
    """A class decorator that adds declared columns: those that follow a pattern need not be written out."""

    def add(model: type[Model]) -> type[Model]:
        def fill(namespace: dict[str, Any]) -> None:
            namespace["__doc__"] = model.__doc__
            namespace["__annotations__"] = {name: kind for name, (kind, _) in declared.items()}
            namespace.update({name: declaration for name, (_, declaration) in declared.items()})

        return cast("type[Model]", new_class(model.__name__, (model,), exec_body=fill))

    return add


def _prices(market: Market, name: str, about: str, forms: tuple[str, ...]) -> Declared:
    found: Declared = {}
    if market.line is not None:
        found[f"{name}_line"] = (Real, column(f"{about}: {LINE_MEANS[market.name]}", null=True))
    for selection in market.selections:
        for form in forms:
            says = f"{about}: {selection}, {form.replace('_', ' ')} form; null while suspended or closed"
            if form == "american":
                found[f"{name}_{selection}_american"] = (Whole, column(says, null=True))
            else:
                least = 1 if form == "decimal" else 0
                found[f"{name}_{selection}_{form}"] = (Real, column(says, null=True, gt=least))
    return found | _when(name, about, f"odds/history {market.code}")


def _when(name: str, about: str, source: str) -> Declared:
    words = "match minute as the provider writes it: empty before kickoff, `45+`, `midfield` at half-time"
    return {
        f"{name}_quoted_at": (Instant, column(f"{about}: when it was quoted", null=True, source=f"{source}[0]")),
        f"{name}_minute_text": (Text, column(f"{about}: {words}", null=True, source=f"{source}[1]")),
    }


def _condition(market: Market) -> Declared:
    name, about, source = f"{NEWEST}_{market.name}", f"{market.what}, newest quote", f"odds/history {market.code}"
    return {
        f"{name}_status_id": (Whole, column(f"{about}: match status at that moment", null=True, source=f"{source}[5]")),
        f"{name}_sealed": (Flag, column(f"{about}: sealed, no bets taken", null=True, source=f"{source}[6]")),
        f"{name}_score_text": (Text, column(f"{about}: score at that moment", null=True, source=f"{source}[7]")),
    }
