"""Names of teams: what is the same in other words, and what never is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from football_assets.soccer.identity import NAME_FITS, NAME_MAY_FIT
from football_assets.soccer.team_names import Likeness, alike, plain, read

ENGLAND = [
    "Arsenal",
    "Leeds",
    "Man City",
    "Man United",
    "Nott'm Forest",
    "Sheffield United",
    "Sheffield Weds",
    "West Ham",
]


@pytest.fixture(scope="module")
def like():
    return Likeness([*ENGLAND, "Manchester City", "Manchester United", "Nottingham Forest", "West Ham United"])


def test_letters_are_read_without_their_accents_and_apostrophes_join():
    assert plain("Nott'm Forest") == ["nottm", "forest"]
    assert plain("1. FC Köln") == ["1", "fc", "koln"]
    assert plain("Fenerbahçe Kas\u0131mpaşa") == ["fenerbahce", "kasimpasa"]
    assert read("AC Milan").words == ("milan",)


@pytest.mark.parametrize(
    ("history", "feed"),
    [
        ("Arsenal", "Arsenal FC"),
        ("Nott'm Forest", "Nottingham Forest"),
        ("Man United", "Manchester United"),
        ("West Ham", "West Ham United"),
        ("Leeds", "Leeds United"),
    ],
)
def test_a_short_name_fits_the_long_one(like, history, feed):
    assert like(history, feed) >= NAME_FITS
    assert max(like(other, feed) for other in ENGLAND if other != history) < like(history, feed) - 0.1


@pytest.mark.parametrize(
    "feed",
    ["Arsenal U21", "Arsenal (W)", "Arsenal Women", "Arsenal B", "Arsenal II", "Arsenal Reserves"],
)
def test_another_team_of_the_club_is_never_the_club(like, feed):
    assert like("Arsenal", feed) == 0


def test_second_teams_are_alike_among_themselves():
    assert Likeness(["Sociedad B", "Real Sociedad II"])("Sociedad B", "Real Sociedad II") > NAME_MAY_FIT
    assert Likeness(["Barcelona"])("Barcelona B", "Barcelona") == 0


def test_names_with_nothing_in_common_are_not_alike(like):
    assert like("Arsenal", "Leeds United") == 0
    assert alike("united", "wednesday") == 0


@settings(max_examples=50)
@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_lies_between_nothing_and_the_same(one, other):
    like = Likeness([one, other])
    assert 0 <= like(one, other) <= 1.0 + 1e-9
    assert like(one, one) == 1
