"""How many teams of another source are linked to the recorded results, and how many wrongly.

`python -m benchmarks.soccer_identity` reads FOOTBALL_RECORDINGS: 397 pairs that are known to be true, which the
matcher does not see. It gets what a live feed has: names, league names and, week by week, kickoffs.
"""

import functools
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd

from football_assets.config import load_settings
from football_assets.soccer.football_data import DIVISIONS
from football_assets.soccer.identity import (
    LINKED,
    FeedTeam,
    Fixture,
    HistoryTeam,
    Link,
    divisions_of_competitions,
    link_teams,
)

START = datetime(2024, 7, 20, tzinfo=UTC)
WEEKS = (0, 4, 8, 12, 20, 45)


@dataclass(frozen=True)
class Season:
    """Teams of both sources with all fixtures of 2024/25, and the truth: feed team id -> name in the results."""

    feed: tuple[FeedTeam, ...]
    history: tuple[HistoryTeam, ...]
    truth: Mapping[str, str]

    def after(self, weeks: int) -> list[FeedTeam]:
        """The feed's teams with the fixtures of so many weeks."""
        until = START + timedelta(weeks=weeks)
        return [
            replace(each, fixtures=frozenset(one for one in each.fixtures if one.kickoff_at < until))
            for each in self.feed
        ]

    def links(self, weeks: int) -> list[Link]:
        """What is made of them."""
        teams = self.after(weeks)
        return link_teams(teams, self.history, divisions_of_competitions(teams, self.history, DIVISIONS.values()))

    def wrong(self, links: list[Link]) -> list[tuple[str, str]]:
        """Linked teams that are not the same, by both names."""
        return [
            (link.feed.name, link.team.name)
            for link in links
            if link.team is not None and link.team.name != self.truth.get(link.feed.id)
        ]


@functools.cache
def recorded_season(folder: Path) -> Season:
    """The recorded season 2024/25 of both sources; `folder` holds the recordings."""
    soccer = folder / "soccer"
    truth = pd.read_parquet(soccer / "teams_2024_25.parquet")
    leagues = pd.read_parquet(soccer / "competitions.parquet").set_index("espn_league")["country"].to_dict()
    matches = pd.read_parquet(soccer / "matches.parquet", columns=["season", "div", "kickoff_utc", "home", "away"])
    matches = matches[(matches["season"] == "2024/25") & matches["kickoff_utc"].notna()]
    results: dict[tuple[str, str], set[Fixture]] = defaultdict(set)
    for code, at, home, away in zip(*(matches[n] for n in ("div", "kickoff_utc", "home", "away")), strict=True):
        results[code, home].add(Fixture(at.to_pydatetime(), True))
        results[code, away].add(Fixture(at.to_pydatetime(), False))
    columns = ["espn_league", "league_name", "kickoff_utc", "home", "away", "home_espn_id", "away_espn_id"]
    world = pd.read_parquet(soccer / "world_matches.parquet", columns=columns)
    world = world[world["espn_league"].isin(list(leagues)) & (world["kickoff_utc"] >= START)]
    played: dict[str, set[Fixture]] = defaultdict(set)
    teams: dict[str, FeedTeam] = {}
    for league, name, at, *sides in zip(*(world[column] for column in columns), strict=True):
        for side in (0, 1):
            team_id = str(sides[2 + side])
            teams[team_id] = FeedTeam(team_id, sides[side], leagues[league], league, name)
            played[team_id].add(Fixture(at.to_pydatetime(), side == 0))
    return Season(
        tuple(replace(each, fixtures=frozenset(played[each.id])) for each in teams.values()),
        tuple(HistoryTeam(DIVISIONS[code].country, name, code, frozenset(f)) for (code, name), f in results.items()),
        dict(zip(truth["espn_team_id"].astype(str), truth["team"], strict=True)),
    )


def main() -> int:
    """Print the shares."""
    folder = load_settings().recordings
    if folder is None:
        print("measuring the links: no recordings. Set FOOTBALL_RECORDINGS to their folder.", file=sys.stderr)
        return 2
    season = recorded_season(folder)
    pairs = len(season.truth)
    print(f"{pairs} true pairs; weeks of fixtures seen, teams linked, share, wrong, to review")
    for weeks in WEEKS:
        links = season.links(weeks)
        states = Counter(link.state for link in links)
        wrong = season.wrong(links)
        share = f"{100 * states[LINKED] / pairs:.1f} %"
        print(f"{weeks:3d}  {states[LINKED]:4d}  {share:>7}  {len(wrong)} wrong  {states['review']} to review")
    return 0


if __name__ == "__main__":
    sys.exit(main())
