"""`football backup`: what it prints and its exit codes."""

import json

import pytest
from typer.testing import CliRunner

from football_assets.cli import backup
from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.lake import Lake
from football_assets_tests.unit.warehouse.declared import ToyGames


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setattr(publication, "REGISTER", {("ncaa", "toy_games"): ToyGames})
    home = load_settings().folder
    games = from_rows(ToyGames, [{"game_id": 1, "season": 2024, "spread": 1.5}])
    Lake(home, Source.SIMULATED).write(ToyGames, games, "2024")
    publication.publish(home, Source.SIMULATED, "ncaa")
    return home


def run(*arguments):
    return CliRunner().invoke(backup.app, list(arguments))


def test_a_backup_is_made_listed_and_verified(published):
    assert run("list").exit_code == 3
    assert "verified)" in run("create").stdout
    (made,) = json.loads(run("list", "--json").stdout)
    assert (made["source"], made["encrypted"]) == ("simulated", False)
    assert made["file"] in run("list").stdout
    assert "is whole" in run("verify", made["file"]).stdout
    assert isinstance(run("verify", "another").exception, StorageError)
    archive = published / "backups" / "simulated" / made["file"]
    archive.write_bytes(archive.read_bytes()[:-1])
    assert "checksum differs" in str(run("verify").exception)


def test_nothing_to_back_up_and_no_world_to_restore_are_said():
    assert "nothing is published yet" in str(run("create").exception)
    assert "there is none" in str(run("restore").exception)
    assert run("restore", "--only", "chess").exit_code == 2


def test_restoring_is_refused_while_the_platform_holds_the_folder(published):
    import fcntl

    run("create")
    (published / "dagster").mkdir()
    with (published / "dagster" / "up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "`football up` is running" in str(run("restore", "--yes").exception)
        assert run("restore").exit_code == 0, "beside the running world it may be written"
    assert run("restore", "--yes", "--json").exit_code == 0
    assert run("restore", "--undo", "--yes").exit_code == 0
