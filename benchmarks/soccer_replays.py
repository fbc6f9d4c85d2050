"""Recorded hours through the real asset graph: `python -m benchmarks.soccer_replays [--replay NAME] [--whole]`.

Four replays: `poll` (102 matches of 2025-05-28 with every price), `stream` (what was pushed on 2025-04-29), `divisions`
(121 matches of 2024-10-05) and `world` (the 340-match day 2024-09-28). A cycle is a minute of theirs; without --whole
twelve of the busiest are played.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from football_assets_tests.pipeline.replays import REPLAYS, Cycle, Player

SHORT = 12


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replay", choices=tuple(REPLAYS), action="append", help="which one; all by default")
    parser.add_argument("--whole", action="store_true", help="all recorded hours instead of twelve minutes")
    parser.add_argument("--cycles", type=int, help="so many cycles instead")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    asked = parser.parse_args()
    recordings = os.environ.get("FOOTBALL_RECORDINGS")
    if not recordings:
        raise SystemExit("replaying: FOOTBALL_RECORDINGS is not set. Set it to the folder of recordings.")
    found = {}
    for name in asked.replay or REPLAYS:
        replay = REPLAYS[name]
        cycles = asked.cycles or (replay.minutes if asked.whole else SHORT)
        with tempfile.TemporaryDirectory(prefix="replay-") as home:
            player = Player(replay, Path(recordings), Path(home), replay.first if asked.whole else replay.begins)
            with player.running() as url, _settings(home, url):
                found[name] = figures(_told(player, cycles))
        print(name, json.dumps(found[name], indent=1))
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def figures(cycles: list[Cycle]) -> dict[str, Any]:
    """What the cycles of a replay amount to."""
    requests = sum((each.requests for each in cycles), Counter())
    later = [each.requests.total() for each in cycles[1:]]
    return {
        "cycles": len(cycles),
        "from": cycles[0].at.isoformat(),
        "failed": sum(not each.succeeded for each in cycles),
        "matches_most": max(each.matches for each in cycles),
        "in_play_most": max(each.in_play for each in cycles),
        "rows_told": sum(each.rows_told for each in cycles),
        "new_quotes": sum(each.new_quotes for each in cycles),
        "corrections": sum(each.new_corrections for each in cycles),
        "requests": dict(requests),
        "requests_first": cycles[0].requests.total(),
        "requests_later_median": statistics.median(later) if later else None,
        "violations": sum(each.violations for each in cycles),
        "cycle_median_s": round(statistics.median(each.seconds for each in cycles), 2),
        "speed": round(60 * len(cycles) / sum(each.seconds for each in cycles), 1),
    }


def _told(player: Player, cycles: int) -> list[Cycle]:
    from football_assets_tests.pipeline.test_soccer_cycle import run_cycle

    found: list[Cycle] = []
    for number in range(cycles):
        found += player.play(run_cycle, 1)
        if number % 30 == 0:
            print(f"{found[-1].at:%H:%M}: {found[-1].matches} matches, {found[-1].seconds:.1f} s", file=sys.stderr)
    return found


@contextmanager
def _settings(home: str, url: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= {
        "FOOTBALL_HOME": home,
        "FOOTBALL_THESPORTS_URL": url,
        "THESPORTS_USER": "replay",
        "THESPORTS_SECRET": "replay",
    }
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before


if __name__ == "__main__":
    main()
