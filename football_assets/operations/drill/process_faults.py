"""Processes die: each is killed outright, started twice, or told to end while it writes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from football_assets.config import project_root
from football_assets.operations.drill import judges
from football_assets.operations.drill.acts import begun, board_line, held, meanwhile, noted, recovered, told
from football_assets.operations.drill.faults import Fault, Findings
from football_assets.operations.drill.looking import Look
from football_assets.operations.drill.platform import PACE, Reader, Serve, Up, free_port
from football_assets.operations.drill.stage import LIVE_JOB, STEP, T0, Stage, until
from football_assets.operations.processes import descendants
from football_assets.operations.service_units import RESTART_S

FIRST_S, MID_RUN_S, ENDING_S = 240.0, 1.5, 240.0
ATTEMPTS = 8
KEPT = "the board stays as it was; afterwards everything due is there once, and no process or temporary file is left"


def _first_board(stage: Stage, findings: Findings) -> Look:
    """What the running platform has published, once that is everything."""
    truth = stage.session.truth(T0)
    looks: list[Look] = []

    def whole() -> bool:
        looks[:] = [stage.look()]
        return bool(looks[0].frames) and not judges.whole(looks[0].frames, truth)

    findings.require(until(whole, FIRST_S, 0.5), "the platform published no whole board")
    return looks[0]


def _beginning(stage: Stage) -> None:
    """Have the truth of both moments at hand, so that afterwards only the provider's clock has to be moved."""
    stage.session.truth(T0 + STEP)
    stage.truth(T0)
    stage.furnish()
    stage.variables |= PACE


def _worker_killed(stage: Stage) -> Findings:
    """The process of a run is killed while it waits for the provider."""
    findings = Findings()
    _beginning(stage)
    up = Up(stage, stage.env)
    _first_board(stage, findings)
    stage.provider.break_with("hang")
    # A cycle that is under way publishes first; the next one hangs.
    until(lambda: not up.workers(), 30.0)
    before = stage.look()
    stage.provider.set_clock(T0 + STEP)
    caught = until(lambda: bool(up.workers()), 40.0)
    findings.require(caught, "no run was met while it was under way")
    time.sleep(MID_RUN_S)
    for pid in up.workers():
        os.kill(pid, signal.SIGKILL)
    since = time.monotonic()
    stage.provider.break_with()
    noted(findings, board_line(stage))
    meanwhile(stage, findings, before)
    recovered(stage, findings, before, since=since, act=_rest)
    noted(findings, *_failed_runs(stage))
    findings.require(any("FAILURE" in line for line in findings.sees), "the killed run is not shown as failed")
    up.stop(60.0)
    return findings


def _failed_runs(stage: Stage) -> list[str]:
    """The failed runs as the health report counts them."""
    text = stage.football("health", "report").stdout
    return [f"Dagster shows the run as FAILURE; football health report: {line.strip()}" for line in _about_cycles(text)]


def _about_cycles(text: str) -> list[str]:
    return [line for line in text.splitlines() if "cycles" in line.lower()][:1]


def _service_killed(stage: Stage, service: str) -> Findings:
    """A service of `football up` is killed; whoever looks after it starts it again after five seconds."""
    findings = Findings()
    _beginning(stage)
    up = Up(stage, stage.env)
    before = _first_board(stage, findings)
    pid = up.pid_of(service)
    findings.require(pid is not None, f"there is no {service}")
    since = time.monotonic()
    os.kill(pid or 0, signal.SIGKILL)
    code = up.ended()
    findings.require(code == 1, f"football up ended with exit code {code}")
    noted(findings, f"football up: {up.last_words()} (exit code {code})")
    findings.require("Everything was stopped" in up.last_words(), "nobody was told which process ended")
    findings.require(until(lambda: not stage.processes(), 20.0), f"left running: {stage.processes()}")
    findings.broken += judges.still_served(before, stage.look())
    noted(findings, board_line(stage))
    stage.provider.set_clock(T0 + STEP)
    time.sleep(max(0.0, RESTART_S - (time.monotonic() - since)))
    again = Up(stage, stage.env)
    recovered(stage, findings, before, since=since, act=_rest)
    findings.method = f"started again after {RESTART_S} s, as the service does"
    again.stop(60.0)
    return findings


