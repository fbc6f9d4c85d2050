"""Rules for every test: it sits in its tier, sees no settings of this machine, and never leaves loopback."""

import os
import re
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest

from football_assets_tests.servers import empty_database, postgres_server, variables_of

HERE = Path(__file__).parent
TIERS = ("unit", "emulated", "pipeline", "system")
# What makes a test too slow or too real for the unit tier.
NOT_UNIT = re.compile(r"\b(materialize|execute_in_process|serving|TestServer|subprocess\.(run|Popen))\(")
LOCAL = {"127.0.0.1", "::1", "localhost", ""}


def tier_problem(path: Path, source: str) -> str | None:
    """Why a test module may not sit where it sits; None when it may."""
    tier = path.relative_to(HERE).parts[0]
    if tier not in TIERS:
        return f"{path.name} is in no tier; move it under one of {', '.join(TIERS)}"
    if tier == "unit" and (found := NOT_UNIT.search(source)):
        return f"{path.name} uses {found[0]!r}, which is too slow or too real for the unit tier"
    return None


def pytest_collection_modifyitems(items):
    problems = {
        problem
        for path in {item.path for item in items}
        if (problem := tier_problem(path, path.read_text(encoding="utf-8")))
    }
    if problems:
        raise pytest.UsageError("; ".join(sorted(problems)))


def pytest_addoption(parser):
    parser.addoption(
        "--database",
        choices=("files", "postgresql"),
        default="files",
        help="Where every test's published tables and Dagster's records lie: files, or a server of the tests' own.",
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "on_files: what it looks at or damages is a file, also with --database")


@pytest.fixture(scope="session")
def postgres(request):
    """The address of a server of our own; the tests are skipped with the reason when none can be started."""
    with ExitStack() as ending:
        try:
            server = ending.enter_context(postgres_server())
        except Exception as error:
            if request.config.getoption("database") == "postgresql":
                raise
            pytest.skip(f"NOT TESTED on PostgreSQL, no server can be started: {error}")
        yield server


@pytest.fixture
def postgres_url(postgres):
    """The address of an empty database of this test's own."""
    with empty_database(postgres) as url:
        yield url


@pytest.fixture(scope="module")
def module_databases(request):
    """For set-ups that a module's tests share: the variables of one database for all of them; none on files."""
    if request.config.getoption("database") == "files":
        yield {}
        return
    with empty_database(request.getfixturevalue("postgres")) as url, pytest.MonkeyPatch.context() as patch:
        for name, value in variables_of(url).items():
            patch.setenv(name, value)
        yield variables_of(url)


@pytest.fixture
def databases(request):
    """The variables of a database of this test's own, or of its module's; none on files."""
    if request.config.getoption("database") == "files" or request.node.get_closest_marker("on_files"):
        return {}
    if "module_databases" in request.fixturenames:
        return request.getfixturevalue("module_databases")
    return variables_of(request.getfixturevalue("postgres_url"))


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch, tmp_path, databases):
    """No key, address or .env file of this machine; everything is written below the test's folder."""
    for name in list(os.environ):
        if name.startswith(("FOOTBALL_", "THESPORTS_", "CFBD_", "DAGSTER_HOME")) and name != "FOOTBALL_RECORDINGS":
            monkeypatch.delenv(name)
    for name, value in databases.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FOOTBALL_ENV_FILE", str(tmp_path / "no.env"))


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch):
    """A connection to anything but this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            pytest.fail(f"a test tried to reach {address!r}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def football(monkeypatch, capsys):
    """Run the command line as a user does; returns (exit code, standard output, standard error)."""
    from football_assets import cli

    def run(*arguments):
        monkeypatch.setattr("sys.argv", ["football", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return ended.value.code or 0, *capsys.readouterr()

    return run


@pytest.fixture
def recordings() -> Path:
    """The folder of recorded provider data; the test is skipped without it."""
    folder = os.environ.get("FOOTBALL_RECORDINGS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("FOOTBALL_RECORDINGS is not set to a folder of recordings")
    return Path(folder)


@pytest.fixture
def samples(recordings) -> Path:
    """Recorded single answers, kept beside the recordings."""
    folder = recordings.parent / "apis" / "samples"
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not beside FOOTBALL_RECORDINGS")
    return folder
