"""The college backfill over two Celery workers that share no disk: a real broker, object store and database server."""

import re

import pandas as pd
import pytest

from football_assets.config import load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.college_football import college_football_app
from football_assets.emulators.server import DESK
from football_assets.emulators.simulation.college import SimulatedSeasons
from football_assets.emulators.statistics import Statistics
from football_assets.operations.jobs import run_job
from football_assets.rooms import load_declarations
from football_assets.shared_state import redis_client
from football_assets.states import Source
from football_assets.tables import REGISTER
from football_assets.warehouse.lake import Lake
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread
from football_assets_tests.system.celery_worker import celery_workers
from football_assets_tests.system.s3_of_its_own import s3_server

FIRST = LAST = 2025
RANGE = {"dagster/asset_partition_range_start": str(FIRST), "dagster/asset_partition_range_end": str(LAST)}
PER_MINUTE = 60
LIMITED = ("games/teams", "games/players")


@pytest.fixture
def provider(monkeypatch):
    """The simulated provider, which counts what lies beyond its limits."""
    source = SimulatedSeasons(7, through=LAST)
    app = college_football_app(source, EmulatedClock(source.default_at, speed=0))
    app[DESK].statistics = Statistics(dict.fromkeys(LIMITED, PER_MINUTE))
    with EmulatorInThread(app).running() as emulator:
        monkeypatch.setenv("FOOTBALL_CFBD_URL", emulator.url)
        monkeypatch.setenv("FOOTBALL_CFBD__PER_SECOND", "200")
        monkeypatch.setenv("FOOTBALL_CFBD__PER_MINUTE_BY_PATH", '{"games/teams": 60, "games/players": 60}')
        yield emulator


@pytest.fixture
def store(monkeypatch):
    with s3_server(monkeypatch) as url:
        yield url


@pytest.fixture
def spread(provider, own_redis, store, postgres_url, monkeypatch):
    """The settings of every machine: steps by Celery, everything shared on servers."""
    monkeypatch.setenv("FOOTBALL_SCALING__EXECUTOR", "celery")
    monkeypatch.setenv("FOOTBALL_REDIS_URL", own_redis.url)
    monkeypatch.setenv("FOOTBALL_LAKE_URL", store)
    monkeypatch.setenv("FOOTBALL_DATABASE_URL", postgres_url)
    monkeypatch.setenv("FOOTBALL_DAGSTER_POSTGRES_URL", postgres_url.replace("+psycopg", ""))
    known = redis_client(own_redis.url)  # a Redis that has been there for a while: nothing was asked before
    for path in LIMITED:
        place = provider.url.split("//")[1].split("/")[0]
        known.zadd(f"football:limits:College-Football-Data:{place}:calls_{path.replace('/', '_')}", {"since": "+inf"})
    return own_redis


@pytest.fixture
def workers(spread, tmp_path):
    """Two, each with a home of its own; gives their logs."""
    with celery_workers(tmp_path, ["--name", "w1"], ["--name", "w2"]) as logs:
        yield logs


def collected(tables):
    """Every raw table by name, without the instants at which this collection was made."""
    load_declarations()
    found = {}
    for (domain, name), table in REGISTER.items():
        if domain == "ncaa" and (tables.seasons(table) or tables.exists(table)):
            frame = tables.read(table).drop(columns="fetched_at", errors="ignore")
            found[name] = frame.sort_values(list(table.about().key)).reset_index(drop=True)
    return found


# Four processes of ours beside three servers: on a busy machine that takes minutes.
@pytest.mark.timeout(900)
def test_the_backfill_over_two_workers_gives_what_one_process_gives(workers, provider, spread, monkeypatch, tmp_path):
    made = run_job("ncaa_history", tags=RANGE)
    assert made.ok, made.errors or made.log.read_text()[-4000:]
    done = [re.findall(r"- (\S+) - STEP_SUCCESS", each.read_text(errors="replace")) for each in workers]
    assert all(done) and not set(done[0]) & set(done[1]), done
    steps = {*done[0], *done[1]}
    assert {"ncaa__games", "ncaa__lines", "team_stats", "ncaa__player_stats"} <= steps and len(steps) == 13
    told = provider.app[DESK].statistics.as_dict()
    assert told["violations"] == 0 and told["limits_per_minute"] == dict.fromkeys(LIMITED, PER_MINUTE)
    assert all(told["paths"][path]["requests"] > 0 for path in LIMITED)
    by_workers = collected(Lake(load_settings().folder, Source.SIMULATED))
    assert redis_client(spread.url).get("football:calls:simulated") is not None

    for name in ("SCALING__EXECUTOR", "REDIS_URL", "LAKE_URL", "DATABASE_URL", "DAGSTER_POSTGRES_URL"):
        monkeypatch.delenv(f"FOOTBALL_{name}")
    monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path / "alone"))
    alone = run_job("ncaa_history", tags=RANGE)
    assert alone.ok, alone.errors
    by_one = collected(Lake(load_settings().folder, Source.SIMULATED))
    assert by_workers.keys() == by_one.keys() and len(by_one) > 10
    assert all(len(by_one[name]) for name in ("games", "lines", "team_stats", "player_stats", "teams", "rankings"))
    for name, frame in by_one.items():
        assert set(frame.get("season", [FIRST])) <= {FIRST, LAST}
        pd.testing.assert_frame_equal(by_workers[name], frame, obj=name)
