"""The container files: they parse, name only commands, variables and files that exist, and give no process a right."""

import re
import shlex
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer
import yaml

from football_assets.cli import app
from football_assets.config import WHERE, _variables, project_root
from football_assets.operations.memory import FEW_ARENAS

FOLDER = project_root() / "deploy" / "docker"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
DOCKERFILE = re.sub(r"\\\n\s*", " ", (FOLDER / "Dockerfile").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
OURS = {name: each for name, each in SERVICES.items() if each["image"] == "football-assets"}
SCRIPTS = {each.name for each in entry_points(group="console_scripts")}
SIMULATED = (FOLDER / "simulated.env").read_text(encoding="utf-8")
OF_OTHERS = {"redis-server", "redis-cli", "pg_isready"}


def commands():
    yield "image", yaml.safe_load(re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[-1])
    yield "image check", yaml.safe_load(re.findall(r"HEALTHCHECK.* CMD (.*)$", DOCKERFILE, re.MULTILINE)[-1])
    for name, each in SERVICES.items():
        if "command" in each:
            yield name, each["command"]
        if "test" in each.get("healthcheck", {}):
            yield f"{name} check", each["healthcheck"]["test"][1:]


@pytest.mark.parametrize(
    ("_of", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_exists(_of, command):
    program, *arguments = command
    assert program in SCRIPTS | OF_OTHERS | {"python"}
    if program == "football":
        found = typer.main.get_command(app)
        for name in arguments:
            if not hasattr(found, "commands"):
                break
            found = found.commands[name]
        options = {option for parameter in found.params for option in parameter.opts}
        assert {each for each in arguments if each.startswith("--")} <= options
    if "-m" in arguments:
        assert find_spec(arguments[arguments.index("-m") + 1])


def test_every_variable_is_a_setting():
    known = {*_variables(), *WHERE, "FOOTBALL_RECORDINGS"}
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.iterdir()]
    named = {name for text in texts for name in re.findall(r"\b(?:FOOTBALL|THESPORTS|CFBD)_[A-Z_]+\b", text)}
    assert {"FOOTBALL_HOME", "FOOTBALL_DATABASE_URL", "CFBD_API_KEY"} <= named
    assert named <= known


def test_every_process_is_there_and_none_has_a_right_or_a_writable_root():
    assert {"postgres", "redis", "webserver", "daemon", "code", "serving"} <= SERVICES.keys()
    for name, each in OURS.items():
        assert each["read_only"], name
        assert each["cap_drop"] == ["ALL"], name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert each["user"] == "10001:10001", name
    users = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert users == ["10001:10001"]
    for name in ("postgres", "redis", "code", "daemon", "webserver"):
        assert SERVICES[name]["healthcheck"]["test"], name


def test_the_code_server_keeps_few_arenas_beside_what_every_process_knows():
    assert SERVICES["code"]["environment"] == {**SERVICES["webserver"]["environment"], **FEW_ARENAS}


def test_pages_are_published_on_this_machine_alone():
    ports = [port for each in SERVICES.values() for port in each.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_what_the_image_copies_is_there_and_not_ignored():
    kept = {line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (.*)$", DOCKERFILE, re.MULTILINE):
        *sources, _target = [part for part in shlex.split(line) if not part.startswith("--")]
        for source in sources:
            if not source.startswith("/opt"):
                assert (project_root() / source).exists(), source
                assert source in kept, source


def test_the_simulation_is_found_where_its_emulators_listen():
    found = dict(re.findall(r"^\w+=http://([\w-]+):(\d+)", SIMULATED, re.MULTILINE))
    assert found.keys() == {name for name, each in SERVICES.items() if each.get("profiles") == ["simulated"]}
    for name, port in found.items():
        command = SERVICES[name]["command"]
        assert (command[1:3], command[command.index("--port") + 1]) == (["emulate", name], port)
        assert command[command.index("--host") + 1] == "0.0.0.0"


def test_keys_in_the_environment_file_are_not_committed():
    assert "/deploy/docker/football.env" in (project_root() / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_what_is_waited_for_is_a_service():
    for each in SERVICES.values():
        assert set(each.get("depends_on", {})) <= SERVICES.keys()


def test_the_code_is_found_where_its_server_listens():
    (location,) = yaml.safe_load((FOLDER / "workspace.yaml").read_text(encoding="utf-8"))["load_from"]
    command = SERVICES["code"]["command"]
    assert location["grpc_server"]["host"] == "code"
    assert str(location["grpc_server"]["port"]) == command[command.index("-p") + 1]
    assert location["grpc_server"]["location_name"] == command[command.index("--location-name") + 1]


def test_the_program_that_dumps_is_as_new_as_the_server():
    client = re.search(r"postgresql-client-(\d+)", DOCKERFILE)
    server = re.search(r"postgres:(\d+)", SERVICES["postgres"]["image"])
    assert client
    assert server
    assert int(client[1]) >= int(server[1])
    assert Path("/data") == Path(SERVICES["daemon"]["environment"]["FOOTBALL_HOME"])