def _daemon_killed(stage: Stage) -> Findings:
    return _service_killed(stage, "daemon")


def _code_server_killed(stage: Stage) -> Findings:
    return _service_killed(stage, "code server")


def _rest() -> None:
    time.sleep(0.5)


def _serving_killed(stage: Stage) -> Findings:
    """The serving process is killed while a client follows its stream; the client comes back by itself."""
    findings = Findings()
    before = begun(stage, findings)
    port = free_port()
    serve = Serve(stage, port)
    reader = Reader(stage, serve.url, "reader")
    findings.require(until(lambda: reader.snapshots == 1, 30.0), "the client heard nothing")
    stage.truth(T0 + STEP)
    since = time.monotonic()
    os.kill(serve.pid, signal.SIGKILL)
    serve.process.wait()
    noted(findings, f"{serve.url}: connection refused", board_line(stage))
    stage.cycle()
    time.sleep(max(0.0, RESTART_S - (time.monotonic() - since)))
    again = Serve(stage, port)
    due = _scores(stage)
    findings.require(until(lambda: reader.shows("home_score", due), 60.0), "the client does not show what is published")
    findings.recovered_s = round(time.monotonic() - since, 1)
    findings.broken += reader.wrong
    findings.require(again.ask("/health/ready") is not None, "the new process is not ready")
    findings.method = f"started again after {RESTART_S} s, as the service does"
    now = stage.look()
    findings.broken += [*judges.whole(now.frames, stage.session.truth(T0 + STEP)), *held(stage, before, now)]
    findings.kept = f"{now.rows:,} rows; the client followed by itself, {reader.snapshots} snapshots"
    return findings


def _client_killed(stage: Stage) -> Findings:
    """One of two clients of the stream is killed; the server forgets it, the other one misses nothing."""
    findings = Findings()
    before = begun(stage, findings)
    serve = Serve(stage, free_port())
    victim, other = (Reader(stage, serve.url, name) for name in ("victim", "other"))
    findings.require(until(lambda: serve.clients() == 2, 30.0), f"the server has {serve.clients()} clients, not 2")
    until(lambda: other.snapshots == 1, 30.0)
    stage.truth(T0 + STEP)
    since = time.monotonic()
    os.kill(victim.pid, signal.SIGKILL)
    findings.require(until(lambda: serve.clients() == 1, 30.0), f"the server still has {serve.clients()} clients")
    gone = time.monotonic() - since
    stage.cycle()
    due = _scores(stage)
    findings.require(until(lambda: other.shows("home_score", due), 30.0), "the other client missed something")
    since = time.monotonic()
    back = Reader(stage, serve.url, "back")
    findings.require(until(lambda: back.shows("home_score", due), 30.0), "the client that came back misses something")
    findings.recovered_s = round(time.monotonic() - since, 1)
    findings.broken += [*other.wrong, *back.wrong]
    findings.require(other.snapshots == 1, f"the other client needed {other.snapshots} snapshots")
    now = stage.look()
    findings.broken += [*judges.whole(now.frames, stage.session.truth(T0 + STEP)), *held(stage, before, now)]
    noted(findings, f"the server counts one client less after {gone:.1f} s; the other client sees every change")
    findings.kept = f"{now.rows:,} rows"
    return findings


def _scores(stage: Stage) -> dict[str, Any]:
    frame = stage.look().frames["flattened_matches"]
    scores = frame["home_score"].astype(object)
    return dict(zip(frame["match_id"], scores.where(scores.notna(), None), strict=True))


