"""The register of models: who is in service, who was refused and why, and which files still verify."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa import model_files
from football_assets.ncaa.game_model import TARGETS, Fitted, fit
from football_assets.ncaa.gate import Decision
from football_assets.ncaa.ledger_schemas import GamePredictions, Models
from football_assets.ncaa.model_registry import Trial, in_service, loads, registered, trained_from
from football_assets.tables import from_rows, judge

PASSED, REFUSED = Decision(True, "better"), Decision(False, "mean miss 13 does not beat Elo (12)")


@pytest.fixture(scope="module")
def fitted():
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(300, 3))
    pipeline = fit(inputs, inputs[:, 0] * 3 + 1, np.ones(300))
    through = pd.Timestamp("2024-11-02T16:00Z")
    return [Fitted(target, pipeline, ("a", "b", "c"), through, 300, 16.0) for target in TARGETS]


@pytest.fixture
def trial(build, fitted, tmp_path):
    files = {each.target: model_files.save(each, tmp_path) for each in fitted}
    nothing = from_rows(GamePredictions, [])
    return Trial(fitted, nothing, pd.Timestamp(build.START), PASSED, build.READ_AT, "c" * 64, files)


def later(trial, decision=PASSED, days=7):
    """The next trial: models that learned a week more."""
    through = trial.fitted[0].trained_through + timedelta(days=days)
    grown = [replace(each, trained_through=through, n_games=310) for each in trial.fitted]
    return replace(trial, fitted=grown, decision=decision, files=trial.files if decision.publish else {})


def everything(file):
    return True


def test_a_first_pair_that_passes_is_in_service_with_all_that_is_known_of_it(trial):
    register = registered(from_rows(Models, []), trial, everything)
    assert judge(Models, register).passed
    assert register["status"].tolist() == ["in_service"] * 2
    row = register.iloc[0]
    assert (row["code_version"], row["features"], row["decision"]) == ("c" * 64, '["a", "b", "c"]', "better")
    assert row["trained_from"] < row["trained_through"]


def test_the_next_pair_that_passes_retires_the_one_before(trial):
    register = registered(registered(from_rows(Models, []), trial, everything), later(trial), everything)
    assert register["status"].tolist() == ["retired"] * 2 + ["in_service"] * 2
    assert set(in_service(register)["n_games"]) == {310}


def test_a_refused_pair_is_entered_with_the_reason_and_changes_nothing_else(trial):
    first = registered(from_rows(Models, []), trial, everything)
    register = registered(first, later(trial, REFUSED), everything)
    pd.testing.assert_frame_equal(register.head(2), first)
    refused = register.tail(2)
    assert set(refused["status"]) == {"refused"}
    assert (refused["decision"] == REFUSED.why).all()
    assert refused[["file", "sha256"]].isna().all(axis=None)
    pd.testing.assert_frame_equal(in_service(register), first)


def test_the_same_pair_again_is_entered_once_and_a_file_kept_no_longer_is_not_named(trial):
    first = registered(from_rows(Models, []), trial, everything)
    again = registered(first, trial, everything)
    pd.testing.assert_frame_equal(again, first)
    old = first["file"].tolist()
    register = registered(first, later(trial, REFUSED), lambda file: file not in old)
    assert register["file"].isna().all()
    assert judge(Models, register).passed


def test_models_in_service_have_to_load_and_others_do_not(trial, tmp_path):
    register = registered(from_rows(Models, []), trial, everything)
    load = partial(model_files.load, world=tmp_path)
    assert loads(register, load).passed
    file = tmp_path / register["file"].iloc[0]
    file.write_bytes(file.read_bytes() + b"x")
    verdict = loads(register, load)
    assert (verdict.passed, verdict.level) == (False, "error")
    assert "sha256" in verdict.says
    assert verdict.rows[0]["model_id"] == register["model_id"].iloc[0]
    assert loads(register.assign(status="retired"), load).passed


def test_the_range_begins_with_the_first_game_between_fbs_sides_that_is_over(build):
    games = build.games(build.game(1, 1, 2, (3, 0)), build.game(2, 3, 4, (3, 0)), build.game(3, 5, 6, None))
    days = [timedelta(days=n) for n in (1, 2, 0)]
    known = pd.DataFrame({"game_id": [1, 2, 3], "kickoff_at": [pd.Timestamp(build.START + day) for day in days]})
    known = known.assign(is_home_fbs=[False, True, True], is_away_fbs=True)
    assert trained_from(games, known) == pd.Timestamp(build.START + days[1])
    assert trained_from(games.head(1), known) is None
