"""The quota is held against a run once, whichever workers do its steps."""

from types import SimpleNamespace

import pytest

from football_assets.errors import QuotaExceeded
from football_assets.ncaa.assets import seasons
from football_assets.ncaa.quota import Usage
from football_assets_tests.unit.ncaa.test_quota import NOW


class Instance:
    def __init__(self):
        self.tags = {}

    def get_run_by_id(self, _run_id):
        return SimpleNamespace(tags=self.tags)

    def add_run_tags(self, _run_id, tags):
        self.tags |= tags


@pytest.fixture
def step(monkeypatch):
    """A step of a run that needs more calls than are left by now; gives its context."""
    monkeypatch.setattr(seasons, "_checked", set())
    monkeypatch.setattr(seasons, "_usage_now", lambda *_: Usage("2026-11", 990, 1000, 10, NOW, NOW))
    monkeypatch.setattr(seasons, "_season", lambda year, _at: seasons.quota.Season(year))
    keys = [SimpleNamespace(path=["ncaa", name]) for name in ("games", "lines", "team_stats")]
    job = SimpleNamespace(asset_layer=SimpleNamespace(selected_asset_keys=keys))
    run, log = SimpleNamespace(run_id="one"), SimpleNamespace(info=lambda _says: None)
    return SimpleNamespace(run=run, job_def=job, log=log, instance=Instance())


def test_a_worker_that_does_a_later_step_does_not_count_what_the_run_itself_has_spent(step, monkeypatch):
    monkeypatch.setenv("FOOTBALL_LAKE_URL", "memory://lake")
    with pytest.raises(QuotaExceeded):
        seasons._require_quota(step, None, [2024])
    step.instance.tags[seasons.CHECKED] = "true"
    seasons._require_quota(step, None, [2024])


def test_who_has_held_it_against_the_quota_says_so_to_the_others(step, monkeypatch):
    monkeypatch.setenv("FOOTBALL_LAKE_URL", "memory://lake")
    monkeypatch.setattr(seasons, "_usage_now", lambda *_: Usage("2026-11", 0, 1000, 1000, NOW, NOW))
    seasons._require_quota(step, None, [2024])
    assert step.instance.tags == {seasons.CHECKED: "true"}


def test_on_one_machine_nothing_is_written_on_the_run(step, monkeypatch):
    monkeypatch.setattr(seasons, "_usage_now", lambda *_: Usage("2026-11", 0, 1000, 1000, NOW, NOW))
    seasons._require_quota(step, None, [2024])
    assert step.instance.tags == {} and "one" in seasons._checked
