"""What is known at kickoff: nothing of the future, and missing stays missing."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from football_assets.ncaa.features import features
from football_assets.ncaa.schemas import Features
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.tables import judge

QUANTITIES = ("total_yards", "rushing_yards", "rushing_attempts", "passing_attempts", "turnovers")


def computed(build, rows, boxes=()):
    games = build.games(*rows)
    return features(games, one_row_per_team(games, build.lines(), build.boxes(*boxes)))


def boxes_of(build, rows, seed):
    chance = np.random.default_rng(seed)
    return [
        build.box(row["game_id"], row[f"{side}_team_id"], **{name: int(chance.integers(1, 90)) for name in QUANTITIES})
        for row in rows
        if row["is_completed"]
        for side in ("home", "away")
    ]


@st.composite
def schedules(draw):
    """Games of six teams at few different kickoffs over two seasons, so that many start together."""
    rows = []
    for number in range(draw(st.integers(6, 24))):
        home = draw(st.integers(1, 6))
        away = draw(st.integers(1, 6).filter(lambda team, home=home: team != home))
        hours = draw(st.sampled_from((0, 0, 3, 5, 24, 24 * 7, 24 * 7 + 3, 24 * 14, 24 * 370, 24 * 377)))
        score = draw(st.tuples(st.integers(0, 60), st.integers(0, 60)) | st.none())
        rows.append((number + 1, home, away, score, hours, draw(st.booleans())))
    return rows


def as_games(build, drawn, tamper_from=None, points=99):
    rows = []
    for game_id, home, away, score, hours, is_day_alone in drawn:
        late = tamper_from is not None and hours >= tamper_from
        result = (points, 7) if late else score
        kickoff = build.START + timedelta(hours=hours)
        about = {"season": kickoff.year, "is_kickoff_tbd": is_day_alone, "home_pregame_elo": 1500}
        rows.append(build.game(game_id, home, away, result, kickoff=kickoff, **about))
    return rows


@settings(max_examples=40, deadline=None)
@given(drawn=schedules(), data=st.data())
def test_no_result_from_a_kickoff_on_changes_what_was_known_up_to_it(build, drawn, data):
    """Every score and box score of games at or after T is rewritten; features of kickoffs up to T stay bit for bit."""
    until = data.draw(st.sampled_from(sorted({hours for *_, hours, _ in drawn})))
    told, tampered = as_games(build, drawn), as_games(build, drawn, tamper_from=until)
    early = [row for row, (*_, hours, _) in zip(told, drawn, strict=True) if hours < until]
    boxes = boxes_of(build, early, 1)
    before = computed(build, told, boxes + boxes_of(build, [r for r in told if r not in early], 2))
    after = computed(build, tampered, boxes + boxes_of(build, [r for r in tampered if r not in early], 3))
    limit = pd.Timestamp(build.START + timedelta(hours=until))
    # An open game that is called off later is no result, so only games in both lists are compared.
    shared = set(before["game_id"]) & set(after["game_id"])
    known = [
        frame[(frame["kickoff_at"] <= limit) & frame["game_id"].isin(shared)].reset_index(drop=True)
        for frame in (before, after)
    ]
    assert_frame_equal(known[0], known[1], check_exact=True)


def test_games_that_kick_off_together_do_not_see_each_other(build):
    rows = [build.game(n, 10 * n, 10 * n + 1, (70, 0)) for n in (1, 2, 3)]
    alone = [computed(build, [row]) for row in rows]
    assert_frame_equal(computed(build, rows), pd.concat(alone, ignore_index=True), check_exact=True)


@pytest.mark.parametrize(
    ("hours", "is_day_alone", "counts"), [(3, False, 0), (4, False, 1), (20, True, 0), (28, True, 1)]
)
def test_a_result_counts_once_the_game_is_surely_over(build, hours, is_day_alone, counts):
    later = build.game(2, 10, 30, (7, 3), kickoff=build.START + timedelta(hours=hours))
    frame = computed(build, [build.game(1, 10, 20, (30, 3), is_kickoff_tbd=is_day_alone), later])
    assert frame.set_index("game_id").loc[2, "home_games"] == counts


def test_form_and_rest_are_of_the_running_season(build):
    week = timedelta(days=7)
    rows = [
        build.game(1, 10, 20, (30, 3)),
        build.game(2, 30, 10, (30, 3), kickoff=build.START + week),
        build.game(3, 10, 40, None, kickoff=build.START + timedelta(days=400), season=2025, fetched_at=build.READ_AT),
    ]
    frame = computed(build, rows).set_index("game_id")
    assert frame.loc[2, ["away_games", "away_win_pct", "away_rest_days"]].tolist() == [1, 1.0, 7.0]
    assert frame.loc[2, "away_form"] > 0
    assert frame.loc[3, "home_games"] == 0
    assert frame.loc[3, ["home_win_pct", "home_form", "home_rest_days"]].isna().all()
    assert frame.loc[3, "home_elo"] != 1500.0, "ratings are carried over"


def test_what_was_never_seen_is_missing_and_not_average(build):
    week = timedelta(days=7)
    rows = [build.game(1, 10, 20, (30, 3)), build.game(2, 10, 20, (30, 3), kickoff=build.START + week)]
    frame = computed(build, rows).set_index("game_id")
    assert frame.loc[2, ["home_offense_yards_per_play", "home_defense_turnovers"]].isna().all()
    assert frame.loc[2, "home_offense_points"] > 0
    boxed = computed(build, rows, boxes_of(build, rows, 1)).set_index("game_id")
    assert boxed.loc[2, ["home_offense_yards_per_play", "home_defense_turnovers"]].notna().all()


def test_a_quantity_not_seen_for_long_is_forgotten(build):
    rows = [build.game(n, 10, 20, (30, 3), kickoff=build.START + timedelta(days=7 * n)) for n in range(1, 13)]
    frame = computed(build, rows, boxes_of(build, rows[:1], 1)).set_index("game_id")
    assert frame.loc[9, "home_offense_yards"] == frame.loc[2, "home_offense_yards"]
    assert pd.isna(frame.loc[12, "home_offense_yards"])


def test_games_called_off_without_kickoff_or_listed_twice_have_no_row(build):
    rows = [
        build.game(1, 10, 20, None),
        build.game(2, 10, 30, None, kickoff=None),
        build.game(3, 10, 40, (7, 3), duplicate_of=4),
        build.game(4, 10, 40, (7, 3)),
    ]
    assert computed(build, rows)["game_id"].tolist() == [4]


def test_sides_outside_the_fbs_are_marked(build):
    row = build.game(1, 10, 20, (30, 3), away_classification="fcs", home_pregame_elo=1600)
    frame = computed(build, [row]).iloc[0]
    assert (frame["is_home_fbs"], frame["is_away_fbs"]) == (True, False)
    assert frame["away_elo"] < frame["home_elo"]
    assert frame["home_provider_elo"] == 1600
    assert pd.isna(frame["away_provider_elo"])


def test_the_table_fits_its_declaration_with_and_without_games(build):
    rows = build.league(seasons=(2022,), teams=8)
    assert judge(Features, computed(build, rows, boxes_of(build, rows, 1))).passed
    assert judge(Features, computed(build, [])).passed
