"""The processes that a drill plays with: a provider on this machine, a worker that runs jobs, any command of ours."""

import json
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from football_assets.config import Settings, project_root
from football_assets.errors import FootballError
from football_assets.operations.dagster_home import prepare_dagster_home
from football_assets.operations.processes import descendants, end_with_parent, kill_group

START_S, ANSWER_S = 120.0, 180.0
_URL = re.compile(r" at (http://127\.0\.0\.1:\d+\S*), emulated time")


class Gone(FootballError):
    """A process of the drill ended or fell silent although nobody asked it to."""


class Actor:
    """One process in a session of its own; its standard error goes to a file."""

    def __init__(self, name: str, arguments: Iterable[str], env: Mapping[str, str], log: Path) -> None:
        self.name, self.log = name, log
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-m", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(env),
                cwd=project_root(),
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509 - started from the main thread
            )
        assert self.process.stdout is not None
        self._out = self.process.stdout
        self._rest = b""

    @property
    def pid(self) -> int:
        """Its process id."""
        return self.process.pid

    def line(self, limit_s: float) -> str:
        """The next line it prints. Raises Gone when it ends or says nothing for so long."""
        deadline = time.monotonic() + limit_s
        with selectors.DefaultSelector() as ready:
            ready.register(self._out, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not ready.select(max(0.0, deadline - time.monotonic())):
                    raise Gone(f"waiting for the {self.name}", f"silent for {limit_s:.0f} s", self._said())
                if not (more := self._out.read1(65_536)):  # type: ignore[attr-defined]
                    raise Gone(f"waiting for the {self.name}", f"it ended ({self.process.wait()})", self._said())
                self._rest += more
        first, _, self._rest = self._rest.partition(b"\n")
        return first.decode(errors="replace")

    def write(self, text: str) -> None:
        """Send it a line."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(text.encode() + b"\n")
            self.process.stdin.flush()
        except OSError:
            raise Gone(f"asking the {self.name}", "it has ended", self._said()) from None

    def stop(self, grace_s: float = 20.0) -> None:
        """Ask it to end, then kill it and everything below it."""
        below = descendants(self.pid)
        with suppress(OSError):
            assert self.process.stdin is not None
            self.process.stdin.close()
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(grace_s)
        if self.process.poll() is None:
            kill_group(self.pid)
        for pid in below:
            if pid in descendants(1) and pid not in descendants(self.pid):
                kill_group(pid)
        self.process.wait()
        self._out.close()

    def _said(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:] if self.log.exists() else []
        return f"The end of {self.log.name}: " + " | ".join(lines)


class Emulator(Actor):
    """A provider on this machine, simulated, whose clock and faults can be set."""

    def __init__(self, provider: str, seed: int, at: datetime, env: Mapping[str, str], log: Path) -> None:
        words = ["emulate", provider, "--port", "0", "--simulate", str(seed), "--at", at.isoformat(), "--speed", "0"]
        super().__init__("emulator", ["football_assets.cli", *words], {**env, "PYTHONUNBUFFERED": "1"}, log)
        found = _URL.search(said := self.line(START_S))
        if found is None:
            raise Gone("starting the emulator", f"it says {said!r}", "It should say where it serves.")
        self.url = found[1]

    def set_clock(self, at: datetime, speed: float = 0.0) -> None:
        """Let it be `at` there, running `speed` seconds for each real one."""
        self._tell("clock", {"at": at.isoformat(), "speed": speed})

    def break_with(self, *faults: str) -> None:
        """Switch these faults on and all others off."""
        self._tell("faults", {"faults": list(faults)})

    def _tell(self, what: str, body: Mapping[str, Any]) -> Any:
        root = self.url.removesuffix("/v1/football")
        answer = httpx.post(f"{root}/__emulator__/{what}", json=dict(body), timeout=10)
        answer.raise_for_status()
        return answer.json()


class Worker(Actor):
    """A process that runs jobs of the code location when it is told to; `answer_s` is how long one may take."""

    def __init__(self, env: Mapping[str, str], log: Path, name: str = "worker", *, answer_s: float = ANSWER_S) -> None:
        self._answer_s = answer_s
        prepare_dagster_home(Settings.model_construct(home=Path(env["FOOTBALL_HOME"])))
        super().__init__(name, ["football_assets.operations.assets.job_worker"], env, log)
        self._expect()

    def ask(self, **order: Any) -> dict[str, Any]:
        """Have an order carried out; its answer."""
        self.begin(**order)
        return self.answer()

    def begin(self, **order: Any) -> None:
        """Give an order without waiting."""
        self.write(json.dumps(order))

    def answer(self) -> dict[str, Any]:
        """The answer to the order given last."""
        return self._expect()

    def _expect(self) -> dict[str, Any]:
        while True:
            line = self.line(self._answer_s)
            with suppress(ValueError):
                if isinstance(told := json.loads(line), dict):
                    return told
