"""The REST service over a real socket: what it answers, how it refuses, and that its documentation is true."""

import gzip
import json
from datetime import timedelta

import httpx
import pyarrow as pa
import pytest

from football_assets.client import Football
from football_assets.config import load_settings, now_utc
from football_assets.serving.keys import KeyStore
from football_assets.soccer.schemas import FlattenedMatches
from football_assets_tests.emulated.served import AT, Served, match, put, soccer_rows, world


@pytest.fixture(scope="module")
def served(tmp_path_factory, module_databases):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("served")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        patch.setenv("FOOTBALL_SERVING__DAGSTER_URL", "http://127.0.0.1:9")  # nothing runs there
        with Served(world()).running() as made:
            yield made


def ids(answer):
    assert answer.status_code == 200, answer.text
    return [each["match_id"] for each in answer.json()["data"]]


def test_an_answer_says_whose_data_it_holds_and_how_old_they_are(served):
    meta = served.http.get("/v1/soccer/matches").json()["meta"]
    assert meta["state"] == "simulated"
    assert meta["sources"] == [{"provider": "TheSports", "world": "simulated"}]
    assert meta["data_as_of"] == "2026-11-21T18:00:00Z"
    assert 0 <= meta["age_s"] < 300
    assert meta["total"] == 7


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 7),
        ("live=true", 5),
        ("live=false", 2),
        ("status=8", 2),
        ("status=ended&status=first half", 5),
        ("competition=cobalt", 7),
        ("competition=c1", 7),
        ("competition=none", 0),
        ("date=2026-11-21", 7),
        ("date=2026-11-22", 0),
    ],
)
def test_matches_are_chosen_by_what_is_asked(served, query, found):
    assert len(ids(served.http.get(f"/v1/soccer/matches?{query}"))) == found


def test_pages_follow_each_other(served):
    seen, cursor = [], None
    while True:
        answer = served.http.get("/v1/soccer/matches", params={"limit": 3, **({"cursor": cursor} if cursor else {})})
        seen += ids(answer)
        if (cursor := answer.json()["meta"]["next_cursor"]) is None:
            break
    assert len(seen) == len(set(seen)) == 7


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/soccer/matches?limit=201", 422, "invalid_parameter"),
        ("/v1/soccer/matches?limit=0", 422, "invalid_parameter"),
        ("/v1/soccer/matches?status=losing", 422, "invalid_parameter"),
        ("/v1/soccer/matches?cursor=zzz", 422, "invalid_parameter"),
        ("/v1/soccer/matches?as_of=yesterday", 422, "invalid_parameter"),
        ("/v1/soccer/matches/zzz", 404, "not_found"),
        ("/v1/soccer/matches/zzz/events", 404, "not_found"),
        ("/v1/ncaaf/games?season=1950", 404, "not_found"),
        ("/v1/ncaaf/players/none", 404, "not_found"),
        ("/v1/ncaaf/players/search?q=a", 422, "invalid_parameter"),
        ("/v1/pipeline/runs", 503, "upstream_unavailable"),
        ("/v1/nothing", 404, "not_found"),
        ("/v1/soccer/changes?cursor=WyIyMDI2LTExLTIxIiwxLDEsMV0", 422, "invalid_parameter"),
        ("/v1/soccer/matches/zzz/odds", 404, "not_found"),
        ("/v1/soccer/matches/m001/odds?market=cards", 422, "invalid_parameter"),
    ],
)
def test_an_error_is_a_problem_document_with_a_code(served, path, status, code):
    answer = served.http.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert len(body["detail"]) > 10


