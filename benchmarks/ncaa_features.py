"""The college tables from the provider's rows to features: how long, how much memory, how it grows, against naive code.

    python -m benchmarks.ncaa_features --data RECORDINGS [--seasons 2010-2024] [--sample 40] [--json FILE]

Raw to features: the rows as the provider sends them, parsed, checked against their declarations, joined, and walked
through in the order of time. The naive side computes one game at a time from the tables as they stood at its kickoff,
by the same functions, on a sample spread evenly over all games; its values must equal those of the fast side. Its time
for all games is the sample's mean times their number. One week: the newest week's games, lines and boxes come anew, and
everything that is computed from all seasons is computed again.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.ncaa import models
from football_assets.ncaa.backtest_inputs import NAMED, USED, Season
from football_assets.ncaa.client import LISTS
from football_assets.ncaa.features import features, playable
from football_assets.ncaa.identities import identified, team_ids
from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.records import team_records
from football_assets.ncaa.schemas import Features, Games, Lines, TeamGames, TeamRecords, TeamStats
from football_assets.ncaa.season_models import Reading
from football_assets.ncaa.season_schemas import Teams
from football_assets.ncaa.team_games import mark_duplicates, one_row_per_team
from football_assets.tables import Table, from_rows, judge

AT = datetime(2025, 6, 1, tzinfo=UTC)
LIMIT_S, LIMIT_MB, LIMIT_WEEK_S, LEAST_RATIO = 60, 2_000, 20, 20

Raw = dict[str, list[dict[str, Any]]]


class Stopwatch:
    """Seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        """Add what happens inside to `name`."""
        start = time.perf_counter()
        yield
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start

    @property
    def total(self) -> float:
        """All of them."""
        return sum(self.seconds.values())


def raw_of(source: RecordedSeasons, season: int) -> Raw:
    """The provider's answers about a season, by endpoint: games with an FBS side and what belongs to them."""
    games = [g for g in source.rows("games", season, AT) if "fbs" in (g["homeClassification"], g["awayClassification"])]
    ids = {game["id"] for game in games}
    found: Raw = {"games": games, "lines": source.rows("lines", season, AT)}
    found["games/teams"] = [box for box in source.rows("games/teams", season, AT) if box["id"] in ids]
    for table in USED:
        for listed in LISTS[table.table_name()]:
            found[listed.path] = source.rows(listed.path, season, AT)
    return found


def parsed(raw: Raw, season: int) -> Season:
    """The raw tables of one season, held against their declarations. Raises ValueError when one does not fit."""
    games = mark_duplicates(from_rows(Games, models.games(raw["games"], "reading", AT)))
    found: Season = {
        Games: games,
        Lines: from_rows(Lines, models.lines(raw["lines"], "reading", AT)),
        TeamStats: from_rows(TeamStats, models.team_stats(raw["games/teams"], "reading", season, AT)),
    }
    reading = Reading("reading", season, AT)

    def listed(table: type[Table]) -> pd.DataFrame:
        return from_rows(
            table, [row for each in LISTS[table.table_name()] for row in each.parse(raw[each.path], reading)]
        )

    ids = team_ids(games, listed(Teams), season)
    for used in USED:
        found[used] = identified(listed(used), ids) if used in NAMED else listed(used)
    for table, frame in found.items():
        require(table, frame)
    return found


def require(table: type[Table], frame: pd.DataFrame) -> None:
    """Raise ValueError when a table breaks its declaration."""
    verdict = judge(table, frame)
    if not verdict.passed:
        raise ValueError(verdict.says)


def whole(seasons: list[Season]) -> Season:
    """All seasons of each table."""
    return {table: pd.concat([season[table] for season in seasons], ignore_index=True) for table in seasons[0]}


def computed(tables: Season, watch: Stopwatch) -> Season:
    """What is computed from all seasons, each table held against its declaration."""
    made: Season = {}
    with watch.timing("team_games"):
        made[TeamGames] = one_row_per_team(tables[Games], tables[Lines], tables[TeamStats])
        require(TeamGames, made[TeamGames])
    with watch.timing("team_records"):
        made[TeamRecords] = team_records(made[TeamGames])
        require(TeamRecords, made[TeamRecords])
    with watch.timing("features"):
        made[Features] = features(tables[Games], made[TeamGames], lists_of(tables))
        require(Features, made[Features])
    return made


def lists_of(tables: Season) -> SeasonLists:
    """The provider's lists as `features` takes them."""
    return SeasonLists(**{table.table_name(): tables[table] for table in USED})


def run(source: RecordedSeasons, years: range) -> tuple[Season, Stopwatch]:
    """Raw to features over some seasons."""
    watch, seasons = Stopwatch(), []
    for year in years:
        with watch.timing("reading"):
            raw = raw_of(source, year)
        with watch.timing("parsing"):
            seasons.append(parsed(raw, year))
    with watch.timing("joining"):
        tables = whole(seasons)
    return tables | computed(tables, watch), watch


