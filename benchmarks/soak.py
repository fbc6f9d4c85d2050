"""Months in minutes: the platform's processes over many live cycles with a failing provider, watched for leaks.

    python -m benchmarks.soak [--cycles 1440] [--speed 60] [--json FILE] [--idle]

Processes of their own, as `football up` has them: the emulator of the provider, whose world goes on `--speed` times as
fast and which spoils 2 % of its answers (a quarter each: status 500, connection reset, cut short, wrong types); a code
server; Dagster's daemon, in which only the scheduler's clock is faster, so that the minute's schedule ticks every
1/60 of it; a worker process forked for every cycle; the serving process, which is asked for the board once a second and
for health and metrics every 15 s; the watchdog. The wait before the second try of a request is as much shorter, and so
is the retention of Dagster's records: two hours instead of two days, pruned each accelerated hour instead of each day.

Success is that of the runs in Dagster's records. Memory and open files are of each long-lived process over its cycles,
the first fifth left out, and of the workers the peak that each cycle tells. A tick at which the cycle before has not
ended starts none, as always: `speed` says how many minutes of cycles a minute really had. Ends with exit code 1 when a
limit is broken, and names it.

`--idle` leaves the provider, the serving process and the watchdog out and runs cycles that do nothing: daemon, code
server and forkserver over many ticks, on a machine that has no second for a cycle.
"""

import argparse
import json
import math
import os
import signal
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from benchmarks.live_platform import LIVE_JOB, settings_variables
from benchmarks.soak_figures import WARM_SHARE, Sample, bounded, broken, grown, slope_per_1000, verdicts
from benchmarks.soak_location import HOURS_KEPT

CYCLES, SPEED, HOUR = 1440, 60.0, 60
FAULTS = ("500=0.005", "reset=0.005", "truncated=0.005", "wrong_types=0.005")
LOOK_S, START_LIMIT_S, STALL_S = 1.0, 120, 300
# Path and how many seconds apart it is asked for.
ASKED = {"/v1/soccer/matches": 1, "/v1/health": 15, "/metrics": 15}
SLOPE = f"Growth: the median slope of all pairs of moments, the first {WARM_SHARE:.0%} of the cycles left out."
DATABASES = {"runs": "history/runs.db", "events": "history/event_log.db", "schedules": "schedules/schedules.db"}


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cycles", type=int, default=CYCLES, help=f"cycles that end (default {CYCLES})")
    parser.add_argument("--speed", type=float, default=SPEED, help="how many times as fast (default 60)")
    parser.add_argument("--minutes", type=float, help="end sooner, after so many minutes of the machine")
    parser.add_argument("--idle", action="store_true", help="only the ticks: cycles that do nothing, no provider")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("soaking: it was asked to end."))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        figures = soaked(
            Path(folder) / "home", arguments.cycles, arguments.speed, arguments.minutes or math.inf, idle=arguments.idle
        )
    figures["verdicts"], figures["broken"] = [asdict(each) for each in verdicts(figures)], broken(figures)
    report = json.dumps(figures, indent=2)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(report + "\n", encoding="utf-8")
    print(report, SLOPE, *verdicts(figures), sep="\n")
    if figures["broken"]:
        raise SystemExit("The soak breaks a limit:\n" + "\n".join(f"- {each}" for each in figures["broken"]))
    print("The soak holds every limit.")


def soaked(home: Path, cycles: int, speed: float, minutes: float, *, idle: bool) -> dict[str, Any]:
    with ExitStack() as ending:
        running = ending.enter_context(platform(home, speed, idle=idle))
        log = Log(home, running)
        ending.callback(log.close)
        asking = {} if idle else ending.enter_context(asked_meanwhile(running["serving_port"]))
        log.watch(cycles, 60 * minutes)
        made = {"idle": True} if idle else {"idle": False, "faults": FAULTS, "asked": dict(asking)}
        return {"cycles_asked": cycles, **log.figures(), **made}


