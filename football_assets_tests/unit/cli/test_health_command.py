"""`football health alerts` and `logs`, as typed."""

import json

import pytest
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.config import load_settings, now_utc
from football_assets.errors import FootballError
from football_assets.operations.alert_rules import Finding
from football_assets.operations.watchdog import Watchdog

LOW = Finding("success", "critical", "3 of 9 cycles", "Look at the logs")


def football(*words):
    done = CliRunner().invoke(app, words, standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return done.stdout


def test_alerts_are_listed_and_acknowledged():
    assert football("health", "alerts") == "No alert.\n"
    alert = Watchdog(load_settings(), to=[]).look(now_utc(), [LOW]).open[0]
    assert alert.id in football("health", "alerts")
    assert "acknowledged by Ada" in football("health", "alerts", "ack", alert.id, "--by", "Ada")
    (told,) = json.loads(football("health", "alerts", "--json"))
    assert (told["id"], told["acknowledged_by"]) == (alert.id, "Ada")


def test_acknowledging_what_is_not_there_is_refused():
    with pytest.raises(FootballError, match="there is no alert 'zzz'"):
        football("health", "alerts", "ack", "zzz")


def test_logs_show_the_last_lines_or_say_which_there_are():
    folder = load_settings().folder / "logs"
    folder.mkdir(parents=True)
    (folder / "daemon.log").write_text("one\ntwo\nthree\n")
    assert football("health", "logs", "daemon", "--lines", "2") == "two\nthree\n"
    with pytest.raises(FootballError, match="There are: daemon"):
        football("health", "logs", "serving")
