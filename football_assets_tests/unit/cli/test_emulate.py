"""`football emulate` before it serves: what it accepts, and how it says no."""

import pytest
from typer.testing import CliRunner

from football_assets.cli.emulate import app
from football_assets.errors import ConfigError, StorageError


def refused(*words):
    """What the command says when the command line is wrong."""
    result = CliRunner(env={"TERMINAL_WIDTH": "300", "NO_COLOR": "1"}).invoke(app, words)
    assert result.exit_code not in (0, 1)
    return " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize("provider", ["thesports", "cfbd"])
def test_recordings_and_simulation_exclude_each_other(provider, tmp_path):
    assert "--data and --simulate exclude each other" in refused(provider, "--data", str(tmp_path), "--simulate", "1")


@pytest.mark.parametrize("provider", ["thesports", "cfbd"])
def test_a_wrong_fault_lists_what_is_allowed(provider):
    said = refused(provider, "--simulate", "1", "--fault", "slow")
    assert "'slow' from --fault" in said
    assert "wrong_types[=SHARE]" in said


@pytest.mark.parametrize("at", ["noon", "2025-05-28", "2025-05-28T17:30"])
def test_an_instant_needs_its_zone(at):
    assert "is not an instant with its zone" in refused("thesports", "--simulate", "1", "--at", at)


@pytest.mark.parametrize("words", [("--speed", "-1"), ("--port", "70000"), ("--latency-ms", "-5"), ("--simulate", "x")])
def test_numbers_out_of_range_are_refused(words):
    assert words[0] in refused("thesports", *words)


@pytest.mark.parametrize(
    ("provider", "error"),
    [("thesports", StorageError), ("cfbd", ConfigError)],
)
def test_a_folder_without_recordings_is_an_error_naming_it(provider, error, tmp_path):
    result = CliRunner().invoke(app, [provider, "--data", str(tmp_path)])
    assert result.exit_code == 1
    assert isinstance(result.exception, error)
    assert str(tmp_path) in str(result.exception)


@pytest.mark.parametrize("provider", ["thesports", "cfbd"])
def test_a_folder_that_is_not_there_is_an_error_naming_it(provider, tmp_path):
    result = CliRunner().invoke(app, [provider, "--data", str(tmp_path / "gone")])
    assert isinstance(result.exception, ConfigError)
    assert str(tmp_path / "gone") in str(result.exception)
