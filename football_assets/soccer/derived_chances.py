"""Chances that follow from others: they are worked out anew wherever a prediction is read, and kept nowhere."""

from collections.abc import Mapping
from typing import Any

# As many places as mean anything: a hundredth of a percent, a hundredth of a goal.
PLACES, GOAL_PLACES = 4, 2
TO_COME = ("home_goals_to_come", "away_goals_to_come")
OUTCOMES = ("home", "draw", "away")
RESULTS, TOTALS = ("p", "pre_p", "market_p"), ("p", "pre_p")
DERIVED = frozenset(
    {
        *(f"{prefix}_away" for prefix in RESULTS),
        *(f"{prefix}_under" for prefix in TOTALS),
        *(f"edge_{outcome}" for outcome in OUTCOMES),
    }
)


def rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of MatchPredictions with its numbers rounded, so that the chances of a result add up to 1."""
    places = dict.fromkeys(TO_COME, GOAL_PLACES)
    found = {
        name: round(value, places.get(name, PLACES)) if isinstance(value, float) else value
        for name, value in row.items()
    }
    for prefix in RESULTS:
        if (home := found.get(f"{prefix}_home")) is not None:
            found[f"{prefix}_draw"] = min(found[f"{prefix}_draw"], round(1 - home, PLACES))
    return with_derived(found)


def with_derived(row: Mapping[str, Any]) -> dict[str, Any]:
    """A rounded row with all that follows from it; what is absent is not known."""
    found = dict(row)
    for prefix in RESULTS:
        if (home := row.get(f"{prefix}_home")) is not None:
            found[f"{prefix}_away"] = round(1 - home - row[f"{prefix}_draw"], PLACES) + 0.0  # never -0.0
    for prefix in TOTALS:
        if (over := row.get(f"{prefix}_over")) is not None:
            found[f"{prefix}_under"] = round(1 - over, PLACES)
    for outcome in OUTCOMES:
        ours, theirs = found.get(f"p_{outcome}"), found.get(f"market_p_{outcome}")
        if ours is not None and theirs is not None:
            found[f"edge_{outcome}"] = round(ours - theirs, PLACES)
    return found
