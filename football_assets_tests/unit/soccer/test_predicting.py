"""One cycle's predictions from what the lake keeps: what cannot be read is a reason, never an error."""

import pytest

from football_assets.soccer import model_files, training
from football_assets.soccer.predicting import predict_cycle
from football_assets.soccer.prediction_schemas import MatchPredictions, SoccerModel, TeamLinks
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.states import Source
from football_assets.tables import from_rows, judge
from football_assets.warehouse.lake import Lake
from football_assets_tests.unit.soccer.small_model import AWAY, HOME, KICKOFF, running, trained


@pytest.fixture
def lake(tmp_path):
    """A lake that keeps the small model."""
    found = Lake(tmp_path, Source.SIMULATED)
    table, _ = training.reported(trained(), model_files.save(trained().model, found.root.parent))
    found.write(SoccerModel, table)
    return found


def cycle(lake):
    states = {f"{part}_state": "live" for part in ("detail", "odds", "names")}
    row = {**running(60, 1, 0), **states, "incidents": 0, "stats": 0}
    columns = set(FlattenedMatches.to_schema().columns)
    flattened = from_rows(FlattenedMatches, [{name: value for name, value in row.items() if name in columns}])
    found = predict_cycle(lake, flattened, KICKOFF)
    assert judge(MatchPredictions, found.predictions).passed
    assert judge(TeamLinks, found.links).passed
    return found


def test_a_cycle_links_and_predicts_from_the_kept_model(lake):
    found = cycle(lake)
    assert found.problem is None
    assert found.predictions["state"].tolist() == ["predicted"]
    assert found.predictions["p_home"].notna().all()
    assert found.links["history_team"].tolist() == [HOME, AWAY]
    assert found.about["links_looked_at"] == 2
    lake.write(TeamLinks, found.links)
    assert cycle(lake).about["links_looked_at"] == 0


def test_before_the_first_model_it_is_no_problem_that_there_is_none(tmp_path):
    found = cycle(Lake(tmp_path, Source.SIMULATED))
    assert found.problem is None
    assert found.predictions["reason"].iloc[0].startswith("no model is kept yet")


@pytest.mark.parametrize("broken", ["table", "file", "decisions"])
def test_what_cannot_be_read_is_the_reason_on_every_row(lake, broken):
    world = lake.root.parent
    path = {
        "table": lake.path(SoccerModel),
        "file": next((world / "models").glob("soccer-*.json")),
        "decisions": world / "identity" / "soccer_teams.json",
    }[broken]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"no more what it was")
    found = cycle(lake)
    assert found.problem is not None
    assert path.name in found.problem
    assert found.predictions["reason"].tolist() == [found.problem]
