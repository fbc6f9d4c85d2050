"""Corrected scores are facts: what was, what is, when it was seen."""

from datetime import timedelta

import pytest

from football_assets.ncaa.corrections import corrections
from football_assets.ncaa.season_schemas import ScoreCorrections
from football_assets.tables import from_rows, judge

NONE = from_rows(ScoreCorrections, [])


@pytest.fixture
def seen(build):
    return build.READ_AT


def found(before, now, seen, kept=NONE):
    frame = corrections(before, now, kept, seen)
    assert judge(ScoreCorrections, frame).passed
    return [(row.game_id, row.field, row.old, row.new) for row in frame.astype(object).itertuples()]


def test_a_changed_score_is_kept_with_both_values_and_when_it_was_seen(build, seen):
    before = build.games(build.game(1, 1, 2, (21, 7)), build.game(2, 3, 4, (3, 0)))
    now = build.games(build.game(1, 1, 2, (21, 10)), build.game(2, 3, 4, (3, 0)))
    assert found(before, now, seen) == [(1, "away_points", 7, 10)]
    (row,) = corrections(before, now, NONE, seen).to_dict("records")
    assert (row["seen_at"], row["home_team"], row["season"]) == (seen, "Team 1", 2024)


def test_a_first_score_is_no_correction_and_neither_is_anything_else_that_changes(build, seen):
    before = build.games(build.game(1, 1, 2), build.game(2, 3, 4, (3, 0)))
    now = build.games(build.game(1, 1, 2, (21, 10)), build.game(2, 3, 4, (3, 0), attendance=9), build.game(3, 5, 6))
    assert found(before, now, seen) == []


def test_a_score_that_is_taken_back_is_a_correction_to_nothing(build, seen):
    before = build.games(build.game(1, 1, 2, (21, 7)))
    now = build.games(build.game(1, 1, 2))
    frame = corrections(before, now, NONE, seen)
    assert frame["old"].tolist() == [21, 7]
    assert frame["new"].isna().all()


def test_corrections_of_before_stay_and_one_that_was_kept_already_is_not_kept_twice(build, seen):
    one, two, three = (build.games(build.game(1, 1, 2, (21, away))) for away in (7, 10, 7))
    first = corrections(one, two, NONE, seen)
    assert found(one, two, seen + timedelta(days=1), first) == [(1, "away_points", 7, 10)], "the run had broken off"
    back = found(two, three, seen + timedelta(days=2), first)
    assert back == [(1, "away_points", 7, 10), (1, "away_points", 10, 7)]


def test_before_the_first_reading_there_is_nothing_to_correct(build, seen):
    assert found(build.games(), build.games(build.game(1, 1, 2, (3, 0))), seen) == []
