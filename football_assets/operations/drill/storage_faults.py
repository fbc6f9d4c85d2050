"""The machine's storage fails: the disk is full, the folder read-only, the database locked or restarted, Redis gone."""

import os
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from football_assets.operations.drill import mounts
from football_assets.operations.drill.acts import begun, board_line, meanwhile, noted, recovered, told
from football_assets.operations.drill.faults import Fault, Findings, NotHere
from football_assets.operations.drill.looking import Look
from football_assets.operations.drill.own_postgres import OwnPostgres
from football_assets.operations.drill.spoiling import full_disk, small_home
from football_assets.operations.drill.stage import STEP, T0, Stage, until

MID_LOAD_TABLE = "soccer_match_summary"  # one of the last that a cycle loads
KEPT = "the board stays as it was; afterwards everything due is there once"


def _cut_short(stage: Stage, findings: Findings, before: Look) -> None:
    """One cycle during the fault, and what is served then."""
    done = stage.cycle()
    told(findings, done)
    noted(findings, board_line(stage))
    findings.require(not done["ok"] or bool(done["warnings"]), "the cycle says that all is well")
    meanwhile(stage, findings, before)


def _disk_full(stage: Stage) -> Findings:
    findings = Findings()
    findings.method = small_home(stage, stage.session.college.home if stage.session.with_college else None)
    before = begun(stage, findings)
    stage.truth(T0 + STEP)
    with full_disk(stage, stage.worker.pid):
        _cut_short(stage, findings, before)
    recovered(stage, findings, before)
    return findings


def _read_only(stage: Stage) -> Findings:
    findings = Findings()
    own = mounts.own_mounts()
    if not own and os.geteuid() == 0:
        raise NotHere("root may write everywhere, and mounts of our own are not allowed here")
    findings.method = "a read-only mount" if own else "the right to write taken away"
    before = begun(stage, findings)
    stage.worker.stop()
    stage.truth(T0 + STEP)
    _lock(stage.home, own=own)
    try:
        done = stage.football("live", "once")
        lines = done.stderr.strip().splitlines()
        noted(findings, f"football live once: {lines[-1] if lines else ''} (exit code {done.returncode})")
        findings.require(done.returncode == 1, f"football live once ended with exit code {done.returncode}")
        findings.require("Traceback" not in done.stderr, f"a traceback instead of one line: {done.stderr[-300:]}")
        board = board_line(stage)
        noted(findings, board)
        findings.require("SIMULATED" in board, f"the board cannot be read from a read-only folder: {board}")
    finally:
        _unlock(stage.home, own=own)
    meanwhile(stage, findings, before)
    since = time.monotonic()
    after = stage.new_worker()
    recovered(stage, findings, before, since=since, act=lambda: stage.run_cycle(after))
    return findings


def _lock(home: Path, *, own: bool) -> None:
    if own:
        mounts.read_only(home)
    else:
        for path in (home, *home.rglob("*")):
            path.chmod(path.stat().st_mode & ~0o222)


def _unlock(home: Path, *, own: bool) -> None:
    if own:
        mounts.unmounted(home)
    else:
        for path in (home, *home.rglob("*")):
            path.chmod(path.stat().st_mode | 0o200)


def _locked(stage: Stage) -> Findings:
    findings = Findings()
    before = begun(stage, findings)
    stage.truth(T0 + STEP)
    with closing(sqlite3.connect(stage.database.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        _cut_short(stage, findings, before)
        other.execute("ROLLBACK")
    recovered(stage, findings, before)
    return findings


def _postgres(stage: Stage) -> Findings:
    """The server is restarted at once while a publication is in the middle of its load."""
    findings = Findings()
    server = OwnPostgres(stage)
    before = begun(stage, findings)
    stage.truth(T0 + STEP)
    with server.holding(MID_LOAD_TABLE):
        stage.worker.begin(do="run", job="live_cycle")
        findings.require(server.somebody_waits(60.0), "the load was never met in its middle")
        server.restart()
    since = time.monotonic()
    done = stage.worker.answer()
    told(findings, done)
    findings.require(not done["ok"], "a load cut in its middle was reported as done")
    meanwhile(stage, findings, before)
    recovered(stage, findings, before, since=since)
    return findings


def _redis(stage: Stage) -> Findings:
    """The second tier of the cache is killed; cycles go on without it, and with it again."""
    findings = Findings()
    port = _free_port()
    stage.variables["FOOTBALL_REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    server = _redis_server(stage.folder, port)
    stage.ending.callback(_killed, server)
    before = begun(stage, findings)
    stage.truth(T0 + STEP)
    _killed(server)
    since = time.monotonic()
    done = stage.cycle()
    told(findings, done)
    noted(findings, board_line(stage))
    findings.require(done["ok"], f"a cycle without Redis failed: {done['errors']}")
    meanwhile(stage, findings, before)
    recovered(stage, findings, before, since=since)
    again = _redis_server(stage.folder, port)
    stage.ending.callback(_killed, again)
    findings.require(stage.cycle()["ok"], "a cycle with Redis again failed")
    findings.kept = findings.kept or "all"
    return findings


def _redis_server(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: _listens(port), 20.0)
    return process


def _killed(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


FAULTS = (
    Fault("disk-full", "the disk of the data folder fills up", KEPT, _disk_full, ("proc",)),
    Fault("read-only", "the data folder becomes read-only", KEPT, _read_only, about_s=40),
    Fault("sqlite-locked", "somebody holds the database's lock longer than anybody waits", KEPT, _locked, about_s=60),
    Fault("postgres-restart", "PostgreSQL restarts in the middle of a load", KEPT, _postgres, ("postgres",), 40),
    Fault("redis-gone", "Redis is killed, and comes back empty", "every cycle goes on", _redis, ("redis-server",), 30),
)
