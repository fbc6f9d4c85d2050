"""Time goes wrong: half an hour of silence, a clock of ours that jumps, a night with an hour twice, a leap day.

Minutes do not pass here: the processes are told what time it is, the provider's clock is set to the same.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from football_assets.operations.drill import judges
from football_assets.operations.drill.acts import begun, held, noted, told
from football_assets.operations.drill.faults import Fault, Findings
from football_assets.operations.drill.looking import Look
from football_assets.operations.drill.stage import STEP, T0, Stage
from football_assets.rooms import part
from football_assets.warehouse.relations import publications

SILENT_MIN, LAST_MIN = 30, 45
OFF = timedelta(hours=2)
IMPATIENT = {
    "FOOTBALL_THESPORTS__TIMEOUT_S": "0.5",
    "FOOTBALL_THESPORTS__TRIES": "1",
}
NEW_YORK = {"TZ": "America/New_York"}
# 01:30 comes twice in this night, an hour apart.
HOUR_TWICE = [datetime(2026, 11, 1, *at, tzinfo=UTC) for at in ((5, 30), (5, 59), (6, 0), (6, 30), (7, 0))]
LEAP = [
    datetime(2028, 2, 28, 23, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 0, 1, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 59, tzinfo=UTC),
    datetime(2028, 3, 1, 0, 1, tzinfo=UTC),
]
ACCELERATED = "accelerated"
NIGHTLY = ("ncaa_schedule", "soccer_maintenance_schedule")


def _silence(stage: Stage) -> Findings:
    """Half an hour without an answer, minute by minute as the schedule would have it."""
    findings = Findings(method=ACCELERATED)
    stage.at = T0
    before = begun(stage, findings)
    impatient = stage.new_worker(**IMPATIENT)
    stage.provider.break_with("hang")
    failed = skipped = 0
    for minute in range(1, SILENT_MIN + 1):
        done = impatient.ask(do="tick", at=(T0 + minute * STEP).isoformat())
        findings.require(done["ok"] is not True, f"a cycle without an answer succeeded in minute {minute}")
        failed, skipped = failed + (done["ok"] is False), skipped + (done["ok"] is None)
        told(findings, done)
        if skipped == 1 and done["ok"] is None:
            noted(findings, f"tick skipped: {done['skipped']}")
    impatient.stop()
    silent = stage.look()
    findings.broken += judges.still_served(before, silent, due=())
    findings.kept = f"publication {before.publication.get('soccer')} whole for {SILENT_MIN} min"
    now = _first_success(stage, findings, before)
    alerts = part("soccer", "outage").alerts(stage.home / "soccer")
    findings.require(len(alerts) == 1, f"{len(alerts)} alerts were raised for one outage")
    findings.require(all(alert.closed_at for alert in alerts), "the alert was not closed")
    findings.broken += held(stage, before, now)
    findings.figures |= {"failed_runs": failed, "skipped_ticks": skipped}
    noted(findings, f"{failed} failed runs, {skipped} skipped ticks, {len(alerts)} alert, closed by itself")
    return findings


def _first_success(stage: Stage, findings: Findings, before: Look) -> Look:
    """Minute by minute until a cycle succeeds; what it published has to be everything."""
    for minute in range(SILENT_MIN + 1, LAST_MIN):
        at = T0 + minute * STEP
        stage.truth(at)
        done = stage.worker.ask(do="tick", at=at.isoformat())
        if done["ok"]:
            now = stage.look()
            findings.broken += judges.whole(now.frames, stage.session.truth(at))
            findings.recovered_s = (minute - SILENT_MIN) * 60 + done["seconds"]
            return now
    findings.broken.append(f"no cycle succeeded within {LAST_MIN - SILENT_MIN} min")
    return before


def _own_clock(stage: Stage) -> Findings:
    """Our clock is two hours fast for a cycle, then two hours slow, then right."""
    findings = Findings(method=ACCELERATED)
    stage.at = T0
    before = now = begun(stage, findings)
    for number, off in enumerate((OFF, -OFF, timedelta(0)), start=1):
        at = T0 + number * STEP
        stage.truth(at)
        stage.at = at + off
        done = stage.cycle()
        told(findings, done)
        findings.require(done["ok"], f"the cycle with the clock off by {off} failed: {done['errors']}")
        now = stage.look()
        findings.broken += judges.whole(now.frames, stage.session.truth(at))
        findings.recovered_s = done["seconds"]
    skew = part("soccer", "sanity").same_clock(before.frames["live_matches"], skew_s=-OFF.total_seconds())
    findings.require(not skew.passed, "the check of the clocks finds two hours well")
    noted(findings, f"with a real provider the check `reading` of live_matches says: {skew.says}")
    findings.broken += held(stage, before, now)
    findings.kept = f"{len(now.cycles)} cycles in the order of the provider's clock, {now.rows:,} rows"
    return findings


def _walked(stage: Stage, findings: Findings, instants: Sequence[datetime]) -> tuple[Look, list[Look]]:
    """A cycle at each instant, each of them whole; afterwards every one of them is still shown as it was."""
    stage.at = instants[0]
    before = begun(stage, findings, instants[0])
    looks = [before]
    for at in instants[1:]:
        stage.truth(at)
        stage.at = at
        done = stage.cycle()
        told(findings, done)
        findings.recovered_s = done["seconds"]
        looks.append(stage.look())
        findings.broken += [f"at {at:%H:%M}Z: {w}" for w in judges.whole(looks[-1].frames, stage.session.truth(at))]
    findings.broken += _shown_as_they_were(stage, looks)
    findings.broken += _published_at(stage, instants)
    return before, looks


def _shown_as_they_were(stage: Stage, looks: Sequence[Look]) -> list[str]:
    found = []
    for number, then in enumerate(looks):
        past = stage.past(looks[-1].cycles[number].observed_us)
        found += judges.remembered(past, then.frames["flattened_matches"])
    return found


def _published_at(stage: Stage, instants: Sequence[datetime]) -> list[str]:
    """Every publication carries the instant at which it was made, in UTC."""
    with stage.database.reading() as connection:
        query = sa.select(publications.c.published_at).where(publications.c.domain == "soccer").order_by("id")
        made = [at for (at,) in connection.execute(query)]
    late = [
        (at, due) for at, due in zip(made, instants, strict=False) if not timedelta(0) <= at - due < timedelta(0, 90)
    ]
    found = [f"published at {at:%H:%M:%S}Z instead of {due:%H:%M}Z" for at, due in late]
    return [*found, *([f"{len(made)} publications instead of {len(instants)}"] if len(made) != len(instants) else [])]


def _ticks(stage: Stage, findings: Findings, since: datetime, hours: int) -> dict[str, int]:
    """How often each schedule ticks in so many hours; the nightly ones once, the live one each minute, none twice."""
    until = since + timedelta(hours=hours)
    ticks: dict[str, Any] = stage.worker.ask(do="ticks", since=since.isoformat(), until=until.isoformat())["ticks"]
    findings.require(ticks.get("live_schedule") == hours * 60, f"{ticks.get('live_schedule')} live ticks in {hours} h")
    for name in NIGHTLY:
        if name in ticks:
            findings.require(ticks[name] == 1, f"{name} ticks {ticks[name]} times in that day")
    return ticks


def _hour_twice(stage: Stage) -> Findings:
    findings = Findings(method=f"{ACCELERATED}, TZ=America/New_York")
    stage.variables |= NEW_YORK
    before, looks = _walked(stage, findings, HOUR_TWICE)
    # The local day of 25 hours.
    ticks = _ticks(stage, findings, datetime(2026, 11, 1, 4, tzinfo=UTC), 25)
    findings.broken += held(stage, before, looks[-1])
    noted(findings, f"nothing: {ticks.get('live_schedule')} live ticks in the 25 hours of that day, one daily run")
    findings.kept = f"{len(looks)} boards, 01:30 local twice and told apart"
    return findings


def _leap_day(stage: Stage) -> Findings:
    findings = Findings(method=ACCELERATED)
    before, looks = _walked(stage, findings, LEAP)
    ticks = _ticks(stage, findings, datetime(2028, 2, 29, tzinfo=UTC), 24)
    stage.at = datetime(2028, 3, 1, 8, tzinfo=UTC)
    done = stage.worker.ask(do="run", job="soccer_maintenance", at=stage.at.isoformat())
    findings.require(done["ok"], f"the nightly upkeep failed: {done['errors']}")
    days = sorted({cycle.log for cycle in looks[-1].cycles})
    findings.require(days == ["2028-02-28", "2028-02-29", "2028-03-01"], f"the history has the days {days}")
    findings.broken += _shown_as_they_were(stage, looks)
    after = stage.look()
    findings.broken += [*judges.no_duplicates(after), *judges.tidy(after), *judges.ledger_kept(before, after)]
    noted(findings, f"nothing: {ticks.get('live_schedule')} live ticks on 29 February, one daily run")
    findings.kept = f"{len(days)} days of history, compacted, each board as it was"
    return findings


FAULTS = (
    Fault(
        "provider-silence",
        "no answer for 30 minutes",
        "one alert, few runs, nothing published meanwhile; then everything due, once",
        _silence,
        ("time-machine",),
        60,
    ),
    Fault(
        "own-clock",
        "our clock is two hours fast, then two hours slow",
        "the provider's clock orders everything; the newest cycle is what is served",
        _own_clock,
        ("time-machine",),
        40,
    ),
    Fault(
        "daylight-saving",
        "the night in which 01:30 comes twice",
        "each cycle once and told apart, every schedule ticks as often as in any night",
        _hour_twice,
        ("time-machine",),
        50,
    ),
    Fault(
        "leap-day",
        "28 February to 1 March of a leap year",
        "three days of history, compacted, each board as it was; one daily run a day",
        _leap_day,
        ("time-machine",),
        60,
    ),
)
