"""`football run` as a newcomer runs it: no keys, no network, everything printed, nothing left running."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import football_assets
from football_assets.config import load_settings

PROJECT = Path(football_assets.__file__).parent.parent
# Three jobs of a newcomer, one after another: on a machine that others share they take minutes.
LIMIT_S = 900
pytestmark = pytest.mark.timeout(LIMIT_S + 30)


def football(*arguments, **variables):
    env = {**os.environ, **variables}
    command = [sys.executable, "-m", "football_assets.cli", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, check=False, timeout=LIMIT_S)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory, module_databases):
    """One run without keys; gives the process and its data folder."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "THESPORTS_USER",
            "THESPORTS_SECRET",
            "CFBD_API_KEY",
            "FOOTBALL_THESPORTS_URL",
            "FOOTBALL_CFBD_URL",
        ):
            patch.delenv(name, raising=False)
        patch.setenv("FOOTBALL_ENV_FILE", str(home / "no.env"))
        # Fewer seasons than a person would take: enough for the models to be fitted.
        yield football("run", FOOTBALL_HOME=str(home), FOOTBALL_NCAA__TRAINING_SEASONS="1"), home


def test_it_says_where_data_comes_from_and_prints_board_predictions_and_where_to_look(first_run):
    done, _ = first_run
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert "soccer: simulated (no THESPORTS_USER and THESPORTS_SECRET)" in lines[0]
    assert "ncaa: simulated (no CFBD_API_KEY)" in lines[0]
    assert "live_cycle: done" in done.stdout
    assert "ncaa_daily: done" in done.stdout
    assert done.stdout.count("SIMULATED, not real") == 2
    assert "1X2" in done.stdout
    assert "home" in done.stdout
    assert "Where to look next" in done.stdout


def test_every_table_of_both_pipelines_is_published_in_the_simulated_world_alone(first_run):
    _, home = first_run
    listed = json.loads(football("table", "--json", FOOTBALL_HOME=str(home)).stdout)
    rows = {each["name"]: each["rows"] for each in listed}
    assert {each["source"] for each in listed} == {"simulated"}
    assert rows["soccer_match_board"] > 0
    assert rows["soccer_flattened_matches"] == rows["soccer_live_matches"]
    assert rows["ncaa_team_records"] > 60
    assert rows["ncaa_game_predictions"] > 100
    assert not (home / "real").exists()
    assert list((home / "backups" / "simulated").glob("*.zst"))


def test_no_process_is_left_running(first_run):
    _, home = first_run
    for process in Path("/proc").glob("[0-9]*/environ"):
        try:
            assert str(home).encode() not in process.read_bytes() or process.parent.name == str(os.getpid())
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue


def test_with_one_key_that_pipeline_is_real_and_a_failure_does_not_hide_the_other(tmp_path):
    """No network is reached: the real address is replaced by a port where nobody listens."""
    done = football(
        "run",
        CFBD_API_KEY="canary-key-51d0",
        FOOTBALL_CFBD_URL="http://127.0.0.1:9",
        FOOTBALL_CFBD__BACKOFF_S="0.01",
        FOOTBALL_HOME=str(load_settings().folder),
    )
    assert done.returncode == 1
    assert "ncaa: from http://127.0.0.1:9" in done.stdout
    assert "soccer: simulated" in done.stdout
    assert "1X2" in done.stdout
    assert "Where to look next" in done.stdout
    assert "canary-key" not in done.stdout + done.stderr