def one_week(source: RecordedSeasons, tables: Season, year: int) -> Stopwatch:
    """The newest season comes anew, as it does when a week of it was played; all that follows is computed again."""
    watch = Stopwatch()
    with watch.timing("reading"):
        raw = raw_of(source, year)
    with watch.timing("parsing"):
        new = parsed(raw, year)
    with watch.timing("joining"):
        kept = {table: frame[frame["season"] != year] for table, frame in tables.items() if table in new}
        joined = whole([kept, new])
    computed(joined, watch)
    return watch


def naive(tables: Season, listed: pd.DataFrame, game_id: int) -> pd.DataFrame:
    """The features of one game out of the tables as they stood at its kickoff, and of nothing else.

    The schedule of its season is known, its results are not: later games stand there as open ones.
    """
    game = listed[listed["game_id"] == game_id].iloc[0]
    kickoff = game["kickoff_at"]
    known = listed[(listed["season"] <= game["season"])].assign(fetched_at=kickoff)
    later = known["kickoff_at"] >= kickoff
    known = known.assign(
        is_completed=known["is_completed"].mask(later, False),
        **{name: known[name].mask(later) for name in ("home_points", "away_points")},
    )
    benches = one_row_per_team(known, tables[Lines], tables[TeamStats])
    made = features(known[known["kickoff_at"] <= kickoff].pipe(with_schedule, known), benches, lists_of(tables))
    return made[made["game_id"] == game_id]


def with_schedule(past: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """The games up to the kickoff, and the open ones of the season that tell who is in which conference."""
    return pd.concat([past, known.drop(past.index)])


def compare(tables: Season, sample: int) -> dict[str, Any]:
    """The naive side on games spread evenly over all of them, and whether it gives the same values."""
    listed, fast = playable(tables[Games]), tables[Features].set_index("game_id")
    step = max(len(fast) // sample, 1)
    chosen = fast.index[step // 2 :: step][:sample]
    seconds, differing = [], 0
    for game_id in chosen:
        start = time.perf_counter()
        row = naive(tables, listed, int(game_id)).set_index("game_id")
        seconds.append(time.perf_counter() - start)
        differing += not row.equals(fast.loc[[game_id]])
    mean = statistics.fmean(seconds)
    spread = statistics.stdev(seconds) / len(seconds) ** 0.5 if len(seconds) > 1 else 0.0
    return {
        "naive_sample_games": len(chosen),
        "naive_games_that_differ": differing,
        "naive_s_a_game": round(mean, 3),
        "naive_s_a_game_error": round(spread, 3),
        "naive_s_all_games": round(mean * len(fast)),
    }


def peak_mb() -> float:
    """The most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the recordings")
    parser.add_argument("--seasons", default="2010-2024", help="first and last season")
    parser.add_argument("--sample", type=int, default=40, help="games of the naive side; 0 leaves it out")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args(argv)
    first, last = (int(part) for part in arguments.seasons.split("-"))
    source = RecordedSeasons(arguments.data, keep=1)
    with threadpool_limits(limits=1):
        figures = measured(source, first, last, arguments.sample)
    text = json.dumps(figures, indent=2)
    print(text)
    say_limits(figures, print)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(text + "\n", encoding="utf-8")


def measured(source: RecordedSeasons, first: int, last: int, sample: int) -> dict[str, Any]:
    """All figures."""
    growth = {}
    for count in sorted({1, 5, last - first + 1}):
        if count <= last - first + 1:
            tables, watch = run(source, range(last - count + 1, last + 1))
            games = len(tables[Features])
            growth[count] = {"games": games, "s": round(watch.total, 2), "ms_a_game": 1000 * watch.total / games}
    figures: dict[str, Any] = {"seasons": f"{first}-{last}", "games": games, "raw_to_features_s": round(watch.total, 2)}
    figures["parts_s"] = {name: round(value, 2) for name, value in watch.seconds.items()}
    figures["peak_mb"] = round(peak_mb())
    figures["growth"] = {
        str(count): {**each, "ms_a_game": round(each["ms_a_game"], 3)} for count, each in growth.items()
    }
    figures["ms_a_game_most_to_least"] = round(
        max(each["ms_a_game"] for each in growth.values()) / min(each["ms_a_game"] for each in growth.values()), 2
    )
    week = one_week(source, tables, last)
    figures |= {
        "one_week_s": round(week.total, 2),
        "one_week_parts_s": {k: round(v, 2) for k, v in week.seconds.items()},
    }
    if sample:
        figures |= compare(tables, sample)
        of_features = watch.seconds["team_games"] + watch.seconds["features"]
        figures["naive_to_fast"] = round(figures["naive_s_all_games"] / of_features)
    return figures


def say_limits(figures: dict[str, Any], say: Callable[[str], None]) -> None:
    """One line for each figure that has a limit."""
    limits = [("raw_to_features_s", LIMIT_S, "<"), ("peak_mb", LIMIT_MB, "<"), ("one_week_s", LIMIT_WEEK_S, "<")]
    if "naive_to_fast" in figures:
        limits += [("naive_to_fast", LEAST_RATIO, ">="), ("naive_games_that_differ", 0, "=")]
    for name, limit, sign in limits:
        value = figures[name]
        holds = value < limit if sign == "<" else value >= limit if sign == ">=" else value == limit
        say(f"{'holds' if holds else 'MISSED'}: {name} {value} {sign} {limit}")


if __name__ == "__main__":
    main()
