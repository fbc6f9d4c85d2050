"""Logs: lines of JSON with their ids, rotated by day and size under a cap, and read over a rotation."""

import json
import logging
from datetime import timedelta

import pandas as pd
import pytest

from football_assets.config import explain_settings, load_settings, now_utc
from football_assets.operations import json_logs
from football_assets.operations.json_logs import (
    JsonFormatter,
    RotatingFile,
    about,
    log_to_file,
    logged_run,
    make_room,
    put_printed_aside,
)
from football_assets.operations.log_reading import Follower, last_lines, log_files
from football_assets.soccer.gaps import log_gaps


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


SECRETS = {
    "THESPORTS_USER": "user-4711-mine",
    "THESPORTS_SECRET": "s3cr3tOfTheSports",
    "CFBD_API_KEY": "s3cr3tKeyOfMine",
    "FOOTBALL_REDIS_URL": "redis://:s3cr3tOfRedis@127.0.0.1/0",
    "FOOTBALL_DATABASE_URL": "postgresql+psycopg://me:s3cr3tOfMine@127.0.0.1/db",
    "FOOTBALL_DAGSTER_POSTGRES_URL": "postgresql://me:s3cr3tOfDagster@127.0.0.1/db",
    "FOOTBALL_BACKUP__KEY": "s3cr3tOfBackups",
    "FOOTBALL_NOTIFICATIONS__TARGETS": '["mailto://me:s3cr3tOfMail@example.com"]',
    "FOOTBALL_NOTIFICATIONS__LEVEL2_TARGETS": '["slack://s3cr3tOfSlack/B/C"]',
    "FOOTBALL_NOTIFICATIONS__WEBHOOK_URL": "https://example.com/s3cr3tOfHook",
    "FOOTBALL_NOTIFICATIONS__WEBHOOK_SECRET": "s3cr3tThatSigns",
}


def test_no_secret_of_the_settings_reaches_the_log_in_a_line_or_a_traceback(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = load_settings()
    handler = log_to_file(settings, "watchdog")
    told = [json.loads(each)[0] if each.startswith("[") else each for each in SECRETS.values()]
    try:
        for each in told:
            logging.getLogger("football_assets.x").warning("asked with %s", each)
            try:
                raise ValueError(f"refused {each}")
            except ValueError:
                logging.getLogger("football_assets.x").exception("asking")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    text = (settings.folder / "logs" / "watchdog-json.log").read_text()
    assert text.count("***") >= 2 * len(told)
    assert [each for each in ("s3cr3t", "user-4711") if each in text] == []
    shown = {key: value for key, value, _ in explain_settings()}
    assert not [key for key, value in shown.items() if "s3cr3t" in str(value)]


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


def test_what_a_run_logs_carries_its_id_and_the_match_and_a_missing_log_stops_no_run(monkeypatch):
    logs = load_settings().folder / "logs"
    frame = pd.DataFrame(
        {
            "match_id": ["m1", "m2"],
            **{f"{part}_{word}": [None, None] for part in ("detail", "names") for word in ("state", "gap")},
            "odds_state": ["missing", "live"],
            "odds_gap": ["timed out", None],
        }
    )
    with logged_run("run-7"):
        log_gaps(frame)
    (line,) = map(json.loads, (logs / "runs-json.log").read_text().splitlines())
    told = (line["run_id"], line["match_id"], line["message"], line["level"])
    assert told == ("run-7", "m1", "odds missing: timed out", "warning")
    monkeypatch.setattr(json_logs, "log_to_file", lambda *_: (_ for _ in ()).throw(OSError("no space left")))
    with logged_run("run-8"):
        log_gaps(frame)
    assert len((logs / "runs-json.log").read_text().splitlines()) == 1


def test_two_processes_that_write_one_log_lose_no_line_when_one_puts_it_aside(tmp_path):
    """Two handlers on one file stand for the workers of two runs."""
    handlers = [RotatingFile(tmp_path, "runs", file_bytes=400, total_bytes=10**6) for _ in range(2)]
    for number in range(200):
        record = logging.LogRecord("football_assets", logging.INFO, "", 0, "line %d", (number,), None)
        handlers[number % 3 % 2].emit(record)
    for handler in handlers:
        handler.close()
    told = [line for file in tmp_path.glob("runs*.log") for line in file.read_text().splitlines()]
    assert sorted(told) == sorted(f"line {n}" for n in range(200))
    assert len(list(tmp_path.glob("runs.*.log"))) > 1
