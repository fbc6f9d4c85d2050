"""A simulated evening with looks of the fast lane between its cycles, entered in the order in which they came."""

import functools
import random
from dataclasses import dataclass
from datetime import timedelta

from benchmarks.soccer_days import DAY, Day
from football_assets.soccer.changelog import append
from football_assets.soccer.client import live_match
from football_assets.soccer.codes import is_in_play
from football_assets.soccer.live import incident_rows, live_rows
from football_assets.soccer.look_keeping import append_look
from football_assets.soccer.looks import listed_of

START = DAY + timedelta(hours=23, minutes=50)
# A cycle is entered so long after it was read; looks come when they are read.
LATE = timedelta(seconds=13)
OFFSETS_S = (4, 11, 25, 43)


@dataclass(frozen=True)
class Came:
    """One cycle (tables and quotes) or one look (the list and its rows), with the instant at which it was read."""

    at: object
    cycle: tuple | None = None
    listed: object = None

    def enter(self, folder):
        if self.cycle is not None:
            return append(folder, *self.cycle, self.at)
        return append_look(folder, self.listed, self.at)


@functools.cache
def arrivals(count=21, matches_a_day=20):
    """Everything in the order in which it came. Some looks see a goal more, or a match less, than the provider had."""
    day = Day(matches_a_day)
    instants = [START + timedelta(minutes=n, seconds=n * n % 17) for n in range(count)]
    cycles = [(at, shown.tables, shown.quotes) for at in instants if (shown := day.cycle(at))]
    choose = random.Random(11)
    found = [(at + LATE, Came(at, (tables, quotes))) for at, tables, quotes in cycles]
    looked = [at + timedelta(seconds=s + n % 3) for n, (at, _, _) in enumerate(cycles) for s in OFFSETS_S]
    found += [(at, Came(at, listed=look(day.source, at, choose))) for at in looked if at > cycles[0][0] + LATE]
    return [came for _, came in sorted(found, key=lambda each: each[0])]


def look(source, at, choose):
    matches = [live_match(row) for row in source.live(at)]
    if matches and choose.random() < 0.15:
        del matches[choose.randrange(len(matches))]
    rows = [{**row, "is_in_play": is_in_play(row.get("status_id"))} for row in live_rows(matches, at)]
    if rows and choose.random() < 0.3:
        doubted = rows[choose.randrange(len(rows))]
        doubted["home_score"] = doubted["home_score_regular"] = (doubted.get("home_score") or 0) + 1
    return listed_of(rows, incident_rows(matches, at))
