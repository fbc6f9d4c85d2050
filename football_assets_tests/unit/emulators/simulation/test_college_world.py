"""The fictional map, the fixture list and the rosters."""

import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from football_assets.emulators.simulation.college_schedule import (
    TITLE_WEEK,
    WEEKS,
    Fixture,
    eastern,
    first_saturday,
    regular_season,
    saturday,
)
from football_assets.emulators.simulation.college_teams import BUILDS, Teams
from football_assets.emulators.simulation.college_world import (
    CONFERENCES,
    INDEPENDENTS,
    colleges,
    fbs_colleges,
    neutral_venues,
    venue_rows,
)

SEASONS = (2018, 2020, 2023, 2026)


@pytest.fixture(scope="module", params=SEASONS)
def fixtures(request):
    return regular_season(5, request.param)


def weeks_by_team(fixtures: list[Fixture]) -> dict[int, list[int]]:
    weeks: dict[int, list[int]] = {}
    for fixture in fixtures:
        for college in (fixture.home, fixture.away):
            weeks.setdefault(college.team_id, []).append(fixture.week)
    return weeks


def test_names_ids_and_abbreviations_belong_to_one_college_each():
    known = colleges()
    assert len(known) == 88 and len(fbs_colleges()) == 64
    for attribute in ("team_id", "school", "abbreviation"):
        assert len({getattr(college, attribute) for college in known}) == 88
    assert len({row["id"] for row in venue_rows()}) == len(venue_rows())


def test_there_are_five_conferences_of_ten_to_fourteen_and_two_independents():
    sizes = Counter(college.conference.name for college in fbs_colleges())
    assert sizes.pop(INDEPENDENTS) == 2
    assert len(sizes) == 5 and all(10 <= size <= 14 for size in sizes.values())
    assert sum(sizes.values()) == sum(c.members for c in CONFERENCES if c.classification == "fbs") - 2


def test_some_stadiums_have_a_dome_and_all_lie_in_the_states():
    rows = venue_rows()
    assert 3 <= sum(row["dome"] for row in rows) <= 15
    assert all(25 < row["latitude"] < 50 and -126 < row["longitude"] < -66 for row in rows)
    assert not any(row["dome"] and row["grass"] for row in rows)


def test_no_fictional_college_or_stadium_bears_a_real_name():
    folder = os.environ.get("FOOTBALL_RECORDINGS")
    if not folder:
        pytest.skip("FOOTBALL_RECORDINGS is not set: no real names to compare with")
    from pyarrow import parquet

    real = {row["school"] for row in parquet.read_table(Path(folder) / "cfbd/teams/all.parquet").to_pylist()}
    stadiums = {row["name"] for row in parquet.read_table(Path(folder) / "cfbd/venues/all.parquet").to_pylist()}
    assert len(real) > 1000
    assert not real & {college.school for college in colleges()}
    assert not stadiums & {row["name"] for row in venue_rows()}


def test_every_fbs_team_plays_twelve_games_and_has_two_weeks_off(fixtures):
    weeks = weeks_by_team(fixtures)
    for college in fbs_colleges():
        assert len(weeks[college.team_id]) == 12
        assert len(set(weeks[college.team_id])) == 12 == WEEKS - 2


def test_no_team_plays_twice_in_a_week(fixtures):
    for weeks in weeks_by_team(fixtures).values():
        assert len(weeks) == len(set(weeks))


def test_eight_games_are_in_the_conference_and_no_pair_meets_twice(fixtures):
    inside: Counter[int] = Counter()
    for fixture in fixtures:
        if fixture.conference_game:
            assert fixture.home.conference is fixture.away.conference
            inside.update((fixture.home.team_id, fixture.away.team_id))
    for college in fbs_colleges():
        assert inside[college.team_id] == (0 if college.conference.name == INDEPENDENTS else 8)
    pairs = [frozenset((fixture.home.team_id, fixture.away.team_id)) for fixture in fixtures]
    assert len(pairs) == len(set(pairs))


