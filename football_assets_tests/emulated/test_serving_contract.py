"""The OpenAPI document is true: whatever is asked by it is answered as it says, and never by a failure inside."""

import pytest

from football_assets_tests.emulated.contract import ENDLESS, held_against_its_document
from football_assets_tests.emulated.served import Served, world


def test_made_up_requests_are_answered_as_the_document_says(monkeypatch):
    monkeypatch.setenv("FOOTBALL_SERVING__DAGSTER_URL", "http://127.0.0.1:9")  # nothing runs there
    with Served(world()).running() as served:
        document = served.http.get("/v1/openapi.json").json()
        outcome = held_against_its_document(served.url, examples=3)
    assert not outcome.failures, "\n\n".join(map(str, outcome.failures.items()))
    documented = {(method.upper(), path) for path, operations in document["paths"].items() for method in operations}
    assert outcome.operations == {each for each in documented if each[1] not in ENDLESS}
    assert outcome.statuses[200] >= len(documented) / 2


@pytest.mark.parametrize("path", ["/v1/soccer/matches", "/v1/ncaaf/games", "/v1/ncaaf/rankings"])
def test_an_instant_before_anything_was_published_is_not_found_and_no_failure_of_the_server(path):
    with Served(world()).running() as served:
        answer = served.http.get(path, params={"as_of": "2000-01-01T00:00:00Z"})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_data_available")


def test_a_body_that_is_no_text_is_invalid_like_any_other():
    with Served(world()).running() as served:
        answer = served.http.post(
            "/v1/props/analyze", content=b"\xff\xfe", headers={"Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")
