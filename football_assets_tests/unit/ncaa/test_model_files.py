"""Model files: what was kept comes back, and anything else is refused."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from football_assets.errors import StorageError
from football_assets.ncaa.game_model import Fitted, fit
from football_assets.ncaa.model_files import KEPT_FILES, load, save


@pytest.fixture(scope="module")
def fitted():
    chance = np.random.default_rng(1)
    inputs = chance.normal(size=(300, 3))
    inputs[:50, 2] = np.nan
    pipeline = fit(inputs, inputs[:, 0] * 3 + 1, np.ones(300))
    return Fitted("margin", pipeline, ("a", "b", "c"), pd.Timestamp("2024-11-02T16:00Z"), 300, 16.0)


def test_a_kept_model_predicts_the_same(fitted, tmp_path):
    file, digest = save(fitted, tmp_path)
    assert file.startswith("models/no_market-margin-20241102T1600Z-")
    assert hashlib.sha256((tmp_path / file).read_bytes()).hexdigest() == digest
    again = load(file, digest, tmp_path)
    inputs = np.array([[1.0, 2.0, np.nan], [0.0, 0.0, 0.0]])
    assert (again.predict(inputs) == fitted.pipeline.predict(inputs)).all()


def test_a_changed_file_is_refused(fitted, tmp_path):
    file, digest = save(fitted, tmp_path)
    (tmp_path / file).write_bytes((tmp_path / file).read_bytes() + b"x")
    with pytest.raises(StorageError, match="sha256"):
        load(file, digest, tmp_path)


def test_a_file_that_is_not_there_is_an_error_that_says_what_to_do(tmp_path):
    with pytest.raises(StorageError, match="Run the college job again"):
        load("models/none.skops", "0" * 64, tmp_path)


def test_a_file_with_a_type_that_no_model_of_ours_holds_is_refused_whatever_its_digest(tmp_path):
    from skops.io import dumps

    content = dumps(Fitted("margin", None, (), pd.Timestamp("2024-11-02T16:00Z"), 1))
    (tmp_path / "strange.skops").write_bytes(content)
    with pytest.raises(StorageError, match="Fitted"):
        load("strange.skops", hashlib.sha256(content).hexdigest(), tmp_path)


def test_only_the_newest_files_are_kept(fitted, tmp_path):
    for day in range(1, KEPT_FILES + 3):
        newest, _ = save(Fitted(**{**fitted.__dict__, "trained_through": pd.Timestamp(2024, 11, day)}), tmp_path)
    kept = sorted((tmp_path / "models").iterdir())
    assert len(kept) == KEPT_FILES
    assert tmp_path / newest in kept
