"""The daily college run is cut: its process killed, PostgreSQL restarted in mid-load, the disk full as it publishes.

Each begins with the tables and the ledger of a Tuesday, is cut in the run of the Sunday after it, and ends when every
row and value is what an undisturbed platform serves of that Sunday.
"""

import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from football_assets.config import Settings, now_utc
from football_assets.operations.drill import college, judges
from football_assets.operations.drill.acts import begun, held, noted, told
from football_assets.operations.drill.comparing import counted
from football_assets.operations.drill.faults import Fault, Findings, NotHere
from football_assets.operations.drill.looking import Look
from football_assets.operations.drill.own_postgres import OwnPostgres
from football_assets.operations.drill.platform import Up
from football_assets.operations.drill.spoiling import full_disk, opened_for_writing, small_home
from football_assets.operations.drill.stage import Stage, until
from football_assets.operations.run_records import RunRecord, RunRecords

MID_LOAD_TABLE = "ncaa_game_predictions"
# As the schedule asks for it: interrupted, it goes on by itself.
RESUMED = {**college.TAGS, "dagster/max_retries": "2"}
KEPT = "college tables and ledger stay as they were; afterwards each is what an undisturbed run makes, to the value"


def _prepared(stage: Stage) -> None:
    """Point the stage at the college provider, and have what is due at hand."""
    if not stage.session.with_college:
        raise NotHere("the college tables were left out by --no-college")
    stage.answer_s = college.RUN_S
    stage.variables |= stage.session.college.variables
    assert stage.session.college.due
    stage.session.college.provider.set_clock(college.TUESDAY)


def _sunday(stage: Stage) -> None:
    """Days go by, of which our clock knows nothing: what was kept of the provider's answers is not fresh any more."""
    stage.session.college.provider.set_clock(college.SUNDAY)
    shutil.rmtree(stage.home / "simulated" / "cache" / college.DOMAIN, ignore_errors=True)


def _run(stage: Stage, findings: Findings) -> None:
    done = stage.worker.ask(do="run", job=college.JOB, tags=college.TAGS)
    findings.require(done["ok"], f"an undisturbed run failed: {done['errors']}")


def _cut(stage: Stage, findings: Findings, before: Look, done: dict[str, Any]) -> None:
    """What the run that was cut says, and what is served then: every table as before."""
    told(findings, done)
    findings.require(not done["ok"], "a run that was cut was reported as done")
    _as_before(stage, findings, before)
    shown = stage.football("ncaa", "predictions")
    text = shown.stdout.strip() or shown.stderr.strip()
    noted(findings, f"football ncaa predictions: {text.splitlines()[0].strip() if text else 'nothing'}")


def _as_before(stage: Stage, findings: Findings, before: Look, *, moving: Iterable[str] = ()) -> None:
    now = stage.look()
    findings.require(now.problem is None, f"the college tables cannot be read: {now.problem}")
    if now.problem is None:
        findings.broken += [*judges.still_served(before, now, due=moving), *judges.no_duplicates(now)]
        findings.broken += judges.ledger_kept(before, now)


def _recovered(
    stage: Stage,
    findings: Findings,
    before: Look,
    *,
    since: float,
    act: Callable[[], object],
    due: Iterable[str] = (college.DOMAIN,),
) -> None:
    """Act once, and hold every college table against what is due and all of it against what was before."""
    act()
    findings.recovered_s = round(time.monotonic() - since, 1)
    served, wanted = college.frames(stage.database), stage.session.college.due
    found = college.against(served, wanted)
    findings.broken += [f"not as undisturbed: {line}" for each in found for line in each.says()]
    findings.broken += college.models_kept(served[college.MODELS], stage.database.folder)
    now = stage.look()
    findings.broken += held(stage, before, now, due=due)
    figures = counted(found)
    findings.figures |= figures
    rows = sum(len(frame) for frame in wanted.values())
    findings.kept = (
        f"{rows:,} rows of {len(wanted)} college tables, {len(now.ledger):,} entries of the ledger: "
        f"lost {figures['rows_lost']:.0f}, invented {figures['rows_invented']:.0f}, "
        f"duplicates {figures['rows_twice'] + len(now.duplicates):.0f}"
    )


