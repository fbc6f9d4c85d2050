"""Errors, each kind once: out of Dagster's records and our processes' logs, with how often and when."""

import json
from datetime import timedelta

import pytest

from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.operations.errors_seen import ErrorBook
from football_assets_tests.unit.operations.dagster_records import NOW, put_failures

STEP = "dagster._core.errors.DagsterExecutionStepExecutionError: Error occurred while executing op:\n"
CAUSE = "football_assets.errors.StorageError: publishing ncaa: quality {} in games. Mend it\n"
MINUTE = timedelta(minutes=1)


def logged(settings, at, message, level="error", name="serving", **more):
    file = settings.folder / "logs" / f"{name}-json.log"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as text:
        text.write(json.dumps({"at": at.isoformat(), "level": level, "message": message, **more}) + "\n")
    return file


def told(book, now=NOW):
    return [(each.count, each.place, each.says, each.first_at, each.last_at) for each in book.seen(now)]


def test_errors_of_runs_that_differ_in_numbers_are_one_kind_and_their_deepest_cause_is_told():
    settings = load_settings()
    put_failures(
        settings.folder,
        [(NOW - n * MINUTE, "ncaa_daily", "publish", [STEP, CAUSE.format(0.5 + n / 100)], f"r{n}") for n in range(3)],
    )
    (found,) = ErrorBook(settings).seen(NOW)
    assert (found.count, found.place, found.run_id) == (3, "run ncaa_daily, publish", "r0")
    assert found.says == "StorageError: publishing ncaa: quality 0.5 in games. Mend it"
    assert (found.first_at, found.last_at) == (NOW - 2 * MINUTE, NOW)


def test_a_run_that_died_without_a_failed_step_is_told_once_by_what_dagster_says():
    settings = load_settings()
    put_failures(settings.folder, [(NOW, "live_cycle", None, [], "r1")])
    assert [each[:3] for each in told(ErrorBook(settings))] == [(1, "run live_cycle", "PIPELINE_FAILURE of live_cycle")]


def test_errors_of_processes_are_read_from_their_logs_each_line_once():
    settings = load_settings()
    book = ErrorBook(settings)
    logged(settings, NOW - 2 * MINUTE, "request 1f failed", error="Traceback\n  File ...\nKeyError: 'x'")
    logged(settings, NOW - MINUTE, "all is well", level="info")
    assert told(book) == [(1, "log serving", "request 1f failed: KeyError: 'x'", NOW - 2 * MINUTE, NOW - 2 * MINUTE)]
    logged(settings, NOW, "request 2f failed", error="Traceback\nKeyError: 'x'")
    logged(settings, NOW, "cannot mail", level="critical", name="watchdog")
    assert {(each[0], each[1]) for each in told(book)} == {(2, "log serving"), (1, "log watchdog")}


def test_a_line_that_is_still_written_waits_and_one_that_is_no_json_is_passed_over():
    settings = load_settings()
    file = logged(settings, NOW, "first")
    with file.open("a", encoding="utf-8") as text:
        text.write('{"level": "error", no json\n{"at": "2026-11-21T18:00:00+00:00", "level": "error", "message": "sec')
    book = ErrorBook(settings)
    assert [each[2] for each in told(book)] == ["first"]
    with file.open("a", encoding="utf-8") as text:
        text.write('ond"}\n')
    assert sorted(each[2] for each in told(book)) == ["first", "second"]


def test_what_is_older_than_a_week_is_left_out():
    settings = load_settings()
    put_failures(settings.folder, [(NOW - timedelta(days=8), "live_cycle", "read", [STEP, "X: old"], "r")])
    logged(settings, NOW - timedelta(days=8), "old too")
    logged(settings, NOW - timedelta(days=6), "young")
    book = ErrorBook(settings)
    assert [each[2] for each in told(book)] == ["young"]
    assert told(book, NOW + timedelta(days=2)) == []


def test_records_that_cannot_be_read_are_an_error_of_their_own():
    settings = load_settings()
    file = settings.folder / "dagster" / "history" / "event_log.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 100)
    with pytest.raises(StorageError, match="not a database"):
        ErrorBook(settings).seen(NOW)
