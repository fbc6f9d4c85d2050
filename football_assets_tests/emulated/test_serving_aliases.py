"""The addresses of the earlier service answer in the same envelope; only the sport that is served is answered."""

import json

import aiohttp
import pytest

from football_assets_tests.emulated.served import Served, world

RT, OPT = "/api/optimized-realtime", "/api/v1/optimized"
GETS = (
    *(f"{RT}/{path}" for path in ("health", "metrics", "player-data?player_id=7", "search-players?query=twin")),
    *(f"{RT}/{path}" for path in ("cache/stats", "circuit-breaker/status", "rate-limits/status")),
    *(f"{RT}/{path}" for path in ("performance/benchmark", "websocket/status", "player-data?player_name=DJ%20Nandu")),
    *(f"{OPT}/{path}" for path in ("player-data/DJ%20Nandu", "performance-metrics", "cache-stats")),
    f"{OPT}/benchmark-performance",
)
PROP = {"prop_id": "1", "player_id": "7", "stat_type": "rushing_yards", "line": 42.5}


@pytest.fixture(scope="module")
def served(tmp_path_factory, module_databases):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("aliases")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        with Served(world()).running() as made:
            folder = made.settings.folder / "simulated" / "cache" / "soccer"
            folder.mkdir(parents=True)
            down = {"state": "open", "failures_in_a_row": 5, "last_failure": "HTTP 500"}
            (folder / "breaker-TheSports-odds-history.json").write_text(json.dumps(down))
            yield made


@pytest.mark.parametrize("path", GETS)
def test_an_earlier_address_answers_in_the_envelope(served, path):
    answer = served.http.get(path)
    assert answer.status_code == 200, answer.text
    assert set(answer.json()) == {"data", "meta"}


def test_posted_ones_answer_too(served):
    assert served.http.post(f"{OPT}/warm-cache").json()["data"]["warmed"] > 5
    assert served.http.post(f"{RT}/cache/warm").status_code == 200
    assert served.http.post(f"{RT}/cache/clear").status_code == 200
    assert served.http.post(f"{OPT}/enhanced-prop-analysis", json=PROP).json()["data"]["prop_id"] == "1"
    assert len(served.http.post(f"{OPT}/batch-prop-analysis", json={"props": [PROP]}).json()["data"]["results"]) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{OPT}/enhanced-prop-analysis", {**PROP, "sport": "NBA"}),
        (f"{OPT}/batch-prop-analysis", {"props": [PROP], "sport": "NBA"}),
        (f"{OPT}/batch-prop-analysis?sport=NBA", {"props": [PROP]}),
    ],
)
def test_another_sport_in_a_body_is_refused_too(served, path, body):
    answer = served.http.post(path, json=body)
    assert (answer.status_code, answer.json()["served"]) == (422, ["NCAAF"])
    told = json.loads(json.dumps(body).replace("NBA", "ncaaf"))
    assert served.http.post(path.partition("?")[0], json=told).status_code == 200


def test_a_prop_of_another_sport_fails_alone_in_its_batch(served):
    props = [PROP, {**PROP, "prop_id": "2", "sport": "NFL"}]
    told = served.http.post("/v1/props/analyze-batch", json={"props": props}).json()["data"]
    assert [each["prop_id"] for each in told["results"]] == ["1"]
    assert [(each["prop_id"], each["served"]) for each in told["failures"]] == [("2", ["NCAAF"])]


def test_a_player_comes_with_his_games(served):
    told = served.http.get(f"{OPT}/player-data/DJ Nandu").json()["data"]
    assert told["player"]["player_id"] == "7"
    assert [each["game_id"] for each in told["games"]] == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize("path", [*GETS, f"{RT}/cache/stats"])
def test_another_sport_is_refused_and_what_is_served_named(served, path):
    answer = served.http.get(path + ("&" if "?" in path else "?") + "sport=NBA")
    assert (answer.status_code, answer.json()["code"], answer.json()["served"]) == (422, "invalid_parameter", ["NCAAF"])
    assert served.http.get(path + ("&" if "?" in path else "?") + "sport=ncaaf").status_code == 200


async def test_the_earlier_socket_follows_a_player(served):
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{served.url}{RT}/ws/player-updates") as socket:
        await socket.send_json({"type": "subscribe", "player_id": "7"})
        assert (await socket.receive_json())["type"] == "subscribed"
        snapshot = await socket.receive_json()
        assert set(snapshot["values"]) == {"100:7:rushing_yards", "100:7:tackles"}


def test_an_open_breaker_is_shown_and_closed_by_reset(served):
    told = served.http.get("/v1/providers/soccer").json()["data"]
    assert told["is_open"]
    assert told["last_error"] == "HTTP 500"
    assert served.http.get("/v1/providers/thesports").json()["data"] == told
    assert served.http.get("/v1/providers/nobody").status_code == 404
    assert served.http.post(f"{RT}/circuit-breaker/reset").json()["data"] == {"closed": 1}
    assert not served.http.get("/v1/providers/soccer").json()["data"]["is_open"]


def test_measures_answer_and_count(served):
    before = served.http.get("/v1/metrics").json()["data"]["requests"]
    assert served.http.get("/v1/metrics").json()["data"]["requests"] == before + 1
    text = served.http.get("/metrics").text
    assert 'football_http_requests_total{method="GET",path="/v1/metrics",status="200"}' in text
    assert 'football_publication_age_seconds{pipeline="soccer",world="simulated"}' in text
    assert served.http.get("/v1/benchmarks").json()["data"]["reads"] == 20
