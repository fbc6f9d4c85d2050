"""The health over HTTP, alerts and their acknowledgement, the metrics, and the Grafana dashboard that draws them."""

import json
import re
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.config import now_utc, project_root
from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.operations.alert_rules import Finding
from football_assets.operations.health_report import Health
from football_assets.operations.watchdog import Watchdog
from football_assets.serving.keys import KeyStore
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake
from football_assets_tests.emulated.served import Served, row, world
from football_assets_tests.unit.operations.dagster_records import cycles, put_checks, put_runs, put_steps

LOW = Finding("success", "critical", "3 of 9 cycles", "Look at the logs")
DASHBOARD = project_root() / "deploy" / "grafana" / "football.json"


@pytest.fixture(scope="module")
def served(tmp_path_factory, module_databases):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("health")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        settings = world()
        measured = row(DataQuality, judged_table="games", score=0.97)
        Lake(settings.folder, Source.SIMULATED).write(DataQuality, from_rows(DataQuality, [measured]))
        put_runs(settings.folder, cycles(242, 3, until=now_utc()), heartbeat_at=now_utc())
        put_checks(settings.folder, [("soccer/live_matches", "schema", True, True, "ERROR")])
        put_steps(settings.folder, "run-0", {"live": 1250.0, "match_tables": 400.0})
        with Served(settings).running() as made:
            yield made


@pytest.fixture
def at_home(served, monkeypatch):
    monkeypatch.setenv("FOOTBALL_HOME", str(served.settings.folder))


@pytest.mark.usefixtures("at_home")
def test_the_command_prints_the_numbers_of_the_service(served):
    answer = served.http.get("/v1/health")
    assert answer.status_code == 200, answer.text
    over_http = Health.model_validate(answer.json()["data"])
    printed = CliRunner().invoke(app, ["health", "report", "--json"], standalone_mode=False)
    by_command = Health.model_validate_json(printed.stdout)
    assert over_http.cycles.success_pct == by_command.cycles.success_pct == 98.8
    numbers = steady(answer.json()["data"])
    assert numbers == steady(json.loads(printed.stdout))
    assert ("soccer_flattened_matches", 7) in [(each["name"], each["rows"]) for each in numbers["tables"]]
    assert over_http.matches_processed == 7


def steady(told):
    """A report without what moves from one look to the next: instants of looking, ages, and the machine."""
    if isinstance(told, list):
        return [steady(each) for each in told]
    if isinstance(told, dict):
        moving = {"at", "since", "age_s", "resources", "memory_mb"}
        return {name: steady(value) for name, value in told.items() if name not in moving}
    return told


def test_an_alert_is_listed_acknowledged_and_unknown_ones_are_refused(served):
    alert = Watchdog(served.settings, to=[]).look(now_utc(), [LOW]).open[0]
    (listed,) = served.http.get("/v1/alerts").json()["data"]
    assert (listed["id"], listed["severity"], listed["acknowledged_at"]) == (alert.id, "critical", None)
    told = served.http.post(f"/v1/alerts/{alert.id}/ack").json()["data"]
    assert told["acknowledged_by"] == "this machine, no key configured"
    assert served.http.get("/v1/alerts").json()["data"][0]["acknowledged_at"] == told["acknowledged_at"]
    refused = served.http.post("/v1/alerts/00000000/ack")
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    Watchdog(served.settings, to=[]).look(now_utc() + timedelta(minutes=2), [])
    assert served.http.get("/v1/alerts").json()["data"] == []
    assert [each["id"] for each in served.http.get("/v1/alerts?resolved=true").json()["data"]] == [alert.id]


def test_acknowledging_needs_a_key_that_may_write(served):
    store = KeyStore(served.settings.folder)
    key, secret = store.create("reader", "read")
    try:
        reading = {"Authorization": f"Bearer {secret}"}
        assert served.http.get("/v1/alerts", headers=reading).status_code == 200
        assert served.http.post("/v1/alerts/00000000/ack", headers=reading).status_code == 403
        assert served.http.get("/v1/health").status_code == 401
    finally:
        store.revoke(key.id)


def metric_values(text):
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in text.splitlines() if line[:1] != "#"}


METRICS = {
    "phase durations": "football_phase_seconds",
    "requests by path and outcome": "football_http_requests_total",
    "request durations": "football_http_request_seconds_bucket",
    "breaker": "football_breaker_open",
    "cache": "football_cache_reads_total",
    "queue age": "football_queue_age_seconds",
    "stream queue": "football_stream_longest_queue",
    "loop lag": "football_loop_lag_seconds",
    "stream clients": "football_stream_clients",
    "run counts": "football_runs",
    "table freshness": "football_table_age_seconds",
    "publication freshness": "football_publication_age_seconds",
    "quality": "football_quality_score",
}


@pytest.mark.parametrize("what", METRICS)
def test_every_promised_metric_has_a_sample(served, what):
    served.http.get("/v1/soccer/matches")
    names = {name.partition("{")[0] for name in metric_values(served.http.get("/metrics").text)}
    assert METRICS[what] in names


def test_the_metrics_tell_runs_checks_breakers_and_tables(served):
    values = metric_values(served.http.get("/metrics").text)
    assert values['football_runs{job="live_cycle",outcome="ok",period="24h"}'] == 242
    assert values['football_runs{job="live_cycle",outcome="failed",period="24h"}'] == 3
    assert values['football_checks{verdict="passed"}'] == 1
    assert values['football_breaker_open{provider="TheSports"}'] == 0
    assert values['football_table_rows{table="soccer_flattened_matches"}'] == 7
    assert values['football_phase_seconds{phase="live"}'] == 1.25
    assert values['football_service_up{service="daemon"}'] == 1


def test_the_dashboard_uses_metrics_that_exist_and_no_others(served):
    text = served.http.get("/metrics").text
    exposed = set()
    for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, flags=re.MULTILINE):
        exposed |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"} if kind == "histogram" else {name}
    # They have a sample only while the disk fills, and once quality was measured.
    exposed |= {"football_disk_full_in_seconds", "football_quality_score"}
    dashboard = json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    used = {name for query in queries for name in re.findall(r"football_\w+", query)}
    assert len(used) > 20
    assert used - exposed == set()
