"""Processes that are killed while they append to a history: `python -m football_assets_tests.pipeline.killed_appends`.

Started with a folder. Each death has a process of its own, forked from this one, and a folder of its own; at the end
one JSON line says for each which cycles it had reported as kept, and which signal ended it.
"""

import json
import os
import random
import signal
import sqlite3
import sys
import time
from pathlib import Path

from football_assets.soccer import changelog, look_log
from football_assets.soccer.look_keeping import append_look
from football_assets.soccer.looks import Listed
from football_assets_tests.unit.soccer.history_days import MINUTE, NOW, cycle, quote

START = NOW.replace(hour=17)
# Where a process dies in its third cycle: the beginning of a statement, and whether it was carried out.
POINTS = {
    "before the changes": ("INSERT INTO cycles", False),
    "after the changes": ("INSERT INTO cycles", True),
    "among the states": ("INSERT OR REPLACE INTO latest", False),
    "among the snapshots": ("INSERT INTO snapshots", False),
    "before the commit": ("COMMIT", False),
    "after the commit": ("COMMIT", True),
}
# Where one dies in its third look, each after a cycle.
LOOKS = {
    "before a look": ("INSERT INTO looks", False),
    "after a look": ("INSERT INTO looks", True),
    "before the whole": ("UPDATE looks", False),
    "after the whole": ("UPDATE looks", True),
    "among what a look took back": ("INSERT INTO corrections", False),
    "before the commit of a look": ("COMMIT", False),
    "after the commit of a look": ("COMMIT", True),
}
FIRST_LOOK = {"making the table of looks": ("CREATE TABLE looks", True), "its index": ("CREATE INDEX looks", True)}
FIRST = {"making the file": ("CREATE TABLE latest", True)}
AT_RANDOM = 12


def played(folder, number):
    """Append the cycle `number` (from 1): the score is its number, and one quote more is known."""
    quotes = [quote(n, 1.5 + n / 100) for n in range(number, 0, -1)]
    return cycle(folder, START + number * MINUTE, {"home_score": number}, quotes=quotes)


def looked(folder, number):
    """Enter the look behind the cycle `number`: one goal less, which is taken back twice over."""
    half = {"home_score_half_time": number - 1, "away_score_half_time": 0}
    row = {"home_score": number - 1, "away_score": 0, "home_score_penalties": number - 1, "away_score_penalties": 0}
    return append_look(folder, Listed({"m1": row | half}, {}), START + number * MINUTE + MINUTE / 2)


def scored(folder, number):
    """The cycle that the look takes back."""
    names = ("score", "score_half_time", "score_penalties")
    row = {f"{side}_{name}": number if side == "home" else 0 for side in ("home", "away") for name in names}
    return cycle(folder, START + number * MINUTE, row)


class Dying(sqlite3.Connection):
    """A connection whose process is killed at a statement."""

    at = ("", False)

    def execute(self, sql, *rest):
        begins, done = Dying.at
        hit = bool(begins) and sql.strip().startswith(begins)
        if hit and not done:
            die()
        found = super().execute(sql, *rest)
        if hit:
            die()
        return found

    def executemany(self, sql, rows):
        begins, _ = Dying.at
        return super().executemany(sql, dying_after_two(rows) if begins and sql.startswith(begins) else rows)


def dying_after_two(rows):
    for number, row in enumerate(rows):
        if number == 2:
            die()
        yield row


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def killed(folder, life, after=None):
    """Run `life(folder, report)` in a process that dies.

    `after` is (a number of reports, a share of the time between the last two): so long it is left alone.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        life(folder, lambda number: os.write(writing, bytes([number])))
        os._exit(0)
    os.close(writing)
    reported, times = b"", []
    while more := os.read(reading, 1):
        reported += more
        times.append(time.monotonic())
        if after is not None and len(times) == after[0]:
            time.sleep(after[1] * (times[-1] - times[-2]))
            os.kill(pid, signal.SIGKILL)
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    return {"reported": list(reported), "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


def dying_at(point, in_cycle):
    def life(folder, report):
        for number in range(1, in_cycle + 1):
            if number == in_cycle:
                Dying.at = point
            played(folder, number)
            report(number)

    return life


def dying_in_look(point, in_look):
    def life(folder, report):
        for number in range(1, in_look + 1):
            scored(folder, number)
            if number == in_look:
                Dying.at = point
            looked(folder, number)
            report(number)

    return life


def appending(folder, report):
    for number in range(1, 200):
        played(folder, number)
        report(number)


def main(folder):
    connect = sqlite3.connect
    changelog.SNAPSHOT_EVERY = look_log.WHOLE_EVERY = 3
    changelog.sqlite3.connect = lambda path, **how: connect(path, factory=Dying, **how)
    found = {name: killed(folder / name, dying_at(point, 3)) for name, point in POINTS.items()}
    found |= {name: killed(folder / name, dying_at(point, 1)) for name, point in FIRST.items()}
    found |= {name: killed(folder / name, dying_in_look(point, 3)) for name, point in LOOKS.items()}
    found |= {name: killed(folder / name, dying_in_look(point, 1)) for name, point in FIRST_LOOK.items()}
    choose = random.Random(5)
    for n in range(AT_RANDOM):
        name = f"at random {n}"
        found[name] = killed(folder / name, appending, (choose.randrange(2, 5), choose.random()))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
