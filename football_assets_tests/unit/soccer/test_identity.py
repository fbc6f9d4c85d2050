"""Links between sources: made by evidence, never by guess; on real names and fixtures none is wrong."""

from datetime import UTC, datetime, timedelta

import pytest

from benchmarks.soccer_identity import recorded_season
from football_assets.soccer.football_data import DIVISIONS, Division
from football_assets.soccer.identity import (
    BOTH,
    FIXTURES,
    LINKED,
    NAME,
    PERSON,
    REVIEW,
    UNLINKED,
    Decisions,
    FeedTeam,
    Fixture,
    HistoryTeam,
    division_of,
    divisions_of_competitions,
    link_teams,
)

START = datetime(2024, 8, 10, 14, tzinfo=UTC)
D1, E0, E1 = DIVISIONS["D1"], DIVISIONS["E0"], DIVISIONS["E1"]


def fixtures(days, hour=0):
    return frozenset(Fixture(START + timedelta(days=day, hours=hour), day % 2 == 0) for day in days)


def feed(name, played=frozenset(), id_="t1", country="England", competition="c0"):
    return FeedTeam(id_, name, country, competition, "English Premier League", played)


def history(name, played=frozenset(), division="E0", country="England"):
    return HistoryTeam(country, name, division, played)


def linked(teams, results, decisions=None, taken=None):
    return link_teams(teams, results, {"c0": E0}, decisions, taken=taken)


def test_the_same_name_is_enough():
    (link,) = linked([feed("Arsenal FC")], [history("Arsenal"), history("Chelsea")])
    assert (link.state, link.team.name, link.basis) == (LINKED, "Arsenal", NAME)
    assert link.confidence == 0.98


def test_two_names_that_fit_nearly_as_well_wait_for_a_person():
    (link,) = linked([feed("Sporting")], [history("Sp Braga"), history("Sp Lisbon")])
    assert link.state in {REVIEW, UNLINKED}
    (link,) = linked([feed("Inter Milan")], [history("Inter"), history("Milan")])
    assert (link.state, link.team) == (REVIEW, None)
    assert {each.team.name for each in link.candidates} == {"Inter", "Milan"}


def test_a_team_with_no_similar_name_is_no_team():
    (link,) = linked([feed("Wrexham")], [history("Arsenal")])
    assert (link.state, link.candidates, link.confidence) == (UNLINKED, (), 0.0)


def test_shared_fixtures_find_a_team_by_another_name():
    season = [history("Wolves", fixtures(range(0, 70, 7))), history("Leeds", fixtures(range(3, 73, 7)))]
    (link,) = linked([feed("Wolverhampton Wanderers", fixtures(range(0, 70, 7)))], season)
    assert (link.state, link.team.name, link.basis, link.shared) == (LINKED, "Wolves", FIXTURES, 10)


def test_few_shared_fixtures_are_not_enough_without_a_name():
    season = [history("Wolves", fixtures(range(0, 70, 7))), history("Leeds", fixtures(range(3, 73, 7)))]
    (link,) = linked([feed("Wolverhampton Wanderers", fixtures(range(0, 35, 7)))], season)
    assert link.state == REVIEW


def test_two_teams_with_the_same_fixtures_are_not_told_apart():
    season = [history("Wolves", fixtures(range(0, 70, 7))), history("Leeds", fixtures(range(0, 70, 7)))]
    (link,) = linked([feed("Wanderers", fixtures(range(0, 70, 7)))], season)
    assert link.state == REVIEW


def test_name_and_fixtures_together_are_surest():
    season = [history("Arsenal", fixtures(range(0, 35, 7))), history("Leeds", fixtures(range(3, 38, 7)))]
    (link,) = linked([feed("Arsenal", fixtures(range(0, 35, 7)))], season)
    assert (link.basis, link.confidence) == (BOTH, 0.99)


def test_a_name_that_its_fixtures_contradict_waits_for_a_person():
    season = [history("Arsenal", fixtures(range(0, 35, 7))), history("Leeds", fixtures(range(3, 38, 7)))]
    (link,) = linked([feed("Arsenal", fixtures(range(1, 36, 7)))], season)
    assert link.state == REVIEW


def test_fixtures_of_another_season_contradict_nothing():
    (link,) = linked([feed("Arsenal", fixtures(range(-100, -60, 7)))], [history("Arsenal", fixtures(range(0, 35, 7)))])
    assert link.state == LINKED


