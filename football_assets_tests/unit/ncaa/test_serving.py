"""While a new model is refused, what was said stays and the kept model goes on."""

from datetime import timedelta

import pandas as pd
import pytest

from football_assets.errors import StorageError
from football_assets.ncaa.features import features
from football_assets.ncaa.game_model import walk_forward
from football_assets.ncaa.gate import Decision
from football_assets.ncaa.ledger_schemas import Models
from football_assets.ncaa.model_files import load, save
from football_assets.ncaa.model_registry import Trial, registered
from football_assets.ncaa.predictions import game_predictions
from football_assets.ncaa.serving import NO_MODEL_PASSED, Serving, nothing
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.tables import from_rows


@pytest.fixture(scope="module")
def kept(build, tmp_path_factory):
    rows = build.league(seasons=(2020, 2021, 2022, 2023), teams=24)
    end = rows[-1]["kickoff_at"] + timedelta(days=2)
    rows.append(build.game(1, 1, 2, None, kickoff=end + timedelta(days=5), season=2023, week=14))
    games = build.games(*({**row, "fetched_at": end} for row in rows))
    lines = build.lines()
    known = features(games, one_row_per_team(games, lines, build.boxes()))
    walk = walk_forward(games, known)
    found = game_predictions(walk, games, lines)
    world = tmp_path_factory.mktemp("world")
    files = {each.target: save(each, world) for each in walk.newest}
    trial = Trial(walk.newest, found, rows[0]["kickoff_at"], Decision(True, "first"), end, "c" * 64, files)
    table = registered(from_rows(Models, []), trial, lambda file: True)
    return walk, known, Serving(table, found, lambda file, digest: load(file, digest, world))


def test_what_was_said_stays_and_the_game_ahead_comes_from_the_kept_model(kept):
    walk, known, serving = kept
    later = walk.predictions.assign(margin_mean=99.0)
    found = serving.walk(type(walk)(later, walk.newest, {}), known)
    told, again = (each.predictions.set_index("game_id").sort_index() for each in (walk, found))
    assert found.newest == []
    pd.testing.assert_frame_equal(again.drop(index=1), told.drop(index=1), check_dtype=False, check_index_type=False)
    assert again.loc[1, "margin_mean"] == pytest.approx(told.loc[1, "margin_mean"])


def test_a_kept_file_that_does_not_verify_is_an_error(kept):
    walk, known, serving = kept
    broken = Serving(serving.models.assign(sha256="0" * 64), serving.predictions, serving.load)
    with pytest.raises(StorageError, match="sha256"):
        broken.walk(walk, known)


def test_before_any_model_has_passed_there_is_no_prediction_and_a_reason(kept):
    found = nothing(kept[0])
    assert found.predictions.empty
    assert found.gaps[1] == NO_MODEL_PASSED
