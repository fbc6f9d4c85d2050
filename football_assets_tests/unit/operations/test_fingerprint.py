"""A change of the code or its settings is noticed and named, its value never shown."""

import os

import pytest

import football_assets
from football_assets.operations.fingerprint import Fingerprint


@pytest.fixture
def package(tmp_path, monkeypatch):
    folder = tmp_path / "package"
    (folder / "soccer").mkdir(parents=True)
    (folder / "soccer" / "client.py").write_text("x = 1\n")
    monkeypatch.setattr(football_assets, "__path__", [str(folder)])
    return folder


def test_nothing_changed_is_nothing_to_say(package):
    assert Fingerprint.take().change_since() is None


def test_an_edited_module_is_named(package):
    taken = Fingerprint.take()
    (package / "soccer" / "client.py").write_text("x = 22\n")
    assert taken.change_since() == f"{package}/soccer/client.py changed"


def test_an_edit_that_keeps_the_size_is_noticed_by_its_time(package):
    file = package / "soccer" / "client.py"
    taken = Fingerprint.take()
    os.utime(file, ns=(1, 1))
    assert taken.change_since() == f"{file} changed"


@pytest.mark.parametrize("change", ["new", "removed"])
def test_a_module_that_came_or_went_is_named(package, change):
    file = package / "ncaa.py"
    if change == "removed":
        file.touch()
    taken = Fingerprint.take()
    file.touch() if change == "new" else file.unlink()
    assert taken.change_since() == f"{file} changed"


def test_compiled_files_do_not_count(package):
    taken = Fingerprint.take()
    (package / "__pycache__").mkdir()
    (package / "__pycache__" / "old.py").touch()
    assert taken.change_since() is None


def test_the_configuration_file_counts(package, tmp_path, monkeypatch):
    config = tmp_path / "other.yaml"
    config.write_text("live: {}\n")
    monkeypatch.setenv("FOOTBALL_CONFIG", str(config))
    taken = Fingerprint.take()
    config.write_text("live: {interval_s: 30}\n")
    assert taken.change_since() == f"{config} changed"


@pytest.mark.parametrize("name", ["THESPORTS_SECRET", "CFBD_API_KEY", "FOOTBALL_HOME", "DAGSTER_HOME"])
def test_a_changed_variable_is_named_without_its_value(package, monkeypatch, name):
    monkeypatch.setenv(name, "/before")
    taken = Fingerprint.take()
    monkeypatch.setenv(name, "/after")
    assert taken.change_since() == f"{name} changed"


def test_a_variable_of_someone_else_does_not_count(package, monkeypatch):
    taken = Fingerprint.take()
    monkeypatch.setenv("EDITOR", "ed")
    assert taken.change_since() is None


def test_files_learned_later_count_from_then_on(package, tmp_path):
    foreign = tmp_path / "definitions.py"
    foreign.write_text("a = 1\n")
    taken = Fingerprint.take().with_files([str(foreign)])
    assert taken.change_since() is None
    foreign.write_text("a = 10\n")
    assert taken.change_since() == f"{foreign} changed"


def test_learning_a_file_again_does_not_forgive_its_change(package, tmp_path):
    foreign = tmp_path / "definitions.py"
    foreign.write_text("a = 1\n")
    taken = Fingerprint.take().with_files([str(foreign)])
    foreign.write_text("a = 10\n")
    assert taken.with_files([str(foreign)]).change_since() == f"{foreign} changed"
