"""The machine: means and the forecast come from the samples that were kept."""

from datetime import timedelta

import pytest

from football_assets.config import load_settings
from football_assets.operations.resources import Sample, cpu_mean_pct, full_at, growth_per_day, keep, look
from football_assets_tests.unit.operations.dagster_records import NOW

GB = 10**9


def sample(minutes, busy=0, disk=0):
    return Sample(NOW + timedelta(minutes=minutes), busy, int(minutes * 6000), disk)


def test_a_disk_that_fills_by_1_gb_a_day_with_10_free_is_full_in_10_days():
    samples = [sample(60 * n, disk=int(n / 24 * GB)) for n in range(25)]
    slope = growth_per_day(samples)
    assert slope == pytest.approx(GB, rel=1e-6)
    assert abs(full_at(10 * GB, slope, NOW) - (NOW + timedelta(days=10))) < timedelta(minutes=1)


def test_there_is_no_forecast_before_six_hours_or_of_a_disk_that_empties():
    assert growth_per_day([sample(60 * n, disk=n * GB) for n in range(6)]) is None
    assert full_at(GB, None, NOW) is None
    assert full_at(GB, -1.0, NOW) is None
    assert full_at(10**15, 1.0, NOW) is None


def test_the_processors_mean_is_of_five_minutes_and_unknown_before():
    samples = [sample(n, busy=3000 * n) for n in range(5)]
    assert cpu_mean_pct(samples) is None
    assert cpu_mean_pct([*samples, sample(5, busy=15_000)]) == 50.0
    assert cpu_mean_pct([sample(0), sample(30, busy=1)]) is None  # too long ago to say anything of now
    assert cpu_mean_pct([Sample(NOW, 9, 90_000, 0), sample(5)]) is None  # counted anew since a restart


def test_samples_are_thinned_and_old_ones_forgotten(tmp_path):
    file = tmp_path / "resources.json"
    for minutes in range(0, 26 * 60, 1):
        kept = keep(file, sample(minutes, disk=minutes))
    assert len(kept) < 130
    assert growth_per_day(kept) == pytest.approx(1440, rel=0.01)
    later = Sample(NOW + timedelta(days=9), 0, 1, 0)
    assert keep(file, later) == [later]


def test_this_machine_is_measured():
    settings = load_settings()
    settings.folder.mkdir(parents=True)
    found = look(settings.folder, NOW)
    assert 0 < found.disk_pct <= 100
    assert 0 < found.memory_pct <= 100
    assert found.disk_full_at is None
    assert (settings.folder / "health" / "resources.json").exists()
