"""The OpenAPI document: each operation has an example that answers as documented, each part is described and typed."""

import json
from datetime import timedelta

import pytest
import requests
import schemathesis

from football_assets.config import now_utc
from football_assets.operations.alert_state import Alert, AlertBook, State
from football_assets.serving.document import operations
from football_assets_tests.emulated.contract import ENDLESS
from football_assets_tests.emulated.served import Served, world

PLAYER = {"player_name": "DJ Nandu", "team": "Ironvale"}
VALUES = {"match_id": "m001", "player_id": "7", "projected_id": "7", "player_word": "twin", "alert_id": "00000001"}
VALUES |= {"model_id": "no_market-margin-1", "player_name": "DJ Nandu"}
# What asks Dagster says that it is away; that it answers is shown with Dagster in the tests of whole processes.
ASK_DAGSTER = {"/v1/pipeline/runs"}


@pytest.fixture(scope="module")
def served(tmp_path_factory, module_databases):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("document")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        patch.setenv("FOOTBALL_SERVING__DAGSTER_URL", "http://127.0.0.1:9")  # nothing runs there
        with Served(world()).running() as made:
            put_alerts(made.settings.folder, 250)
            yield made


@pytest.fixture(scope="module")
def document(served):
    return served.http.get("/v1/openapi.json").json()


def put_alerts(home, count):
    at = now_utc()
    about = {"severity": "warning", "summary": "slow", "to_do": "look", "seen_at": at}
    alerts = [
        Alert(id=f"{n:08x}", key=f"k{n}", raised_at=at - timedelta(minutes=count - n), **about) for n in range(count)
    ]
    AlertBook(home).write(State(alerts=alerts))


def with_player(body):
    """An example's body with a player of this world in the place of its own."""
    for each in body.get("props", [body]):
        if "player_name" in each:
            each |= PLAYER
    return body


def test_the_example_of_every_operation_answers_as_documented(served, document):
    schema = schemathesis.openapi.from_dict(document)
    prop = {"prop_id": "1", **PLAYER, "stat_type": "rushing_yards", "line": 42.5}
    found = served.http.post("/v1/props/analyze", json=prop).json()["data"]["evidence"]
    values = {**VALUES, "evidence_id": next(iter(found.values()))}
    executed = set()
    for path, method, operation in operations(document):
        if path in ENDLESS:
            continue
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        body = None if content is None else with_player(json.loads(json.dumps(content["example"])))
        address = served.url + operation["x-example"].format(**values)
        answer = requests.request(method, address, json=body, timeout=30)
        assert answer.status_code == (503 if path in ASK_DAGSTER else 200), (method, path, answer.text)
        schema[path][method].validate_response(answer)
        executed.add((method, path))
    assert {path for path, _, _ in operations(document)} - {path for _, path in executed} == ENDLESS


def test_the_example_of_what_has_no_end_begins_as_documented(served, document):
    example = document["paths"]["/v1/stream/events"]["get"]["x-example"].format(**VALUES)
    with served.http.stream("GET", example) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert next(answer.iter_lines()) == "event: snapshot"


def test_every_parameter_is_described_and_those_of_the_example_have_its_values(document):
    for path, method, operation in operations(document):
        assert operation.get("summary"), (method, path)
        for parameter in operation.get("parameters", ()):
            assert parameter.get("description"), (method, path, parameter["name"])
            named = f"{parameter['name']}=" in operation["x-example"] or parameter["in"] == "path"
            assert ("example" in parameter) == named, (method, path, parameter["name"])
    odds = {each["name"]: each.get("example") for each in document["paths"]["/v1/soccer/changes"]["get"]["parameters"]}
    assert odds["limit"] == 5


def test_every_answer_is_typed_and_every_property_described(document):
    for path, method, operation in operations(document):
        for status, answer in operation["responses"].items():
            assert answer["description"], (method, path, status)
            if status == "304":
                continue
            for kind, content in answer["content"].items():
                assert content["schema"], (method, path, status, kind)
                assert status == "200" or content["schema"]["$ref"].endswith("/ProblemBody")
    for name, schema in document["components"]["schemas"].items():
        for field, about in schema.get("properties", {}).items():
            said = about.get("description") or "$ref" in about or name.startswith("Envelope_")
            assert said, (name, field)


def test_every_list_is_read_in_pages_of_two_hundred_at_most(served, document):
    for path, method, operation in operations(document):
        schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
        if method != "get" or not schema.get("$ref", "").rpartition("/")[2].startswith("Envelope_list_"):
            continue
        taken = {each["name"]: each["schema"] for each in operation["parameters"]}
        assert (taken["limit"]["maximum"], "cursor" in taken) == (200, True), path
    first = served.http.get("/v1/alerts").json()
    assert (len(first["data"]), first["meta"]["total"]) == (200, 250)
    rest = served.http.get("/v1/alerts", params={"cursor": first["meta"]["next_cursor"]}).json()
    assert (len(rest["data"]), rest["meta"]["next_cursor"]) == (50, None)
    assert len({each["id"] for each in first["data"] + rest["data"]}) == 250


@pytest.mark.parametrize(
    ("path", "name", "whole"),
    [
        ("/v1/soccer/matches/m001/events", "seq", [0, 1, 2]),
        ("/v1/ncaaf/players/7/projections", "stat_type", ["rushing_yards", "tackles"]),
        ("/v1/providers", "pipeline", ["soccer", "ncaa"]),
    ],
)
def test_a_short_list_is_read_row_by_row_too(served, path, name, whole):
    found, cursor = [], None
    while True:
        answer = served.http.get(path, params={"limit": 1, **({"cursor": cursor} if cursor else {})}).json()
        found += [each[name] for each in answer["data"]]
        assert answer["meta"]["total"] == len(whole)
        if (cursor := answer["meta"]["next_cursor"]) is None:
            break
    assert found == whole
    assert served.http.get(path, params={"cursor": "WyJ4Il0"}).json()["code"] == "invalid_parameter"


def test_a_site_that_is_allowed_may_ask_with_a_key_and_no_other_may(monkeypatch):
    monkeypatch.setenv("FOOTBALL_SERVING__CORS_ORIGINS", '["https://my.example"]')
    with Served(world()).running() as served:

        def asks(origin):
            asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
            return served.http.options("/v1/soccer/matches", headers={"Origin": origin, **asked})

        assert (asks("https://my.example").status_code, asks("https://other.example").status_code) == (200, 400)
        assert asks("https://my.example").headers["access-control-allow-origin"] == "https://my.example"
        assert "access-control-allow-origin" not in asks("https://other.example").headers