@contextmanager
def platform(home: Path, speed: float, *, idle: bool) -> Iterator[dict[str, Any]]:
    """Every process, started and, at the end, stopped; their names by pid, and the port of the serving process."""
    from football_assets.config import load_settings, project_root
    from football_assets.operations.dagster_home import prepare_dagster_home
    from football_assets.operations.feeds import _free_port
    from football_assets.operations.memory import FEW_ARENAS
    from football_assets.operations.processes import Child

    ports = {"emulator": _free_port(), "serving": _free_port()}
    variables = settings_variables(f"http://127.0.0.1:{ports['emulator']}/v1/football", home, "auto") | {
        "FOOTBALL_LIVE__INTERVAL_S": "60",
        "FOOTBALL_LIVE__DEADLINE_S": "25",
        "FOOTBALL_THESPORTS__BACKOFF_S": str(1 / speed),
        "SOAK_SPEED": str(speed),
        "SOAK_IDLE": str(int(idle)),
        "PYTHONWARNINGS": "ignore",
    }
    os.environ.update(variables)
    dagster_home = prepare_dagster_home(load_settings())
    os.environ["DAGSTER_HOME"] = str(dagster_home)
    # The emulated day is the one before, so that whatever it says lies in the past.
    at = (datetime.now(UTC) - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    socket, workspace = home / "code.sock", home / "workspace.yaml"
    spec = {"grpc_server": {"socket": str(socket), "location_name": "football_assets"}}
    workspace.write_text(yaml.safe_dump({"load_from": [spec]}), encoding="utf-8")
    faults = [part for each in FAULTS for part in ("--fault", each)]
    emulate = ["emulate", "thesports", "--simulate", "1", "--speed", str(speed), "--at", at]
    football = "football_assets.cli"
    commands = {
        "emulator": [football, *emulate, "--port", str(ports["emulator"]), *faults],
        "code server": ["dagster", "code-server", "start", "-m", "benchmarks.soak_location", "-s", str(socket)],
        "daemon": ["benchmarks.soak_daemon", str(speed), "-w", str(workspace)],
        "serving": [football, "serve", "--port", str(ports["serving"])],
        "watchdog": [football, "watchdog"],
    }
    commands["code server"] += ["--location-name", "football_assets"]
    if idle:
        commands = {name: commands[name] for name in ("code server", "daemon")}
    ready = {"emulator": lambda: answers(ports["emulator"], "/"), "code server": socket.exists}
    with ExitStack() as ending:
        started: dict[str, Any] = {"serving_port": ports["serving"], "names": {}, "dagster": dagster_home}
        for name, command in commands.items():
            child = Child.start(
                name,
                [sys.executable, "-m", *command],
                log=home / "logs" / f"{name.replace(' ', '-')}.log",
                env={**os.environ, **(FEW_ARENAS if name == "code server" else {})},
                cwd=project_root(),
            )
            ending.callback(child.stop, 30)
            started["names"][child.process.pid] = name
            deadline = time.monotonic() + START_LIMIT_S
            while not ready.get(name, lambda: True)():
                if child.exit_code() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"starting the {name}: it does not answer.\n" + "\n".join(child.last_lines()))
                time.sleep(0.1)
        yield started