def _run_killed(stage: Stage) -> Findings:
    """The process of the daily run is killed when the ledger is written and nothing is published; it goes on by itself.

    Live cycles run beside it all the time.
    """
    findings = Findings()
    _prepared(stage)
    stage.furnish()
    before = stage.look()
    _sunday(stage)
    up, began = Up(stage, stage.env), now_utc()
    ledger = stage.home / "simulated" / "lake" / college.DOMAIN / "ledger.parquet"
    written = ledger.stat().st_mtime_ns
    run_id = up.start(college.JOB, RESUMED)
    caught = until(lambda: ledger.stat().st_mtime_ns != written, college.RUN_S)
    findings.require(caught, "the run was never met in its middle")
    worker = up.worker_of(run_id)
    findings.require(worker is not None and worker.send(signal.SIGKILL), "the run had no process")
    since = time.monotonic()
    _as_before(stage, findings, before, moving=("soccer",))
    records = RunRecords(Settings.model_construct(home=stage.home))

    def over() -> list[RunRecord]:
        return [run for run in reversed(records.since(began)) if run.job == college.JOB]

    def resumed() -> bool:
        return until(lambda: len(over()) > 1, college.RUN_S, 1.0)

    _recovered(stage, findings, before, since=since, act=resumed, due=(college.DOMAIN, "soccer"))
    noted(findings, _resumed(findings, records, over()))
    up.stop(60.0)
    return findings


def _resumed(findings: Findings, records: RunRecords, runs: list[RunRecord]) -> str:
    """What Dagster shows: the run that was killed, and the one that did what was left."""
    shown = [run.status for run in runs]
    findings.require(shown == ["FAILURE", "SUCCESS"], f"Dagster shows the runs as {shown}")
    first, *later = (set(records.step_seconds(run.run_id)) for run in runs)
    left = set().union(*later)
    findings.require(bool(left) and not first & left, f"steps were done twice: {sorted(first & left)}")
    return f"Dagster shows the run as FAILURE and goes on by itself: {len(left)} steps after the {len(first)} done"


def _postgres(stage: Stage) -> Findings:
    """The server is restarted at once while the college tables are in the middle of their load."""
    findings = Findings()
    _prepared(stage)
    server = OwnPostgres(stage)
    before = _first_load(stage, findings)
    _sunday(stage)
    with server.holding(MID_LOAD_TABLE):
        stage.worker.begin(do="run", job=college.JOB, tags=college.TAGS)
        findings.require(server.somebody_waits(college.RUN_S), "the load was never met in its middle")
        server.restart()
    since = time.monotonic()
    _cut(stage, findings, before, stage.worker.answer())
    _recovered(stage, findings, before, since=since, act=lambda: _run(stage, findings))
    return findings


def _first_load(stage: Stage, findings: Findings) -> Look:
    """Tuesday's tables and a board on a server that had none."""
    begun(stage, findings)
    _run(stage, findings)
    return stage.look()


def _disk_full(stage: Stage) -> Findings:
    """The disk is filled up in the moment in which the college tables are about to be loaded."""
    findings = Findings()
    _prepared(stage)
    findings.method = small_home(stage, stage.session.college.home)
    before = begun(stage, findings)
    _sunday(stage)
    database = stage.database.path
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # the load waits for it as for any other writer
        stage.worker.begin(do="run", job=college.JOB, tags=college.TAGS)
        caught = until(lambda: opened_for_writing(stage.worker.pid, database), college.RUN_S)
        findings.require(caught, "the load was never met at its beginning")
        with full_disk(stage, stage.worker.pid):
            other.execute("ROLLBACK")
            done = stage.worker.answer()
            _cut(stage, findings, before, done)
    since = time.monotonic()
    _recovered(stage, findings, before, since=since, act=lambda: _run(stage, findings))
    return findings


FAULTS = (
    Fault("college-kill-run", "kill -9 of the daily college run in its middle", KEPT, _run_killed, ("proc",), 180),
    Fault(
        "college-postgres-restart",
        "PostgreSQL restarts in the middle of the load of the college tables",
        KEPT,
        _postgres,
        ("postgres",),
        120,
    ),
    Fault("college-disk-full", "the disk fills up as the college tables are loaded", KEPT, _disk_full, ("proc",), 90),
)
