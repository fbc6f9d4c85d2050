"""What the client asks for, how long answers are kept, and what it counts."""

from datetime import UTC, datetime, timedelta

from football_assets.ncaa.client import FINISHED, SETTLED, BoxWeek, CollegeFootball, Harvest, box_weeks
from football_assets.states import DataState
from football_assets.transport import Answer

AT = datetime(2024, 10, 5, tzinfo=UTC)


class Wire:
    """Stands where the transport stands: notes each request and answers with an empty list."""

    def __init__(self, state=DataState.LIVE, left="990"):
        self.asked = []
        self.state, self.left = state, left

    async def get(self, path, *, doing, params=None, cache=None):
        self.asked.append((path, params, cache, doing))
        return Answer([], self.state, AT, 0.0, {"x-calllimit-remaining": self.left})


async def test_a_season_is_one_call_for_games_and_one_for_lines():
    wire = Wire()
    await CollegeFootball(wire).games(2024)
    await CollegeFootball(wire).lines(2024)
    assert [(path, params, cache) for path, params, cache, _ in wire.asked] == [
        ("games", {"year": 2024, "classification": "fbs"}, None),
        ("lines", {"year": 2024}, None),
    ]


async def test_box_scores_are_one_call_a_week_with_its_season_type():
    wire = Wire()
    weeks = [BoxWeek("regular", 3, SETTLED), BoxWeek("postseason", 1, None)]
    found = await CollegeFootball(wire).player_stats(2024, weeks)
    assert [(path, params["seasonType"], params["week"], cache) for path, params, cache, _ in wire.asked] == [
        ("games/players", "regular", 3, SETTLED),
        ("games/players", "postseason", 1, None),
    ]
    assert "regular week 3" in wire.asked[0][3]
    assert (found.calls, found.cached, found.quota_left) == (2, 0, 990)


async def test_answers_from_the_cache_are_no_calls_and_tell_no_quota():
    found = await CollegeFootball(Wire(DataState.CACHED)).games(2024)
    assert (found.calls, found.cached, found.quota_left) == (0, 1, None)


def test_the_quota_of_a_harvest_is_the_last_one_told():
    whole = Harvest(quota_left=900)
    whole.add(Harvest(calls=1, quota_left=899))
    whole.add(Harvest(cached=1))
    assert (whole.quota_left, whole.calls, whole.cached) == (899, 1, 1)


def test_weeks_with_a_completed_game_are_asked_and_no_other(build):
    bowl = {"season_type": "postseason", "week": 1, "kickoff": build.START + timedelta(days=120)}
    games = build.games(
        build.game(1, 1, 2, (21, 7), week=1),
        build.game(2, 3, 4, (21, 7), week=1),
        build.game(3, 1, 3, None, week=2),
        build.game(4, 1, 4, (3, 0), **bowl),
        build.game(5, 1, 4, (3, 0), season=2023),
    )
    assert [(w.season_type, w.week) for w in box_weeks(games, 2024, False)] == [("postseason", 1), ("regular", 1)]


def test_a_week_is_kept_once_it_is_settled_and_a_finished_season_for_long(build):
    soon = build.START + timedelta(days=9)
    games = build.games(
        build.game(1, 1, 2, (21, 7), week=1, fetched_at=soon),
        build.game(2, 1, 2, (21, 7), week=2, kickoff=build.START + timedelta(days=7), fetched_at=soon),
    )
    assert [week.cache for week in box_weeks(games, 2024, False)] == [SETTLED, None]
    assert [week.cache for week in box_weeks(games, 2024, True)] == [FINISHED, FINISHED]
