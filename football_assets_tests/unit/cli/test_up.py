"""What `football up` starts, without starting it."""

import pytest

from football_assets.cli import up
from football_assets.operations.memory import FEW_ARENAS


@pytest.fixture
def started(monkeypatch, tmp_path):
    """By name, the variables of each process of Dagster that a `football up` with some of its own would start."""
    found = {}
    monkeypatch.setattr(up.Child, "start", lambda name, _command, *, env, **_rest: found.setdefault(name, env))
    monkeypatch.setattr(up.Platform, "_wait", lambda *_: None)
    up.Platform(tmp_path, {"MALLOC_ARENA_MAX": "9", "A": "1"}, None).start_dagster(3000, "code", tmp_path)
    return found


def test_the_code_server_keeps_few_arenas_unless_it_is_told_otherwise(started):
    assert started["code-server"] == {**FEW_ARENAS, "MALLOC_ARENA_MAX": "9", "A": "1"}
    assert started["daemon"] == started["webserver"] == {"MALLOC_ARENA_MAX": "9", "A": "1"}
