"""Records as Dagster keeps them, made by hand: its tables, and the healthy report that rules are judged against."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

from football_assets.operations import health_report as told

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def put_runs(home, runs, heartbeat_at=None):
    """`runs` are (job, status, ended_at); each took three seconds."""
    folder, took = home / "dagster" / "history", timedelta(seconds=3)
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "runs.db")) as database:
        database.execute(
            "CREATE TABLE runs"
            " (id INTEGER PRIMARY KEY, run_id, pipeline_name, status, create_timestamp,"
            " start_time FLOAT, end_time FLOAT)"
        )
        database.execute("CREATE TABLE daemon_heartbeats (id INTEGER PRIMARY KEY, daemon_type, body)")
        database.executemany(
            "INSERT INTO runs (run_id, pipeline_name, status, create_timestamp, start_time, end_time)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                (f"run-{n}", job, s, f"{at - took:%Y-%m-%d %H:%M:%S}", (at - took).timestamp(), at.timestamp())
                for n, (job, s, at) in enumerate(runs)
            ],
        )
        if heartbeat_at is not None:
            body = json.dumps({"__class__": "DaemonHeartbeat", "timestamp": heartbeat_at.timestamp()})
            database.execute("INSERT INTO daemon_heartbeats (daemon_type, body) VALUES ('SENSOR', ?)", [body])
        database.commit()


def put_checks(home, checks):
    """`checks` are (asset, check, passed, blocking, severity)."""
    folder = home / "dagster" / "history"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "event_log.db")) as database:
        database.execute(
            "CREATE TABLE asset_check_executions (id INTEGER PRIMARY KEY, asset_key, check_name, execution_status,"
            " evaluation_event, evaluation_event_timestamp, run_id)"
        )
        for asset, check, passed, blocking, severity in checks:
            about = {"blocking": blocking, "severity": {"__enum__": f"AssetCheckSeverity.{severity}"}}
            event = {"dagster_event": {"event_specific_data": {**about, "description": f"{check} said so"}}}
            database.execute(
                "INSERT INTO asset_check_executions"
                " (asset_key, check_name, execution_status, evaluation_event, run_id) VALUES (?, ?, ?, ?, 'r')",
                [json.dumps(asset.split("/")), check, "SUCCEEDED" if passed else "FAILED", json.dumps(event)],
            )
        database.commit()


def put_steps(home, run_id, milliseconds):
    """What Dagster says at the end of each step of a run."""
    with closing(sqlite3.connect(home / "dagster" / "history" / "event_log.db")) as database:
        database.execute(
            "CREATE TABLE event_logs (id INTEGER PRIMARY KEY, run_id, event, dagster_event_type, step_key)"
        )
        for step, took in milliseconds.items():
            event = {"dagster_event": {"event_specific_data": {"duration_ms": took}}}
            database.execute(
                "INSERT INTO event_logs (run_id, event, dagster_event_type, step_key) VALUES (?, ?, 'STEP_SUCCESS', ?)",
                [run_id, json.dumps(event), step],
            )
        database.commit()


def put_failures(home, failures):
    """Failed steps, and runs that died, as Dagster words them: (instant, job, step or None, [messages], run).

    The messages are those of an error and its causes, the deepest last.
    """
    folder = home / "dagster" / "history"
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "event_log.db")) as database:
        database.execute(
            "CREATE TABLE event_logs (id INTEGER PRIMARY KEY, run_id, event, dagster_event_type, step_key, timestamp)"
        )
        for at, job, step, messages, run_id in failures:
            error = None
            for message in reversed(messages):
                error = {"message": message, "cause": error}
            about = {"error": error}
            if step is not None:
                _put_failure(database, "STEP_FAILURE", at, job, step, about, run_id)
                about = {"error": error, "first_step_failure_event": {"step_key": step}}
            _put_failure(database, "PIPELINE_FAILURE", at, job, None, about, run_id)
        database.commit()


def _put_failure(database, kind, at, job, step, about, run_id):
    inner = {"event_specific_data": about, "message": f"{kind} of {job}", "pipeline_name": job, "step_key": step}
    event = {"dagster_event": inner, "timestamp": at.timestamp(), "run_id": run_id}
    database.execute(
        "INSERT INTO event_logs (run_id, event, dagster_event_type, step_key, timestamp) VALUES (?, ?, ?, ?, ?)",
        [run_id, json.dumps(event), kind, step, at.replace(tzinfo=None).isoformat(" ")],
    )


def cycles(good, bad, *, every=timedelta(minutes=1), until=NOW):
    """So many cycles, the newest first, the failed ones spread among the good ones."""
    total = good + bad
    failed = {round((n + 0.5) * total / bad) for n in range(bad)} if bad else set()
    return [("live_cycle", "FAILURE" if n in failed else "SUCCESS", until - n * every) for n in range(total)]


def rate(total=60, ok=60):
    return {
        "total": total,
        "ok": ok,
        "failed": total - ok,
        "success_pct": round(100 * ok / total, 1) if total else None,
    }


def healthy(at=NOW, **other):
    """A report of a platform that is well."""
    about = {
        "at": at,
        "state": "running",
        "services": [
            told.ServiceHealth(name="daemon", state="running", pid=1, started_at=at - timedelta(days=1), memory_mb=99.0)
        ],
        "cycles": told.CyclesHealth(
            **rate(2880, 2880),
            since=at - timedelta(days=2),
            last_hour=rate(),
            last_day=rate(1440, 1440),
            failed_in_a_row=0,
            last_ok_at=at,
            p50_s=3.0,
        ),
        "matches_processed": 45,
        "runs_unfinished": 0,
        "queue_age_s": 0.0,
        "last_activity_at": at - timedelta(seconds=50),
        "daily": told.DailyHealth(due_at=at.replace(hour=6, minute=0, second=0), finished=True),
        "pipelines": [
            told.PipelineHealth(
                pipeline="soccer", world="real", state="fresh", published_at=at, age_s=50.0, interval_s=60.0
            )
        ],
        "tables": [],
        "checks": told.ChecksHealth(total=3, passed=3, failing=[]),
        "providers": [
            told.ProviderHealth(
                name="College Football Data",
                pipeline="ncaa",
                is_configured=True,
                breaker="closed",
                last_error=None,
                per_second=2,
                per_minute_by_path={},
                quota_used=800,
                quota_limit=1000,
                quota_used_pct=80.0,
            )
        ],
        "quality": told.QualityHealth(table="games", score=0.8, measured_at=at),
        "resources": told.ResourcesHealth(
            cpu_5min_pct=90.0,
            load_1min=0.5,
            cpus=2,
            memory_pct=90.0,
            memory_mb=900.0,
            disk_pct=90.0,
            disk_free_gb=10.0,
            disk_growth_mb_per_day=None,
            disk_full_at=None,
        ),
        "unreadable": [],
    }
    return told.Health(**{**about, **other})
