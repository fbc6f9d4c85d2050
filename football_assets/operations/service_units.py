"""The systemd units of one machine, all from one description, and systemd itself asked to start and stop them.

Five services and a target that holds them together. Each runs as the user `football`, sees the system read-only, may
write `/var/lib/football` alone, has no privilege to lose, and is started again five seconds after it ended.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from football_assets.config import project_root
from football_assets.errors import FootballError
from football_assets.operations.memory import FEW_ARENAS
from football_assets.whole_files import write_whole

USER = "football"
TARGET = "football.target"
UNITS = Path("etc/systemd/system")
SYSUSERS = Path("etc/sysusers.d/football.conf")
ENVIRONMENT = Path("etc/football/football.env")
CODE = "football_assets.definitions"
RESTART_S = 5
START_S = 180
# A start waits for the code and then for the services that need it.
PATIENCE_S = 2 * START_S
# The lines of a unit's [Service] section that keep it in its place. `man systemd.exec` tells each. PrivateUsers is not
# among them: a service in a user namespace of its own cannot tell whose processes the others are.
CONFINED = """\
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
RemoveIPC=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
AmbientCapabilities=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
UMask=0077
MemoryMax=2G
CPUQuota=200%
TasksMax=512"""


@dataclass(frozen=True)
class Service:
    """One service: its name, what it is, module and arguments that Python runs, what it starts after, its variables."""

    name: str
    about: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """The name of its unit file."""
        return f"football-{self.name}.service"


CODE_SOCKET = "/run/football/code.sock"
_WORKSPACE = "/var/lib/football/workspace.yaml"
_NAMED = ("--location-name", "football_assets", "--inject-env-vars-from-instance")
SERVICES = (
    Service(
        "code",
        "code server of the football platform",
        ("dagster", "code-server", "start", "-m", CODE, "-s", CODE_SOCKET, *_NAMED),
        environment=tuple(f"{name}={value}" for name, value in FEW_ARENAS.items()),
    ),
    Service(
        "daemon",
        "schedules, sensors and runs of the football platform",
        ("dagster._daemon", "run", "-w", _WORKSPACE),
        ("code",),
    ),
    Service(
        "webserver",
        "Dagster's page of the football platform",
        ("dagster_webserver", "-h", "127.0.0.1", "-p", "3000", "-w", _WORKSPACE),
        ("code",),
    ),
    Service("serving", "REST, stream and pages of the football platform", ("football_assets.cli", "serve")),
    Service("watchdog", "alerts of the football platform", ("football_assets.cli", "watchdog")),
)


@dataclass(frozen=True)
class Installed:
    """What an installation wrote, and what was already there as it should be."""

    written: tuple[Path, ...]
    unchanged: tuple[Path, ...]


def unit_files(root: Path, python: Path) -> dict[Path, str]:
    """Every file of the installation by its path from `/`, for a checkout in `root` run by `python`."""
    files = {UNITS / each.unit: _unit(each, root, python) for each in SERVICES}
    files[UNITS / TARGET] = _target()
    files[SYSUSERS] = f'u {USER} - "Football platform" /var/lib/football\n'
    return files


def install(prefix: Path) -> Installed:
    """Write the units below `prefix`, and enable them when that is `/`; the same again changes nothing.

    The file of secrets is made empty, readable by root alone, when it is not there. Raises FootballError.
    """
    root, python = project_root(), Path(sys.executable)
    here = prefix == Path("/")
    if here:
        require_systemd()
        for path in (root, python):
            if path.is_relative_to("/home") or path.is_relative_to("/root"):
                to_do = "Put the checkout and its .venv under /opt and say it from there."
                raise FootballError("installing the service", f"{path} is hidden from services", to_do)
    written: list[Path] = []
    unchanged: list[Path] = []
    try:
        for relative, content in unit_files(root, python).items():
            path = prefix / relative
            same = path.exists() and path.read_text(encoding="utf-8") == content
            (unchanged if same else written).append(path)
            if not same:
                write_whole(path, content, mode=0o644)
        secrets = prefix / ENVIRONMENT
        if not secrets.exists():
            write_whole(secrets, "# THESPORTS_USER=\n# THESPORTS_SECRET=\n# CFBD_API_KEY=\n")
            written.append(secrets)
    except OSError as error:
        raise FootballError("installing the service", str(error), "Say it as root (sudo).") from error
    if here:
        _run(["systemd-sysusers", str(prefix / SYSUSERS)])
        _run(["systemctl", "daemon-reload"])
        _run(["systemctl", "enable", TARGET, *(each.unit for each in SERVICES)])
    return Installed(tuple(written), tuple(unchanged))


def uninstall(prefix: Path) -> tuple[Path, ...]:
    """Stop and remove the units; returns the files removed. Data, secrets and user stay. Raises FootballError."""
    found = tuple(path for relative in unit_files(Path("/"), Path("/")) if (path := prefix / relative).exists())
    if prefix == Path("/"):
        require_systemd()
        if found:
            _run(["systemctl", "disable", "--now", TARGET, *(each.unit for each in SERVICES)])
    try:
        for path in found:
            path.unlink()
    except OSError as error:
        raise FootballError("removing the service", str(error), "Say it as root (sudo).") from error
    if prefix == Path("/") and found:
        _run(["systemctl", "daemon-reload"])
    return found


def control(verb: str) -> None:
    """`start`, `stop` or `restart` all services; what is so already stays so. Raises FootballError.

    Each is named, for systemd waits for the end of what it is asked for, and not of what follows from it.
    """
    require_installed()
    _run(["systemctl", verb, TARGET, *(each.unit for each in SERVICES)])


def states() -> dict[str, str]:
    """Each service's state as systemd says it: active, activating, failed, inactive. Raises FootballError."""
    require_installed()
    done = _run(["systemctl", "is-active", *(each.unit for each in SERVICES)], allowed=(0, 3, 4))
    return dict(zip((each.unit for each in SERVICES), done.split(), strict=True))


