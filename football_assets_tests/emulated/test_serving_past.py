"""Reads with `as_of`: with two publications, each path answers of the time between them what it answered then."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from football_assets.config import load_settings
from football_assets.serving.app import create_app
from football_assets.soccer.summary import match_summary
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets_tests.emulated import served as world
from football_assets_tests.emulated.served import Served, keep, match, put, quote

NOW = datetime.now(UTC).replace(microsecond=0)
FIRST, BETWEEN, SECOND = (NOW - timedelta(minutes=each) for each in (50, 40, 30))
VALUES = {"match_id": "m001", "player_id": "7", "projected_id": "7", "player_word": "twin"}
VALUES |= {"model_id": "no_market-margin-1", "player_name": "DJ Nandu"}
EXAMPLES = {}
# What is said of this server or of Dagster, and rows kept by their content: nothing of it is a published table's.
NOT_OF_TABLES = (
    *("/health/live", "/health/ready", "/metrics", "/v1/health", "/v1/metrics", "/v1/benchmarks", "/v1/alerts"),
    *("/v1/providers", "/v1/providers/{name}", "/v1/cache/stats", "/v1/pipeline/status", "/v1/pipeline/runs"),
    *("/v1/stream/about", "/v1/stream/fast-lane", "/v1/stream/events", "/v1/evidence/{evidence_id}"),
    *("health", "metrics", "cache/stats", "circuit-breaker/status", "rate-limits/status", "performance/benchmark"),
    *("websocket/status", "performance-metrics", "cache-stats", "benchmark-performance"),
)


def reads():
    """Path -> documented parameters, of every GET that answers from published tables."""
    found = {}
    for path, operations in create_app(load_settings()).openapi()["paths"].items():
        name = path.removeprefix("/api/optimized-realtime/").removeprefix("/api/v1/optimized/")
        if "get" in operations and name not in NOT_OF_TABLES:
            about = operations["get"]
            EXAMPLES.setdefault(path, about.get("x-example", path))
            found[path] = [each["name"] for each in about.get("parameters", ())]
    return found


def live(at, score):
    """A live cycle: every match with the score, an incident and a statistic of it."""
    rows = world.soccer_rows()
    rows[world.FlattenedMatches] = [match(n, home_score=score, fetched_at=at) for n in range(3)]
    rows[world.MatchSummary] = match_summary(from_rows(world.FlattenedMatches, rows[world.FlattenedMatches]))
    rows[world.Incidents] = [{**each, "home_score": score, "fetched_at": at} for each in rows[world.Incidents]]
    rows[world.MatchStats] = [{**each, "home": score, "fetched_at": at} for each in rows[world.MatchStats]]
    rows[world.MatchPredictions] = [
        {**each, "reason": f"{score}", "fetched_at": at} for each in rows[world.MatchPredictions]
    ]
    return rows


def college(at, more):
    """The college tables as published at an instant; `more` moves a value in each of them."""
    rows = world.ncaa_rows()
    coming = NOW + timedelta(days=5)
    games = rows[world.Games]
    games = games.assign(kickoff_at=games["kickoff_at"] + timedelta(minutes=more), fetched_at=at)
    games.loc[games["game_id"] == 100, "kickoff_at"] = coming
    rows[world.Games] = games
    rows[world.TeamRecords] = rows[world.TeamRecords].assign(conference=f"Plains {more}")

    def moved(table, **values):
        rows[table] = [{**each, **values} for each in rows[table]]

    moved(world.Teams, mascot=f"M{more}")
    moved(world.Rankings, points=more)
    moved(world.PowerRatings, rating=float(more))
    moved(world.SeasonOutlook, expected_wins=float(more))
    moved(world.GamePredictions, kickoff_at=coming, margin_mean=float(more))
    moved(world.PlayerProjections, kickoff_at=coming, sd=float(more))
    moved(world.Models, n_games=200 + more)
    moved(world.LedgerGrades, margin_error=float(more))
    moved(world.PlayerStats, receptions=more)
    rows[world.Ledger] = [
        world.said(n, said_at=(FIRST, SECOND)[n - 1] - timedelta(minutes=1), kickoff_at=coming)
        for n in range(1, more + 1)
    ]
    rows[world.DataQuality] = [world.judged(name, more / 10) for name in ("games", "player_stats")]
    return rows


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """(what was answered after the first publication, after the second, after it of the time between) by path."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOOTBALL_HOME", str(tmp_path_factory.mktemp("past")))
        patch.setenv("FOOTBALL_ENV_FILE", "/no.env")
        settings = load_settings()

        def publish(at, number):
            patch.setattr(publication, "now_utc", lambda: at)
            rows = live(at, number)
            put(settings.folder, "soccer", rows)
            keep(settings.folder, rows, [quote(n, 2.0 + n, quoted_at=at) for n in range(number)])
            put(settings.folder, "ncaa", college(at, number))

        publish(FIRST, 1)
        with Served(settings).running() as served:

            def ask(**query):
                addresses = {path: httpx.URL(EXAMPLES[path].format(**VALUES)) for path in reads()}
                return {path: served.http.get(url.copy_merge_params(query)) for path, url in addresses.items()}

            told = [ask()]
            publish(SECOND, 2)
            served.services.published.look()
            told += [ask(), ask(as_of=BETWEEN.isoformat())]
        yield told


@pytest.mark.parametrize("path", reads())
def test_the_time_between_two_publications_is_answered_by_the_older(answers, path):
    first, second, between = (each[path] for each in answers)
    assert (first.status_code, second.status_code) == (200, 200), second.text
    assert first.json()["data"] != second.json()["data"], "the second publication says nothing else: nothing is tested"
    assert between.status_code == 200, between.text
    assert between.json()["data"] == first.json()["data"]


@pytest.mark.parametrize("path", reads())
def test_what_is_told_beside_the_past_is_of_the_past(answers, path):
    if path == "/v1/ledger":  # entries are only ever added: the newest publication has those of then
        return
    first, between = (each[path].json()["meta"] for each in (answers[0], answers[2]))
    assert datetime.fromisoformat(between["as_of"]) == BETWEEN
    assert datetime.fromisoformat(between["data_as_of"]) == FIRST
    assert between["age_s"] == (BETWEEN - FIRST).total_seconds()
    assert between["publication_id"] == (None if "/soccer/" in path else first["publication_id"])
    assert between["quality"] == first["quality"]
    assert between["total"] == first["total"]


@pytest.mark.parametrize(("path", "parameters"), reads().items())
def test_every_read_of_tables_takes_as_of(path, parameters):
    assert "as_of" in parameters
