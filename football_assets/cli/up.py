"""`football up`: the whole platform on this machine, until Ctrl-C; nothing is left running afterwards."""

import http.client
import json
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from types import FrameType
from typing import Annotated, Any

import typer
import yaml

from football_assets.config import Settings, environment_with_dotenv, load_settings, project_root
from football_assets.errors import FootballError, StorageError
from football_assets.operations.daemon import daemon_command
from football_assets.operations.dagster_home import prepare_dagster_home
from football_assets.operations.feeds import Feed, emulated, feeds
from football_assets.operations.memory import FEW_ARENAS
from football_assets.operations.processes import Child, adopt_orphans, end_descendants, require_free
from football_assets.rooms import installed

LOCATION = "football_assets"
START_LIMIT_S = 180.0
# The daemon gives its runs ten seconds to report that they were interrupted.
STOP_LIMIT_S = {"daemon": 24.0}
DEFAULT_STOP_LIMIT_S = 9.0
_LOOK_S = 0.2
_LOADED = """{ workspaceOrError { ... on Workspace { locationEntries { loadStatus locationOrLoadError {
  __typename ... on PythonError { message causes { message } } } } } } }"""


class ChildEnded(FootballError):
    """One of the processes, `child`, ended although nobody asked it to."""

    def __init__(self, child: str, happened: str, to_do: str) -> None:
        self.child = child
        super().__init__(f"running {child}", happened, to_do)


class _Stop(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


class _Signals:
    """Whether a signal to stop has come. A plain flag: an Event's lock is not safe in a signal handler."""

    come = False


def up(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port of the Dagster page on 127.0.0.1.")] = 3000,
    serve_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port of REST, stream and pages; 0 serves none. Default: serving.port."),
    ] = None,
    emulate: Annotated[
        bool | None,
        typer.Option(
            "--emulate/--no-emulate",
            help="Serve both providers from the simulation, or neither. Default: those without a key.",
            show_default=False,
        ),
    ] = None,
    module: Annotated[str, typer.Option(hidden=True)] = "football_assets.definitions",
) -> None:
    """Start Dagster (page, daemon, one code server), pages, REST, watchdog, and emulators of providers without a key.

    Everything listens on this machine only, logs lie in the `logs` folder of the data folder, and Ctrl-C stops all.
    """
    settings = load_settings()
    adopt_orphans()
    with _stop_signals() as stopping, ExitStack() as ending:
        serving = settings.serving.port if serve_port is None else serve_port
        require_free("127.0.0.1", port, "starting Dagster", "football up --port")
        if serving:
            require_free("127.0.0.1", serving, "starting the pages", "football up --serve-port")
        home = _dagster_home(settings)
        ending.enter_context(_alone(home))
        ending.callback(end_descendants)
        scratch = Path(ending.enter_context(tempfile.TemporaryDirectory(prefix="football-")))
        environment = environment_with_dotenv() | {"DAGSTER_HOME": str(home), "PYTHONUNBUFFERED": "1"}
        platform = ending.enter_context(closing(Platform(settings.folder / "logs", environment, stopping)))
        try:
            platform.start_feeds([feed for feed in feeds(settings, emulate) if feed.domain in installed()])
            platform.create_storage(home)
            platform.start_dagster(port, module, scratch)
            if serving:
                platform.start_serving(serving, port)
                typer.echo(f"Pages    http://127.0.0.1:{serving}   match centre, college, REST at /v1")
            platform.start_watchdog()
            typer.echo(f"Dagster  http://127.0.0.1:{port}   Ctrl-C stops everything")
            platform.watch()
        except ChildEnded as ended:
            from football_assets.operations.watchdog import tell_of_end

            tell_of_end(settings, ended.child, ended.happened)
            raise
        except _Stop:
            typer.echo("Stopping …")


