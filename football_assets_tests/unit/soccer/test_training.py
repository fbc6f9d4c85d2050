"""From past results to the kept model and its report; and the file that is read only when it is the one known."""

import hashlib
import json
from dataclasses import replace

import pandas as pd
import pytest

from football_assets.errors import StorageError
from football_assets.soccer import goals_model, model_files, training
from football_assets.soccer.goals_model import in_order, walk_forward
from football_assets.soccer.match_features import Strengths
from football_assets.soccer.model_pictures import calibration_png, one_against_rest
from football_assets.soccer.past_seasons import learnable
from football_assets.soccer.prediction_schemas import HistoricalMatches, SoccerFeatures, SoccerModel
from football_assets.tables import from_rows, judge
from football_assets_tests.unit.soccer.seasons import played_seasons
from football_assets_tests.unit.soccer.small_model import results, trained, with_names


def coming():
    return with_names(played_seasons(1, first=2019).head(6))


@pytest.fixture
def stored(tmp_path):
    return tmp_path, model_files.save(trained().model, tmp_path)


def test_the_tables_fit_their_declarations():
    found = trained()
    stored = ("no_market-x", "models/x.json", "0" * 64)
    table, about = training.reported(found, stored)
    for declared, frame in ((HistoricalMatches, results()), (SoccerFeatures, found.features), (SoccerModel, table)):
        assert judge(declared, frame).passed, judge(declared, frame).says
    assert about["model_id"] == "no_market-x"
    assert table["model_id"].notna().sum() == 1


def test_features_hold_what_the_walk_predicted_and_know_no_result_of_their_match():
    found = trained()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(goals_model, "FEWEST_MATCHES", 200)
        expected = walk_forward(learnable(results()))
    assert found.features["p_home"].to_numpy() == pytest.approx(expected["home"].to_numpy(), nan_ok=True)
    assert found.features["p_home"].notna().any()
    first = found.features[found.features["season"] == found.features["season"].min()]
    assert first["p_home"].isna().all()


def test_each_season_is_reported_on_the_same_matches_for_all_families():
    table = trained().report
    assert set(table["family"]) == {"no_market", "frequencies"}, "the invented seasons have no prices"
    assert (table.groupby("season")["matches"].nunique() == 1).all()
    scores = table.groupby("family")["rps"].mean()
    assert scores["no_market"] < scores["frequencies"]


def test_too_few_matches_give_a_reason_in_place_of_a_model():
    found = training.train(results().head(50))
    assert found.model == "0 matches are too few to fit a goals model; it needs 5000"
    assert not training.model_kept(found.report, problem=found.model).passed


def test_no_results_at_all_give_a_reason():
    assert "no match" in training.train(from_rows(HistoricalMatches, [])).model


def test_a_model_that_says_less_than_the_frequencies_is_not_used(monkeypatch):
    monkeypatch.setattr(goals_model, "FEWEST_MATCHES", 200)
    monkeypatch.setattr(training, "FEWEST_COMPARED", 50)
    right = goals_model.predict_seasons
    swapped = {"home": "away", "away": "home"}
    monkeypatch.setattr(goals_model, "predict_seasons", lambda *given: right(*given).rename(columns=swapped))
    found = training.train(results())
    assert "less than the frequencies" in found.model
    table, _ = training.reported(found, None)
    assert table["model_id"].isna().all()


def test_a_stored_model_predicts_what_the_trained_one_does(stored):
    world, (model_id, file, sha256) = stored
    found = model_files.load(model_id, file, sha256, world)
    made = trained().model
    fixtures = coming()
    expected = made.model.expected_goals(made.strengths.expect(fixtures))
    assert found.model.expected_goals(found.strengths.expect(fixtures)) == pytest.approx(expected)
    assert found.team_divisions == made.team_divisions
    assert (found.trained_through, found.read_at, found.model_id) == (made.trained_through, made.read_at, model_id)
    assert found.divisions == made.divisions


def test_expecting_matches_changes_nothing_that_is_known():
    strengths = Strengths.restored(json.loads(json.dumps(trained().model.strengths.state())))
    before = strengths.state()
    strengths.expect(in_order(coming()))
    assert strengths.state()["means"] == before["means"]


def test_teams_not_seen_for_years_are_left_out_of_the_file():
    long_ago = played_seasons(1, seed=9, first=2010).assign(country="Austria")
    now = played_seasons(1, first=2018)
    strengths = Strengths()
    strengths.walk(in_order(pd.concat([long_ago, now], ignore_index=True)))
    assert {country for country, _ in strengths.state()["teams"]} == {"Germany"}


@pytest.mark.parametrize("harm", ["changed", "gone", "of another form"])
def test_a_file_that_is_not_the_one_known_is_refused(stored, harm):
    world, (model_id, file, sha256) = stored
    path = world / file
    if harm == "changed":
        path.write_bytes(path.read_bytes().replace(b'"tie":', b'"tie": '))
    elif harm == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes().replace(b'"form":1', b'"form":9'))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(StorageError, match="soccer_model_daily"):
        model_files.load(model_id, file, sha256, world)


def test_only_the_newest_files_are_kept(stored):
    world, _ = stored
    for number in range(8):
        model_files.save(replace(trained().model, read_at=trained().model.read_at.replace(second=number)), world)
    assert len(list((world / "models").iterdir())) == model_files.KEPT_FILES


def test_a_picture_is_drawn_of_the_reported_season():
    found = trained()
    png = calibration_png({"1X2": one_against_rest(found.chances, found.outcomes)}, "test")
    assert png.startswith(b"\x89PNG")
    assert sum(each.count for each in one_against_rest(found.chances, found.outcomes)) == 3 * len(found.outcomes)
