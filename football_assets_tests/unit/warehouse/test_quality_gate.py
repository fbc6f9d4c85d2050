"""A database that is not good enough is not published, and the reason is told."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication, quality_gate
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import Warehouse
from football_assets.warehouse.relations import database_path
from football_assets.warehouse.versions import whole_version
from football_assets_tests.unit.warehouse.declared import ToyGames

AT = datetime(2025, 5, 28, 17, 30, tzinfo=UTC)
SIMULATED = Source.SIMULATED


@pytest.fixture(autouse=True)
def _register(monkeypatch):
    tables = {("ncaa", "toy_games"): ToyGames, ("ncaa", "data_quality"): DataQuality}
    for module in (publication, quality_gate):
        monkeypatch.setattr(module, "REGISTER", tables)


@pytest.fixture
def lake(tmp_path):
    lake = Lake(tmp_path, SIMULATED)
    put(lake, -3.5)
    return lake


def put(lake, spread):
    lake.write(ToyGames, from_rows(ToyGames, [{"game_id": 1, "season": 2024, "spread": spread}]), "2024")


def judge(lake, *scores):
    """One measurement after another, of what is stored now."""
    about = {"judged_table": "toy_games", "rows": 1, "content": whole_version(lake, ToyGames), "consistency": 0.3}
    rows = [{**about, "score": score, "measured_at": AT + timedelta(days=day)} for day, score in enumerate(scores)]
    lake.write(DataQuality, from_rows(DataQuality, rows))


def spreads(tmp_path):
    return Warehouse(database_path(tmp_path, SIMULATED), SIMULATED).read("ncaa_toy_games")["spread"].tolist()


def test_a_score_below_the_least_is_not_published_and_the_previous_version_stays(lake, tmp_path):
    judge(lake, 0.95)
    first = publish(tmp_path, SIMULATED, "ncaa", min_quality=0.8)
    put(lake, 99.0)
    judge(lake, 0.95, 0.61)
    with pytest.raises(StorageError, match=r"below 0\.8 in toy_games 0\.61 \(consistency 0\.30\)"):
        publish(tmp_path, SIMULATED, "ncaa", min_quality=0.8)
    assert spreads(tmp_path) == [-3.5]
    assert publish(tmp_path, SIMULATED, "ncaa", min_quality=0.6).id == first.id + 1
    assert spreads(tmp_path) == [99.0]


def test_the_newest_score_counts_and_one_that_cannot_be_told_holds_nothing_back(lake, tmp_path):
    judge(lake, 0.2, 0.9)
    assert publish(tmp_path, SIMULATED, "ncaa", min_quality=0.8).rows
    judge(lake, None)
    assert publish(tmp_path, SIMULATED, "ncaa", min_quality=0.8).id


def test_what_changed_since_it_was_judged_is_not_published(lake, tmp_path):
    judge(lake, 0.95)
    put(lake, 99.0)
    with pytest.raises(StorageError, match="toy_games changed since the quality was judged"):
        publish(tmp_path, SIMULATED, "ncaa", min_quality=0.8)


def test_a_pipeline_that_keeps_no_scores_is_not_held_back(lake, tmp_path, monkeypatch):
    quality_gate.require_quality(lake, "soccer", 0.8)
    lake.path(DataQuality).unlink(missing_ok=True)
    with pytest.raises(StorageError, match="quality of its tables is not known"):
        quality_gate.require_quality(lake, "ncaa", 0.8)
    monkeypatch.setattr(quality_gate, "REGISTER", {("ncaa", "toy_games"): ToyGames})
    quality_gate.require_quality(lake, "ncaa", 0.8)


def test_rows_are_loaded_in_batches_of_the_size_that_is_set(lake, tmp_path):
    rows = [{"game_id": 1 + i, "season": 2024, "spread": -3.5} for i in range(7)]
    lake.write(ToyGames, from_rows(ToyGames, rows), "2024")
    judge(lake, 0.95)
    sent = []

    def note(_connection, _cursor, statement, parameters, _context, is_many):
        if "INSERT INTO ncaa_toy_games" in statement:
            sent.append(len(parameters) if is_many else 1)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        publish(tmp_path, SIMULATED, "ncaa", min_quality=0.8, batch_size=3)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert sent == [3, 3, 1]
    assert spreads(tmp_path) == [-3.5] * 7
