"""Running a Dagster job from a command: `dagster job execute` in a process of its own, with its progress shown."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from football_assets.config import environment_with_dotenv, load_settings, now_utc, project_root
from football_assets.errors import StorageError
from football_assets.operations.dagster_home import prepare_dagster_home

_EVENT = re.compile(
    r" - (?P<run>[0-9a-f-]{36}) - \d+ - (?P<step>\S+) - (?P<kind>STEP_START|STEP_SUCCESS|STEP_FAILURE)\b"
)
_OURS = re.compile(r"^(?:dagster\S*|football_assets)\.errors\.(?P<kind>\w+): (?P<says>.+)$")
_CHECK = re.compile(r"Asset check '(?P<check>[^']+)' on '(?P<asset>[^']+)' did not pass\. Description: '(?P<says>.*)'$")


@dataclass
class JobOutcome:
    """How a job ended: `errors` are the reasons in our own words, `warnings` the checks that did not pass."""

    job: str
    ok: bool = False
    run_id: str | None = None
    duration_s: float = 0.0
    log: Path | None = None
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def run_job(
    job: str,
    *,
    tags: Mapping[str, str] | None = None,
    env: Mapping[str, str] | None = None,
    steps: int | None = None,
    console: Console | None = None,
) -> JobOutcome:
    """Execute a job and wait for its end, showing each step; the whole event log goes to `<home>/logs`.

    Args:
        job: `live_cycle`, `ncaa_daily`, `ncaa_seasons` or `ncaa_history`.
        tags: Run tags, such as the season's partition.
        env: Variables set for the job beside the environment and `.env`.
        steps: How many steps the job has, for the bar; unknown when None.
        console: Where progress is shown; standard error when None.
    """
    settings = load_settings()
    logs = settings.folder / "logs"
    log = logs / f"{job}-{now_utc():%Y%m%dT%H%M%S}.log"
    outcome = JobOutcome(job, log=log)
    try:
        home = prepare_dagster_home(settings)
        logs.mkdir(parents=True, exist_ok=True)
        log.touch()
    except OSError as error:
        kept = "What is published stays; let the folder be written to."
        raise StorageError(f"starting {job}", str(error), kept) from None
    command = [sys.executable, "-W", "ignore", "-m", "dagster", "job", "execute", "-m", "football_assets.definitions"]
    command += ["-j", job, *(["--tags", json.dumps(dict(tags))] if tags else [])]
    variables = {**environment_with_dotenv(), **(env or {}), "DAGSTER_HOME": str(home)}
    started = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=variables, cwd=project_root()
    ) as process:
        assert process.stdout is not None
        try:
            _follow(process.stdout, outcome, steps, console or Console(stderr=True))
        except BaseException:
            process.terminate()
            raise
    outcome.ok = process.returncode == 0
    outcome.duration_s = time.monotonic() - started
    if not outcome.ok and not outcome.errors:
        outcome.errors = _reasons(outcome, process.returncode)
    return outcome


def _follow(lines: Iterable[str], outcome: JobOutcome, steps: int | None, console: Console) -> None:
    """Copy the output to the log while showing the running step."""
    assert outcome.log is not None
    show = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}")]
    with (
        outcome.log.open("w", encoding="utf-8") as log,
        Progress(*show, TimeElapsedColumn(), console=console) as progress,
    ):
        task = progress.add_task(f"{outcome.job}: starting", total=steps)
        for line in lines:
            log.write(line)
            _take(line.rstrip("\n"), outcome)
            if event := _EVENT.search(line):
                outcome.run_id = event["run"]
                name = event["step"].replace("__", "/")
                if event["kind"] == "STEP_START":
                    progress.update(task, description=f"{outcome.job}: {name}")
                else:
                    progress.advance(task)
        progress.update(task, description=f"{outcome.job}: done" if not outcome.errors else f"{outcome.job}: failed")


def _reasons(outcome: JobOutcome, code: int) -> list[str]:
    """Why a job failed that raised no error of ours: the checks that did not pass, else its exit code."""
    if outcome.warnings:
        kept = f"Nothing was published, what was published before stays; failing rows are in the UI and {outcome.log}."
        return [f"checking {check}. {kept}" for check in outcome.warnings]
    return [f"running {outcome.job}: it ended with exit code {code}. Read {outcome.log}."]


def _take(line: str, outcome: JobOutcome) -> None:
    if ours := _OURS.match(line):
        says = ours["says"]
        if ours["kind"].startswith("Dagster"):
            return  # the cause follows in our own words, or the failed check is listed below
        if says not in outcome.errors:
            outcome.errors.append(says)
    elif check := _CHECK.search(line):
        outcome.warnings.append(f"{check['asset']}: {check['check']}: {check['says']}")