def test_a_team_of_another_division_is_recognised_by_the_very_same_name_alone():
    results = [history("Leeds", division="E1")]
    assert linked([feed("Leeds")], results)[0].state == LINKED
    assert linked([feed("Leeds United")], results)[0].state == UNLINKED


def test_a_team_that_two_want_goes_to_the_one_of_the_very_same_name():
    links = linked([feed("Dundee"), feed("Dundee United", id_="t2")], [history("Dundee")])
    assert [link.state for link in links] == [LINKED, REVIEW]
    (late,) = linked([feed("Dundee United", id_="t2")], [history("Dundee")], taken={("England", "Dundee"): "t1"})
    assert late.state == REVIEW


def test_what_a_person_decided_stands():
    results = [history("Wolves"), history("Arsenal")]
    accepted = Decisions(accepted={"t1": "Wolves"})
    (link,) = linked([feed("Wolverhampton Wanderers")], results, accepted)
    assert (link.state, link.team.name, link.basis, link.confidence) == (LINKED, "Wolves", PERSON, 1.0)
    (link,) = linked([feed("Arsenal")], results, Decisions(rejected={"t1": {"Arsenal"}}))
    assert link.state == UNLINKED


@pytest.mark.parametrize(
    ("competition", "country", "code"),
    [
        ("English Premier League", "England", "E0"),
        ("English Football League Championship", "England", "E1"),
        ("Scottish Championship", "Scotland", "SC1"),
        ("German Bundesliga", "Germany", "D1"),
        ("German 2. Bundesliga", "Germany", "D2"),
        ("Spanish La Liga", "Spain", "SP1"),
        ("Netherlands Eredivisie", "Netherlands", "N1"),
        ("German Bundesliga 5", "Germany", None),
        ("Netherlands Youth Eredivisie", "Netherlands", None),
        ("English Premier League U21", "England", None),
        ("English National League North", "England", None),
        ("German Women's Bundesliga", "Germany", None),
        ("English Premier League", "Jamaica", None),
    ],
)
def test_a_competition_is_a_division_by_its_whole_name_only(competition, country, code):
    found = division_of(competition, country, DIVISIONS.values())
    assert (found.code if found else None) == code


def test_a_competition_of_another_name_is_known_by_the_teams_of_one_division():
    names = ["Leeds", "Derby", "Hull", "Stoke", "Luton", "Norwich"]
    results = [history(name, division="E1") for name in names]
    teams = [FeedTeam(name, f"{name} FC", "England", "c9", "EFL Two-and-a-half") for name in names[:5]]
    assert divisions_of_competitions(teams, results, DIVISIONS.values()) == {"c9": E1}
    assert divisions_of_competitions(teams[:3], results, DIVISIONS.values()) == {}
    young = [FeedTeam(each.id, each.name, each.country, "c9", "EFL Youth") for each in teams]
    assert divisions_of_competitions(young, results, DIVISIONS.values()) == {}


def test_invented_leagues_are_found_by_the_list_they_come_with():
    league = Division("X1", "Fiji", "Cobalt Griffin League", 1)
    assert division_of("Cobalt Griffin League (Fiji)", "Fiji", [league]) == league


# --- on the recorded season: 397 pairs that are known to be true, which the matcher does not see


@pytest.fixture
def season(recordings):
    return recorded_season(recordings)


@pytest.mark.parametrize(("weeks", "least"), [(0, 0.94), (8, 0.97), (52, 0.99)])
def test_none_of_the_true_pairs_is_linked_wrongly_and_nearly_all_without_help(season, weeks, least):
    links = season.links(weeks)
    assert len(season.truth) == 397
    assert season.wrong(links) == []
    assert sum(link.state == LINKED for link in links) / 397 >= least


def test_every_league_of_the_other_source_is_known_by_its_name(season):
    named = {each.competition: each.country for each in season.feed}
    assert len(named) == 22
    assert all(division_of(name, country, DIVISIONS.values()) for name, country in named.items())


def test_a_team_whose_true_partner_is_missing_is_linked_to_nobody_else_by_a_season_of_fixtures(season):
    divisions = divisions_of_competitions(season.feed, season.history, DIVISIONS.values())
    wrong = []
    for team in season.feed:
        partner = (team.country, season.truth.get(team.id))
        others = [each for each in season.history if (each.country, each.name) != partner]
        wrong += [link for link in link_teams([team], others, divisions) if link.state == LINKED]
    assert wrong == []
