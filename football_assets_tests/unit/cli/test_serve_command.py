"""`football serve`: without a key it serves this machine alone and says so; with one, whoever it is told to."""

import pytest
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.cli import serve as command
from football_assets.config import load_settings
from football_assets.errors import FootballError
from football_assets.serving import process
from football_assets.serving.keys import KeyStore


@pytest.fixture
def served(monkeypatch):
    """(address, port) of what would be served, in the order asked."""
    found = []
    monkeypatch.setattr(process, "run", lambda _settings, address, port, _looker: found.append((address, port)))
    return found


def test_without_a_key_only_this_machine_is_served_and_that_is_said(served):
    told = CliRunner().invoke(app, ["serve", "--port", "8599"])
    assert served == [("127.0.0.1", 8599)]
    assert command.NO_KEY in told.output


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "football.example"])
def test_without_a_key_no_other_address_is_bound(served, host):
    told = CliRunner().invoke(app, ["serve", "--host", host, "--port", "8599"])
    assert served == []
    assert isinstance(told.exception, FootballError)
    assert "no API key is configured" in str(told.exception)


def test_with_a_key_others_may_be_served_and_nothing_is_said_of_keys(served):
    KeyStore(load_settings().folder).create("screen", "read")
    told = CliRunner().invoke(app, ["serve", "--host", "0.0.0.0", "--port", "8599"])
    assert served == [("0.0.0.0", 8599)]
    assert "key" not in told.output
