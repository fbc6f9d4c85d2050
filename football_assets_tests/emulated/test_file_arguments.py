"""No word that is typed or asked for leads to a file elsewhere: every text argument of every command and every route.

What a command takes is read from the command tree, so a new argument is tried as soon as it is there; whoever adds one
that means a file of the user's own enters it in `PLACES`.
"""

import enum
import re
import shutil
import sys
import typing
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.errors import FootballError
from football_assets_tests.emulated.served import Served, world

MARK = "elsewhere-7f3a"
CANARY = "canary-91c2-not-for-you"
ENDINGS = ("", ".json", ".log", ".parquet", ".skops", ".sqlite", ".md", ".tar.zst", ".csv")
# Arguments that are a file or folder of the user's own, anywhere.
PLACES = {
    ("table", "out"),
    ("emulate thesports", "data"),
    ("emulate cfbd", "data"),
    ("emulate football-data", "data"),
    ("service install", "prefix"),
    ("service uninstall", "prefix"),
    ("ncaa backtest", "out"),
    ("ncaa backtest-players", "out"),
    ("daemon", "workspace"),
    ("drill", "out"),
}
# A Python module by its name, hidden; whoever runs the platform runs its code.
CODE = {("up", "module")}
GOOD = {"seasons": "2021-2024", "out": "unused", "match": "m001", "team_id": "t1", "name": "x", "alert_id": "00000000"}
_opened = []


def _hook(event, arguments):
    if _opened and event in EVENTS and any(MARK in str(each) for each in arguments[:2]):
        _opened.append((event, *map(str, arguments[:2])))


