"""The platform that the live benchmarks measure: an emulator, a code server and a daemon, each a process of its own."""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

MEAN_LATENCY_MS, CONNECTIONS, INTERVAL_S, LIMIT_S = 240, 30, 10, 120
STARTS_AT = datetime(2026, 5, 16, 15, 0, tzinfo=UTC)  # a Saturday afternoon
AS_SIMULATED, COPY = 500, 2
LIVE_SHARE = 0.33  # of a simulated day's matches that are in the live list then, at least
LIVE_JOB, SENSOR = "live_cycle", "live_sensor"


def serve(matches: int) -> None:
    """The emulator of exactly so many live matches, until the process is ended."""
    from football_assets.emulators.clock import EmulatedClock
    from football_assets.emulators.faults import Faults
    from football_assets.emulators.server import run
    from football_assets.emulators.simulation import soccer
    from football_assets.emulators.thesports import thesports_app

    base = min(matches, AS_SIMULATED)
    soccer._KEPT_HISTORIES = soccer._KEPT_MATCHES = 10_000  # nothing is worked out twice
    world = Crowd(
        soccer.SimulatedMatches(1, around=STARTS_AT, matches_a_day=max(10, round(base / LIVE_SHARE))), base, matches
    )
    # What the simulation works out once is worked out now: the cycles are measured, not the emulator.
    for row in world.live(STARTS_AT)[:base]:
        world.odds(row["id"], STARTS_AT)
    world.odds_changes(STARTS_AT - timedelta(seconds=60), STARTS_AT)
    app = thesports_app(
        world, EmulatedClock(STARTS_AT, 0), Faults.parse([f"latency={MEAN_LATENCY_MS}:{MEAN_LATENCY_MS / 3}"])
    )
    asyncio.run(run(app, 0, ready=lambda url: print(url, flush=True)))


