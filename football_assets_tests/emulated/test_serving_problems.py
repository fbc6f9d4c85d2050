"""Every code of a problem is given by the service, with its status, as a problem document."""

from typing import get_args

import pytest

from football_assets.serving.keys import KeyStore
from football_assets.serving.problems import PROBLEM_JSON, STATUS, Code
from football_assets_tests.emulated.served import Games, Served, ncaa_rows, put, world

PROP = {"prop_id": "1", "player_id": "7", "stat_type": "rushing_yards", "line": 42.5}
NAMED = {"prop_id": "1", "player_name": "Sam Twin", "stat_type": "rushing_yards", "line": 5.5}
LIMIT = 40


@pytest.fixture(scope="module")
def ask(tmp_path_factory, module_databases):
    """Ask a server with keys, as the owner of a key that may read, by default."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("problems")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        patch.setenv("FOOTBALL_SERVING__DAGSTER_URL", "http://127.0.0.1:9")  # nothing runs there
        patch.setenv("FOOTBALL_SERVING__REQUESTS_PER_MINUTE", str(LIMIT))
        settings = world()
        rows = ncaa_rows()
        games = rows[Games]
        games.loc[games["game_id"] == 100, ["is_completed", "home_points", "away_points"]] = [True, 7, 3]
        put(settings.folder, "ncaa", rows)  # the season is over: no game comes
        secrets = {name: KeyStore(settings.folder).create(name, "read")[1] for name in ("reader", "busy")}
        with Served(settings).running() as served:

            def asked(method, path, body=None, key="reader"):
                headers = {"X-API-Key": secrets[key]} if key else {}
                return served.http.request(method, path, json=body, headers=headers)

            yield asked


REFUSED = {
    "not_found": ("GET", "/v1/soccer/matches/zzz"),
    "invalid_parameter": ("GET", "/v1/soccer/matches?limit=201"),
    "unsupported_stat_type": ("POST", "/v1/props/analyze", {**PROP, "stat_type": "dunks"}),
    "ambiguous_player": ("POST", "/v1/props/analyze", NAMED),
    "batch_too_large": ("POST", "/v1/props/analyze-batch", {"props": [PROP] * 51}),
    "insufficient_data": ("POST", "/v1/props/analyze", PROP),
    "no_data_available": ("GET", "/v1/ncaaf/games?as_of=2000-01-01"),
    "upstream_unavailable": ("GET", "/v1/pipeline/runs"),
    "rate_limited": ("GET", "/v1/models", None, "busy"),
    "unauthorized": ("GET", "/v1/models", None, None),
    "forbidden": ("POST", "/v1/cache/clear"),
}


def test_all_codes_are_among_them():
    assert set(REFUSED) == set(get_args(Code))


@pytest.mark.parametrize(("code", "asked"), REFUSED.items())
def test_a_code_is_given_with_its_status(ask, code, asked):
    for _ in range(LIMIT if code == "rate_limited" else 0):
        assert ask(*asked).status_code == 200
    answer = ask(*asked)
    past = code == "no_data_available"  # of the past, which no waiting brings
    assert answer.status_code == (404 if past else STATUS[code]), answer.text
    assert answer.headers["content-type"] == PROBLEM_JSON
    told = answer.json()
    assert (told["code"], told["status"]) == (code, answer.status_code)
    assert told["type"].endswith(code)
    assert {"title", "detail", "request_id"} <= set(told)
    assert ("retry-after" in answer.headers) == (code == "rate_limited")
