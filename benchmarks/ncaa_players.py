"""Player projections and the season outlook on recorded seasons: how good, how fast.

    python -m benchmarks.ncaa_players --data RECORDINGS [--seasons 2012-2013] [--json FILE]

Projections of a season learn from the recorded seasons before it (2006 on). The outlook is made in the middle of the
last season, with every later result removed.
"""

import argparse
import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.ncaa import models
from football_assets.ncaa.player_backtest import backtest, report, scores
from football_assets.ncaa.player_games import player_games
from football_assets.ncaa.player_model import PlayerModel
from football_assets.ncaa.player_projections import coming_games, player_projections
from football_assets.ncaa.power_ratings import strengths
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.ncaa.season_outlook import season_outlook
from football_assets.ncaa.team_games import mark_duplicates
from football_assets.tables import from_rows

FIRST = 2006


def recorded(folder: Path, last: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Games and player box scores of the seasons up to `last`, as the client parses them."""
    source, at = RecordedSeasons(folder, keep=1), datetime(last + 1, 6, 1, tzinfo=UTC)
    games: list[models.Row] = []
    stats: list[models.Row] = []
    for season in range(FIRST, last + 1):
        listed = [row for row in source.rows("games", season, at) if is_fbs(row)]
        games += models.games(listed, "reading", at)
        stats += models.player_stats(source.rows("games/players", season, at), "reading", season, at)
    return mark_duplicates(from_rows(Games, games)), from_rows(PlayerStats, stats)


def is_fbs(game: dict[str, Any]) -> bool:
    return "fbs" in (game["homeClassification"], game["awayClassification"])


def mid_season(games: pd.DataFrame, season: int) -> pd.DataFrame:
    """The games as they stood on 15 October: later ones open."""
    moment = pd.Timestamp(year=season, month=10, day=15, tz="UTC")
    later = games["kickoff_at"] >= moment
    points = {name: games[name].mask(later) for name in ("home_points", "away_points")}
    return games.assign(**points, is_completed=games["is_completed"].mask(later, False), fetched_at=moment)


def coming_week(games: pd.DataFrame, stats: pd.DataFrame) -> tuple[float, float, int]:
    """CPU seconds of projecting the coming week: models fitted, models kept; and the rows."""
    fits: dict[str, PlayerModel | None] = {}
    coming, taken = coming_games(games), []
    for _ in range(2):
        start = time.process_time()
        found = player_projections(games, stats, coming, fits)
        taken.append(time.process_time() - start)
    return taken[0], taken[1], len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--seasons", default="2012-2013", help="seasons to project")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    first, last = (int(part) for part in arguments.seasons.split("-"))
    games, stats = recorded(arguments.data, last)
    start = time.perf_counter()
    logs = player_games(games, stats)
    logs_s = time.perf_counter() - start
    rows = backtest(logs, range(first, last + 1))
    whole_s = time.perf_counter() - start
    start = time.perf_counter()
    known = strengths(mid_season(games, last), last)
    ratings_s = time.perf_counter() - start
    outlook = season_outlook(mid_season(games, last), known)
    outlook_s = time.perf_counter() - start - ratings_s
    fitted_s, kept_s, projected = coming_week(mid_season(games, last), stats)
    print(report(rows, arguments.seasons, "recorded"))
    figures = {
        "seasons": arguments.seasons,
        "log_rows": len(logs),
        "projections": len(rows),
        "player_games_s": round(logs_s, 2),
        "backtest_s": round(whole_s, 2),
        "power_ratings_s": round(ratings_s, 2),
        "outlook_10000_s": round(outlook_s, 2),
        "outlook_teams": len(outlook),
        "coming_week_rows": projected,
        "coming_week_fitted_cpu_s": round(fitted_s, 2),
        "coming_week_kept_cpu_s": round(kept_s, 2),
        "stats": scores(rows).round(4).to_dict("records"),
    }
    text = json.dumps(figures, indent=2)
    print(text)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
