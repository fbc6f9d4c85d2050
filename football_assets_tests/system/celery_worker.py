"""`football worker` processes, each with a home of its own as on a machine of its own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

from football_assets.config import environment_with_dotenv, project_root

START_S = 120


@contextmanager
def celery_workers(folder, *arguments):
    """A worker for each list of arguments, all ready; gives their logs."""
    logs, processes = [folder / f"worker-{number}.log" for number in range(1, len(arguments) + 1)], []
    try:
        for log, also in zip(logs, arguments, strict=True):
            variables = environment_with_dotenv() | {"FOOTBALL_HOME": str(log.with_suffix(""))}
            command = [sys.executable, "-W", "ignore", "-m", "football_assets.cli", "worker", *also]
            with log.open("wb") as out:
                about = {"stdout": out, "stderr": subprocess.STDOUT, "cwd": project_root(), "start_new_session": True}
                processes.append(subprocess.Popen(command, env=variables, **about))
        for log, process in zip(logs, processes, strict=True):
            deadline = time.monotonic() + START_S
            while " ready." not in (text := log.read_text(errors="replace")):
                assert process.poll() is None and time.monotonic() < deadline, text[-3000:]
                time.sleep(0.2)
        yield logs
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGTERM)
        for process in processes:
            process.wait(60)
