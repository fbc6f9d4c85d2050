"""What 1,000 live matches and one college season cost: processor time, calls, bytes, requests to an object store.

    python -m benchmarks.scaling [--matches 1000] [--season 2024] [--part live,season,limits,failover]

And how two workers keep a real minute's limit, and how soon a killed owner of the live loop is followed. Processor
time, not the clock: it says what a machine has to have. Steps run in this process, on the simulation, with the lake on
a store in memory whose requests are counted; of a table that is already here only its state is asked (HEAD).
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.live_platform import emulator, forward
from benchmarks.live_sizes import QUIET, STEP_S, environment, live_job

STORE = "memory://scaling/lake"
MB = 1e6


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--matches", type=int, default=1_000)
    parser.add_argument("--season", type=int, default=2024)
    parser.add_argument("--part", default="live,season,limits,failover")
    arguments = parser.parse_args()
    if "live" in arguments.part:
        print(json.dumps({"live": live(arguments.matches)}, indent=2), flush=True)
    if "season" in arguments.part:
        print(json.dumps({"season": season(arguments.season)}, indent=2), flush=True)
    if "limits" in arguments.part:
        print(json.dumps({"limits": limits()}, indent=2), flush=True)
    if "failover" in arguments.part:
        print(json.dumps({"failover": failover()}, indent=2), flush=True)


def live(matches: int) -> dict[str, Any]:
    """Two cycles: one that asks everything, one that asks what changed."""
    with tempfile.TemporaryDirectory(prefix="scaling-") as folder, emulator(matches) as url:
        home = Path(folder)
        with environment(url, home), counted() as asked:
            os.environ["FOOTBALL_LAKE_URL"] = STORE
            job, found = live_job(), []
            for _ in range(2):
                found.append(cycle(job, home, asked))
                forward(url, STEP_S)
            return {"matches": matches, "first": found[0], "next": found[1], "peak_rss_mb": peak_mb()}


def cycle(job: Any, home: Path, asked: Counter[str]) -> dict[str, Any]:
    from dagster import DagsterInstance

    before, kept = processor_s(), bytes_of(home, "history")
    asked.clear()
    with DagsterInstance.get() as instance:
        outcome = job.execute_in_process(instance=instance, raise_on_error=True, run_config=QUIET)
    told = {e.asset_key.path[-1]: e.materialization.metadata for e in outcome.get_asset_materialization_events()}
    requests = told["enriched_matches"]["reading"].value["requests"]
    return {
        "processor_s": round(processor_s() - before, 2),
        "provider_calls": sum(requests.values()),
        "lake_mb": round(bytes_of(home, "lake") / MB, 2),
        "history_mb_added": round((bytes_of(home, "history") - kept) / MB, 2),
        "store_requests": dict(asked),
    }


def season(year: int) -> dict[str, Any]:
    """One whole season collected, no model fitted."""
    from football_assets.emulators.clock import EmulatedClock
    from football_assets.emulators.college_football import college_football_app
    from football_assets.emulators.server import DESK
    from football_assets.emulators.simulation.college import SimulatedSeasons
    from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

    source = SimulatedSeasons(7, through=year)
    app = college_football_app(source, EmulatedClock(source.default_at, speed=0))
    with tempfile.TemporaryDirectory(prefix="scaling-") as folder, EmulatorInThread(app).running() as provider:
        home = Path(folder)
        with environment("http://127.0.0.1:9", home), counted() as asked:
            os.environ.update(FOOTBALL_LAKE_URL=STORE, FOOTBALL_CFBD_URL=provider.url, FOOTBALL_CFBD__PER_SECOND="200")
            from dagster import DagsterInstance

            from football_assets.definitions import defs

            job = defs.resolve_job_def("ncaa_history")
            before = processor_s()
            with DagsterInstance.get() as instance:
                job.execute_in_process(
                    instance=instance, raise_on_error=True, partition_key=str(year), run_config=QUIET
                )
            paths = app[DESK].statistics.as_dict()["paths"]
            return {
                "season": year,
                "processor_s_with_emulator": round(processor_s() - before, 1),
                "provider_calls": sum(each["requests"] for each in paths.values()),
                "lake_mb": round(bytes_of(home, "lake") / MB, 2),
                "cache_mb": round(bytes_of(home, "cache") / MB, 2),
                "store_requests": dict(asked),
                "peak_rss_mb": peak_mb(),
            }


def limits(limit: int = 120, each: int = 150) -> dict[str, Any]:
    """Two processes that ask as fast as they may, and a provider that counts 60 seconds."""
    from football_assets.config import now_utc
    from football_assets.emulators.clock import EmulatedClock
    from football_assets.emulators.faults import Faults
    from football_assets.emulators.server import DESK, json_answer, new_app
    from football_assets.states import Source
    from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread
    from football_assets_tests.system import limited_worker
    from football_assets_tests.system.redis_of_its_own import OwnRedis

    app = new_app(
        label=Source.SIMULATED,
        clock=EmulatedClock(now_utc()),
        faults=Faults.parse([]),
        per_minute={"odds/history": limit},
    )

    async def answer(_request: Any) -> Any:
        return json_answer({"code": 0, "results": []})

    app.router.add_get("/odds/history", answer)
    with tempfile.TemporaryDirectory() as folder, EmulatorInThread(app).running() as provider:
        redis = OwnRedis(Path(folder)).start()
        began = time.monotonic()
        command = [sys.executable, "-m", limited_worker.__name__, provider.url, redis.url, "60", str(limit)]
        workers = [subprocess.Popen(command, stdin=-1, stdout=-1, text=True, bufsize=1) for _ in range(2)]
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n" * each)
            worker.stdin.flush()
        said = Counter(worker.stdout.readline().strip() for worker in workers for _ in range(each) if worker.stdout)
        for worker in workers:
            worker.kill()
            worker.wait()
        redis.kill()
        told = app[DESK].statistics.as_dict()
        took_s = round(time.monotonic() - began, 1)
        return {"workers": 2, "answers": dict(said), "took_s": took_s, **told["paths"]["odds/history"]}


def failover() -> dict[str, Any]:
    """Two real daemons on one storage: the owner is killed, and the other runs its schedules."""
    from football_assets.config import load_settings
    from football_assets.operations.daemon import daemon_command
    from football_assets.operations.dagster_home import prepare_dagster_home
    from football_assets_tests.system.redis_of_its_own import OwnRedis
    from football_assets_tests.system.test_live_owner import OWNER, STANDING_BY, Daemon

    with tempfile.TemporaryDirectory() as folder:
        redis = OwnRedis(Path(folder)).start()
        os.environ.update(FOOTBALL_HOME=folder, FOOTBALL_REDIS_URL=redis.url, FOOTBALL_LAKE_URL=STORE)
        os.environ.update(PYTHONUNBUFFERED="1", DAGSTER_HOME=str(prepare_dagster_home(load_settings())))
        subprocess.run([sys.executable, "-m", "dagster", "instance", "migrate"], check=True, capture_output=True)
        workspace = Path(folder) / "workspace.yaml"
        workspace.write_text("load_from: []\n", encoding="utf-8")
        command = daemon_command(load_settings(), workspace)
        first = Daemon("first", Path(folder), command)
        first.wait_for(OWNER)
        second = Daemon("second", Path(folder), command)
        second.wait_for(STANDING_BY)
        first.wait_for("SchedulerDaemon")
        first.end()
        owned_s = second.wait_for(OWNER)
        runs_s = owned_s + second.wait_for("SchedulerDaemon")
        second.end()
        redis.kill()
        load = round(os.getloadavg()[0], 1)
        return {"owner_again_s": round(owned_s, 1), "schedules_again_s": round(runs_s, 1), "load_of_the_machine": load}


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """What the object store is asked, by kind."""
    from football_assets.warehouse.lake_store import LakeStore

    asked: Counter[str] = Counter()
    state, do = LakeStore._state, LakeStore._do
    kinds = {"put_file": "PUT", "cat_file": "GET", "ls": "LIST", "find": "LIST", "exists": "HEAD", "rm_file": "DELETE"}

    def counting_state(self: LakeStore, path: Path) -> str | None:
        asked["HEAD"] += 1
        return state(self, path)

    def counting_do(self: LakeStore, doing: str, what: str, *args: Any, **how: Any) -> Any:
        asked[kinds[what]] += 1
        return do(self, doing, what, *args, **how)

    LakeStore._state, LakeStore._do = counting_state, counting_do  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        LakeStore._state, LakeStore._do = state, do  # type: ignore[method-assign]


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def bytes_of(home: Path, name: str) -> int:
    """Bytes of a folder of all worlds."""
    return sum(file.stat().st_size for file in home.glob(f"*/{name}/**/*") if file.is_file())


if __name__ == "__main__":
    main()
