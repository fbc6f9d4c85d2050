"""Prices of a bet with two sides, in either form, and what they say of its chance."""

from dataclasses import dataclass

DE_VIG = "multiplicative"
# No bookmaker's two prices leave less or take more than this; outside it a price is mistyped.
OVERROUND = (0.9, 1.5)


def decimal_price(price: float) -> float:
    """The decimal price of a price given either way: -110 or +150 American, 1.91 decimal.

    Raises ValueError for a price that is neither: American ones are at least 100 from zero, decimal ones above 1.
    """
    if price <= -100:
        return 1.0 - 100.0 / price
    if price >= 100:
        return 1.0 + price / 100.0
    if price > 1:
        return float(price)
    raise ValueError(f"{price:g} is no price: give American odds such as -110, or decimal ones such as 1.91")


def american_price(price: float) -> float:
    """The American price of a decimal one."""
    return (price - 1) * 100 if price >= 2 else -100 / (price - 1)


@dataclass(frozen=True)
class Market:
    """What two prices say: each side's chance without the bookmaker's share, and that share of the stakes."""

    over_decimal: float
    under_decimal: float
    fair_over: float
    fair_under: float
    hold: float
    overround: float


def market(over: float, under: float) -> Market:
    """The market of two decimal prices. Raises ValueError when together they cannot be one bookmaker's."""
    overround = 1 / over + 1 / under
    if not OVERROUND[0] <= overround <= OVERROUND[1]:
        raise ValueError(
            f"prices {over:.2f} and {under:.2f} add up to {100 * overround:.0f} %: one of them is mistyped"
        )
    return Market(over, under, 1 / over / overround, 1 / under / overround, 1 - 1 / overround, overround)
