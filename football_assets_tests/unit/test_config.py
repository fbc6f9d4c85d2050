"""Settings: who wins, what is refused and how, what is never shown."""

import pytest

from football_assets.config import explain_settings, load_settings, now_utc
from football_assets.errors import ConfigError


@pytest.fixture
def written(tmp_path, monkeypatch):
    def write(text):
        path = tmp_path / "pipeline.yaml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("FOOTBALL_CONFIG", str(path))

    return write


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_file(written, tmp_path, monkeypatch):
    written("live:\n  deadline_s: 20\n  interval_s: 30\nbackup:\n  retention_days: 5\n")
    dotenv = tmp_path / "my.env"
    dotenv.write_text("FOOTBALL_LIVE__DEADLINE_S=21\nFOOTBALL_LIVE__INTERVAL_S=31\n", encoding="utf-8")
    monkeypatch.setenv("FOOTBALL_ENV_FILE", str(dotenv))
    monkeypatch.setenv("FOOTBALL_LIVE__DEADLINE_S", "22")

    settings = load_settings()

    assert (settings.live.deadline_s, settings.live.interval_s, settings.backup.retention_days) == (22, 31, 5)
    origins = {key: origin for key, _, origin in explain_settings()}
    assert origins["live.deadline_s"] == "environment FOOTBALL_LIVE__DEADLINE_S"
    assert origins["live.interval_s"] == ".env FOOTBALL_LIVE__INTERVAL_S"
    assert origins["backup.retention_days"] == "pipeline.yaml"
    assert origins["live.stale_limit_s"] == "default"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("live:\n  deadlin_s: 3\n", "live.deadlin_s"),
        ("live:\n  deadline_s: soon\n", "live.deadline_s"),
        ("backup:\n  retention_days: 0\n", "backup.retention_days"),
        ("live:\n  early_minutes: [6, 2]\n", "live"),
        ("surprise: 1\n", "surprise"),
        ("ncaa:\n  at_utc: '25:00'\n", "ncaa.at_utc"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_path_value_and_what_is_allowed(written, text, key):
    written(text)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert caught.value.key == key
    assert caught.value.origin == "pipeline.yaml"
    assert caught.value.allowed


def test_a_wrong_variable_is_named(monkeypatch):
    monkeypatch.setenv("FOOTBALL_LIVE__INTERVAL_S", "never")
    with pytest.raises(ConfigError, match="environment FOOTBALL_LIVE__INTERVAL_S"):
        load_settings()


def test_unreadable_yaml_and_a_missing_file_are_clear_errors(written, monkeypatch, tmp_path):
    written("live: [")
    with pytest.raises(ConfigError, match="unreadable YAML"):
        load_settings()
    monkeypatch.setenv("FOOTBALL_CONFIG", str(tmp_path / "absent.yaml"))
    with pytest.raises(ConfigError, match="an existing file"):
        load_settings()


def test_secrets_are_masked_wherever_settings_are_shown(monkeypatch):
    for name in ("THESPORTS_SECRET", "CFBD_API_KEY", "FOOTBALL_REDIS_URL"):
        monkeypatch.setenv(name, "canary-1234")
    shown = str(explain_settings()) + repr(load_settings()) + str(load_settings().model_dump())
    assert "canary-1234" not in shown
    assert load_settings().cfbd_api_key.get_secret_value() == "canary-1234"


def test_a_relative_home_counts_from_the_project(monkeypatch):
    monkeypatch.setenv("FOOTBALL_HOME", "elsewhere")
    assert load_settings().folder.is_absolute()
    assert load_settings().folder.name == "elsewhere"


@pytest.mark.parametrize(("month", "season"), [(8, 2026), (12, 2026), (1, 2025), (7, 2025)])
def test_a_college_season_runs_from_august_to_july(month, season):
    assert load_settings().running_season(now_utc().replace(year=2026, month=month, day=1)) == season
