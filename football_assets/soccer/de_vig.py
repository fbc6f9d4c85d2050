"""Probabilities in bookmakers' prices: the overround taken out.

Decimal prices of one market's outcomes, one row a match, become probabilities that sum to one. Rows with a missing or
impossible price, or with an overround no real market has, are NaN.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Real markets lie between about 1.00 and 1.15; a sum outside these bounds is a broken quote.
LEAST_SUM = 0.98
LARGEST_SUM = 1.30
_HALVINGS = 60


def proportional(prices: Floats) -> Floats:
    """Each implied probability divided by their sum. `prices` and the result have the shape (matches, outcomes)."""
    implied = _implied(prices)
    return np.asarray(implied / implied.sum(axis=1, keepdims=True))


def shin(prices: Floats) -> Floats:
    """Shin's method: a share of insiders explains why long shots are priced shorter than they should be.

    The share of each match is found by bisection. Where the prices sum to one or less it is zero, and the result is
    the proportional one.
    """
    implied = _implied(prices)
    total = implied.sum(axis=1, keepdims=True)
    low, high = np.zeros_like(total), np.full_like(total, 0.5)
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        too_much = _shin_at(implied, total, share).sum(axis=1, keepdims=True) > 1.0
        low, high = np.where(too_much, share, low), np.where(too_much, high, share)
    found = _shin_at(implied, total, np.where(total > 1.0, (low + high) / 2, 0.0))
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _shin_at(implied: Floats, total: Floats, share: Floats) -> Floats:
    return np.asarray((np.sqrt(share**2 + 4 * (1 - share) * implied**2 / total) - share) / (2 * (1 - share)))


def _implied(prices: Floats) -> Floats:
    """1 / price; NaN in the whole row when any price or their sum cannot be right."""
    quoted = np.where(np.isfinite(prices) & (prices > 1.0), prices, np.nan)
    implied = 1.0 / quoted
    total = implied.sum(axis=1, keepdims=True)
    return np.asarray(np.where((total >= LEAST_SUM) & (total <= LARGEST_SUM), implied, np.nan))
