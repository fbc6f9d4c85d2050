"""Settings: who wins, what is refused and how, what is never shown."""

import pytest

from football_assets.config import Settings, explain_settings, load_settings, now_utc
from football_assets.errors import ConfigError

NULLS = "quality.max_null_fraction_by_column"


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
        ("live:\n  early_minutes: [6, 2]\n", "live.early_minutes"),
        ("ncaa:\n  schedule: cron\n", "ncaa.cron"),
        ("ncaa:\n  first_season: 1869\n", "ncaa.first_season"),
        ("ncaa:\n  first_season: 2190\n", "ncaa.first_season"),
        ("ncaa:\n  conferences: SEC\n", "ncaa.conferences"),
        ("quality:\n  min_data_quality_score: 1.2\n", "quality.min_data_quality_score"),
        ("quality:\n  max_null_fraction_by_column: {games.venue: 2}\n", f"{NULLS}.games.venue"),
        ("warehouse:\n  batch_size: 0\n", "warehouse.batch_size"),
        ("cfbd:\n  tries: 99\n", "cfbd.tries"),
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


@pytest.mark.parametrize(
    ("text", "key", "value", "limit"),
    [
        ("quality:\n  min_data_quality_score: 0.95\n", "quality.min_data_quality_score", 0.95, "0.9"),
        ("cfbd:\n  backoff_s: 60\n", "cfbd.backoff_s", 60, "longest_wait_s, which is 30"),
        ("cfbd:\n  breaker: {first_probe_s: 900}\n", "cfbd.breaker.first_probe_s", 900, "longest_probe_s"),
        ("live:\n  early_minutes: [6, 2]\n", "live.early_minutes", (6, 2), "first <= last"),
    ],
)
def test_a_least_above_its_most_is_refused_with_both(written, text, key, value, limit):
    written(text)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert (caught.value.key, caught.value.value) == (key, value)
    assert limit in caught.value.allowed


@pytest.mark.parametrize(
    ("name", "value", "key", "allowed"),
    [
        ("FOOTBALL_LIVE__DEADLIN_S", "20", "FOOTBALL_LIVE__DEADLIN_S", "FOOTBALL_LIVE__DEADLINE_S"),
        ("FOOTBALL_NCAA_SCHEDULE", "weekly", "FOOTBALL_NCAA_SCHEDULE", "FOOTBALL_NCAA__SCHEDULE"),
        ("FOOTBALL_NCAA__CONFERENCES", "SEC", "ncaa.conferences", "JSON"),
        ("FOOTBALL_QUALITY__MAX_NULL_FRACTION", "2", "quality.max_null_fraction", "less than or equal to 1"),
        ("FOOTBALL_LIVE__PACE", "1", "FOOTBALL_LIVE__PACE", "football config show"),
    ],
)
def test_a_variable_that_is_unknown_or_wrong_is_refused_by_name(monkeypatch, tmp_path, name, value, key, allowed):
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert (caught.value.key, caught.value.value, caught.value.origin) == (key, value, f"environment {name}")
    assert allowed in caught.value.allowed
    monkeypatch.delenv(name)
    dotenv = tmp_path / "my.env"
    dotenv.write_text(f"{name}={value}\n", encoding="utf-8")
    monkeypatch.setenv("FOOTBALL_ENV_FILE", str(dotenv))
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert caught.value.origin == f".env {name}"


def test_lists_and_mappings_are_set_from_the_file_or_as_json_in_the_environment(written, monkeypatch):
    written("quality:\n  max_null_fraction_by_column:\n    games.venue: 0.3\nncaa:\n  conferences: [SEC]\n")
    assert load_settings().quality.max_null_fraction_by_column == {"games.venue": 0.3}
    assert load_settings().ncaa.conferences == ("SEC",)
    monkeypatch.setenv("FOOTBALL_NCAA__CONFERENCES", '["Big Ten", "SEC"]')
    assert load_settings().ncaa.conferences == ("Big Ten", "SEC")
    shown = {key: (value, origin) for key, value, origin in explain_settings()}
    assert shown["ncaa.conferences"] == ("Big Ten, SEC", "environment FOOTBALL_NCAA__CONFERENCES")
    assert shown["quality.max_null_fraction_by_column"][1] == "pipeline.yaml"


def test_the_settings_file_of_the_project_holds_the_defaults(monkeypatch):
    """So that what it shows is what there is without it."""
    monkeypatch.delenv("FOOTBALL_RECORDINGS", raising=False)
    assert load_settings().model_dump() == Settings.model_construct().model_dump() | {"home": load_settings().home}


def test_a_file_that_is_no_mapping_is_refused(written):
    written("- live\n")
    with pytest.raises(ConfigError, match="sections of settings"):
        load_settings()


def test_a_variable_that_resembles_no_setting_is_somebody_elses_but_not_in_our_own_file(monkeypatch, tmp_path):
    monkeypatch.setenv("FOOTBALL_CLUB_OF_THE_OFFICE", "united")
    load_settings()
    (tmp_path / "own.env").write_text("FOOTBALL_CLUB_OF_THE_OFFICE=united\n")
    monkeypatch.setenv("FOOTBALL_ENV_FILE", str(tmp_path / "own.env"))
    monkeypatch.delenv("FOOTBALL_CLUB_OF_THE_OFFICE")
    with pytest.raises(ConfigError, match="FOOTBALL_CLUB_OF_THE_OFFICE"):
        load_settings()


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
    monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__TARGETS", '["mailto://me:canary-1234@example.com"]')
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
