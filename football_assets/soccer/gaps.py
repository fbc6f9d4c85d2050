"""What a cycle could not get, counted by part and reason: `odds: 3 of 102 missing: timed out`."""

import logging
from collections import Counter

import pandas as pd

LOG = logging.getLogger(__name__)
PARTS = ("detail", "odds", "names")


def gaps(frame: pd.DataFrame) -> list[str]:
    """One line for each part, state and reason; [] when the cycle is whole.

    `frame` has the columns of a match's states: EnrichedMatches, FlattenedMatches or MatchBoard.
    """
    found: list[str] = []
    total = len(frame)
    for part in PARTS:
        reasons = frame[f"{part}_gap"]
        told = frame.loc[reasons.notna(), [f"{part}_state", f"{part}_gap"]]
        counted = Counter(zip(told[f"{part}_state"], told[f"{part}_gap"], strict=True))
        for (state, reason), count in counted.most_common():
            found.append(f"{part}: {count} of {total} {state}: {reason}")
    if "live_gap" in frame:
        found += [f"live list: {text}" for text in frame["live_gap"].dropna()]
    return found


def log_gaps(frame: pd.DataFrame) -> None:
    """One line of the log for each match and part that could not be had; `frame` as for `gaps`."""
    for part in PARTS:
        told = frame.loc[frame[f"{part}_gap"].notna(), ["match_id", f"{part}_state", f"{part}_gap"]]
        for match_id, state, reason in told.itertuples(index=False):
            LOG.warning("%s %s: %s", part, state, reason, extra={"match_id": match_id})
