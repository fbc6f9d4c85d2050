"""The systemd units: one description, every service confined, commands that exist, installed once."""

import configparser
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from football_assets.cli import app as football
from football_assets.cli.service import app
from football_assets.errors import FootballError
from football_assets.operations import service_units as units
from football_assets.operations.memory import FEW_ARENAS

ROOT, PYTHON = Path("/opt/football"), Path("/opt/football/.venv/bin/python")
FILES = units.unit_files(ROOT, PYTHON)


def section(service, name="Service"):
    found = configparser.RawConfigParser(strict=False, interpolation=None)
    found.optionxform = str
    found.read_string(FILES[units.UNITS / service.unit])
    return dict(found[name])


def run(*arguments):
    return CliRunner().invoke(app, list(arguments))


@pytest.mark.parametrize("service", units.SERVICES, ids=lambda each: each.name)
class TestEachService:
    def test_is_confined_and_started_again_within_30_s(self, service):
        found = section(service)
        for key, value in {
            "User": "football",
            "NoNewPrivileges": "yes",
            "PrivateTmp": "yes",
            "ProtectSystem": "strict",
            "MemoryMax": "2G",
            "CPUQuota": "200%",
            "Restart": "always",
            "CapabilityBoundingSet": "",
        }.items():
            assert found[key] == value, key
        assert int(found["RestartSec"]) <= 30
        assert section(service, "Unit")["StartLimitIntervalSec"] == "0"

    def test_runs_a_module_and_a_command_that_exist(self, service):
        for line in (section(service)["ExecStart"], section(service).get("ExecStartPre")):
            if line is not None:
                python, dash, module, *arguments = line.split()
                assert (python, dash) == (str(PYTHON), "-m")
                assert find_spec(module)
                if module == "football_assets.cli":
                    command_of(arguments)


def test_the_code_server_keeps_few_arenas_and_can_still_be_told_otherwise():
    text = FILES[units.UNITS / "football-code.service"]
    ours = [text.index(f"Environment={name}={value}\n") for name, value in FEW_ARENAS.items()]
    assert max(ours) < text.index("EnvironmentFile="), "what stands in the file wins"


def command_of(arguments):
    """The command of `football` that arguments name."""
    found = typer.main.get_command(football)
    for name in arguments:
        if name.startswith("-") or not hasattr(found, "commands"):
            break
        assert name in found.commands, name
        found = found.commands[name]
    return found


def test_installing_twice_writes_once_and_keys_survive_an_uninstall(tmp_path):
    first = run("install", "--prefix", str(tmp_path))
    assert first.exit_code == 0
    assert first.stdout.count("written") == len(units.SERVICES) + 3
    secrets = tmp_path / units.ENVIRONMENT
    assert secrets.stat().st_mode & 0o777 == 0o600
    secrets.write_text("CFBD_API_KEY=mine\n")
    again = run("install", "--prefix", str(tmp_path))
    assert "written" not in again.stdout
    unit = tmp_path / units.UNITS / "football-daemon.service"
    unit.write_text(unit.read_text() + "# changed by hand\n")
    assert run("install", "--prefix", str(tmp_path)).stdout.count("written") == 1
    assert run("uninstall", "--prefix", str(tmp_path)).stdout.count("removed") == len(units.SERVICES) + 2
    assert run("uninstall", "--prefix", str(tmp_path)).exit_code == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [secrets]
    assert secrets.read_text() == "CFBD_API_KEY=mine\n"


@pytest.mark.parametrize("command", ["install", "start", "stop", "restart", "status", "logs", "follow", "uninstall"])
def test_where_systemd_does_not_run_every_command_says_so(command, monkeypatch):
    monkeypatch.setattr(units.shutil, "which", lambda _name: None)
    refused = run(command).exception
    assert isinstance(refused, FootballError)
    assert "systemd does not run on this machine. Use `football up`" in str(refused)


def test_commands_ask_systemd_for_the_target_and_status_tells_who_is_down(monkeypatch):
    asked = []
    answers = {"is-active": "active\nactive\nfailed\nactive\nactive\n"}

    def answer(command, allowed=(0,)):
        asked.append(command)
        return answers.get(command[1], "")

    monkeypatch.setattr(units, "_run", answer)
    monkeypatch.setattr(units, "require_installed", lambda: None)
    found = run("restart")
    assert asked[0] == ["systemctl", "restart", "football.target", *(each.unit for each in units.SERVICES)]
    assert found.exit_code == 3
    assert "football-webserver.service   failed" in found.stdout
    answers["is-active"] = "active\n" * 5
    assert run("start").exit_code == 0
    assert run("stop").exit_code == 0
    assert asked[-1] == ["systemctl", "stop", "football.target", *(each.unit for each in units.SERVICES)]
    assert units.logs_command(7, follow=True)[:5] == ["journalctl", "--no-pager", "-n", "7", "-f"]


def test_a_service_waits_for_no_network_and_may_see_whose_processes_the_others_are():
    for service in units.SERVICES:
        assert "network-online" not in FILES[units.UNITS / service.unit]
        assert "PrivateUsers" not in section(service)


def test_a_start_that_takes_too_long_is_told_in_words(monkeypatch):
    monkeypatch.setattr(units, "require_installed", lambda: None)
    monkeypatch.setattr(units, "PATIENCE_S", 0.05)
    monkeypatch.setattr(units, "SERVICES", ())
    monkeypatch.setattr(units, "TARGET", "")
    kept = units.subprocess.run
    monkeypatch.setattr(units.subprocess, "run", lambda _command, **how: kept(["sleep", "5"], **how))
    with pytest.raises(FootballError, match=r"not done after 0\.05 s.*football service status"):
        units.control("start")


def test_a_checkout_that_services_cannot_see_is_refused(monkeypatch):
    monkeypatch.setattr(units, "require_systemd", lambda: None)
    monkeypatch.setattr(units, "project_root", lambda: Path("/home/me/football"))
    with pytest.raises(FootballError, match="hidden from services"):
        units.install(Path("/"))


def test_data_are_not_replaced_under_running_services(monkeypatch):
    units.require_stopped()  # nothing is installed on this machine
    monkeypatch.setattr(units.Path, "is_dir", lambda _path: True)
    monkeypatch.setattr(units.Path, "exists", lambda _path: True)
    monkeypatch.setattr(
        units, "states", lambda: {"football-daemon.service": "active", "football-code.service": "failed"}
    )
    with pytest.raises(FootballError, match=r"football-daemon\.service runs"):
        units.require_stopped()
