"""The provider fails: refuses, hangs, breaks off, sends rubbish, changes its form, or tells the wrong time."""

from datetime import timedelta

from football_assets.operations.drill.acts import begun, board_line, meanwhile, noted, recovered, told
from football_assets.operations.drill.faults import Fault, Findings
from football_assets.operations.drill.stage import STEP, T0, Stage

# One try is enough to see a failure; the waits between tries are tested where they are made.
QUICK = {"FOOTBALL_THESPORTS__TRIES": "2", "FOOTBALL_THESPORTS__BACKOFF_S": "0.1"}
IMPATIENT = {"FOOTBALL_THESPORTS__TIMEOUT_S": "2", "FOOTBALL_LIVE__DEADLINE_S": "6", **QUICK}
JUDGED = "the board stays or says what is stale and how old; each value is the provider's, the last one, or none"


def _struck(stage: Stage, *faults: str) -> Findings:
    """A cycle while the provider fails, and the way back."""
    findings = Findings()
    stage.variables |= IMPATIENT if faults[0].startswith("hang") else QUICK
    before = begun(stage, findings)
    stage.truth(T0 + STEP)
    stage.provider.break_with(*faults)
    done = stage.cycle()
    told(findings, done)
    noted(findings, board_line(stage))
    findings.require(bool(done["errors"] or done["warnings"]), "nobody was told of the fault")
    meanwhile(stage, findings, before)
    stage.provider.break_with()
    recovered(stage, findings, before)
    return findings


def _everything_500(stage: Stage) -> Findings:
    return _struck(stage, "500")


def _odds_500(stage: Stage) -> Findings:
    return _struck(stage, "500@odds")


def _too_many(stage: Stage) -> Findings:
    return _struck(stage, "429@odds=0", "429@match/recent/list=0")


def _hanging(stage: Stage) -> Findings:
    return _struck(stage, "hang")


def _broken_off(stage: Stage) -> Findings:
    return _struck(stage, "reset@odds", "reset@match/recent/list")


def _garbage(stage: Stage) -> Findings:
    return _struck(stage, "truncated")


def _drift(stage: Stage) -> Findings:
    return _struck(stage, "wrong_types@odds", "wrong_types@match/recent/list")


def _list_drift(stage: Stage) -> Findings:
    return _struck(stage, "wrong_types@match/detail_live")


def _wrong_clock(stage: Stage) -> Findings:
    """The provider's Date header is ten minutes slow while its rows are of now."""
    findings = Findings()
    before = begun(stage, findings)
    stage.truth(T0 + STEP)
    slow = timedelta(minutes=10)
    stage.provider.break_with(f"clock={-slow.total_seconds():.0f}")
    done = stage.cycle()
    told(findings, done)
    noted(findings, board_line(stage))
    findings.require(
        any("clocks ERROR" in each for each in done["warnings"]), "the check of the clocks saw nothing wrong"
    )
    stage.provider.break_with()
    recovered(stage, findings, before)
    return findings


FAULTS = (
    Fault("provider-500", "every request is answered 500", JUDGED, _everything_500),
    Fault("provider-odds-500", "odds alone are answered 500", JUDGED, _odds_500),
    Fault("provider-429", "odds and details are answered 429", JUDGED, _too_many),
    Fault("provider-hang", "no request is answered", JUDGED, _hanging, about_s=35),
    Fault("provider-reset", "odds and details are cut off in their middle", JUDGED, _broken_off),
    Fault("provider-garbage", "every answer is half a JSON text", JUDGED, _garbage),
    Fault("provider-drift", "odds and details come with values of other types", JUDGED, _drift),
    Fault("provider-list-drift", "the live list comes with values of other types", JUDGED, _list_drift),
    Fault(
        "provider-clock",
        "the provider's clock is ten minutes slow",
        "a check says so; afterwards every minute and score is right again",
        _wrong_clock,
    ),
)
