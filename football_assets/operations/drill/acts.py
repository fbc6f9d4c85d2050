"""What most faults have in common: a good cycle before, what is served meanwhile, and the way back."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from football_assets.operations.drill import judges
from football_assets.operations.drill.faults import Findings
from football_assets.operations.drill.looking import Look
from football_assets.operations.drill.stage import STEP, T0, Stage

RECOVERY_S = 240.0
SHOWN_LINES, SHOWN_WIDTH = 4, 260


def begun(stage: Stage, findings: Findings, at: datetime = T0) -> Look:
    """The home after one good cycle: what has to be there afterwards."""
    stage.truth(at)
    stage.furnish()
    done = stage.cycle()
    findings.require(done["ok"], f"the cycle before the fault failed: {done['errors']}")
    before = stage.look()
    findings.broken += [f"before the fault: {each}" for each in judges.whole(before.frames, stage.session.truth(at))]
    return before


def noted(findings: Findings, *lines: str) -> None:
    """What the user sees, each line once and cut to a readable length."""
    for line in lines:
        text = " ".join(line.split())
        shown = text if len(text) <= SHOWN_WIDTH else text[: SHOWN_WIDTH - 2] + " …"
        if shown and shown not in findings.sees and len(findings.sees) < SHOWN_LINES:
            findings.sees.append(shown)


def board_line(stage: Stage) -> str:
    """The heading of the board as the command prints it, or why it prints none."""
    done = stage.football("live", "board")
    text = done.stdout.strip() or done.stderr.strip()
    return f"football live board: {text.splitlines()[0].strip() if text else f'exit code {done.returncode}'}"


def told(findings: Findings, done: dict[str, Any]) -> None:
    """What a cycle said."""
    noted(findings, *done.get("errors", []), *done.get("warnings", []))


def meanwhile(stage: Stage, findings: Findings, before: Look, at: datetime = T0 + STEP) -> Look:
    """Judge what is served while the fault lasts: what was before, or what is honest."""
    now = stage.look()
    truth = stage.session.truth(at)
    if now.problem is not None:
        noted(findings, now.problem)
        return now
    findings.broken += judges.still_served(before, now)
    findings.broken += judges.no_duplicates(now)
    if now.publication.get("soccer") == before.publication.get("soccer"):
        findings.broken += judges.still_served(before, now, due=())
        findings.kept = f"publication {before.publication.get('soccer')} whole, {now.rows:,} rows"
    else:
        findings.broken += judges.honest(now.frames, before.frames, truth["flattened_matches"])
        states = now.frames["flattened_matches"]["odds_state"].value_counts().to_dict()
        said = ", ".join(f"{count} {state}" for state, count in states.items())
        findings.kept = f"{len(now.frames['flattened_matches'])} matches published, odds {said}"
    return now


def recovered(
    stage: Stage,
    findings: Findings,
    before: Look,
    *,
    at: datetime = T0 + STEP,
    since: float | None = None,
    act: Callable[[], object] | None = None,
) -> Look:
    """Go on until everything due is served, then hold it all against what was before.

    `act` is what brings the next publication, a cycle when None; `since` is when the fault ended (time.monotonic).
    """
    entered = time.monotonic()
    started = entered if since is None else since
    truth, now, wrong = stage.session.truth(at), before, ["nothing was done"]
    while wrong and time.monotonic() - entered < RECOVERY_S:
        (act or stage.cycle)()
        now = stage.look()
        wrong = [now.problem] if now.problem else judges.whole(now.frames, truth)
    findings.recovered_s = round(time.monotonic() - started, 1)
    findings.broken += [f"not recovered within {RECOVERY_S:.0f} s: {each}" for each in wrong]
    findings.broken += held(stage, before, now)
    if not findings.kept:
        findings.kept = f"{now.rows:,} rows"
    return now


def held(stage: Stage, before: Look, now: Look, *, due: Iterable[str] = ("soccer",)) -> list[str]:
    """Every judge of the end: nothing lost, nothing twice, the history and the ledger as they were, nothing left.

    `due` are the pipelines of which something new was to come.
    """
    found = [
        *judges.readable(now),
        *judges.still_served(before, now, due=due),
        *judges.no_duplicates(now),
        *judges.history_kept(before, now),
        *judges.ledger_kept(before, now),
        *judges.tidy(now),
    ]
    if before.cycles:
        past = stage.past(before.cycles[-1].observed_us)
        found += judges.remembered(past, before.frames["flattened_matches"])
    return found
