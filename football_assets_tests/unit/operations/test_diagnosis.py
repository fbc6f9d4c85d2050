"""`football doctor`: each thing that can be wrong is found, with what to do."""

import json
import os
import socket
from contextlib import closing
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.config import load_settings, now_utc
from football_assets.operations import diagnosis
from football_assets.operations.diagnosis import diagnose


@pytest.fixture(autouse=True)
def _free_ports(monkeypatch):
    """The ports of this machine are nobody's business here."""
    monkeypatch.setattr(diagnosis, "_is_free", lambda _port: True)


def found(about):
    return next(each for each in diagnose() if each.about == about)


def test_a_fresh_installation_has_nothing_bad():
    bad = [each for each in diagnose() if each.verdict == "bad"]
    assert bad == []
    names = {each.about for each in diagnose()}
    assert names >= {"configuration", "key soccer", "key ncaa", "disk", "data folder", "clock", "python", "packages"}


def test_everything_that_is_not_good_says_what_to_do():
    assert all(each.to_do for each in diagnose() if each.verdict != "good")


def test_a_wrong_setting_is_told_instead_of_all_else(monkeypatch):
    monkeypatch.setenv("FOOTBALL_LIVE__INTERVAL_S", "3")
    (only,) = diagnose()
    assert (only.about, only.verdict) == ("configuration", "bad")
    assert "live.interval_s" in only.says
    done = CliRunner().invoke(app, ["doctor", "--json"], standalone_mode=False)
    assert done.return_value == 1
    assert json.loads(done.stdout)[0]["verdict"] == "bad"


def test_a_port_somebody_else_uses_is_bad(monkeypatch):
    monkeypatch.undo()
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        monkeypatch.setattr(diagnosis, "processes", lambda _settings: [])
        told = list(diagnosis._ports(load_settings(serving={"port": port})))
    assert told[1].verdict == "bad"
    assert "--serve-port" in told[1].to_do


@pytest.mark.parametrize(("free_gb", "verdict"), [(0.5, "bad"), (3, "warning"), (50, "good")])
def test_a_full_disk_is_bad(monkeypatch, free_gb, verdict):
    usage = type("Usage", (), {"free": free_gb * 1e9})
    monkeypatch.setattr(diagnosis.shutil, "disk_usage", lambda _folder: usage)
    assert found("disk").verdict == verdict


def test_secrets_that_others_can_read_are_told():
    file = load_settings().folder / "api-keys.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    file.chmod(0o644)
    assert found("mode of api-keys.json").to_do == f"chmod 600 {file}"
    file.chmod(0o600)
    assert "mode of api-keys.json" not in {each.about for each in diagnose()}


def test_a_clock_that_is_behind_its_own_files_is_bad():
    file = load_settings().folder / "health" / "alerts.json"
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    ahead = (now_utc() + timedelta(hours=1)).timestamp()
    os.utime(file, (ahead, ahead))
    assert found("clock").verdict == "bad"


def test_a_broken_database_is_bad():
    home = load_settings().folder
    (home / "simulated" / "lake" / "soccer").mkdir(parents=True)
    (home / "simulated" / "lake" / "soccer" / "live_matches.parquet").write_bytes(b"")
    (home / "simulated" / "warehouse.sqlite").write_bytes(b"no database at all" * 100)
    told = found("database simulated")
    assert told.verdict == "bad"
    assert told.to_do


def test_a_missing_package_is_bad(monkeypatch):
    monkeypatch.setattr(diagnosis, "requires", lambda _name: ["no-such-thing>=1", "dagster<1"])
    told = found("packages")
    assert told.verdict == "bad"
    assert "no-such-thing is missing" in told.says
    assert "is not <1" in told.says
