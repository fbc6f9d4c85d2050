"""`football lake`: a lake of files moves to an object store once, and only once without being asked again."""

import uuid

import pytest
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.config import load_settings
from football_assets.errors import ConfigError, StorageError


def football(*arguments):
    done = CliRunner().invoke(app, ["lake", *arguments, "--source", "real"])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_push_then_pull(monkeypatch):
    kept = load_settings().folder / "real" / "lake" / "ncaa" / "games" / "2024.parquet"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a table")
    with pytest.raises(ConfigError, match="FOOTBALL_LAKE_URL"):
        football("push")
    monkeypatch.setenv("FOOTBALL_LAKE_URL", f"memory://{uuid.uuid4().hex}/lake")
    assert football("push").startswith("1 files are now in memory://")
    kept.write_bytes(b"changed here behind its back")
    with pytest.raises(StorageError, match="holds 1 files"):
        football("push")
    assert football("pull").startswith("1 files")
    assert kept.read_bytes() == b"a table"
