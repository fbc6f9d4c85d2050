"""Small leagues for the tests of this room: rows as our tables hold them, made of results that a test names."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from football_assets.ncaa.schemas import Games, Lines, TeamStats
from football_assets.tables import from_rows

START = datetime(2024, 8, 31, 16, tzinfo=UTC)
READ_AT = datetime(2025, 6, 1, tzinfo=UTC)


def game_row(game_id, home, away, score=None, *, kickoff=START, **changes):
    """A row of `games`; teams are numbers, `score` None is a game still open."""
    row = {
        "game_id": game_id,
        "season": 2024,
        "week": 1,
        "season_type": "regular",
        "kickoff_at": kickoff,
        "is_kickoff_tbd": False,
        "is_completed": score is not None,
        "is_neutral_site": False,
        "is_conference_game": False,
        "fetched_at": READ_AT,
    }
    for side, team, place in (("home", home, 0), ("away", away, 1)):
        row |= {
            f"{side}_team_id": team,
            f"{side}_team": f"Team {team}",
            f"{side}_conference": "East" if team % 2 else "West",
            f"{side}_classification": "fbs",
            f"{side}_points": None if score is None else score[place],
        }
    return row | changes


def league_rows(seasons=(2021, 2022), teams=16, weeks=13, seed=3):
    """Rows of whole seasons: every team plays once a week, scores follow fixed strengths and chance."""
    chance = np.random.default_rng(seed)
    strength = chance.normal(0, 9, teams)
    rows = []
    for season in seasons:
        for week in range(weeks):
            order = chance.permutation(teams)
            first = datetime(season, 9, 1, 16, tzinfo=UTC) + timedelta(days=7 * week)
            for number, (home, away) in enumerate(zip(order[::2], order[1::2], strict=True)):
                margin = strength[home] - strength[away] + 3 + chance.normal(0, 12)
                total = max(abs(margin) + 1, 52 + chance.normal(0, 12))
                ours, theirs = round((total + margin) / 2), round((total - margin) / 2)
                row = game_row(
                    season * 10_000 + week * 100 + number + 1,
                    int(home) + 1,
                    int(away) + 1,
                    (ours + (ours == theirs), theirs),
                    kickoff=first + timedelta(hours=3 * (number % 3)),
                    season=season,
                    week=week + 1,
                )
                rows.append(row)
    return rows


def box_row(game_id, team_id, **stats):
    """A row of `team_stats` with these numbers and no other."""
    about = {"season": 2024, "team": f"Team {team_id}", "home_away": "home", "fetched_at": READ_AT}
    return {"game_id": game_id, "team_id": team_id, **about, **stats}


class Builders:
    """What the tests build tables with."""

    START, READ_AT = START, READ_AT
    game, league, box = staticmethod(game_row), staticmethod(league_rows), staticmethod(box_row)

    @staticmethod
    def games(*rows):
        return from_rows(Games, rows)

    @staticmethod
    def lines(*quotes):
        """Lines out of (game_id, provider, spread, over_under)."""
        return from_rows(
            Lines,
            [
                {"game_id": g, "season": 2024, "provider": p, "spread": s, "over_under": t, "fetched_at": READ_AT}
                for g, p, s, t in quotes
            ],
        )

    @staticmethod
    def boxes(*rows):
        return from_rows(TeamStats, rows)


@pytest.fixture(scope="session")
def build():
    return Builders
