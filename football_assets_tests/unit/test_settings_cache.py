"""Settings are read once, and again as soon as anything they are read from changes."""

import pytest

from football_assets import config
from football_assets.config import load_settings


@pytest.fixture
def readings(monkeypatch):
    """How often the settings were read."""
    counted, read = [], config._read

    def counting(overrides):
        counted.append(overrides)
        return read(overrides)

    monkeypatch.setattr(config, "_read", counting)
    return counted


def test_what_was_read_stands_while_nothing_changes(readings):
    first = load_settings()
    assert load_settings() is first
    assert len(readings) <= 1


def test_a_changed_variable_counts_at_once(monkeypatch):
    assert load_settings().live.deadline_s != 7
    monkeypatch.setenv("FOOTBALL_LIVE__DEADLINE_S", "7")
    assert load_settings().live.deadline_s == 7
    monkeypatch.delenv("FOOTBALL_LIVE__DEADLINE_S")
    assert load_settings().live.deadline_s != 7


@pytest.mark.parametrize(
    ("variable", "text"),
    [("FOOTBALL_ENV_FILE", "FOOTBALL_LIVE__DEADLINE_S={}"), ("FOOTBALL_CONFIG", "live: {{deadline_s: {}}}")],
)
def test_a_changed_file_counts_at_once(variable, text, tmp_path, monkeypatch):
    file = tmp_path / "settings"
    monkeypatch.setenv(variable, str(file))
    for deadline_s in (7, 8):
        file.write_text(text.format(deadline_s))
        assert load_settings().live.deadline_s == deadline_s


def test_overrides_are_for_one_reading_only():
    before = load_settings()
    assert load_settings(live={"deadline_s": 9}).live.deadline_s == 9
    assert load_settings() is before