def test_fcs_teams_visit_and_nobody_meets_more_than_one(fixtures):
    met = Counter(fixture.home.team_id for fixture in fixtures if not fixture.away.fbs)
    assert all(fixture.home.fbs for fixture in fixtures)
    assert met and max(met.values()) == 1


def test_home_games_are_shared_out(fixtures):
    hosted = Counter(fixture.home.team_id for fixture in fixtures)
    assert all(4 <= hosted[college.team_id] <= 8 for college in fbs_colleges())


def test_games_are_on_saturdays_mostly_at_hours_people_watch(fixtures):
    local = [fixture.kickoff - timedelta(hours=4) for fixture in fixtures]
    days = Counter(moment.strftime("%a") for moment in local)
    assert set(days) <= {"Thu", "Fri", "Sat"}
    assert days["Sat"] / len(fixtures) > 0.8 and days["Thu"] > 0 and days["Fri"] > 0
    assert all(moment.hour >= 11 for moment in local)
    assert all(saturday(f.season, f.week) - timedelta(days=2) <= m.date() for f, m in zip(fixtures, local, strict=True))


@pytest.mark.parametrize(
    ("season", "opening"),
    [(2020, date(2020, 8, 29)), (2021, date(2021, 9, 4)), (2023, date(2023, 9, 2)), (2026, date(2026, 8, 29))],
)
def test_a_season_starts_on_the_saturday_nearest_september_first(season, opening):
    assert first_saturday(season) == opening
    assert abs((opening - date(season, 9, 1)).days) <= 3 and opening.weekday() == 5


def test_eastern_time_knows_when_the_clocks_go_back():
    assert eastern(date(2023, 11, 4), 12) == datetime(2023, 11, 4, 16, tzinfo=UTC)
    assert eastern(date(2023, 11, 5), 12) == datetime(2023, 11, 5, 17, tzinfo=UTC)
    assert eastern(date(2023, 9, 2), 22.5) == datetime(2023, 9, 3, 2, 30, tzinfo=UTC)


def test_fixtures_differ_by_seed_and_season():
    def pairs(seed: int, season: int) -> set[tuple[str, str]]:
        return {(f.home.school, f.away.school) for f in regular_season(seed, season)}

    assert pairs(1, 2024) == pairs(1, 2024)
    assert pairs(1, 2024) != pairs(2, 2024)
    assert pairs(1, 2024) != pairs(1, 2025)


def test_every_position_is_filled_and_players_stay_for_years():
    teams = Teams(8)
    for college in colleges():
        for season in (2025, 2026):
            roster = teams.roster(college, season)
            assert all(roster[position] for position in BUILDS)
            ids = [player.player_id for players in roster.values() for player in players]
            assert len(ids) == len(set(ids)) >= 25
    kept = [
        {p.player_id for players in teams.roster(college, season).values() for p in players}
        for college in colleges()[:20]
        for season in (2025, 2026)
    ]
    shares = [len(a & b) / len(a) for a, b in zip(kept[::2], kept[1::2], strict=True)]
    assert 0.5 < sum(shares) / len(shares) < 0.9


def test_returning_production_counts_only_players_who_are_still_there():
    teams = Teams(8)
    college = fbs_colleges()[0]
    for season in range(2018, 2027):
        passer = teams.roster(college, season - 1)["QB"][0]
        stayed = passer in teams.roster(college, season)["QB"]
        assert (teams.returning(college, season).passing > 0.5) == stayed


def test_strengths_are_those_of_a_real_league_and_last_into_the_next_season():
    from statistics import correlation, fmean, pstdev

    teams = Teams(3)
    last, this = teams.strengths(2025), teams.strengths(2026)
    before = [last[college.team_id].total for college in fbs_colleges()]
    after = [this[college.team_id].total for college in fbs_colleges()]
    assert abs(fmean(after)) < 1e-9
    assert 8 < pstdev(after) < 15
    assert 0.6 < correlation(before, after) < 0.95
    assert fmean(this[college.team_id].total for college in colleges() if not college.fbs) < -12


def test_title_week_follows_the_last_regular_week():
    assert TITLE_WEEK == WEEKS + 1 and len(neutral_venues()) >= 5
