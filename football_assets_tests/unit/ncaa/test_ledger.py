"""The ledger: what was said stays, follows from what was said before, and any touch of it shows."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.errors import DataError
from football_assets.ncaa.ledger import ahead, append, broken, chain_whole, last_said, longest, market_chance, sealed
from football_assets.ncaa.ledger_grades import calibrated, figures, grades, mean, metadata, share
from football_assets.ncaa.ledger_schemas import GamePredictions, Ledger, LedgerGrades
from football_assets.ncaa.schemas import Lines
from football_assets.tables import from_rows, judge

CODE = "c" * 64


def prediction(build, game_id, *, days=3.0, **changes):
    """A row of `game_predictions` of a game that kicks off `days` after the first Saturday."""
    row = {
        "game_id": game_id,
        "family": "no_market",
        "season": 2024,
        "week": 1,
        "season_type": "regular",
        "kickoff_at": build.START + timedelta(days=days),
        "home_team": f"Team {2 * game_id - 1}",
        "away_team": f"Team {2 * game_id}",
        "is_neutral_site": False,
        "is_fbs_game": True,
        "p_home": 0.625,
        "margin_mean": 5.0,
        "margin_sd": 16.0,
        "total_mean": 50.5,
        "total_sd": 15.0,
        "market_spread": -3.0,
        "n_games": 900,
        "trained_through": build.START - timedelta(days=1),
        "is_completed": False,
    }
    return row | changes


def said(build, *rows):
    return ahead(from_rows(GamePredictions, rows), build.lines(), build.START, CODE)


def empty():
    return from_rows(Ledger, [])


@pytest.fixture
def three(build):
    """Entries of two games, the first of them said twice."""
    first = append(empty(), said(build, prediction(build, 1), prediction(build, 2)), build.START)
    changed = said(build, prediction(build, 1, p_home=0.6), prediction(build, 2))
    return append(first, changed, build.START + timedelta(days=1))


def test_a_changed_prediction_is_a_further_entry_and_the_same_one_is_none(build, three):
    assert judge(Ledger, three).passed
    assert three["game_id"].tolist() == [1, 2, 1]
    assert three["supersedes"].fillna(0).tolist() == [0, 0, 1]
    assert three["sequence"].tolist() == [1, 2, 3]
    again = append(three, said(build, prediction(build, 1, p_home=0.6), prediction(build, 2)), build.START)
    assert again is three
    moved = np.nextafter(0.6, 1)
    assert len(append(three, said(build, prediction(build, 1, p_home=moved)), build.START)) == 4


def test_each_entry_holds_the_hash_of_the_one_before(three):
    assert chain_whole(three).passed
    assert three["previous_hash"].tolist() == ["0" * 64, *three["hash"].tolist()[:-1]]
    assert three["hash"].is_unique


def test_the_hash_is_that_of_the_documented_text(build):
    import hashlib
    import json

    (entry,) = append(empty(), said(build, prediction(build, 1)), build.START).to_dict("records")
    known = {name: value for name, value in entry.items() if name != "hash" and not pd.isna(value)}
    for name in ("said_at", "kickoff_at", "trained_through"):
        known[name] = f"{known[name]:%Y-%m-%dT%H:%M:%S.%f}Z"
    text = json.dumps(known, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(text.encode()).hexdigest() == entry["hash"]


@pytest.mark.parametrize("name", [each for each in Ledger.to_schema().columns if each != "hash"])
def test_editing_any_column_of_one_row_breaks_the_chain_there(three, name):
    touched = three.copy()
    value = touched[name].iloc[1]
    if isinstance(value, pd.Timestamp):
        touched.loc[1, name] = value + timedelta(microseconds=1)
    elif isinstance(value, str):
        touched.loc[1, name] = value + "x"
    elif pd.isna(value):
        touched.loc[1, name] = 1
    elif touched[name].dtype == "boolean":
        touched.loc[1, name] = not value
    else:
        touched.loc[1, name] = value + 1
    found = broken(touched)
    assert (found.row, "game " in found.entry) == (2, True)
    assert not chain_whole(touched).passed


def test_an_entry_sealed_anew_breaks_the_chain_at_the_next_one(three):
    touched = three.copy()
    touched.loc[1, "p_home"] = 0.9
    touched.loc[1, "hash"] = sealed(touched.iloc[1].to_dict())
    assert broken(touched).row == 3


REARRANGED = [([1, 2], 1), ([0, 2], 2), ([1, 0, 2], 1), ([0, 2, 1], 2), ([0, 1, 1, 2], 3)]


@pytest.mark.parametrize(("order", "row"), REARRANGED)
def test_removed_moved_and_repeated_rows_are_found(three, order, row):
    assert broken(three.iloc[order].reset_index(drop=True)).row == row


def test_a_game_that_has_kicked_off_is_refused_and_one_ahead_is_not_asked_for(build, three):
    late = said(build, prediction(build, 3))
    kickoff = build.START + timedelta(days=3)
    with pytest.raises(DataError, match="said before kickoff"):
        append(three, late, kickoff)
    assert len(append(three, late, kickoff - timedelta(seconds=1))) == 4
    both = from_rows(GamePredictions, [prediction(build, 3), prediction(build, 4, days=4)])
    assert ahead(both, build.lines(), kickoff, CODE)["game_id"].tolist() == [4]
    over = from_rows(GamePredictions, [prediction(build, 3, is_completed=True)])
    assert ahead(over, build.lines(), build.START, CODE).empty


def test_nothing_is_added_to_a_broken_ledger(build, three):
    three.loc[0, "margin_mean"] = 9.0
    with pytest.raises(DataError, match=r"row 1 \(entry 1, game 1, no_market\): its content does not fit its hash"):
        append(three, said(build, prediction(build, 3)), build.START)


def test_the_longer_copy_wins_and_different_ones_are_an_error(build, three):
    assert longest(three.head(1), three) is three
    assert longest(three, empty()) is three
    other = append(three.head(1), said(build, prediction(build, 9)), build.START)
    with pytest.raises(DataError, match="row 2 differs"):
        longest(three, other)


def test_what_counts_is_the_last_entry_before_the_kickoff_there_was(build, three):
    earlier = build.START + timedelta(hours=5)
    games = build.games(build.game(1, 1, 2, (20, 10), kickoff=earlier), build.game(2, 3, 4, None, kickoff=earlier))
    counted = last_said(three, games)
    assert counted["sequence"].tolist() == [1, 2], "the third was said after the game had been moved to an earlier day"
    assert counted["entries"].tolist() == [1, 1]
    assert (counted["kickoff_at"] == pd.Timestamp(earlier)).all()
    moved = build.games(build.game(1, 1, 2, (20, 10), kickoff=build.START + timedelta(days=9)))
    assert last_said(three, moved)[["sequence", "entries"]].to_numpy().tolist() == [[3, 2]]


def test_moneylines_become_a_chance_without_the_bookmakers_margin(build):
    quotes = [(1, -150.0, 130.0), (1, -150.0, 150.0), (1, -150.0, None), (2, 0.0, 0.0)]
    rows = [
        {"game_id": g, "season": 2024, "provider": str(n), "home_moneyline": h, "away_moneyline": a}
        for n, (g, h, a) in enumerate(quotes)
    ]
    found = market_chance(from_rows(Lines, [{**row, "fetched_at": build.READ_AT} for row in rows]))
    assert found["game_id"].tolist() == [1, 2]
    implied = 100 / 230
    assert found["market_p_home"].iloc[0] == pytest.approx((0.6 + 0.6 / (0.6 + implied)) / 2)
    assert np.isnan(found["market_p_home"].iloc[1])


@pytest.fixture
def graded(build, three):
    kickoff = build.START + timedelta(days=3)
    games = build.games(build.game(1, 1, 2, (20, 10), kickoff=kickoff), build.game(2, 3, 4, (10, 17), kickoff=kickoff))
    lines = build.lines((1, "A", -4.5, 50.0), (2, "A", -1.0, 50.0)).assign(home_moneyline=-150.0, away_moneyline=150.0)
    return grades(three, games, lines)


def test_results_and_the_close_grade_what_was_said_last(graded):
    assert judge(LedgerGrades, graded).passed
    first, second = graded.to_dict("records")
    assert (first["sequence"], first["is_hit"], first["margin"], first["margin_error"]) == (3, True, 10, 5.0)
    assert (second["sequence"], second["is_hit"], second["margin"], second["margin_error"]) == (2, False, -7, -12.0)
    assert (first["brier"], second["brier"]) == (pytest.approx(0.16), 0.625**2)
    # Said at -3 with the home side liked: a close of -4.5 moved 1.5 towards it, one of -1 moved 2 away.
    assert (first["spread_value"], second["spread_value"]) == (1.5, -2.0)
    assert first["closing_margin_error"] == 5.5
    assert first["closing_brier"] == pytest.approx(0.16)
    assert np.isnan(first["moneyline_value"]), "no moneyline was known when it was said"


def test_a_line_that_moves_to_the_away_side_is_worth_something_to_who_liked_that(build):
    kept = append(empty(), said(build, prediction(build, 1, margin_mean=1.0)), build.START)
    games = build.games(build.game(1, 1, 2, (20, 10), kickoff=build.START + timedelta(days=3)))
    (row,) = grades(kept, games, build.lines((1, "A", -1.0, 50.0))).to_dict("records")
    assert row["spread_value"] == 2.0
    (row,) = grades(kept, games, build.lines()).to_dict("records")
    assert np.isnan(row["spread_value"])


def test_moneylines_are_compared_with_those_of_the_moment(build):
    rows = said(build, prediction(build, 1)).assign(market_p_home=0.55)
    games = build.games(build.game(1, 1, 2, (20, 10), kickoff=build.START + timedelta(days=3)))
    lines = build.lines((1, "A", -4.5, 50.0)).assign(home_moneyline=-150.0, away_moneyline=150.0)
    (row,) = grades(append(empty(), rows, build.START), games, lines).to_dict("records")
    assert row["moneyline_value"] == pytest.approx(0.05)


def test_figures_have_intervals_and_unknown_ones_are_unknown(graded):
    by_name = {each.name: each for each in figures(graded)}
    hits = by_name["hits"]
    assert (hits.games, hits.value) == (2, 0.5)
    assert 0.0 < hits.low < 0.1 < 0.9 < hits.high < 1.0
    assert by_name["mean miss of the margin"].value == 8.5
    none = by_name["moneyline: closing-line value, probability"]
    assert (none.games, none.value, none.low) == (0, None, None)
    assert by_name["mean miss less that of the closing spread"].value == pytest.approx((5 - 5.5 + 12 - 8) / 2)
    assert metadata(graded)["no_market: hits"] == 0.5
    assert calibrated(graded).empty


def test_the_interval_of_a_mean_narrows_and_holds_it():
    values = pd.Series(np.random.default_rng(1).normal(2.0, 10.0, 400))
    found = mean("x", values)
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=1e-3)
    assert mean("x", values.head(1)).low is None
    # Wilson's interval of 8 in 10.
    eight = share("x", pd.Series([True] * 8 + [False] * 2))
    assert (eight.low, eight.high) == (pytest.approx(0.490, abs=0.001), pytest.approx(0.943, abs=0.001))
