"""What is served of a past instant: the college tables as they were published then."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.config import load_settings
from football_assets.serving.problems import Problem
from football_assets.serving.published import Published
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets_tests.unit.warehouse.declared import ToyGames, ToyMatches

DAY = datetime(2026, 11, 1, 6, tzinfo=UTC)


@pytest.fixture
def published(monkeypatch):
    monkeypatch.setattr(publication, "REGISTER", {("ncaa", "toy_games"): ToyGames})
    home = load_settings().folder
    for day, spread in enumerate((1.0, 2.0)):
        rows = [{"game_id": 1, "season": 2024, "spread": spread}]
        Lake(home, Source.RECORDED).write(ToyGames, from_rows(ToyGames, rows), "2024")
        monkeypatch.setattr(publication, "now_utc", lambda day=day: DAY + timedelta(days=day))
        publish(home, Source.RECORDED, "ncaa")
    return Published(load_settings())


def test_a_past_instant_shows_what_was_served_then_and_now_stays_now(published):
    then = published.view("ncaa", ToyGames, as_of=DAY + timedelta(hours=5))
    now = published.view("ncaa", ToyGames)
    assert (then[ToyGames]["spread"].tolist(), then.publication.id) == ([1.0], 1)
    assert then.read_as_of == DAY + timedelta(hours=5)
    assert (now[ToyGames]["spread"].tolist(), now.publication.id, now.read_as_of) == ([2.0], 2, None)


def test_an_instant_before_all_that_is_kept_names_the_first_one(published):
    with pytest.raises(Problem, match="begins at 2026-11-01T06:00:00Z") as caught:
        published.view("ncaa", ToyGames, as_of=DAY - timedelta(seconds=1))
    assert caught.value.code == "no_data_available"
    with pytest.raises(Problem, match="soccer_toy_matches: not published yet as of"):
        published.view("ncaa", ToyGames, ToyMatches, as_of=DAY)