def require_stopped() -> None:
    """Raise FootballError while a service of this machine's installation runs."""
    if not Path("/run/systemd/system").is_dir() or not (Path("/") / UNITS / TARGET).exists():
        return
    running = [name for name, state in states().items() if state not in ("inactive", "failed")]
    if running:
        to_do = "`football service stop` first; nothing was changed."
        raise FootballError("replacing data", f"{', '.join(running)} runs", to_do)


def logs_command(lines: int, *, follow: bool) -> list[str]:
    """The command that shows the journal of all services. Raises FootballError."""
    require_installed()
    units = [part for each in SERVICES for part in ("-u", each.unit)]
    return ["journalctl", "--no-pager", "-n", str(lines), *(["-f"] if follow else []), *units]


def require_systemd() -> None:
    """Raise FootballError where systemd does not run."""
    if not Path("/run/systemd/system").is_dir() or shutil.which("systemctl") is None:
        to_do = "Use `football up` here, or the containers of deploy/docker."
        raise FootballError("controlling the service", "systemd does not run on this machine", to_do)


def require_installed() -> None:
    """Raise FootballError where systemd does not run or the units are not installed."""
    require_systemd()
    if not (Path("/") / UNITS / TARGET).exists():
        raise FootballError("controlling the service", "it is not installed", "Run `football service install` as root.")


def _unit(service: Service, root: Path, python: Path) -> str:
    others = " ".join(f"football-{name}.service" for name in service.after)
    # A machine without a network serves what it has; every call to a provider is tried again anyway.
    after = f"After=network.target {others}".rstrip()
    first = {"code": "prepare", "daemon": "wait-for-code", "webserver": "wait-for-code"}.get(service.name)
    lines = [
        "[Unit]",
        f"Description={service.about}",
        after,
        *([f"Wants={others}"] if others else []),
        f"PartOf={TARGET}",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"User={USER}",
        f"Group={USER}",
        f"WorkingDirectory={root}",
        "Environment=FOOTBALL_HOME=/var/lib/football DAGSTER_HOME=/var/lib/football/dagster PYTHONUNBUFFERED=1",
        *(f"Environment={each}" for each in service.environment),
        f"EnvironmentFile=-/{ENVIRONMENT}",
        *([f"ExecStartPre={_quoted(python)} -m football_assets.cli service {first}"] if first else []),
        f"ExecStart={_quoted(python)} -m {' '.join(service.command)}",
        "StateDirectory=football",
        "StateDirectoryMode=0700",
        "RuntimeDirectory=football",
        "RuntimeDirectoryPreserve=yes",
        "Restart=always",
        f"RestartSec={RESTART_S}",
        f"TimeoutStartSec={START_S}",
        "TimeoutStopSec=25",
        "KillMode=mixed",
        *CONFINED.splitlines(),
        "",
        "[Install]",
        f"WantedBy={TARGET}",
    ]
    return "\n".join(lines) + "\n"


def _target() -> str:
    units = " ".join(each.unit for each in SERVICES)
    return f"[Unit]\nDescription=Football platform\nWants={units}\n\n[Install]\nWantedBy=multi-user.target\n"


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)


def _run(command: Sequence[str], allowed: tuple[int, ...] = (0,)) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        to_do = "systemd goes on with it; `football service status` and `logs` tell how far it is."
        raise FootballError(f"running {' '.join(command)}", f"not done after {PATIENCE_S} s", to_do) from None
    if done.returncode not in allowed:
        happened = (done.stderr or done.stdout).strip().replace("\n", " ") or f"exit code {done.returncode}"
        raise FootballError(f"running {' '.join(command)}", happened, "It may need root (sudo).")
    return done.stdout
