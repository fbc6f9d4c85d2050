"""`football config validate` and `notify`: what is wrong is named, and a message reaches every target."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

# Apprise imports a module that Python 3.13 no longer has, where it can.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@pytest.fixture
def targets(monkeypatch):
    def put(*addresses):
        monkeypatch.setenv("FOOTBALL_NOTIFICATIONS__TARGETS", json.dumps(addresses))

    return put


def test_sound_settings_are_told_with_their_number(football, targets):
    targets("json://127.0.0.1:9/hook", "mailto://me:canary-1@example.com")
    code, out, _ = football("config", "validate")
    assert code == 0
    assert "settings are sound; 2 notification targets" in out


def test_an_address_of_no_service_is_refused_by_its_place_and_not_shown(football, targets):
    targets("json://127.0.0.1:9/hook", "canary-1234://nowhere")
    code, out, err = football("config", "validate")
    assert code == 1
    assert "notifications.targets.1" in err
    assert "mailto://user:password@example.com" in err
    assert "canary" not in out + err


def test_an_allowance_for_a_column_that_does_not_exist_is_refused(football, monkeypatch):
    monkeypatch.setenv("FOOTBALL_QUALITY__MAX_NULL_FRACTION_BY_COLUMN", '{"games.atendance": 0.5}')
    code, _, err = football("config", "validate")
    assert code == 1
    assert "quality.max_null_fraction_by_column.games.atendance" in err


def test_a_message_is_sent_to_each_target_and_one_that_is_not_taken_is_named(football, targets):
    taken = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self):
            taken.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_arguments):
            return

    with HTTPServer(("127.0.0.1", 0), Hook) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        hook = f"json://127.0.0.1:{server.server_port}/hook"
        targets(hook)
        code, out, _ = football("config", "notify", "kickoff")
        targets(hook, "json://127.0.0.1:9/nobody")
        failed, _, err = football("config", "notify", "kickoff")
        server.shutdown()
    assert (code, [each["message"] for each in taken]) == (0, ["kickoff", "kickoff"])
    assert "sent to 1 targets" in out
    assert failed == 1
    assert "1 of 2 messages were not taken. Check notifications.targets.1" in err


def test_without_a_target_there_is_nobody_to_tell(football):
    code, _, err = football("config", "notify")
    assert code == 1
    assert "notifications.targets" in err
