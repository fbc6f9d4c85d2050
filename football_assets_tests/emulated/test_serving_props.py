"""Props over a real socket: batches, their failures one by one, and the evidence behind each number."""

import threading
import time

import pytest

from football_assets.client import ApiError, Football
from football_assets.client.batching import WAIT_S
from football_assets.serving.props import AT_ONCE
from football_assets_tests.emulated.served import Served, world

PROP = {"player_id": "7", "stat_type": "rushing_yards", "line": 42.5, "over_price": -110, "under_price": -110}


@pytest.fixture(scope="module")
def served(tmp_path_factory, module_databases):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("props")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        with Served(world()).running() as made:
            yield made


def batch(served, *props, **also):
    patient = {"deadline_s": 60}  # the machine may be busy with other tests
    body = {"props": [{"prop_id": str(n), **each} for n, each in enumerate(props)], **patient, **also}
    return served.http.post("/v1/props/analyze-batch", json=body)


def one(served, **changed):
    answer = served.http.post("/v1/props/analyze", json={"prop_id": "a", **PROP, **changed})
    return answer.json()["data"] if answer.status_code == 200 else answer.json()


def test_a_prop_is_answered_with_chances_prices_and_reasons(served):
    told = one(served)
    assert told["matchup"] == "Foxhollow at Ironvale"
    assert told["n_games"] == 6
    assert told["p_over"] + told["p_under"] + told["p_push"] == pytest.approx(1)
    assert told["hit_rates"]["last_5"] == {"hits": 4, "pushes": 0, "n": 5, "rate": 0.8}
    assert told["market"]["fair_p_over"] == pytest.approx(0.5)
    assert told["confidence"]["n"] == 4000
    assert {each["window"] for each in told["reasoning"]} >= {"last_5", "season", "against_opponent"}


def test_the_evidence_of_every_sentence_returns_the_rows_behind_it(served):
    told = one(served)
    for sentence in told["reasoning"]:
        evidence = served.http.get(f"/v1/evidence/{sentence['evidence_id']}").json()["data"]
        assert evidence["rows"]
        if evidence["kind"] == "games":
            hits = sum(each["value"] > told["line"] for each in evidence["rows"])
            assert sentence["value"] == pytest.approx(hits / len(evidence["rows"]))
            assert sentence["n"] == len(evidence["rows"])
        elif evidence["kind"] == "projection":
            assert evidence["rows"][0]["p_over"] == told["p_over"]
        elif evidence["kind"] == "calibration":
            assert evidence["rows"][0]["observed"] == sentence["value"]
        else:
            assert evidence["rows"][0]["fair_p_over"] == sentence["value"]
    assert served.http.get(f"/v1/evidence/{'0' * 32}").status_code == 404


def test_a_batch_answers_what_it_can_and_names_each_failure(served):
    answer = batch(
        served,
        PROP,
        {**PROP, "player_id": "none"},
        {**PROP, "stat_type": "dunks"},
        {"player_name": "Sam Twin", "stat_type": "rushing_yards", "line": 5.5},
        {"player_name": "sam twin", "team": "Foxhollow", "stat_type": "rushing_yards", "line": 5.5},
        {"player_name": "DJ Nandu", "stat_type": "anytime_td", "priority": 1},
        {**PROP, "over_price": 50},
        {**PROP, "matchup": "Nowhere at Ironvale"},
        {**PROP, "game_id": 1},
        {**PROP, "stat_type": "tackles", "line": 3.5},
        {"player_id": "7", "stat_type": "rushing_yards"},
    ).json()["data"]
    assert [each["prop_id"] for each in answer["results"]] == ["0", "4", "5", "9"]
    assert {each["prop_id"]: each["code"] for each in answer["failures"]} == {
        "1": "not_found",
        "2": "unsupported_stat_type",
        "3": "ambiguous_player",
        "6": "invalid_parameter",
        "7": "not_found",
        "8": "invalid_parameter",
        "10": "invalid_parameter",
    }
    ambiguous = next(each for each in answer["failures"] if each["prop_id"] == "3")
    assert {each["team"] for each in ambiguous["candidates"]} == {"Ironvale", "Foxhollow"}
    unsupported = next(each for each in answer["failures"] if each["prop_id"] == "2")
    assert "rushing_yards" in unsupported["supported"]
    told = {each["prop_id"]: each for each in answer["results"]}
    assert told["4"]["recommendation"] == "insufficient_data"
    assert told["9"]["reason"] == "no tackle is known of him"
    assert told["5"]["line"] == 0.5


