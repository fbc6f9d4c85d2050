"""Logs: lines of JSON with their ids, rotated by day and size under a cap, and read over a rotation."""

import json
import logging
from datetime import timedelta

import pytest

from football_assets.config import load_settings, now_utc
from football_assets.operations import json_logs
from football_assets.operations.json_logs import (
    JsonFormatter,
    RotatingFile,
    about,
    log_to_file,
    make_room,
    put_printed_aside,
)
from football_assets.operations.log_reading import Follower, last_lines, log_files


@pytest.fixture
def log():
    made = logging.getLogger("football_assets.test")
    made.setLevel(logging.INFO)
    made.propagate = False
    yield made
    for handler in list(made.handlers):
        made.removeHandler(handler)
        handler.close()
    made.propagate = True


def attach(log, folder, **limits):
    handler = RotatingFile(folder, "serving", **{"file_bytes": 10**6, "total_bytes": 10**7, **limits})
    handler.setFormatter(JsonFormatter())
    log.addHandler(handler)
    return handler


def test_a_line_is_json_with_run_and_match(log, tmp_path):
    attach(log, tmp_path)
    with about(run_id="r1"), about(match_id="m1"):
        log.info("scored %d", 2)
    log.warning("later", extra={"match_id": "m2"})
    first, second = map(json.loads, (tmp_path / "serving.log").read_text().splitlines())
    assert first.pop("at").endswith("+00:00")
    wanted = {
        "level": "info",
        "logger": "football_assets.test",
        "message": "scored 2",
        "run_id": "r1",
        "match_id": "m1",
    }
    assert first == wanted
    assert (second["match_id"], "run_id" in second) == ("m2", False)


def test_an_error_keeps_its_traceback_on_the_same_line(log, tmp_path):
    attach(log, tmp_path)
    try:
        raise ValueError("no such match")
    except ValueError:
        log.exception("reading")
    (line,) = (tmp_path / "serving.log").read_text().splitlines()
    assert "ValueError: no such match" in json.loads(line)["error"]


def test_a_secret_never_reaches_the_log(monkeypatch):
    monkeypatch.setenv("CFBD_API_KEY", "s3cr3tKeyOfMine")
    settings = load_settings()
    handler = log_to_file(settings, "watchdog")
    try:
        logging.getLogger("football_assets.x").warning("asked with s3cr3tKeyOfMine")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    text = (settings.folder / "logs" / "watchdog-json.log").read_text()
    assert "asked with ***" in text
    assert "s3cr3tKeyOfMine" not in text


def test_a_log_is_put_aside_at_its_size_and_none_is_larger(log, tmp_path):
    attach(log, tmp_path, file_bytes=2000)
    for number in range(100):
        log.info("line %d", number)
    files = list(tmp_path.glob("serving*.log"))
    assert len(files) > 4
    assert max(file.stat().st_size for file in files) <= 2000
    told = [json.loads(line)["message"] for line in last_lines(log_files(tmp_path, "serving"), 1000)]
    assert told == [f"line {n}" for n in range(100)]


def test_a_log_is_put_aside_at_midnight(log, tmp_path, monkeypatch):
    attach(log, tmp_path)
    log.info("yesterday")
    tomorrow = now_utc() + timedelta(days=1)
    monkeypatch.setattr(json_logs, "now_utc", lambda: tomorrow)
    log.info("today")
    log.info("today, too")
    assert len(list(tmp_path.glob("*.log"))) == 2
    assert len((tmp_path / "serving.log").read_text().splitlines()) == 2


def test_all_logs_together_stay_under_the_cap(log, tmp_path):
    (tmp_path / "audit.log").write_text("kept\n")
    attach(log, tmp_path, file_bytes=1000, total_bytes=5000)
    for number in range(400):
        log.info("line %d", number)
        assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 5000
    assert (tmp_path / "audit.log").read_text() == "kept\n"


def test_what_is_written_to_is_never_removed(tmp_path):
    (tmp_path / "daemon.log").write_text("x" * 100)
    (tmp_path / "daemon.log.1").write_text("x" * 100)
    (tmp_path / "live_cycle-20261122T053639.log").write_text("x" * 100)
    assert make_room(tmp_path, 0) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["daemon.log"]


def test_following_survives_a_rotation(log, tmp_path):
    attach(log, tmp_path, file_bytes=600)
    log.info("before")
    follower = Follower(tmp_path, "serving")
    seen = []
    for number in range(30):
        log.info("line %d", number)
        if number % 7 == 0:
            seen += follower.new_lines()
    seen += follower.new_lines()
    assert [json.loads(line)["message"] for line in seen] == [f"line {n}" for n in range(30)]
    assert len(list(tmp_path.glob("serving.*.log"))) > 3


def test_half_a_line_waits_for_its_end(tmp_path):
    file = tmp_path / "daemon.log"
    file.write_text("old\n")
    follower = Follower(tmp_path, None)
    with file.open("a") as out:
        out.write("half")
        out.flush()
        assert list(follower.new_lines()) == []
        out.write(" whole\n")
    assert list(follower.new_lines()) == ["daemon: half whole"]


def test_a_file_begun_anew_is_read_from_its_beginning(tmp_path):
    file = tmp_path / "daemon.log"
    file.write_text("a long first line\n")
    follower = Follower(tmp_path, "daemon")
    file.write_text("new\n")
    assert list(follower.new_lines()) == ["new"]


def test_the_last_lines_of_one_service(tmp_path):
    (tmp_path / "daemon.log.1").write_text("one\n")
    (tmp_path / "daemon.log").write_text("two\n\x1b[31mthree\x1b[0m\n")
    (tmp_path / "serving.log").write_text("other\n")
    assert last_lines(log_files(tmp_path, "daemon"), 2) == ["two", "three"]
    assert last_lines(log_files(tmp_path, "daemon"), 9) == ["one", "two", "three"]


def test_what_a_process_prints_is_put_aside_by_size_and_day_while_it_goes_on(tmp_path, monkeypatch):
    """The process keeps its file open; nothing it says is lost or told twice."""
    with (tmp_path / "daemon.log").open("ab", buffering=0) as out:
        follower, seen = Follower(tmp_path, "daemon"), []
        for number in range(30):
            out.write(f"line {number}\n".encode())
            if number % 4 == 0:
                seen += follower.new_lines()
            put_printed_aside(tmp_path, 50)
        assert len(list(tmp_path.glob("daemon.*.log"))) > 3
        before = len(list(tmp_path.glob("daemon.*.log")))
        tomorrow = now_utc() + timedelta(days=1)
        monkeypatch.setattr(json_logs, "now_utc", lambda: tomorrow)
        assert put_printed_aside(tmp_path, 50) == 1
        out.write(b"tomorrow\n")
        assert put_printed_aside(tmp_path, 50) == 0
        seen += follower.new_lines()
    wanted = [f"line {n}" for n in range(30)] + ["tomorrow"]
    assert seen == wanted
    assert last_lines(log_files(tmp_path, "daemon"), 100) == wanted
    assert len(list(tmp_path.glob("daemon.*.log"))) == before + 1
    assert (tmp_path / "daemon.log").read_bytes() == b"tomorrow\n"


def test_the_audit_and_logs_that_rotate_by_themselves_are_not_emptied(tmp_path):
    for name in ("audit.log", "serving-json.log", "live_cycle-20261122T053639.log"):
        (tmp_path / name).write_text("x" * 100)
    assert put_printed_aside(tmp_path, 10) == 0
