"""Whether what a cycle shows can be true: prices, clocks, ages.

The thresholds are held against a recorded poll in the tests. A finding is shown and named, never mended: what the
provider says stays beside the warning.
"""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.soccer.grades import measured
from football_assets.tables import SHOWN_ROWS, Verdict

Floats: TypeAlias = npt.NDArray[np.float64]

SELECTIONS = {
    "moneyline": ("home", "draw", "away"),
    "handicap": ("home", "away"),
    "total": ("over", "under"),
    "corners": ("over", "under"),
}
# Of the 165,376 open in-play quotes of a recorded poll 3 are outside, all of them 1X2 sums below 1.
OVERROUND = (1.0, 1.3)
HIGHEST_PRICE = 1001.0
# The furthest line of that poll: 2.25 goals given, 9.5 goals, 17 corners.
LINES = {"handicap": (-10.0, 10.0), "total": (0.0, 20.0), "corners": (0.0, 40.0)}
LINE_STEP = 0.25
ODDS_ERROR_PCT = 5.0

FRESH_INTERVALS, OLD_INTERVALS = 2, 5
# A quote is read up to a cycle's deadline after the list. In a poll that took two minutes they were 93 s apart.
AHEAD_WARN_S, AHEAD_ERROR_S = 120.0, 300.0
# The minute of a running period is not shown when it begins further ahead than this.
PERIOD_AHEAD_S = 60.0
LONGEST_PERIOD_S = 2 * 3600.0
SKEW_WARN_S, SKEW_ERROR_S = 5.0, 60.0


def sane_odds(frame: pd.DataFrame) -> Verdict:
    """Every open market in play has prices above 1 that add up to 1.00-1.30 with the margin, and a line in range."""
    in_play = _in_play(frame)
    markets, findings, sums = 0, [], []
    for market, selections in SELECTIONS.items():
        places = np.flatnonzero(in_play & (frame[f"{market}_state"] == "open").to_numpy(bool))
        names = [f"{market}_{selection}_decimal" for selection in selections]
        prices = np.column_stack([frame[name].to_numpy(float)[places] for name in names])
        with np.errstate(divide="ignore"):
            overround = (1 / prices).sum(axis=1)  # not known where a price is not
        markets += len(places)
        sums += overround[~np.isnan(overround)].tolist()
        line = frame[f"{market}_line"].to_numpy(float)[places] if market in LINES else np.full(len(places), np.nan)
        found = _odd_places(market, prices, overround, line)
        ids = frame["match_id"].to_numpy()[places]
        findings += [
            {"match_id": ids[n], "market": market, "what": f"{what} {round(value, 4):g}"} for n, what, value in found
        ]
    share = 100 * len({(row["match_id"], row["market"]) for row in findings}) / markets if markets else 0.0
    spread = f", sums {min(sums):.3f} to {max(sums):.3f}" if sums else ""
    says = f"{markets} open markets in play{spread}" + (f", {len(findings)} findings" if findings else "")
    figures: dict[str, float | int | str] = {"odds_findings": len(findings), "open_markets": markets}
    if sums:
        figures |= {"overround_low": round(min(sums), 4), "overround_high": round(max(sums), 4)}
    level: Literal["warn", "error"] = "error" if share > ODDS_ERROR_PCT else "warn"
    return Verdict(not findings, says, level, figures, tuple(findings[:SHOWN_ROWS]))


def _odd_places(market: str, prices: Floats, overround: Floats, line: Floats) -> Iterator[tuple[int, str, float]]:
    """(place, what is odd, its value); what is not known is not odd."""
    low, high = OVERROUND
    furthest_low, furthest_high = LINES.get(market, (0.0, 0.0))
    checked = [
        ("the prices add up to", overround, (overround < low) | (overround > high)),
        *(("a price is", column, (column <= 1) | (column > HIGHEST_PRICE)) for column in prices.T),
        ("the line is", line, (line < furthest_low) | (line > furthest_high) | (np.mod(line, LINE_STEP) > 0)),
    ]
    for what, values, is_odd in checked:
        yield from ((int(n), what, float(values[n])) for n in np.flatnonzero(is_odd))


def _in_play(frame: pd.DataFrame) -> npt.NDArray[np.bool_]:
    return frame["is_in_play"].fillna(False).to_numpy(bool)


def sane_clocks(frame: pd.DataFrame) -> Verdict:
    """Nothing is told from the future of the live list, and no period of play lasts for hours."""
    now = frame["fetched_at"]
    findings, furthest_s = [], 0.0
    for column in ("updated_at", "ended_at", *(f"last_{market}_quoted_at" for market in SELECTIONS)):
        ahead_s = (frame[column] - now).dt.total_seconds()
        furthest_s = max(furthest_s, float(ahead_s.max()) if ahead_s.notna().any() else 0.0)
        findings += [_clock_row(frame, n, column, ahead_s[n]) for n in ahead_s.index[ahead_s > AHEAD_WARN_S]]
    since_s = (now - frame["period_started_at"]).dt.total_seconds()
    odd = since_s.index[(since_s < -PERIOD_AHEAD_S) | (since_s > LONGEST_PERIOD_S)]
    findings += [_clock_row(frame, n, "period_started_at", -since_s[n]) for n in odd]
    says = f"{len(findings)} instants cannot be, the furthest {furthest_s:.0f} s ahead of the live list"
    rows, figures = tuple(findings[:SHOWN_ROWS]), {"clock_findings": len(findings), "furthest_ahead_s": furthest_s}
    if not findings:
        return Verdict(True, f"no instant is more than {furthest_s:.0f} s ahead of the live list", "warn", figures)
    return Verdict(False, says, "error" if furthest_s > AHEAD_ERROR_S else "warn", figures, rows)


def _clock_row(frame: pd.DataFrame, index: Any, column: str, ahead_s: float) -> dict[str, Any]:
    where = f"{abs(ahead_s):.0f} s {'after' if ahead_s > 0 else 'before'} the live list"
    return {"match_id": frame.at[index, "match_id"], "column": column, "what": where}


def fresh_parts(frame: pd.DataFrame, interval_s: float) -> Verdict:
    """What is shown of matches in play was read within two intervals; beyond five it is an error."""
    in_play = _in_play(frame)
    ages = {part: frame[f"{part}_age_s"].fillna(0).to_numpy(float)[in_play] for part in ("detail", "odds")}
    part, age_s = max(((name, float(age.max(initial=0))) for name, age in ages.items()), key=lambda each: each[1])
    says = f"the oldest {part} in play are {age_s:.0f} s old" if age_s else "everything in play was read in this cycle"
    limits = FRESH_INTERVALS * interval_s, OLD_INTERVALS * interval_s
    too_old = frame["match_id"].to_numpy()[in_play][ages[part] > limits[0]]
    rows = tuple({"match_id": each, "what": f"its {part} are too old"} for each in too_old[:SHOWN_ROWS])
    # Two intervals are still fresh.
    passed_below = limits[0] + 1e-6
    return measured(age_s, passed_below, limits[1], says, figures={"oldest_s": round(age_s, 1)}, rows=rows)


def same_clock(_frame: pd.DataFrame, skew_s: float | None) -> Verdict:
    """The provider's clock and ours agree; an emulator has a clock of its own and is not judged."""
    if skew_s is None:
        return Verdict(True, "an emulator's clock is its own", "warn")
    says = f"the provider's clock is {abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} ours"
    return measured(abs(skew_s), SKEW_WARN_S, SKEW_ERROR_S, says, figures={"clock_skew_s": round(skew_s, 1)})