class Platform:
    """The processes of one `football up`, in the order of their start."""

    def __init__(self, logs: Path, environment: dict[str, str], stopping: _Signals) -> None:
        self._logs = logs
        self._environment = environment
        self._stopping = stopping
        self._children: list[Child] = []

    def start_feeds(self, found: list[Feed]) -> None:
        """Say where each provider's data comes from; start an emulator for those that need one, and wait for it."""
        for feed in found:
            typer.echo(f"{feed.domain}: {feed.state}")
        needed = emulated(found, load_settings())
        emulators = [feed.start_emulator(self._logs, self._environment) for feed in needed]
        self._children += [emulator.child for emulator in emulators]
        for emulator in emulators:
            self._wait(f"starting the {emulator.child.name}", emulator.answers)
            self._environment |= emulator.variables
        if "FOOTBALL_CFBD_URL" in {name for emulator in emulators for name in emulator.variables}:
            self._environment["FOOTBALL_CFBD__PER_SECOND"] = "200"  # our own emulator needs no mercy

    def create_storage(self, home: Path) -> None:
        """Create or migrate Dagster's storage, once for each version: its processes cannot do so at the same time."""
        made = home / "storage-version"
        present = version("dagster")
        if made.exists() and made.read_text(encoding="utf-8") == present:
            return
        child = self._spawn("storage", ["dagster", "instance", "migrate"])
        try:
            self._wait("creating Dagster's storage", lambda: child.exit_code() is not None)
            if child.exit_code() != 0:
                raise _ended(child)
        finally:
            child.stop(DEFAULT_STOP_LIMIT_S)
        made.write_text(present, encoding="utf-8")

    def start_dagster(self, port: int, module: str, scratch: Path) -> None:
        """Start code server, page and daemon; return when the page answers and the code is loaded."""
        code = scratch / "code.sock"  # a file only this user may open: the code server runs what it is told
        workspace = scratch / "workspace.yaml"
        spec = {"grpc_server": {"socket": str(code), "location_name": LOCATION}}
        workspace.write_text(yaml.safe_dump({"load_from": [spec]}), encoding="utf-8")
        names = ["--location-name", LOCATION, "--inject-env-vars-from-instance"]
        self._start(
            "code-server", ["dagster", "code-server", "start", "-m", module, "-s", str(code), *names], FEW_ARENAS
        )
        self._wait("loading the code", code.exists)
        target = ["-w", str(workspace)]
        self._start("daemon", daemon_command(load_settings(), workspace))
        self._start("webserver", ["dagster_webserver", "-h", "127.0.0.1", "-p", str(port), *target])
        self._wait("starting the Dagster page", lambda: _request(port, "GET", "/server_info") is not None)
        self._wait("loading the code", lambda: _loaded(port))

    def start_serving(self, port: int, dagster_port: int) -> None:
        """Start REST, the stream and the pages; return when they answer."""
        self._environment.setdefault("FOOTBALL_SERVING__DAGSTER_URL", f"http://127.0.0.1:{dagster_port}")
        self._start("serving", ["football_assets.cli", "serve", "--host", "127.0.0.1", "--port", str(port)])
        self._wait("starting the pages", lambda: _request(port, "GET", "/health/live") is not None)

    def start_watchdog(self) -> None:
        """Start what tells of an illness, also of this command's own sudden end."""
        self._start("watchdog", ["football_assets.cli", "watchdog"])

    def watch(self) -> None:
        """Return only by an exception: Ctrl-C, or a process that ended."""
        while True:
            self._look()

    def close(self) -> None:
        """Stop everything, what was started last first."""
        while self._children:
            child = self._children.pop()
            child.stop(STOP_LIMIT_S.get(child.name, DEFAULT_STOP_LIMIT_S))

    def _start(self, name: str, module_and_arguments: list[str], more: Mapping[str, str] | None = None) -> None:
        self._children.append(self._spawn(name, module_and_arguments, more))

    def _spawn(self, name: str, module_and_arguments: list[str], more: Mapping[str, str] | None = None) -> Child:
        command = [sys.executable, "-m", *module_and_arguments]
        log = self._logs / f"{name}.log"
        return Child.start(name, command, log=log, env={**(more or {}), **self._environment}, cwd=project_root())

    def _wait(self, doing: str, done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_LIMIT_S
        while not done():
            if time.monotonic() > deadline:
                raise FootballError(
                    doing, f"not done after {START_LIMIT_S:.0f} s", f"The logs in {self._logs} say more."
                )
            self._look()

    def _look(self) -> None:
        """A short rest, unless there is a reason to stop."""
        for child in self._children:
            if child.exit_code() is not None:
                raise _ended(child)
        if self._stopping.come:
            raise _Stop
        time.sleep(_LOOK_S)


def _ended(child: Child) -> ChildEnded:
    lines = "\n".join(f"  {line}" for line in child.last_lines())
    happened = f"it ended with exit code {child.exit_code()}"
    return ChildEnded(child.name, happened, f"Everything was stopped. The end of {child.log}:\n{lines}")


def _dagster_home(settings: Settings) -> Path:
    try:
        return prepare_dagster_home(settings)
    except OSError as error:
        raise StorageError("preparing DAGSTER_HOME", str(error), "Start from the project's folder.") from None


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the folder: two daemons on one storage would start every schedule twice."""
    import fcntl

    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            happened = f"another `football up` uses {home}"
            raise FootballError(
                "starting Dagster", happened, "Stop it, or set FOOTBALL_HOME to another folder."
            ) from None
        yield


@contextmanager
def _stop_signals() -> Iterator[_Signals]:
    """What Ctrl-C, SIGTERM and a closed terminal set, so that everything is stopped in order."""
    stopping = _Signals()

    def stop(_signum: int, _frame: FrameType | None) -> None:
        stopping.come = True

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {each: signal.signal(each, stop) for each in signals}
    try:
        yield stopping
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _request(port: int, method: str, path: str, body: object = None) -> Any:
    """The JSON answer of our own page; None while there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return json.loads(answer.read()) if answer.status == http.HTTPStatus.OK else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _loaded(port: int) -> bool:
    """Whether the code location is loaded; FootballError when it cannot be."""
    answer = _request(port, "POST", "/graphql", {"query": _LOADED})
    if answer is None:
        return False
    entries = answer["data"]["workspaceOrError"].get("locationEntries", [])
    for entry in entries:
        if "message" in (problem := entry["locationOrLoadError"] or {}):
            first = [problem, *problem["causes"]][-1]["message"].strip()
            raise FootballError("loading the code", first, "Mend it and start again; code-server.log says where.")
    return bool(entries) and all(entry["loadStatus"] == "LOADED" and entry["locationOrLoadError"] for entry in entries)
