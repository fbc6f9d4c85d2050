"""Alerts to a real mail server, a Slack webhook and a signed webhook on loopback."""

import hashlib
import hmac
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from football_assets.config import load_settings, now_utc
from football_assets.operations.alert_rules import Finding
from football_assets.operations.alert_state import AlertBook
from football_assets.operations.watchdog import Watchdog, tell_of_end
from football_assets_tests.emulated.mail_and_hooks import http_endpoint, mail_server
from football_assets_tests.unit.operations.dagster_records import put_runs

DOWN = Finding("service_down.daemon", "critical", "daemon does not run", "Start it: football up")
PASSWORD, TOKEN, SECRET = "letmein4711", "C3p0SecretTokenOfSlackXyz", "sign-with-this-8472"


def kept_text():
    """Everything that was written below the home."""
    return "".join(file.read_text() for file in load_settings().folder.rglob("*") if file.is_file())


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_an_alert_and_its_end_reach_mail_slack_and_webhook_once_each(monkeypatch, caplog):
    from apprise.plugins.slack import NotifySlack

    with mail_server() as (port, mails), http_endpoint() as (slack, posts), http_endpoint() as (hook, signed):
        monkeypatch.setattr(NotifySlack, "webhook_url", f"{slack}/services")
        mail = f"mailto://ops:{PASSWORD}@127.0.0.1:{port}?from=ops@example.com&to=you@example.com&mode=insecure"
        targets = [mail, f"slack://T1JJ3T3L2/A1BRTD4JD/{TOKEN}/#alerts"]
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__TARGETS", json.dumps(targets))
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_URL", f"{hook}/x?token={TOKEN}")
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_SECRET", SECRET)
        now = now_utc()
        for seconds, found in ((0, [DOWN]), (15, [DOWN]), (30, [DOWN]), (95, []), (110, [])):
            Watchdog(load_settings()).look(now + timedelta(seconds=seconds), found)
    assert [len(each) for each in (mails, posts, signed)] == [2, 2, 2]
    assert "daemon does not run" in mails[0]
    assert "resolved after 2 min" in mails[1]
    assert posts[0][0] == f"/services/T1JJ3T3L2/A1BRTD4JD/{TOKEN}"
    assert "daemon does not run" in posts[0][2].decode()
    told = [json.loads(body) for _, _, body in signed]
    assert [each["kind"] for each in told] == ["raised", "resolved"]
    for _, headers, body in signed:
        whole = headers["X-Football-Timestamp"].encode() + b"." + body
        wanted = "sha256=" + hmac.new(SECRET.encode(), whole, hashlib.sha256).hexdigest()
        assert headers["X-Football-Signature"] == wanted
    for secret in (PASSWORD, TOKEN, SECRET):
        assert secret not in kept_text()
        assert secret not in caplog.text


def test_a_webhook_that_fails_is_tried_again_and_gets_the_message_once(monkeypatch):
    with http_endpoint([500, 503]) as (hook, signed):
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_URL", hook)
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_SECRET", SECRET)
        now = now_utc()
        for seconds in range(0, 120, 5):
            Watchdog(load_settings()).look(now + timedelta(seconds=seconds), [DOWN])
    assert len(signed) == 3
    assert len({headers["X-Football-Message"] for _, headers, _ in signed}) == 1


def test_a_message_nobody_takes_goes_to_the_dead_letters_without_its_address(monkeypatch, caplog):
    with http_endpoint() as (gone, _):
        pass
    monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_URL", f"{gone}/{TOKEN}")
    monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_SECRET", SECRET)
    now = now_utc()
    for minutes in range(0, 60, 5):
        state = Watchdog(load_settings()).look(now + timedelta(minutes=minutes), [DOWN])
    (line,) = [
        each
        for text in (AlertBook(load_settings().folder).folder / "dead_letters.jsonl").read_text().splitlines()
        if "nobody answered" not in (each := json.loads(text))["title"]
    ]
    assert (line["channel"], line["tries"]) == ("notifications.webhook_url", 8)
    assert not state.messages[0].deliveries[0].is_waiting
    assert TOKEN not in kept_text() + caplog.text


@pytest.mark.parametrize("killed", [True, False])
def test_the_watchdog_tells_within_a_look_when_the_daemon_is_killed(monkeypatch, killed):
    """A process with the daemon's command line and home stands for the daemon."""
    settings = load_settings()
    now = now_utc()
    put_runs(settings.folder, [("live_cycle", "SUCCESS", now)], heartbeat_at=now - timedelta(minutes=5))
    command = [sys.executable, "-c", "import time; print(flush=True); time.sleep(60)", "dagster._daemon", "run"]
    environment = {**os.environ, "DAGSTER_HOME": str(settings.folder / "dagster")}
    with http_endpoint() as (hook, signed):
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_URL", hook)
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_SECRET", SECRET)
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as daemon:
            try:
                daemon.stdout.readline()
                if killed:
                    daemon.kill()
                    daemon.wait()
                Watchdog(load_settings()).look()
            finally:
                daemon.kill()
    told = [json.loads(body)["key"] for _, _, body in signed]
    assert ("service_down.daemon" in told) is killed


def test_the_end_of_a_service_is_told_by_whoever_started_it(monkeypatch):
    with http_endpoint() as (hook, signed):
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_URL", hook)
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__WEBHOOK_SECRET", SECRET)
        assert tell_of_end(load_settings(), "daemon", "it ended with exit code -9")
        Watchdog(load_settings()).look(now_utc() + timedelta(minutes=5), [])
    told = [json.loads(body) for _, _, body in signed]
    assert [(each["kind"], each["key"]) for each in told] == [
        ("raised", "service_down.daemon"),
        ("resolved", "service_down.daemon"),
    ]
    assert "daemon: it ended with exit code -9" in told[0]["title"]
