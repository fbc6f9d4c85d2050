"""Clubs, names, ids and fixtures of the simulated soccer world."""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from football_assets.emulators.simulation.soccer_calendar import UNPLAYED, Calendar, weekday
from football_assets.emulators.simulation.soccer_names import ALPHABET, Identifiers, emblem
from football_assets.emulators.simulation.soccer_world import World

WEDNESDAY = date(2026, 11, 18).toordinal()


@pytest.fixture(scope="module")
def calendar():
    return Calendar(World(5, 300))


@given(st.integers(0, 10**9), st.integers(0, 2**40), st.sampled_from(("match", "team", "player")))
def test_an_id_leads_back_to_its_number(seed, number, entity):
    ids = Identifiers(seed)
    identifier = ids.of(entity, number)
    assert len(identifier) == 15
    assert set(identifier) <= set(ALPHABET)
    assert ids.number(entity, identifier) == number


def test_the_alphabet_is_the_providers():
    assert sorted(ALPHABET) == sorted("0123456789deghjklmnopqrvwxyz")


@pytest.mark.parametrize("text", ["", "short", "A" * 15, "kp3glrw7hwqdyjv0", "a" * 15])
def test_text_that_is_no_id_has_no_number(text):
    assert Identifiers(1).number("match", text) is None


def test_competitions_have_names_of_their_own():
    assert len({emblem(n) for n in range(168)}) == 168


def test_clubs_and_players_have_ids_of_their_own(calendar):
    world = calendar.world
    assert len({world.ids.of("team", club.number) for club in world.clubs}) == len(world.clubs)
    assert len({club.name for club in world.clubs}) == len(world.clubs)
    players = {world.player(club, shirt)[0] for club in range(40) for shirt in range(23)}
    assert len(players) == 40 * 23


def test_a_club_and_its_ground_have_different_ids(calendar):
    world = calendar.world
    assert all(world.ids.of("team", c.number) != world.ids.of("venue", c.number) for c in world.clubs)


def test_no_club_plays_on_two_days_in_a_row(calendar):
    played: dict[int, int] = {}
    for day in range(WEDNESDAY, WEDNESDAY + 35):
        clubs = [club.number for f in calendar.day(day) for club in (f.home, f.away)]
        assert len(set(clubs)) == len(clubs)
        assert all(day - played.get(club, 0) >= 2 for club in clubs)
        played.update(dict.fromkeys(clubs, day))


def test_each_day_has_about_as_many_matches_as_asked_for(calendar):
    sizes = [len(calendar.day(WEDNESDAY + n)) for n in range(14)]
    assert sum(sizes) / len(sizes) == pytest.approx(300, rel=0.05)
    assert max(sizes, key=lambda size: size) == len(calendar.day(WEDNESDAY + 3))  # Saturday


def test_a_league_season_is_a_double_round_robin(calendar):
    league = calendar.world.leagues[0]
    turns = 2 * (len(league.clubs) - 1)
    pairs = Counter(
        (f.home.number, f.away.number)
        for day in range(WEDNESDAY, WEDNESDAY + 7 * turns // 2)
        for f in calendar.day(day)
        if f.competition is league
    )
    assert len(pairs) == len(league.clubs) * (len(league.clubs) - 1)
    assert set(pairs.values()) == {1}


def test_rounds_of_a_stage_count_up(calendar):
    league = calendar.world.leagues[0]
    first = date(2026, 1, 1).toordinal()
    days = (calendar.day(day) for day in range(first, first + 364))
    seen = [(f.stage, f.round_num) for fixtures in days for f in fixtures if f.competition is league]
    assert seen == sorted(seen)
    assert {stage for stage, _ in seen} == {0, 1, 2}


def test_the_two_legs_of_a_tie_know_each_other(calendar):
    legs = [f for day in range(WEDNESDAY, WEDNESDAY + 7) for f in calendar.day(day) if f.leg]
    assert legs
    for fixture in legs:
        other = calendar.other_leg(fixture)
        assert (other.home, other.away, other.leg) == (fixture.away, fixture.home, 3 - fixture.leg)
        assert calendar.other_leg(other) is fixture


def test_a_fixture_is_found_by_its_id_whatever_was_asked_before(calendar):
    fixture = calendar.day(WEDNESDAY)[7]
    assert Calendar(World(5, 300)).fixture(fixture.id) == fixture
    assert Calendar(World(6, 300)).fixture(fixture.id) is None


def test_kickoffs_lie_on_their_day(calendar):
    for day in (WEDNESDAY, WEDNESDAY + 3):
        assert {f.kickoff // 86400 for f in calendar.day(day)} == {calendar.day(day)[0].kickoff // 86400}
    assert weekday(WEDNESDAY) == 2


def test_a_match_is_called_off_before_it_would_start(calendar):
    off = [f for n in range(7) for f in calendar.day(WEDNESDAY + n) if f.fate in UNPLAYED]
    assert off
    assert all(f.fate_at < f.kickoff for f in off)


@pytest.mark.parametrize("matches", [9, 2001])
def test_a_world_too_small_or_too_large_is_refused(matches):
    with pytest.raises(ValueError, match="Give 10 to 2000"):
        World(1, matches)


@pytest.mark.parametrize("matches", [10, 60, 900])
def test_other_sizes_work_too(matches):
    calendar = Calendar(World(2, matches))
    sizes = [len(calendar.day(WEDNESDAY + n)) for n in range(7)]
    assert sum(sizes) / 7 == pytest.approx(matches, rel=0.25)