def test_fifty_are_answered_and_one_more_is_refused_whole(served):
    whole = batch(served, *[PROP] * 50)
    assert (whole.status_code, len(whole.json()["data"]["results"])) == (200, 50)
    assert whole.json()["data"]["players"] == 1
    refused = batch(served, *[PROP] * 51)
    assert (refused.status_code, refused.json()["code"]) == (422, "batch_too_large")


def test_what_is_not_analysed_by_the_deadline_fails_and_says_so(served):
    answer = batch(served, PROP, deadline_s=1e-9).json()["data"]
    assert answer["results"] == []
    assert "deadline" in answer["failures"][0]["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"props": []},
        {"props": [{"prop_id": "1", "stat_type": "x"}]},
        {"props": [{**PROP, "prop_id": "1", "more": 1}]},
    ],
)
def test_a_malformed_batch_is_refused(served, body):
    answer = served.http.post("/v1/props/analyze-batch", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameter")


def test_a_single_prop_fails_with_its_own_code(served):
    assert one(served, player_id="none")["code"] == "not_found"
    assert one(served, stat_type="dunks")["code"] == "unsupported_stat_type"


def test_a_malformed_prop_of_one_caller_fails_alone(served):
    with Football(served.url) as football:
        found = football.analyze([PROP, {**PROP, "line": "much"}, {**PROP, "stat": 1}, {**PROP, "line": 30.5}])
    assert [found[0]["line"], found[3]["line"]] == [42.5, 30.5]
    assert [str(each) for each in found[1:3]] == [
        "invalid_parameter (422): line: Input should be a valid number, unable to parse string as a number",
        "invalid_parameter (422): stat: Extra inputs are not permitted",
    ]


def test_eight_players_are_analysed_at_once_and_the_first_priority_first(served, monkeypatch):
    desk, together, begun = served.services.props, threading.Barrier(AT_ONCE), []

    def waits(_room, props, _until):
        begun.append(props[0].priority)
        together.wait(20)
        return [{"prop_id": each.prop_id, "code": "not_found", "detail": "nobody"} for each in props]

    monkeypatch.setattr(desk, "_player_props", waits)
    asked = [{**PROP, "player_id": f"p{n}", "priority": 1 + (n < 16)} for n in range(24)]
    told = batch(served, *asked).json()["data"]
    assert (told["players"], len(told["failures"])) == (24, 24)
    assert begun == [1] * 8 + [2] * 16


def sent(served):
    """The batches that were answered so far."""
    return served.services.requests.outcomes["POST", "/v1/props/analyze-batch", 200]


def test_the_client_sends_many_as_few_batches(served):
    with Football(served.url) as football:
        before = sent(served)
        found = football.analyze([{**PROP, "line": 20.5 + n} for n in range(60)] + [{**PROP, "player_id": "none"}])
        assert sent(served) - before == 2
        began = time.monotonic()
        football.analyze([PROP])
        assert time.monotonic() - began >= WAIT_S  # it waits for others first
    assert [each["line"] for each in found[:60]] == [20.5 + n for n in range(60)]
    assert isinstance(found[60], ApiError)
    over = [each["p_over"] for each in found[:60]]
    assert over == sorted(over, reverse=True)
