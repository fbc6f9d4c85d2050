"""The pages as a server sends them: what is in them, who may see them, and that nothing is fetched elsewhere."""

import re

import pytest

from football_assets.serving.keys import KeyStore
from football_assets.serving.pages.playground import examples, known_values
from football_assets_tests.emulated.served import Served, world

PATHS = ("/", "/match/m001", "/ncaa", "/ncaa/rankings", "/ncaa/team/1", "/players", "/players/7", "/props")


@pytest.fixture(scope="module")
def served(tmp_path_factory, module_databases):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("pages")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        with Served(world(), pages=True).running() as made:
            yield made


@pytest.mark.parametrize(
    ("path", "holds"),
    [
        ("/", ["Match centre", "Cobalt League", "Home 1", "no model", "SIMULATED, nothing here is real"]),
        ("/match/m001", ["Home 1", "Timeline", "corner"]),
        ("/match/zzz", ["not on the live list"]),
        ("/ncaa", ["Ironvale", "Foxhollow"]),
        ("/ncaa/rankings", ["AP Top 25"]),
        ("/ncaa/team/1", ["Ironvale"]),
        ("/ncaa/team/99", ["No team has the id 99"]),
        ("/players", ["Name or part of it"]),
        ("/players/7", ["D.J. \\u00d1and\\u00fa", "rushing yards", "The coming game", "no tackle is known of him"]),
        ("/players/none", ["No player has the id"]),
        ("/props", ["Prop calculator", "Analyse"]),
        (
            "/operations",
            ["Dagster page down", "does not answer", "event loop lag", "nobody judges", "no forecast before"],
        ),
        (
            "/operations",
            ["No error in the last 7 days", "Nothing has run yet", "soccer_live_matches", "No run is over"],
        ),
        ("/playground", ["/v1/openapi.json"]),
    ],
)
def test_a_page_shows_what_is_published_or_says_why_not(served, path, holds):
    answer = served.http.get(path)
    assert answer.status_code == 200
    for words in holds:
        plain = words.encode().decode("unicode_escape")
        assert words in answer.text or plain in answer.text, words


def test_the_playground_offers_every_documented_request_filled_in(served):
    document = served.app.openapi()
    listed = examples(document, known_values(served.services))
    operations = [(method, path) for path, each in document["paths"].items() for method in each]
    assert [title.partition(":")[0] for title, *_ in listed] == [f"{m.upper()} {path}" for m, path in operations]
    left = [target for _, _, target, _ in listed if "{" in target]
    assert {re.sub(r".*{(.*)}.*", r"\1", target) for target in left} <= {"alert_id", "evidence_id", "model_id"}, left


def test_what_the_playground_offers_to_read_is_answered(served):
    for _, method, target, body in examples(served.app.openapi(), known_values(served.services)):
        if method == "GET" and "{" not in target and "/stream/events" not in target:
            answer = served.http.get(target)
            assert answer.status_code in (200, 404, 503), (target, answer.text)
        elif "props/analyze" in target or "prop-analysis" in target:
            answer = served.http.post(target, content=body, headers={"Content-Type": "application/json"})
            assert (answer.status_code, '"p_over"' in answer.text) == (200, True), (target, answer.text)


@pytest.mark.parametrize("path", PATHS)
def test_a_page_loads_nothing_from_elsewhere(served, path):
    answer = served.http.get(path)
    for address in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert not address.startswith(("http", "//")), address
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_a_name_that_leads_here_shows_no_page_without_keys(served):
    assert served.http.get("/", headers={"Host": "football.example"}).status_code == 403


def test_what_is_written_in_data_is_never_markup(served):
    from football_assets.serving.pages.html import text

    assert text('<script>alert("x")</script>') == "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;"


def test_with_keys_a_visitor_signs_in_first(served):
    store = KeyStore(served.settings.folder)
    key, _ = store.create("me", "read")
    try:
        for path in PATHS:
            answer = served.http.get(path, follow_redirects=False)
            assert (answer.status_code, answer.headers["location"]) == (307, "/login")
        assert "Sign in" in served.http.get("/login").text
    finally:
        store.revoke(key.id)
    assert served.http.get("/", follow_redirects=False).status_code == 200


def test_what_signs_the_visits_is_readable_by_its_owner_alone(served):
    assert (served.settings.folder / "page-sessions.key").stat().st_mode & 0o777 == 0o600
