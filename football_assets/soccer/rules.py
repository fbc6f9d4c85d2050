"""Rules beyond the declared types: what a cycle must hold, and what it should say aloud.

Only a lost match blocks publication. Scores are never held back because a name, a price or the weather is missing:
those rules are part of checks that block nothing, and the rows themselves say what is stale or missing.
"""

import inspect
from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd

from football_assets.soccer.gaps import gaps
from football_assets.soccer.summary import NAMES
from football_assets.tables import SHOWN_ROWS, Rule, Verdict

NAMES_OK_PCT = 100.0
NAMES_WARN_PCT = 98.0
CODES = ("status", "weather", "odds_company", "type", "reason", "var_reason", "var_result", "stat")


def together(*rules: Rule) -> Rule:
    """One rule of several, for a check costs a cycle more than what it looks at: passed when all of them are.

    It fails as an error when one of them does, else as a warning; what each says stands in one sentence.
    """

    def holds(frame: pd.DataFrame) -> Verdict:
        verdicts = [rule(frame) for rule in rules]
        failed = [verdict for verdict in verdicts if not verdict.passed]
        figures = {name: value for verdict in verdicts for name, value in verdict.figures.items()}
        rows = [row for verdict in failed for row in verdict.rows][:SHOWN_ROWS]
        names = list(dict.fromkeys(name for row in rows for name in row))
        shown: list[Mapping[str, Any]] = [{name: row.get(name, "") for name in names} for row in rows]
        is_error = any(verdict.level == "error" for verdict in failed or verdicts)
        says = "; ".join(verdict.says for verdict in failed or verdicts)
        return Verdict(not failed, says, "error" if is_error else "warn", figures, tuple(shown))

    holds.__doc__ = " ".join(inspect.getdoc(rule) or "" for rule in rules)
    return holds


def completeness(flattened: pd.DataFrame, live: pd.DataFrame) -> Verdict:
    """Every match of the live list is flattened, and nothing else is."""
    there, wanted = set(flattened["match_id"]), set(live["match_id"])
    lost, extra = sorted(wanted - there), sorted(there - wanted)
    rows = [{"match_id": each, "what": what} for what, ids in (("lost", lost), ("extra", extra)) for each in ids]
    says = f"{len(wanted) - len(lost)} of {len(wanted)} live matches are flattened"
    return Verdict(not rows, says, figures={"lost": len(lost), "extra": len(extra)}, rows=tuple(rows[:SHOWN_ROWS]))


def name_coverage(frame: pd.DataFrame) -> Verdict:
    """Both teams and the competition of every match have a name; below 98 % is an error."""
    named = frame[list(NAMES)].notna().all(axis=1)
    share = 100.0 * float(named.mean()) if len(frame) else 100.0
    says = f"{int(named.sum())} of {len(frame)} matches have all names ({share:.1f} %)"
    unnamed = frame.loc[~named, ["match_id", *NAMES]].head(SHOWN_ROWS)
    rows = tuple({str(key): value for key, value in row.items()} for row in unnamed.to_dict("records"))
    figures = {"with_names": int(named.sum()), "share_pct": round(share, 1)}
    level: Literal["warn", "error"] = "error" if share < NAMES_WARN_PCT else "warn"
    return Verdict(share >= NAMES_OK_PCT, says, level, figures, rows)


def no_gaps(frame: pd.DataFrame) -> Verdict:
    """Every part of every match was read in this cycle, or is within its time to live."""
    found = gaps(frame)
    says = "; ".join(found) if found else f"all parts of {len(frame)} matches were read"
    rows = tuple({"gap": line} for line in found[:SHOWN_ROWS])
    return Verdict(not found, says, level="warn", figures={"gaps": len(found)}, rows=rows)


def known_codes(frame: pd.DataFrame) -> Verdict:
    """Every code is in the provider's tables as we know them."""
    found = {
        (name, text): int(count)
        for name in CODES
        if name in frame
        for text, count in frame[name].value_counts().items()
        if str(text).startswith("unknown (")
    }
    says = ", ".join(f"{name} {text}: {count}" for (name, text), count in found.items()) or "all codes are known"
    rows = tuple({"column": name, "value": text, "rows": count} for (name, text), count in found.items())
    return Verdict(not found, says, level="warn", figures={"unknown": len(found)}, rows=rows[:SHOWN_ROWS])


def known_events(_frame: pd.DataFrame, incidents: pd.DataFrame, stats: pd.DataFrame) -> Verdict:
    """So is every code of incidents and statistics."""
    verdicts = [known_codes(incidents), known_codes(stats)]
    unknown = sum(int(verdict.figures["unknown"]) for verdict in verdicts)
    says = "; ".join(verdict.says for verdict in verdicts if not verdict.passed) or "all events are known"
    rows = tuple(row for verdict in verdicts for row in verdict.rows)
    return Verdict(not unknown, says, level="warn", figures={"unknown_events": unknown}, rows=rows)


def named_rows(_frame: pd.DataFrame, unnamed: int) -> Verdict:
    """Every row of the live list says which match it is about."""
    says = f"{unnamed} rows of the live list name no match" if unnamed else "every row of the live list names its match"
    return Verdict(not unnamed, says, level="warn", figures={"unnamed": unnamed})


def readable_quotes(_frame: pd.DataFrame, unreadable: int) -> Verdict:
    """Every quote has the eight parts agreed."""
    says = f"{unreadable} quotes could not be read and are left out" if unreadable else "every quote could be read"
    return Verdict(not unreadable, says, level="warn", figures={"unreadable": unreadable})


def kept_in_history(_frame: pd.DataFrame, problem: str | None) -> Verdict:
    """The cycle was appended to the history."""
    return Verdict(problem is None, problem or "the cycle was appended to the history", level="warn")


def predictable(_frame: pd.DataFrame, problem: str | None) -> Verdict:
    """The kept model and links could be read; before the first model there is nothing to read."""
    return Verdict(problem is None, problem or "nothing is in the way of predictions", level="warn")
