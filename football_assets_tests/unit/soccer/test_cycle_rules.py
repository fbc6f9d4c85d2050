"""How a cycle went, graded."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.soccer.cycle_rules import cycle_time, enrichment_time, legal_statuses, request_errors
from football_assets.soccer.grades import grade_of
from football_assets.soccer.schemas import Corrections
from football_assets.tables import from_rows

NOW = datetime(2025, 5, 28, 17, 30, tzinfo=UTC)


def reading(**odds):
    return {"outcomes": {"match/recent/list": {"ok": 100}, "odds/history": odds}}


@pytest.mark.parametrize(
    ("counted", "grade", "failed"),
    [
        ({"ok": 100}, "OK", 0),
        ({"ok": 99, "unavailable": 1}, "OK", 1),
        ({"ok": 98, "unavailable": 1, "changed": 1}, "WARN", 2),
        ({"ok": 60, "unavailable": 40}, "WARN", 40),
        ({"ok": 59, "unavailable": 41}, "ERROR", 41),
        ({"ok": 20, "held back": 80}, "OK", 0),
        ({"ok": 98, "rejected": 2}, "OK", 0),
    ],
)
def test_the_share_of_requests_that_failed_after_their_retries_is_graded(counted, grade, failed):
    verdict = request_errors(None, reading(**counted))
    assert (grade_of(verdict), verdict.figures["request_errors"]) == (grade, failed)


def test_a_cycle_without_requests_has_no_errors_and_one_without_counts_is_warned_about():
    assert grade_of(request_errors(None, {"outcomes": {}})) == "OK"
    assert grade_of(request_errors(None, None)) == "WARN"


@pytest.mark.parametrize(
    ("rule", "seconds", "grade"),
    [
        *((enrichment_time, 4.9, "OK"), (enrichment_time, 5.0, "WARN"), (enrichment_time, 30.1, "ERROR")),
        *((cycle_time, 9.9, "OK"), (cycle_time, 10.0, "WARN"), (cycle_time, 45.1, "ERROR")),
        *((enrichment_time, None, "WARN"), (cycle_time, None, "WARN")),
    ],
)
def test_times_are_graded(rule, seconds, grade):
    assert grade_of(rule(None, seconds)) == grade


def correction(kind, observed_at, match_id="m1"):
    said = {"subject": "status", "before": "ended", "after": "second half"}
    at = {"observed_at": observed_at, "previous_at": observed_at - timedelta(minutes=1)}
    return {"match_id": match_id, "kind": kind, "seq": 0, **at, **said}


def test_a_match_that_went_back_in_this_cycle_is_named_and_one_of_an_earlier_cycle_is_not():
    rows = [
        correction("status went back", NOW - timedelta(minutes=1), "old"),
        correction("status went back", NOW),
        correction("score fell", NOW, "m2"),
    ]
    verdict = legal_statuses(from_rows(Corrections, rows), NOW)
    assert grade_of(verdict) == "WARN"
    assert verdict.rows == ({"match_id": "m1", "before": "ended", "after": "second half"},)
    assert verdict.figures == {"status_went_back": 1, "new_corrections": 2}
    assert legal_statuses(from_rows(Corrections, rows[:1]), NOW).passed
    assert legal_statuses(from_rows(Corrections, []), None).passed