class Crowd:
    """A simulated world of which so many matches are live at once, each served several times under other ids."""

    def __init__(self, world: Any, base: int, matches: int) -> None:
        self.label, self.default_at, self.knows = world.label, world.default_at, lambda _id: True
        self._world, self._base, self._matches = world, base, matches
        if (there := len(world.live(STARTS_AT))) < base:
            raise SystemExit(f"measuring {matches} matches: the simulation has {there} at once. Ask for fewer.")

    @property
    def _copies(self) -> int:
        return -(-self._matches // self._base)

    def live(self, at: datetime) -> list[dict[str, Any]]:
        # As some matches end, others take their place: the number stays.
        rows = self._world.live(at)[: self._base]
        return [{**row, "id": _copied(row["id"], n)} for n in range(self._copies) for row in rows][: self._matches]

    def recent(self, at: datetime) -> list[dict[str, Any]]:
        return self.recent_of([row["id"] for row in self.live(at)], at)

    def recent_of(self, match_ids: Iterable[str], at: datetime) -> list[dict[str, Any]]:
        found = []
        for match_id in match_ids:
            for row in self._world.recent_of([match_id[COPY:]], at):
                teams = {side: match_id[:COPY] + row[side] for side in ("home_team_id", "away_team_id")}
                found.append({**row, "id": match_id, **teams})
        return found

    def odds(self, match_id: str, at: datetime) -> dict[str, Any]:
        found: dict[str, Any] = self._world.odds(match_id[COPY:], at)
        return found

    def odds_changes(self, since: datetime, until: datetime) -> dict[str, list[list[Any]]]:
        changes = self._world.odds_changes(since, until)
        return {
            company: [[_copied(entry[0], n), *entry[1:]] for n in range(self._copies) for entry in entries]
            for company, entries in changes.items()
        }

    def reference(self, kind: str, at: datetime) -> list[dict[str, Any]]:
        rows = self._world.reference(kind, at)
        copies = range(self._copies) if kind == "team" else ()
        return [{**row, "id": _copied(row["id"], n)} for n in copies for row in rows] or rows


def _copied(its_id: str, number: int) -> str:
    return f"{number:0{COPY}d}{its_id}"


@contextmanager
def emulator(matches: int) -> Iterator[str]:
    """The emulator in a process of its own; gives its address."""
    code = f"from benchmarks.live_platform import serve; serve({matches})"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def forward(url: str, seconds: float) -> None:
    """Put the emulator's clock forward."""
    now = datetime.fromisoformat(_control(url, "stats")["now"])
    _control(url, "clock", {"at": (now + timedelta(seconds=seconds)).isoformat()})


def _control(url: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    root = url.removesuffix("/v1/football")
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{root}/__emulator__/{path}", data)) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def settings_variables(url: str, home: Path, strategy: str) -> dict[str, str]:
    """The environment in which cycles follow at once: the minute's budget of odds is lifted."""
    return {
        "FOOTBALL_HOME": str(home),
        "FOOTBALL_ENV_FILE": str(home / "none.env"),
        "FOOTBALL_LIVE__INTERVAL_S": str(INTERVAL_S),
        "FOOTBALL_LIVE__STRATEGY": strategy,
        "FOOTBALL_LIVE__DEADLINE_S": "120",
        "FOOTBALL_THESPORTS_URL": url,
        "FOOTBALL_THESPORTS__CONNECTIONS": str(CONNECTIONS),
        "FOOTBALL_THESPORTS__PER_MINUTE_BY_PATH": "{}",
        "THESPORTS_USER": "benchmark",
        "THESPORTS_SECRET": "benchmark",
    }


@dataclass(frozen=True)
class Cycle:
    """One cycle as Dagster recorded it: its tick, its events in order, and what the assets told of themselves."""

    run_id: str
    tick_at: float
    entries: list[Any]
    told: dict[str, dict[str, Any]]

    def first(self, kind: str, step: str | None = None) -> float:
        """When the first event of a kind was recorded, of one step if named."""
        return min(e.timestamp for e in self._of(kind, step))

    def last(self, kind: str, step: str | None = None) -> float:
        """When the last event of a kind was recorded."""
        return max(e.timestamp for e in self._of(kind, step))

    def _of(self, kind: str, step: str | None) -> list[Any]:
        return [
            e
            for e in self.entries
            if e.dagster_event and e.dagster_event.event_type_value == kind and step in (None, e.step_key)
        ]

    @property
    def total_s(self) -> float:
        """From the tick to the last check."""
        return self.last("ASSET_CHECK_EVALUATION") - self.tick_at


@dataclass
class Platform:
    """A running code server and daemon on a Dagster home, and the instance through which they are watched."""

    instance: Any
    seen: set[str] = field(default_factory=set)

    def next_cycle(self, between: Callable[[], None] | None = None) -> Cycle:
        """Wait for the next cycle to end, then do `between` before the tick after it; None when it was not whole."""
        from dagster import DagsterRunStatus, RunsFilter

        finished = RunsFilter(
            job_name=LIVE_JOB,
            statuses=[DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED],
        )
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            new = [run for run in self.instance.get_runs(finished, limit=5) if run.run_id not in self.seen]
            if new:
                self.seen |= {run.run_id for run in new}
                if between:
                    between()
                if new[0].status is not DagsterRunStatus.SUCCESS:
                    raise SystemExit(f"measuring a cycle: run {new[0].run_id} ended as {new[0].status}.")
                return self._cycle(new[0].run_id)
            time.sleep(0.25)
        raise SystemExit(f"measuring a cycle: none ended within {LIMIT_S} s.")

    def _cycle(self, run_id: str) -> Cycle:
        entries = list(self.instance.all_logs(run_id))
        told = {
            e.dagster_event.asset_key.to_user_string(): {
                name: value.value for name, value in e.asset_materialization.metadata.items()
            }
            for e in entries
            if e.asset_materialization is not None
        }
        return Cycle(run_id, self._tick_of(run_id), entries, told)

    def _tick_of(self, run_id: str) -> float:
        """When the tick that asked for a run was recorded."""
        for state in self.instance.all_instigator_state():
            for tick in self.instance.get_ticks(state.instigator_origin_id, state.selector_id, limit=20):
                if run_id in tick.run_ids:
                    return float(tick.timestamp)
        raise SystemExit(f"measuring a cycle: no tick asked for run {run_id}.")


@contextmanager
def platform(variables: Mapping[str, str], home: Path, *, daemon: bool = True) -> Iterator[Platform]:
    """Code server and daemon on `home`, whose sensor starts a cycle every ten seconds; ended afterwards."""
    from dagster import DagsterInstance

    from football_assets.config import load_settings, project_root
    from football_assets.operations.dagster_home import prepare_dagster_home

    before = dict(os.environ)
    os.environ.update(variables)
    with ExitStack() as ending:
        ending.callback(_restore, before)
        home.mkdir(parents=True, exist_ok=True)
        dagster_home = prepare_dagster_home(load_settings())
        os.environ["DAGSTER_HOME"] = str(dagster_home)
        socket, workspace = home / "code.sock", home / "workspace.yaml"
        socket.unlink(missing_ok=True)
        spec = {"grpc_server": {"socket": str(socket), "location_name": "football_assets"}}
        workspace.write_text(yaml.safe_dump({"load_from": [spec]}), encoding="utf-8")
        instance = ending.enter_context(DagsterInstance.from_config(str(dagster_home)))
        code = ["code-server", "start", "-m", "football_assets.definitions", "-s", str(socket)]
        python = [sys.executable, "-W", "ignore", "-m"]
        commands = {"code-server": [*python, "dagster", *code, "--location-name", "football_assets"]}
        if daemon:
            commands["daemon"] = [*python, "dagster._daemon", "run", "-w", str(workspace)]
        for name, command in commands.items():
            log = ending.enter_context((home / f"{name}.log").open("ab"))
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=project_root(), start_new_session=True)
            ending.callback(_end, process)
            deadline = time.monotonic() + LIMIT_S
            while not socket.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise SystemExit(f"starting the {name}: it does not answer. {log.name} says why.")
                time.sleep(0.1)
        yield Platform(instance, {run.run_id for run in instance.get_runs()})


def _end(process: "subprocess.Popen[bytes]") -> None:
    import signal

    process.send_signal(signal.SIGINT)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(40)
    process.kill()
    process.wait()


def _restore(before: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(before)
