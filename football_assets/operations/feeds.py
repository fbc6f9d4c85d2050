"""Where each pipeline's data comes from, in words, and the emulator of a provider that has no key."""

import socket
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from football_assets.config import CFBD_URL, FOOTBALL_DATA_URL, THESPORTS_URL, Settings, project_root
from football_assets.errors import FootballError
from football_assets.operations.processes import Child
from football_assets.providers import Domain

SEED = 1
START_LIMIT_S = 60.0
_LOOK_S = 0.1


@dataclass(frozen=True)
class Feed:
    """A provider as this start sees it. `state` is for people; `emulated` asks for an emulator.

    `also` are further variables for jobs that read that emulator.
    """

    domain: Domain
    emulator: str
    variable: str
    path: str
    state: str
    emulated: bool
    also: tuple[tuple[str, str], ...] = ()

    def start_emulator(self, logs: Path, environment: dict[str, str]) -> "Emulator":
        """Start the emulator on a free port; it serves the simulation."""
        port = _free_port()
        arguments = ["emulate", self.emulator, "--port", str(port), "--simulate", str(SEED)]
        command = [sys.executable, "-m", "football_assets.cli", *arguments]
        name = f"{self.emulator}-emulator"
        child = Child.start(name, command, log=logs / f"{name}.log", env=environment, cwd=project_root())
        return Emulator(child, port, {self.variable: f"http://127.0.0.1:{port}{self.path}", **dict(self.also)})


@dataclass(frozen=True)
class Emulator:
    """A started emulator; `variables` point the pipeline at it."""

    child: Child
    port: int
    variables: dict[str, str]

    def answers(self) -> bool:
        """Whether it accepts connections."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def wait(self, rest: Callable[[float], None] = time.sleep) -> None:
        """Return once it answers; FootballError when it ended or takes too long."""
        deadline = time.monotonic() + START_LIMIT_S
        while not self.answers():
            code = self.child.exit_code()
            if code is not None or time.monotonic() > deadline:
                happened = (
                    f"it ended with exit code {code}" if code is not None else f"no answer in {START_LIMIT_S:.0f} s"
                )
                lines = "\n".join(f"  {line}" for line in self.child.last_lines())
                raise FootballError(
                    f"starting the {self.child.name}", happened, f"The end of {self.child.log}:\n{lines}"
                )
            rest(_LOOK_S)


def feeds(settings: Settings, emulate: bool | None = None) -> list[Feed]:
    """Both providers. `emulate` None emulates those without a key, True both, False none."""
    pair = bool(settings.thesports_user and settings.thesports_secret)
    needs = "THESPORTS_USER and THESPORTS_SECRET"
    state, emulated = _state("TheSports", settings.thesports_url, THESPORTS_URL, pair, emulate, needs)
    soccer = Feed("soccer", "thesports", "FOOTBALL_THESPORTS_URL", "/v1/football", state, emulated)
    key = settings.cfbd_api_key is not None
    name = "College Football Data"
    state, emulated = _state(name, settings.cfbd_url, CFBD_URL, key, emulate, "CFBD_API_KEY")
    return [soccer, Feed("ncaa", "cfbd", "FOOTBALL_CFBD_URL", "", state, emulated)]


def emulated(found: Iterable[Feed], settings: Settings) -> list[Feed]:
    """The feeds that need an emulator; beside a simulated soccer feed also one of its past results.

    A simulated feed never learns from real results. Past results that were pointed elsewhere stay there.
    """
    needed = [feed for feed in found if feed.emulated]
    if any(feed.domain == "soccer" for feed in needed) and settings.football_data_url == FOOTBALL_DATA_URL:
        mercy = (("FOOTBALL_FOOTBALL_DATA__PER_SECOND", "200"),)  # our own emulator needs none
        needed.append(Feed("soccer", "football-data", "FOOTBALL_FOOTBALL_DATA_URL", "", "simulated", True, mercy))
    return needed


def _state(name: str, url: str, official: str, keyed: bool, emulate: bool | None, needs: str) -> tuple[str, bool]:
    """What to say of a provider, and whether to emulate it."""
    if emulate:
        return "simulated (--emulate)", True
    if url.rstrip("/") != official:
        return f"from {url}", False
    if keyed:
        return f"real ({name})", False
    if emulate is None:
        return f"simulated (no {needs})", True
    return f"nothing can be read (no {needs})", False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