EVENTS = {"open", "sqlite3.connect", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.symlink"}
EVENTS |= {
    "os.listdir",
    "os.scandir",
    "os.chmod",
    "shutil.copyfile",
    "shutil.rmtree",
    "shutil.move",
    "subprocess.Popen",
}
sys.addaudithook(_hook)


@pytest.fixture
def watched():
    """What touched a path with the mark in it while the test ran."""
    _opened.append(("begin",))
    yield lambda: _opened[1:]
    _opened.clear()


def commands(group=None, words=()):
    """Every command of the tree: its words, and its parameters."""
    group = group or typer.main.get_command(app)
    for name, each in getattr(group, "commands", {}).items():
        yield from commands(each, (*words, name))
    if words:
        yield " ".join(words), group.params


def is_text(parameter):
    kind = parameter.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return False
    kinds = {kind, *typing.get_args(kind)}
    return bool(kinds & {str, Path})


def texts():
    return [(command, each.name) for command, given in commands() for each in given if is_text(each)]


def hostile(elsewhere):
    up = "../" * 12
    absolute = str(elsewhere / "kept")
    return [absolute, f"{up}{absolute.lstrip('/')}", f"simulated/{up}{absolute.lstrip('/')}", f"file://{absolute}"]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A published world, made once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("published")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        settings = world()
        (settings.folder / "logs").mkdir()
        (settings.folder / "logs" / "daemon.log").write_text("a line\n")
        with Served(settings).running() as served:
            yield served


@pytest.fixture
def elsewhere(tmp_path):
    """A folder with a file of every kind, which nobody may touch."""
    folder = tmp_path / MARK
    folder.mkdir()
    for ending in ENDINGS:
        (folder / f"kept{ending}").write_text(CANARY)
    yield folder
    there = {each.name: each.read_text() for each in folder.iterdir()}
    assert there == {f"kept{ending}": CANARY for ending in ENDINGS}


@pytest.fixture
def nothing_starts(monkeypatch):
    """Commands go as far as their arguments lead them, and start nothing."""

    def stop(*_args, **_how):
        raise FootballError("starting something", "this is a test", "Nothing.")

    for name in ("cli.emulate._serve", "operations.jobs.run_job", "serving.process.run", "cli.live_watch.Live"):
        monkeypatch.setattr(f"football_assets.{name}", stop)
    monkeypatch.setattr("football_assets.cli.live_watch._in_lines", stop)
    monkeypatch.setattr("subprocess.Popen", stop)
    monkeypatch.setattr("os.execve", stop)


def arguments(command, name, value):
    (given,) = [params for words, params in commands() if words == command]
    said = []
    for each in given:
        if each.name == name or (each.required and each.param_type_name == "argument"):
            text = value if each.name == name else GOOD[each.name]
            said += [text] if each.param_type_name == "argument" else [each.opts[0], text]
        elif each.required:
            said += [each.opts[0], GOOD[each.name]]
    return [*command.split(), *said]


@pytest.mark.usefixtures("nothing_starts")
@pytest.mark.parametrize(("command", "name"), sorted({*texts()} - PLACES - CODE))
def test_a_word_of_the_command_line_never_becomes_a_file_elsewhere(
    published, elsewhere, watched, monkeypatch, command, name
):
    monkeypatch.setenv("FOOTBALL_HOME", str(published.settings.folder))
    for value in hostile(elsewhere):
        done = CliRunner().invoke(app, arguments(command, name, value), standalone_mode=False)
        assert CANARY not in done.output
        said = done.exception
        assert said is None or isinstance(said, (FootballError, typer.TyperException, SystemExit)), repr(said)
    assert watched() == []


def test_places_are_arguments_that_there_are():
    assert set(texts()) >= PLACES | CODE


def test_a_table_is_written_to_its_place_and_nowhere_else(published, tmp_path, monkeypatch):
    monkeypatch.setenv("FOOTBALL_HOME", str(published.settings.folder))
    monkeypatch.chdir(tmp_path)
    for out, problem in (("deep/../x.csv", None), ("x.sh", "a name ending in")):
        words = ["table", "soccer_flattened_matches", "--out", out]
        done = CliRunner().invoke(app, words, standalone_mode=False)
        assert (problem is None) == (done.exception is None), done.exception
        assert problem is None or problem in str(done.exception)
    assert [each.name for each in tmp_path.rglob("*") if each.is_file()] == ["x.csv"]


def test_recordings_that_are_no_folder_are_refused(published, tmp_path):
    for name in ("thesports", "cfbd", "football-data"):
        words = ["emulate", name, "--data", str(tmp_path / "nothing")]
        done = CliRunner().invoke(app, words, standalone_mode=False)
        assert "a folder that exists" in str(done.exception)


def routes(served):
    return sorted(
        (method.upper(), path)
        for path, about in served.app.openapi()["paths"].items()
        for method in about
        if "{" in path
    )


def test_no_part_of_an_address_leads_to_a_file_elsewhere(published, elsewhere, watched):
    asked = 0
    for method, path in routes(published):
        for value in hostile(elsewhere):
            for written in (value, value.replace("/", "%2F"), value.replace("/", "%252f"), value.replace("/", "\\")):
                answer = published.http.request(method, re.sub(r"\{\w+\}", lambda _, w=written: w, path), json={})
                asked += 1
                assert CANARY not in answer.text
                assert answer.status_code in range(400, 500), (method, path, value, answer.status_code)
    assert asked >= 16 * 11
    assert watched() == []


def test_no_parameter_of_a_question_leads_to_a_file_elsewhere(published, elsewhere, watched):
    asked = 0
    for path, about in published.app.openapi()["paths"].items():
        for each in about.get("get", {}).get("parameters", ()):
            if each["in"] == "query" and "{" not in path and "stream" not in path:
                answer = published.http.get(path, params={each["name"]: hostile(elsewhere)[1]})
                asked += 1
                assert CANARY not in answer.text
                assert answer.status_code < 500, (path, each["name"], answer.text)
    assert asked > 30
    assert watched() == []


def test_the_watch_sees_a_file_elsewhere_that_is_opened(elsewhere, watched):
    (elsewhere / "kept.json").read_text()
    assert [event for event, *_ in watched()] == ["open"]
    shutil.copyfile(elsewhere / "kept.json", elsewhere.parent / "copy.json")
    assert len(watched()) > 1
