"""How a cycle went: requests, times, and whether statuses moved as they may."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from football_assets.soccer.corrections import STATUS_WENT_BACK
from football_assets.soccer.grades import measured
from football_assets.tables import SHOWN_ROWS, Verdict

ERRORS_WARN_PCT, ERRORS_ERROR_PCT = 1.0, 20.0
ENRICHMENT_WARN_S, ENRICHMENT_ERROR_S = 5.0, 30.0
CYCLE_WARN_S, CYCLE_ERROR_S = 10.0, 45.0
FAILED = ("unavailable", "changed")


def request_errors(_frame: pd.DataFrame, reading: Mapping[str, Any] | None) -> Verdict:
    """Under 1 % of the requests failed after their retries; above 20 % is an error.

    `reading` is what the transport counted. What the limits held back was not asked for, and what the plan does not
    include is no error.
    """
    counted: list[Mapping[str, int]] = list((reading or {}).get("outcomes", {}).values())
    total = sum(sum(each.get(name, 0) for name in ("ok", *FAILED)) for each in counted)
    failed = sum(each.get(name, 0) for each in counted for name in FAILED)
    if reading is None:
        return measured(None, ERRORS_WARN_PCT, ERRORS_ERROR_PCT, "what the transport counted is not known")
    share = 100 * failed / total if total else 0.0
    says = f"{failed} of {total} requests failed after retries ({share:.1f} %)"
    figures = {"request_errors": failed, "request_errors_pct": round(share, 2)}
    return measured(share, ERRORS_WARN_PCT, ERRORS_ERROR_PCT, says, figures=figures)


def enrichment_time(_frame: pd.DataFrame, seconds: float | None) -> Verdict:
    """Enrichment took less than 5 s; more than 30 s is an error."""
    says = "its time is not known" if seconds is None else f"it took {seconds:.1f} s"
    figures = {} if seconds is None else {"enrichment_s": round(seconds, 2)}
    return measured(seconds, ENRICHMENT_WARN_S, ENRICHMENT_ERROR_S, says, figures=figures)


def cycle_time(_frame: pd.DataFrame, seconds: float | None) -> Verdict:
    """From the tick, or the run's creation, to this check it took less than 10 s; more than 45 s is an error."""
    says = "its time is not known" if seconds is None else f"{seconds:.1f} s since the tick"
    figures = {} if seconds is None else {"cycle_s": round(seconds, 2)}
    return measured(seconds, CYCLE_WARN_S, CYCLE_ERROR_S, says, figures=figures)


def legal_statuses(corrections: pd.DataFrame, observed_at: object) -> Verdict:
    """No match of this cycle went back to an earlier status."""
    of_now = corrections[corrections["observed_at"] == observed_at] if observed_at is not None else corrections[:0]
    back = of_now[of_now["kind"] == STATUS_WENT_BACK]
    shown = back[["match_id", "before", "after"]].head(SHOWN_ROWS).to_dict("records")
    rows = tuple({str(key): value for key, value in row.items()} for row in shown)
    says = f"{len(back)} matches went back to an earlier status" if len(back) else "every status moved as it may"
    figures = {"status_went_back": len(back), "new_corrections": len(of_now)}
    return Verdict(not len(back), says, "warn", figures, rows)
