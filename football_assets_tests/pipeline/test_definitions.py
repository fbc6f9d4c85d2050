"""The code location: it loads, and every asset is described, owned, grouped and checked."""

import shutil
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
import yaml

import football_assets
from football_assets.definitions import defs
from football_assets.warehouse.assets.tables import BESIDE_LIVE, asset_key
from football_assets.warehouse.publication import published_tables

PROJECT = Path(football_assets.__file__).parent.parent
GRAPH = defs.resolve_asset_graph()
KEYS = sorted(GRAPH.get_all_asset_keys())
SPECS = {spec.key: spec for spec in defs.resolve_all_asset_specs()}


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.to_user_string())
def test_every_asset_is_described_owned_grouped_and_checked(key):
    spec = SPECS[key]
    assert spec.description
    assert spec.owners
    assert spec.group_name in {"soccer", "ncaa", "warehouse", "operations"}
    assert spec.kinds
    assert [check.name for check in GRAPH.get_check_keys_for_assets({key}) if check.name == "schema"] == ["schema"]


@pytest.mark.parametrize(
    "key", [key for key in KEYS if key.path[0] in {"soccer", "ncaa"}], ids=lambda key: key.to_user_string()
)
def test_every_table_shows_its_columns_each_described(key):
    columns = SPECS[key].metadata["dagster/column_schema"].columns
    assert columns
    assert not [column.name for column in columns if not column.description]


def test_the_asked_for_assets_exist():
    names = {key.to_user_string() for key in KEYS}
    assert names >= {
        *(f"soccer/{name}" for name in ("live_matches", "enriched_matches", "flattened_matches", "match_board")),
        *(f"ncaa/{name}" for name in ("games", "lines", "team_stats", "player_stats")),
        *(f"ncaa/{name}" for name in ("team_games", "team_records", "features", "models", "game_predictions")),
        *(f"ncaa/{name}" for name in ("ledger", "ledger_grades", "power_ratings", "season_outlook")),
        *(f"ncaa/{name}" for name in ("player_models", "player_projections")),
        "warehouse/soccer",
        "warehouse/ncaa",
        "warehouse/backup",
    }


def test_everything_but_the_live_cycle_shares_a_pool_that_leaves_it_a_place():
    live = defs.resolve_job_def("live_cycle").asset_layer.selected_asset_keys
    assert live
    pools = {key: GRAPH.get(key).pools for key in KEYS}
    assert {key for key in KEYS if pools[key] == {BESIDE_LIVE}} == set(KEYS) - set(live)
    assert not any(pools[key] for key in live)
    concurrency = yaml.safe_load((PROJECT / "dagster.yaml").read_text(encoding="utf-8"))["concurrency"]
    assert concurrency["pools"]["granularity"] == "run"
    assert concurrency["pools"]["default_limit"] < concurrency["runs"]["max_concurrent_runs"]


def test_the_raw_college_tables_have_one_partition_a_season():
    for name in ("games", "lines", "team_stats", "player_stats"):
        partitions = GRAPH.get(dg.AssetKey(["ncaa", name])).partitions_def
        assert {"2004", "2014", "2024"} <= set(partitions.get_partition_keys())


def test_schedules_are_on_and_fire_when_they_should():
    by_job = {schedule.job_name: schedule for schedule in defs.schedules}
    assert by_job["live_cycle"].cron_schedule == "* * * * *"
    assert by_job["ncaa_daily"].cron_schedule == "0 6 * * *"
    assert all(each.default_status == dg.DefaultScheduleStatus.RUNNING for each in by_job.values())
    assert all((each.execution_timezone or "UTC") == "UTC" for each in by_job.values())


def test_nothing_published_comes_before_its_checks():
    """A table whose blocking check fails never reaches the database: the publication depends on every table."""
    for domain in ("soccer", "ncaa"):
        above = GRAPH.get(dg.AssetKey(["warehouse", domain])).parent_keys
        published = {asset_key(table) for table in published_tables(domain)}
        assert published
        assert published == above & {key for key in KEYS if key.path[0] == domain}


def test_definitions_fit_on_one_screen():
    lines = (PROJECT / "football_assets" / "definitions.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 50


def copied(tmp_path, without=None):
    shutil.copytree(PROJECT / "football_assets", tmp_path / "football_assets", ignore=shutil.ignore_patterns("*.pyc"))
    for name in ("workspace.yaml", "pyproject.toml", "dagster.yaml"):
        shutil.copy(PROJECT / name, tmp_path)
    if without:
        shutil.rmtree(tmp_path / "football_assets" / without)
    return tmp_path


def run(folder, *command):
    return subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False, timeout=240
    )


def test_dagster_validates_the_definitions(tmp_path):
    done = run(
        copied(tmp_path),
        "-W",
        "ignore",
        "-m",
        "dagster",
        "definitions",
        "validate",
        "-m",
        "football_assets.definitions",
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("without", "left"), [("soccer", "ncaa"), ("ncaa", "soccer")])
def test_deleting_one_pipeline_leaves_the_other(tmp_path, without, left):
    look = (
        "from football_assets.definitions import defs; import football_assets.cli as cli; "
        "print(sorted({k.path[0] for k in defs.resolve_asset_graph().get_all_asset_keys()}))"
    )
    done = run(copied(tmp_path, without), "-W", "ignore", "-c", look)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == str(sorted([left, "warehouse"]))
