"""What the client asks for, how long answers are kept, and what it counts."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.ncaa.client import (
    LISTS,
    VENUES,
    BoxWeek,
    CollegeFootball,
    Harvest,
    Moment,
    Turn,
    box_weeks,
)
from football_assets.states import DataState
from football_assets.transport import Answer, CachePolicy

AT = datetime(2024, 10, 5, tzinfo=UTC)
SETTLED = CachePolicy(7 * 86_400, 86_400 * 365)
RUNNING = Moment(AT)
DAY_S = 86_400


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
    assert [(w.season_type, w.week) for w in box_weeks(games, 2024, RUNNING, build.READ_AT)] == [
        ("postseason", 1),
        ("regular", 1),
    ]


def test_a_week_is_asked_at_each_run_until_it_is_settled_and_then_at_its_turn(build):
    soon = build.START + timedelta(days=9)
    games = build.games(
        build.game(1, 1, 2, (21, 7), week=1),
        build.game(2, 1, 2, (21, 7), week=2, kickoff=build.START + timedelta(days=7)),
    )
    first, second = box_weeks(games, 2024, RUNNING, soon)
    assert first.cache == RUNNING.cache(2024, Turn(28, (1,)))
    assert second.cache is None


def test_a_season_that_is_over_is_kept_for_good_when_it_was_read_after_its_end(build):
    over = Moment(datetime(2026, 2, 15, 12, tzinfo=UTC), is_over=True)
    games = build.games(build.game(1, 1, 2, (21, 7), week=1, kickoff=build.READ_AT - timedelta(days=1)))
    (week,) = box_weeks(games, 2024, over, build.READ_AT)
    assert week.cache.fresh_s == (365 + 0.5) * DAY_S
    too_early = Moment(datetime(2025, 1, 1, tzinfo=UTC), is_over=True)
    assert too_early.cache(2024, Turn()).fresh_s == 0


@pytest.mark.parametrize(
    ("turn", "now", "days"),
    [
        (Turn(), datetime(2024, 10, 6, tzinfo=UTC), 0),
        (Turn(), datetime(2024, 10, 6, 18, tzinfo=UTC), 0.75),
        (Turn(7, (0,)), datetime(2024, 10, 6, 6, tzinfo=UTC), 0.25),
        (Turn(7, (0,)), datetime(2024, 10, 5, 6, tzinfo=UTC), 6.25),
        (Turn(7, (1, 3)), datetime(2024, 10, 8, tzinfo=UTC), 1),
        (Turn(7, (1, 3)), datetime(2024, 10, 12, tzinfo=UTC), 3),
    ],
)
def test_an_answer_is_fresh_when_it_was_read_since_its_last_turn(turn, now, days):
    assert turn.age_s(now) == days * DAY_S


def test_no_day_has_the_turn_of_two_settled_weeks_and_few_lists_share_one():
    weeks = [Turn(28, (week,)) for week in range(20)] + [Turn(28, (20,))]
    lists = [each.turn for listed in LISTS.values() for each in listed] + [VENUES.turn]
    for day in range(28 * 7):
        now = AT + timedelta(days=day)
        due_weeks = sum(turn.age_s(now) == 0 for turn in weeks)
        due_lists = sum(turn.age_s(now) == 0 for turn in lists)
        # Games, lines, the boxes of three unsettled weeks and those of one that has just settled come on top.
        assert 2 + 6 + 2 + 2 * due_weeks + due_lists <= 15


async def test_a_list_is_one_call_for_its_season():
    wire = Wire()
    cache = CachePolicy(1, 2)
    for listed in (*LISTS["ratings"], VENUES):
        await CollegeFootball(wire).season_list(listed, 2024, cache)
    assert [(path, params) for path, params, _, _ in wire.asked] == [
        ("ratings/sp", {"year": 2024}),
        ("ratings/fpi", {"year": 2024}),
        ("ratings/srs", {"year": 2024}),
        ("venues", {}),
    ]
    assert wire.asked[0][3] == "reading the SP+ ratings of 2024"
    assert {asked[2] for asked in wire.asked} == {cache}
