import pytest

from football_assets.errors import SourceRejected, SourceUnavailable
from football_assets.providers import JUDGES
from football_assets.soccer.client import judge, refused_for_all

CONTACT = ", please contact our business staff."


@pytest.mark.parametrize(
    ("text", "happened", "to_do"),
    [
        ("IP is not authorized to access", "address is not on the account's whitelist", "IPv4 address"),
        ("URL is not authorized to access", "plan does not include this endpoint", "add it to the plan"),
        ("Unauthorized access", "user and secret were not accepted", "THESPORTS_USER"),
        ("Something new", "the provider refused (Something new", "Ask TheSports"),
    ],
)
def test_a_refusal_says_what_it_is_about_and_what_to_change(text, happened, to_do):
    problem = judge(200, {"err": text + CONTACT})
    assert problem.kind == "rejected"
    assert happened in problem.happened
    assert to_do in problem.to_do


@pytest.mark.parametrize("code", [0, 200])
def test_success_is_no_problem(code):
    assert judge(200, {"code": code, "results": []}) is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"code": 429}, "unavailable"),
        ({"code": 500, "msg": "down"}, "unavailable"),
        ({"code": 400, "msg": "parameter uuid"}, "rejected"),
        ({"results": []}, "changed"),
        ([], "changed"),
        ("text", "changed"),
    ],
)
def test_failures_inside_http_200_are_told_apart(body, kind):
    assert judge(200, body).kind == kind


def test_an_http_failure_is_left_to_the_transport():
    assert judge(404, {"code": 404, "msg": "Resource does not exist"}) is None
    assert judge(500, ["oops"]) is None


def test_a_refusal_of_the_account_is_told_from_that_of_one_match():
    for text in ("URL is not authorized to access", "Unauthorized access", "Something new"):
        problem = judge(200, {"err": text})
        assert refused_for_all(problem.as_error("TheSports", "reading"))
    assert not refused_for_all(SourceRejected("TheSports", "reading", "HTTP 404", "Check."))
    assert not refused_for_all(SourceUnavailable("TheSports", "reading", "HTTP 500"))


def test_the_room_enters_its_judge_when_it_is_imported():
    assert JUDGES["soccer"] is judge