def answers(port: int, path: str) -> bool:
    """Whether something says anything at all on a port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            answer.read()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@contextmanager
def asked_meanwhile(port: int) -> Iterator[Counter[str]]:
    """Ask the serving process once a second, as a page that is open does; how often it answered by path."""
    ending, told = threading.Event(), Counter[str]()

    def ask() -> None:
        second = 0
        while not ending.wait(1.0):
            second += 1
            for path in (path for path, apart in ASKED.items() if second % apart == 0):
                told[path if answers(port, path) else f"{path} unanswered"] += 1

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield told
    finally:
        ending.set()
        asking.join()


class Log:
    """What is seen of the processes, the runs and the databases while they go."""

    def __init__(self, home: Path, running: dict[str, Any]) -> None:
        from dagster import DagsterInstance

        self._names, self._dagster = running["names"], running["dagster"]
        self._instance = DagsterInstance.from_config(str(running["dagster"]))
        self._began = time.monotonic()
        self._took_s = 0.0
        self._ends: dict[str, str] = {}
        self._peaks: list[tuple[int, float]] = []
        self._failures: list[str] = []
        self._samples: list[Sample] = []
        self._sizes: dict[str, list[tuple[int, int]]] = {name: [] for name in DATABASES}

    def close(self) -> None:
        self._instance.dispose()

    @property
    def cycles(self) -> int:
        return len(self._ends)

    def watch(self, cycles: int, seconds: float) -> None:
        """Look once a second until so many cycles have ended, or so many seconds."""
        last, since = 0, time.monotonic()
        until = since + seconds
        while self.cycles < cycles and time.monotonic() < until:
            time.sleep(LOOK_S)
            self._look_at_runs()
            if self.cycles > last:
                self._look_at_processes()
            for name, file in DATABASES.items():
                path = self._dagster / file
                parts = (path, path.with_name(f"{path.name}-wal"))
                self._sizes[name].append((self.cycles, sum(each.stat().st_size for each in parts if each.exists())))
            if self.cycles > last:
                if self.cycles // 100 > last // 100:
                    print(f"{self.cycles} cycles, {time.monotonic() - self._began:.0f} s", file=sys.stderr, flush=True)
                if not last:
                    self._began = time.monotonic()  # the first one imports everything
                last, since = self.cycles, time.monotonic()
            if time.monotonic() - since > STALL_S:
                print(f"soaking: no cycle ended for {STALL_S} s, after {self.cycles}.", file=sys.stderr, flush=True)
                break
        self._took_s = time.monotonic() - self._began

    def _look_at_runs(self) -> None:
        from dagster import DagsterEventType, DagsterRunStatus, RunsFilter

        over = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
        for run in reversed(self._instance.get_runs(RunsFilter(job_name=LIVE_JOB, statuses=over), limit=50)):
            if run.run_id in self._ends:
                continue
            self._ends[run.run_id] = run.status.value
            if run.status is not DagsterRunStatus.SUCCESS:
                self._failures += [
                    f"{run.run_id[:8]} {entry.step_key}: {_reason(entry)}"
                    for entry in self._instance.all_logs(run.run_id, of_type=DagsterEventType.STEP_FAILURE)
                ]
            for entry in self._instance.all_logs(run.run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION):
                made = entry.asset_materialization
                if made is not None and "peak_rss_mb" in made.metadata:
                    self._peaks.append((self.cycles, float(made.metadata["peak_rss_mb"].value)))  # type: ignore[arg-type]

    def _look_at_processes(self) -> None:
        from football_assets.operations.processes import descendants

        pids = set(descendants(os.getpid()))
        for pid in pids:
            with suppress(OSError, ValueError, IndexError, StopIteration):
                name = self._name(pid)
                if name is not None:
                    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
                    rss_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
                    files = len(list(Path(f"/proc/{pid}/fd").iterdir()))
                    self._samples.append(Sample(name, self.cycles, round(rss_kb * 1024 / 1e6, 2), files))

    def _name(self, pid: int) -> str | None:
        """Of a long-lived process; None of a cycle's worker and of what ends at once."""
        if pid in self._names:
            return str(self._names[pid])
        words = Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
        parent = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        if "football_assets.operations.forkserver" in words and self._names.get(parent) == "daemon":
            return "forkserver"
        return "code" if "grpc" in words and self._names.get(parent) == "code server" else None

    def figures(self) -> dict[str, Any]:
        ends = Counter(self._ends.values())
        settled = (HOURS_KEPT + 1) * HOUR
        sizes = {name: [each for each in of if each[0] >= settled] for name, of in self._sizes.items()}
        processes = grown(self._samples, self.cycles)
        peaks = [each for each in self._peaks if each[0] >= 0.2 * self.cycles]
        return {
            "cycles": self.cycles,
            "load_average": round(os.getloadavg()[2], 1),
            "ends": dict(ends),
            "success_pct": round(100 * ends["SUCCESS"] / self.cycles, 2) if self.cycles else None,
            "failures": self._failures,
            "minutes": round(self._took_s / 60, 1),
            "speed": round((self.cycles - 1) * 60 / self._took_s, 1),
            "processes": processes,
            "worker_peak_rss_mb": [peaks[0][1], peaks[-1][1]] if peaks else None,
            "worker_peak_mb_per_1000": slope_per_1000(peaks),
            # Dagster itself forgets ticks, after 30 days: a day of cycles cannot show that.
            "database_ratio": {name: bounded(sizes[name]) for name in ("runs", "events")},
            "database_mb": {name: round(of[-1][1] / 1e6, 2) for name, of in self._sizes.items()},
            "ticks_kb_per_cycle": slope_per_1000([(x, y / 1e6) for x, y in sizes["schedules"]]),
            "samples": len(self._samples),
        }


def _reason(entry: Any) -> str:
    error = entry.dagster_event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return "" if error is None else error.message.strip().partition("\n")[0]


if __name__ == "__main__":
    main()