def _twice(stage: Stage) -> Findings:
    """A second `football up` on the same home, and two cycles by hand at the same moment."""
    findings = Findings()
    _beginning(stage)
    up = Up(stage, stage.env)
    before = _first_board(stage, findings)
    done = stage.football("up", "--no-emulate", "--port", str(free_port()), "--serve-port", "0")
    findings.require(done.returncode == 1, f"the second one ended with exit code {done.returncode}")
    lines = done.stderr.strip().splitlines()
    noted(findings, f"football up: {lines[-1] if lines else ''} (exit code {done.returncode})")
    findings.require("another `football up` uses" in done.stderr, "the second one was not refused")
    up.stop(60.0)
    stage.truth(T0 + STEP)
    both = [stage.new_worker(), stage.new_worker()]
    since = time.monotonic()
    for worker in both:
        worker.begin(do="run", job=LIVE_JOB)
    for worker in both:
        told(findings, worker.answer())
    recovered(stage, findings, before, since=since, act=lambda: stage.run_cycle(both[0]))
    return findings


def _struck_in_mid_write(stage: Stage, signum: signal.Signals) -> Findings:
    """`football live once` gets a signal in the very moment in which a file is half written."""
    findings = Findings()
    before = begun(stage, findings)
    stage.worker.stop()
    stage.truth(T0 + STEP)
    caught = any(_caught(stage, findings, signum) for _ in range(ATTEMPTS))
    findings.require(caught, f"no half-written file was met in {ATTEMPTS} cycles")
    noted(findings, board_line(stage))
    since = time.monotonic()
    now = stage.look()
    findings.broken += [*judges.no_duplicates(now), *judges.still_served(before, now)]
    findings.figures["temporary_files_then"] = len(now.leftovers)
    after = stage.new_worker()
    recovered(stage, findings, before, since=since, act=lambda: stage.run_cycle(after))
    return findings


def _caught(stage: Stage, findings: Findings, signum: signal.Signals) -> bool:
    """Whether the signal came while a file was half written; the command has ended then."""
    with _live_once(stage) as process:
        while process.poll() is None:
            half = _half_written(stage.home)
            if half is None:
                continue
            runs = [pid for pid in descendants(process.pid) if _runs_job(pid)]
            for pid in runs:
                os.kill(pid, signal.SIGSTOP)
            still = bool(runs) and half.exists()
            for pid in runs:
                if still:
                    os.kill(pid, signum)
                os.kill(pid, signal.SIGCONT)
            if still:
                _, error = process.communicate(timeout=ENDING_S)
                lines = [line for line in error.splitlines() if line.strip()]
                noted(findings, f"football live once: {lines[-1] if lines else ''} (exit code {process.returncode})")
                findings.require(process.returncode != 0, "the command says that all is well")
                return True
        process.communicate()
    return False


@contextmanager
def _live_once(stage: Stage) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "football_assets.cli", "live", "once"]
    process = subprocess.Popen(
        command, env=stage.env, cwd=project_root(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _half_written(home: Path) -> Path | None:
    with suppress(OSError):
        for entry in os.scandir(home / "simulated" / "lake" / "soccer"):
            if entry.name.endswith(".part"):
                return Path(entry.path)
    return None


def _runs_job(pid: int) -> bool:
    with suppress(OSError):
        return b"job\0execute" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _sigterm(stage: Stage) -> Findings:
    return _struck_in_mid_write(stage, signal.SIGTERM)


def _sigkill(stage: Stage) -> Findings:
    return _struck_in_mid_write(stage, signal.SIGKILL)


FAULTS = (
    Fault("kill-run-worker", "kill -9 of a run in its middle", KEPT, _worker_killed, ("proc",), 60),
    Fault("kill-daemon", "kill -9 of Dagster's daemon", KEPT, _daemon_killed, ("proc",), 90),
    Fault("kill-code-server", "kill -9 of the code server", KEPT, _code_server_killed, ("proc",), 90),
    Fault("kill-serving", "kill -9 of the serving process", KEPT, _serving_killed, ("proc",), 40),
    Fault(
        "kill-stream-client",
        "kill -9 of one of two stream clients",
        "the server forgets it; the other misses nothing; back, it sees what is published",
        _client_killed,
        ("proc",),
        30,
    ),
    Fault("two-instances", "a second `football up`, and two cycles at the same moment", KEPT, _twice, ("proc",), 60),
    Fault("sigterm-mid-write", "SIGTERM while a file is half written", KEPT, _sigterm, ("proc",), 40),
    Fault("kill-mid-write", "kill -9 while a file is half written", KEPT, _sigkill, ("proc",), 40),
)
