import pytest
import typer

from football_assets.cli.live_filters import Ambiguous, match_of, of_competition, statuses_of
from football_assets.soccer.codes import IN_PLAY, STATUS
from football_assets_tests.unit.cli.live_rows import board, flattened, match


def test_statuses_are_named_by_number_or_word():
    assert statuses_of([]) == IN_PLAY
    assert statuses_of(["8", "Half-Time"]) == {8, 3}
    assert statuses_of(list(STATUS.values())) == set(range(14))


@pytest.mark.parametrize("word", ["finished", "14", "-1", ""])
def test_an_unknown_status_is_refused_with_all_that_there_are(word):
    with pytest.raises(typer.BadParameter, match=r"0 abnormal, .*13 to be determined") as refused:
        statuses_of([word])
    assert repr(word) in str(refused.value)


def test_a_competition_is_found_by_a_part_of_its_name_without_accents():
    frame = board(match(competition="Série A"), match(match_id="m2"))
    assert list(of_competition(frame, "serie", frame)["match_id"]) == ["m1"]
    assert list(of_competition(frame, "VEIKK", frame)["match_id"]) == ["m2"]


def test_an_unknown_competition_is_refused_and_one_that_is_not_in_play_is_empty():
    listed = flattened(match(), match(match_id="m2", status_id=8, competition="Serie A"))
    shown = board(match())
    assert of_competition(shown, "serie", listed).empty
    with pytest.raises(typer.BadParameter, match="There are: Serie A, Veikkausliiga"):
        of_competition(shown, "bundesliga", listed)


def test_a_match_is_named_by_its_id_or_a_part_of_a_team_s_name():
    listed = flattened(match(), match(match_id="m2", home_team="Málaga", away_team="Real Betis"))
    assert match_of(listed, "m2")["home_team"] == "Málaga"
    assert match_of(listed, "malag")["match_id"] == "m2"
    assert match_of(listed, "ajax") is None
    assert match_of(listed, " ") is None


def test_a_whole_name_goes_before_names_that_have_it_in_them():
    listed = flattened(match(home_team="Arsenal"), match(match_id="m2", home_team="Arsenal Tula"))
    assert match_of(listed, "arsenal")["match_id"] == "m1"


def test_a_name_that_may_mean_several_matches_is_refused_with_the_candidates():
    listed = flattened(match(home_team="FC Lahti"), match(match_id="m2", away_team="FC Inter"))
    with pytest.raises(Ambiguous) as refused:
        match_of(listed, "fc")
    assert "m1  FC Lahti - HJK (Veikkausliiga, second half)" in str(refused.value)
    assert "m2  IFK - FC Inter" in str(refused.value)