def test_what_has_not_changed_is_not_sent_again(served):
    first = served.http.get("/v1/soccer/matches/m001")
    again = served.http.get("/v1/soccer/matches/m001", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert served.http.get("/v1/soccer/matches/m002").headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_long_answers_are_compressed_as_the_client_takes_them(served, form):
    with served.http.stream("GET", "/v1/soccer/matches", headers={"Accept-Encoding": form}) as answer:
        assert answer.headers["content-encoding"] == form
        raw = b"".join(answer.iter_raw())
    whole = gzip.decompress(raw) if form == "gzip" else pa.input_stream(pa.py_buffer(raw), compression="zstd").read()
    assert len(json.loads(whole)["data"]) == 7
    assert len(raw) < len(whole) / 3


@pytest.mark.parametrize("form", ["identity", "gzip;q=0", "gzip;q=0.0, zstd; q=0", ""])
def test_a_client_that_takes_no_compression_gets_none(served, form):
    answer = served.http.get("/v1/soccer/matches", headers={"Accept-Encoding": form})
    assert "content-encoding" not in answer.headers
    assert (
        served.http.get("/v1/soccer/matches", headers={"Accept-Encoding": "br, gzip;q=0.5"}).headers["content-encoding"]
        == "gzip"
    )


def test_college_lists_answer_by_week_team_and_name(served):
    def data(path):
        answer = served.http.get(f"/v1/ncaaf/{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]

    assert len(data("games")) == 7
    assert [each["game_id"] for each in data("games?week=12")] == [100]
    assert len(data("games?team=foxhollow&completed=true")) == 6
    assert [each["team"] for each in data("standings")] == ["Ironvale", "Foxhollow"]
    assert {each["week"] for each in data("rankings")} == {12}
    assert [each["family"] for each in data("predictions?week=12")] == ["no_market"]
    assert len(data("predictions?week=12&family=all&team=ironvale")) == 2
    assert [each["player_id"] for each in data("players/search?q=nandu dj")] == ["7"]
    assert [each["team"] for each in data("players/search?q=twin&team=foxhollow")] == ["Foxhollow"]
    assert data("players/7")["games"] == 6
    log = data("players/7/gamelog?limit=2")
    assert [(each["game_id"], each["rushing_yards"], each["opponent"]) for each in log] == [
        (6, 46.0, "Foxhollow"),
        (5, 45.0, "Foxhollow"),
    ]
    assert log[0]["points_for"] == 26
    assert log[0]["passing_yards"] is None  # nobody's passes are in the box score: not known
    assert [each["mean"] for each in data("players/7/projections")] == [44.0, None]


def test_an_answer_holds_exactly_the_documented_fields(served):
    schemas = served.http.get("/v1/openapi.json").json()["components"]["schemas"]
    for path, name in (("soccer/matches", "Match"), ("ncaaf/games", "Game"), ("ncaaf/players/7/gamelog", "PlayerGame")):
        row = served.http.get(f"/v1/{path}").json()["data"][0]
        assert set(row) == set(schemas[name]["properties"])


def test_an_answer_says_how_good_its_tables_were_found(served):
    def quality(path):
        return served.http.get(f"/v1/{path}").json()["meta"]["quality"]

    assert quality("ncaaf/games")["score"] == 0.9
    assert set(quality("ncaaf/players/7")["tables"]) == {"ncaa_games", "ncaa_player_stats"}
    assert quality("ncaaf/players/7")["score"] == 0.9
    assert quality("ncaaf/standings")["score"] is None  # its row has none
    assert quality("ncaaf/teams")["tables"] == {"ncaa_teams": None}  # it was never judged
    live = quality("soccer/matches/m001")
    assert (live["score"], live["cycle"]["matches"], live["cycle"]["named"]) == (1.0, 7, 1.0)
    assert quality("cache/stats") is None
    meta = served.http.get("/v1/openapi.json").json()["components"]["schemas"]["Quality"]["properties"]["score"]
    assert "lowest score" in meta["description"]
    assert "share of matches" in meta["description"]


def test_props_are_analysed_of_the_past_or_refused_and_their_evidence_says_what_it_is_of(served):
    prop = {"prop_id": "1", "player_id": "7", "stat_type": "rushing_yards", "line": 42.5}
    answer = served.http.post("/v1/props/analyze", json=prop).json()
    assert answer["meta"]["quality"]["tables"]["ncaa_games"]["score"] == 0.9
    earlier = served.http.post("/v1/props/analyze", json=prop, params={"as_of": "2026-01-01T00:00:00Z"})
    assert (earlier.status_code, earlier.json()["code"]) == (404, "no_data_available")
    number = next(iter(answer["data"]["evidence"].values()))
    meta = served.http.get(f"/v1/evidence/{number}").json()["meta"]
    assert (meta["state"], meta["publication_id"]) == ("cached", answer["meta"]["publication_id"])
    assert meta["data_as_of"] == answer["meta"]["data_as_of"]
    assert meta["sources"] == answer["meta"]["sources"]


def test_odds_show_every_series_and_the_client_reads_them_and_follows_changes(served):
    with Football(served.url) as football:
        (series,) = football.odds("m001", history=True).data
        assert [each["prices"]["home"]["decimal"] for each in series["history"]] == [1.5, 2.0]
        assert (series["state"], series["quotes"], series["first"]["prices"]["home"]["american"]) == ("open", 2, 100)
        assert football.odds("m002").data == []
        first = football.changes(since=AT - timedelta(hours=1))
        assert len(first.data) == 7 + 3 + 1 + 7
        assert football.changes(cursor=first.meta.next_cursor).data == []


def test_security_headers_are_on_every_answer(served):
    for path in ("/v1/soccer/matches", "/v1/nothing", "/health/live"):
        headers = served.http.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_without_keys_no_foreign_page_and_no_other_name_is_served(served):
    assert served.http.get("/v1/soccer/matches", headers={"Host": "football.example"}).status_code == 403
    answer = served.http.post("/v1/cache/clear", headers={"Origin": "https://football.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_body_over_the_cap_is_refused(served):
    answer = served.http.post("/v1/pipeline/runs", content=b"x" * 1_100_000)
    assert answer.status_code == 413

    def pieces():
        for _ in range(12):
            yield b"x" * 100_000

    assert served.http.post("/v1/pipeline/runs", content=pieces()).status_code == 413


@pytest.mark.parametrize("error", [ValueError, RuntimeError, KeyError])
def test_what_goes_wrong_inside_is_a_problem_with_the_headers_of_all_and_tells_nothing(served, monkeypatch, error):
    def fails(*_):
        raise error("a secret of ours")

    monkeypatch.setattr(served.services.cache, "about", fails)
    answer = served.http.get("/v1/cache/stats", headers={"X-Request-ID": "mine-1"})
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "mine-1"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_method_that_an_address_has_not_is_refused_with_those_it_has(served):
    answer = served.http.delete("/v1/ledger")
    assert (answer.status_code, answer.headers["allow"], answer.json()["status"]) == (405, "GET", 405)
    assert served.http.delete("/v1/pipeline/runs").headers["allow"] == "GET, POST"
    assert served.http.options("/metrics").status_code == 405
    assert served.http.request("TRACE", "/v1/ledger").status_code == 405


def test_the_document_is_compressed_and_made_once(served):
    first, again = (served.http.get("/v1/openapi.json", headers={"Accept-Encoding": "gzip"}) for _ in range(2))
    assert first.headers["content-encoding"] == "gzip"
    assert first.json() == again.json()


def test_a_new_publication_is_served_at_once_and_an_old_one_is_stale(tmp_path):
    settings = world()
    with Served(settings).running() as served:
        assert served.http.get("/v1/soccer/matches/m001").json()["data"]["home_score"] == 1
        rows = soccer_rows()
        rows[FlattenedMatches][1] = match(1, home_score=2)
        put(settings.folder, "soccer", rows)
        served.services.published.look()
        assert served.http.get("/v1/soccer/matches/m001").json()["data"]["home_score"] == 2
        publication = served.services.published.newest("soccer")
        age = timedelta(seconds=3 * settings.live.interval_s)
        early = publication.__class__(publication.id, "soccer", publication.source, now_utc() - age, publication.as_of)
        assert served.services.published.freshness(early).state == "stale"


def test_a_match_of_a_status_nobody_knows_may_be_in_play():
    settings = world()
    rows = soccer_rows()
    unknown = {"status_id": 37, "status": "unknown (37)", "is_in_play": None}
    rows[FlattenedMatches] = [{**match(0), **unknown}, match(1), match(2, status_id=8)]
    put(settings.folder, "soccer", rows)
    with Served(settings).running() as served:
        assert set(ids(served.http.get("/v1/soccer/matches?live=true"))) == {"m000", "m001"}
        assert ids(served.http.get("/v1/soccer/matches?live=false")) == ["m002"]


def test_nothing_published_is_said_and_the_process_is_not_ready():
    with Served(load_settings()).running() as served:
        assert served.http.get("/health/live").status_code == 200
        for path in ("/health/ready", "/v1/soccer/matches", "/v1/ncaaf/games"):
            answer = served.http.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "no_data_available")


def test_keys_decide_who_may_do_what_and_writes_are_audited():
    settings = world()
    store = KeyStore(settings.folder)
    secrets = {scope: store.create(scope, scope)[1] for scope in ("read", "write", "admin")}
    with Served(settings).running() as served:

        def ask(method, path, scope=None):
            headers = {"Authorization": f"Bearer {secrets[scope]}"} if scope else {}
            return served.http.request(method, path, headers=headers).status_code

        assert ask("GET", "/v1/soccer/matches") == 401
        assert ask("GET", "/health/live") == 200
        assert [ask("GET", "/v1/soccer/matches", scope) for scope in secrets] == [200, 200, 200]
        assert [ask("POST", "/v1/cache/warm", scope) for scope in secrets] == [403, 200, 200]
        assert [ask("POST", "/v1/cache/clear", scope) for scope in secrets] == [403, 403, 200]
        assert served.http.get("/v1/soccer/matches", headers={"X-API-Key": secrets["read"]}).status_code == 200
        assert served.http.get("/v1/soccer/matches", headers={"X-API-Key": "fbk_1_wrong"}).status_code == 401
    lines = [json.loads(line) for line in (settings.folder / "logs" / "audit.log").read_text().splitlines()]
    assert [(line["key_name"], line["path"]) for line in lines] == [
        ("write", "/v1/cache/warm"),
        ("admin", "/v1/cache/warm"),
        ("admin", "/v1/cache/clear"),
    ]
    assert not any(secret in json.dumps(lines) for secret in secrets.values())


def test_a_key_that_asks_too_often_waits_and_another_does_not(monkeypatch):
    monkeypatch.setenv("FOOTBALL_SERVING__REQUESTS_PER_MINUTE", "5")
    settings = world()
    store = KeyStore(settings.folder)
    busy, calm = (store.create(name, "read")[1] for name in ("busy", "calm"))
    with Served(settings).running() as served:
        codes = [served.http.get("/health/ready", headers={"X-API-Key": busy}).status_code for _ in range(8)]
        assert codes == [200] * 8  # health needs no key and counts for none
        answers = [served.http.get("/v1/soccer/matches", headers={"X-API-Key": busy}) for _ in range(7)]
        assert [each.status_code for each in answers] == [200] * 5 + [429] * 2
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert answers[-1].json()["code"] == "rate_limited"
        # From the second refusal on the answer is given before anything else is done, and is the same.
        one, other = ({**each.json(), "request_id": "", "detail": ""} for each in answers[-2:])
        assert one == other
        kept = ("content-type", "x-frame-options", "content-security-policy", "x-content-type-options")
        assert [answers[-1].headers[name] for name in kept] == [answers[-2].headers[name] for name in kept]
        assert answers[-1].headers["x-request-id"] == answers[-1].json()["request_id"]
        assert served.http.get("/v1/soccer/matches", headers={"X-API-Key": calm}).status_code == 200
        assert served.http.get("/health/ready", headers={"X-API-Key": busy}).status_code == 200
        assert served.http.get("/v1/soccer/matches", headers={"X-API-Key": f"{busy}x"}).status_code == 401
        store.revoke(busy.split("_")[1])
        assert served.http.get("/v1/soccer/matches", headers={"X-API-Key": busy}).status_code == 401


def test_two_hundred_reads_of_one_page_make_it_once(served):
    before = served.http.get("/v1/cache/stats").json()["data"]
    with httpx.Client(base_url=served.url) as client:
        for _ in range(200):
            assert client.get("/v1/soccer/matches?status=3&limit=7").status_code == 200
    after = served.http.get("/v1/cache/stats").json()["data"]
    assert after["misses"] - before["misses"] <= 2  # a second one when ten seconds have passed meanwhile
    assert after["reads"] - before["reads"] == 200
