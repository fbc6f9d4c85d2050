"""How long the college backtest takes, by its parts: features, the walk, both families and their figures.

Run as: FOOTBALL_CFBD_URL=http://127.0.0.1:PORT python benchmarks/ncaa_backtest.py [FIRST-LAST]
"""

import sys
import time
from pathlib import Path

from threadpoolctl import threadpool_limits

from football_assets.config import load_settings
from football_assets.ncaa.backtest import HISTORY_SEASONS, run
from football_assets.ncaa.backtest_inputs import inputs_of
from football_assets.ncaa.features import features
from football_assets.ncaa.game_model import walk_forward


def main() -> None:
    first, last = (int(year) for year in (sys.argv[1] if len(sys.argv) > 1 else "2021-2024").split("-"))
    started = time.perf_counter()
    known = inputs_of(load_settings(), range(first - HISTORY_SEASONS, last + 1), print)
    print(f"reading {len(known.games)} games: {time.perf_counter() - started:.1f} s")
    with threadpool_limits(limits=1):
        started = time.perf_counter()
        frame = features(known.games, known.team_games, known.lists)
        print(f"features: {time.perf_counter() - started:.1f} s")
        started = time.perf_counter()
        walk_forward(known.games, frame)
        print(f"walk: {time.perf_counter() - started:.1f} s")
        started = time.perf_counter()
        found = run(known.games, known.team_games, known.lines, known.lists, range(first, last + 1))
        print(f"whole backtest: {time.perf_counter() - started:.1f} s on {Path(sys.executable).name}")
    for name, score in found.scores.items():
        print(f"{name}: {score.games} games, MAE {score.mae:.3f}, Brier {score.brier:.4f}")


if __name__ == "__main__":
    main()
