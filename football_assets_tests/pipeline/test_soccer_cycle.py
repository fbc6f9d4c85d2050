"""The live cycle through its real assets, against the emulator serving the recorded poll."""

import asyncio
import functools
import json
import re
from contextlib import contextmanager

import dagster as dg
import pytest
from aiohttp import web

from football_assets.config import load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.server import DESK
from football_assets.emulators.thesports import thesports_app
from football_assets.soccer.assets import ASSETS
from football_assets.soccer.automation import LIVE_TAG, live_cycle
from football_assets.soccer.outage import Outage, alerts
from football_assets.soccer.schemas import Incidents, MatchStats, MatchSummary, OddsQuotes
from football_assets.states import Source
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.publications import publication_asset
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.reader import open_warehouse
from football_assets.warehouse.storage import LakeStorage
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

COLD_CALLS = {
    "match/detail_live": 1,
    "match/recent/list": 102,
    "odds/history": 102,
    "team/additional/list": 204,
    "competition/additional/list": 41,
    "country/list": 1,
}
SHOOT_OUT, RAIN_FREE, HANGING = "jw2r09hkl2p7rz8", "y0or5jh8l922qwz", "3glrw7hnw9jyqdy"
BROKEN, UNKNOWN = "965mkyhyyxnyr1g", "8yomo4h171v1q0j"


class Feed(EmulatorInThread):
    """The soccer emulator and what it counted."""

    @property
    def statistics(self):
        return self.app[DESK].statistics


@functools.cache
def recorded(folder):
    """The recorded poll, read once for all tests and before any clock of theirs runs."""
    source = RecordedMatches(folder)
    source.live(CAPTURED_AT)
    return source


@contextmanager
def feed_of(recordings, monkeypatch, *faults, middlewares=()):
    app = thesports_app(recorded(recordings), EmulatedClock(CAPTURED_AT, 0), Faults.parse(faults))
    app.middlewares.extend(middlewares)
    with Feed(app).running() as feed:
        monkeypatch.setenv("FOOTBALL_THESPORTS_URL", feed.url)
        monkeypatch.setenv("FOOTBALL_THESPORTS__TRIES", "1")
        yield feed


@pytest.fixture
def feed(recordings, monkeypatch):
    with feed_of(recordings, monkeypatch) as found:
        yield found


def run_cycle(instance=None):
    definitions = dg.Definitions(
        assets=[*ASSETS, publication_asset("soccer")],
        jobs=[live_cycle],
        resources={"lake": LakeStorage(), "thesports": ProviderConnection(domain="soccer")},
    )
    return definitions.resolve_job_def("live_cycle").execute_in_process(raise_on_error=False, instance=instance)


def published(name):
    return open_warehouse(load_settings(), Source.RECORDED).read(name)


def publication_id():
    return open_warehouse(load_settings(), Source.RECORDED).publication("soccer").id


def gaps_of(result):
    (event,) = [e for e in result.get_asset_materialization_events() if e.asset_key.path[-1] == "flattened_matches"]
    return event.materialization.metadata["gaps"].value


def checks_of(result):
    """The checks by name; of the several called `schema` the last."""
    return {each.check_name: each for each in result.get_asset_check_evaluations()}


def failure_of(result):
    (event,) = [e for e in result.all_events if e.event_type_value == "STEP_FAILURE"]
    return event.step_failure_data.error.cause.message


def test_the_recorded_poll_becomes_the_figures_known_of_it(feed, samples):
    result = run_cycle()
    assert result.success
    cycle = checks_of(result).pop("cycle")
    assert all(each.passed for name, each in checks_of(result).items() if name != "cycle")
    # Its times depend on this machine.
    grades = {name: cycle.metadata[f"{name}_grade"].value for name in ("history", "statuses", "requests")}
    assert set(grades.values()) == {"OK"}
    assert cycle.metadata["request_errors"].value == 0
    quality = {name: value.value for name, value in checks_of(result)["quality"].metadata.items()}
    assert (quality["open_markets"], quality["odds_findings"]) == (185, 0)
    assert (quality["overround_low"], quality["overround_high"]) == (1.0349, 1.1481)
    # The recorded poll took two minutes, its clock stands still here.
    assert (quality["clock_findings"], quality["furthest_ahead_s"]) == (0, 93)
    assert (quality["with_names"], quality["unknown"], quality["gaps"], quality["oldest_s"]) == (102, 0, 0, 0)
    assert result.dagster_run.tags.items() >= LIVE_TAG.items()

    frame = published("soccer_flattened_matches").set_index("match_id")
    assert frame["status_id"].value_counts().to_dict() == {2: 44, 4: 26, 8: 14, 3: 10, 13: 7, 9: 1}
    assert len(frame) == 102
    assert frame["odds_quotes"].gt(0).sum() == frame["odds_company_id"].notna().sum() == 88
    assert (frame["odds_company"] == "BET365").sum() == 68
    assert frame["weather_code"].notna().sum() == 77
    assert frame[["home_team", "away_team", "competition"]].notna().all(axis=None)

    expected = samples / "thesports" / "reference_pipeline" / "in_play_ids_status_2_to_7.json"
    board = published("soccer_match_board")
    assert set(board["match_id"]) == set(json.loads(expected.read_text(encoding="utf-8")))
    assert len(board) == 80
    assert list(board["position"]) == list(range(1, 81))
    order = ["competition", "country", "competition_id", "status_id", "kickoff_at", "match_id"]
    assert board["match_id"].tolist() == board.sort_values(order, kind="stable")["match_id"].tolist()

    tie = frame.loc[SHOOT_OUT]
    assert (tie["home_score"], tie["away_score"]) == (2, 2)
    assert (tie["home_score_penalties"], tie["away_score_penalties"]) == (4, 3)
    weather = frame.loc[RAIN_FREE]
    assert (weather["weather"], weather["temperature_c"], weather["temperature_f"]) == ("partly cloudy", 16.0, 60.8)
    assert (weather["wind_m_s"], weather["wind_mph"]) == (4.0, 8.9)

    lake = Lake(load_settings().folder, Source.RECORDED)
    assert len(lake.read(OddsQuotes)) == 219_941
    assert (len(lake.read(Incidents)), len(lake.read(MatchStats))) == (434, 630)
    assert lake.read(MatchSummary).iloc[0]["in_play"] == 80
    assert gaps_of(result) == []

    counts = {path: (each.requests, len(each.asked)) for path, each in feed.statistics._paths.items()}
    assert counts == {path: (calls, calls) for path, calls in COLD_CALLS.items()}
    assert sum(calls for calls, _ in counts.values()) == 451
    assert feed.statistics.as_dict()["violations"] == 0
    assert feed.statistics.as_dict()["peak_in_flight"] <= 30


def test_a_second_full_cycle_asks_for_no_name_again_and_stays_within_the_odds_budget(feed, monkeypatch):
    monkeypatch.setenv("FOOTBALL_LIVE__STRATEGY", "full")
    assert run_cycle().success
    feed.statistics.reset()
    result = run_cycle()
    assert result.success
    asked = feed.statistics.as_dict()["paths"]
    assert set(asked) == {"match/detail_live", "match/recent/list", "odds/history"}
    assert asked["odds/history"]["requests"] == 120 - 102

    frame = published("soccer_flattened_matches")
    assert set(frame["names_state"]) == {"cached"}
    fresh = frame[frame["odds_state"] == "live"]
    assert len(fresh) == 18
    assert fresh["is_in_play"].all()  # the budget goes to matches in play first
    assert set(frame.loc[frame["odds_state"] != "live", "odds_state"]) == {"stale"}
    assert gaps_of(result)[0].startswith("odds: 84 of 102 stale: the limit of 120 a minute on odds/history")
    assert len(Lake(load_settings().folder, Source.RECORDED).read(OddsQuotes)) == 219_941


def tables():
    """Every published row of the cycle, without the one column that our own clock moves: the age of cached names."""
    lake = Lake(load_settings().folder, Source.RECORDED)
    quotes = lake.read(OddsQuotes).sort_values(["match_id", "company_id", "market", "seq"]).reset_index(drop=True)
    return published("soccer_flattened_matches").drop(columns=["names_age_s", "names_state"]), quotes


def test_the_next_cycle_asks_for_changes_alone_and_gives_the_same_rows(feed):
    assert run_cycle().success
    before = tables()
    feed.statistics.reset()
    result = run_cycle()
    assert result.success
    asked = {path: counts["requests"] for path, counts in feed.statistics.as_dict()["paths"].items()}
    assert asked == {"match/detail_live": 1, "match/recent/list": 1, "odds/live": 1, "odds/update": 1}
    assert all(now.equals(then) for now, then in zip(tables(), before, strict=True))
    assert set(published("soccer_flattened_matches")["names_state"]) == {"cached"}
    assert gaps_of(result) == []


def test_without_the_odds_feed_in_the_plan_the_next_cycle_asks_a_third_of_the_first(feed, monkeypatch):
    monkeypatch.setenv("FOOTBALL_THESPORTS__PER_MINUTE_BY_PATH", '{"odds/history": 1000}')
    feed.break_with("not_in_plan@odds/live", "not_in_plan@odds/update")
    assert run_cycle().success
    before = tables()
    for calls in ({"match/detail_live": 1, "match/recent/list": 1, "odds/live": 1, "odds/update": 1}, {}):
        feed.statistics.reset()
        assert run_cycle().success
        asked = {path: counts["requests"] for path, counts in feed.statistics.as_dict()["paths"].items()}
        wanted = {"match/detail_live": 1, "match/recent/list": 1, "odds/history": 102, **calls}
        assert asked == wanted, "the refused feeds are asked for once, then not for a day"
        assert sum(asked.values()) <= 0.3 * sum(COLD_CALLS.values())
        assert all(now.equals(then) for now, then in zip(tables(), before, strict=True))


def test_odds_that_fail_leave_every_score_and_name(recordings, monkeypatch):
    with feed_of(recordings, monkeypatch, "500@odds/history") as feed:
        result = run_cycle()
        assert result.success
        frame = published("soccer_flattened_matches")
        assert set(frame["odds_state"]) == {"missing"}
        assert frame["home_score"].notna().sum() >= 94
        assert frame["home_team"].notna().all()
        assert frame["moneyline_home_decimal"].isna().all()
        assert len(published("soccer_match_board")) == 80
        found = gaps_of(result)
        assert sum(int(re.match(r"odds: (\d+) of 102 missing: ", gap)[1]) for gap in found) == 102
        assert any("HTTP 500" in gap for gap in found)
        assert feed.statistics.as_dict()["paths"]["odds/history"]["requests"] < 102, "a dead endpoint is left in peace"
        failed = {name: each for name, each in checks_of(result).items() if not each.passed}
        assert set(failed) == {"quality", "cycle"}
        assert failed["quality"].severity is dg.AssetCheckSeverity.WARN
        assert failed["quality"].description.startswith("gaps WARN: odds: ")
        assert failed["cycle"].metadata["requests_grade"].value == "ERROR"
        whole = Lake(load_settings().folder, Source.RECORDED).read(MatchSummary).iloc[0]
        assert whole["gaps"] == "; ".join(found)


def test_odds_that_fail_after_a_good_cycle_are_shown_as_stale(feed):
    assert run_cycle().success
    before = published("soccer_flattened_matches").set_index("match_id")
    feed.break_with("500@odds")
    assert run_cycle().success
    after = published("soccer_flattened_matches").set_index("match_id")
    assert set(after["odds_state"]) == {"stale"}
    assert after["odds_age_s"].notna().all()
    assert after["last_moneyline_home_decimal"].equals(before["last_moneyline_home_decimal"])


@web.middleware
async def hang_and_break(request, handler):
    """One match's answers never come, another's cannot be read, a third is in a status that nobody knows."""
    match_id = request.query.get("uuid")
    if match_id == HANGING:
        await asyncio.sleep(60)
    if match_id == BROKEN:
        return web.json_response({"code": 0, "results": [{"id": BROKEN, "match_time": ["soon"]}]})
    response = await handler(request)
    if request.path.endswith("match/detail_live"):
        body = json.loads(response.body)
        rows = {row["id"]: row for row in body["results"]}
        rows[BROKEN]["score"] = [BROKEN, "running"]
        rows[UNKNOWN]["score"][1] = 37
        return web.json_response(body)
    return response


def test_matches_that_hang_or_break_leave_the_others_whole_and_are_listed(recordings, monkeypatch):
    monkeypatch.setenv("FOOTBALL_THESPORTS__TIMEOUT_S", "6")
    with feed_of(recordings, monkeypatch, middlewares=[hang_and_break]):
        result = run_cycle()
        assert result.success
        frame = published("soccer_flattened_matches").set_index("match_id")
        assert len(frame) == 102
        for match_id in (HANGING, BROKEN):
            lost = frame.loc[match_id]
            assert (lost["detail_state"], lost["odds_state"], lost["names_state"]) == ("missing",) * 3
        assert (frame.loc[HANGING, "home_score"], frame.loc[HANGING, "status"]) == (0, "first half")
        assert frame.loc[BROKEN, ["status", "home_score", "minute"]].isna().all()
        assert frame.loc[BROKEN, "live_gap"]
        assert frame.loc[UNKNOWN, "status"] == "unknown (37)"
        assert frame.loc[UNKNOWN, "home_team"]
        others = frame.drop(index=[HANGING, BROKEN])
        assert set(others["detail_state"]) == set(others["odds_state"]) == {"live"}
        assert others["home_team"].notna().all()
        found = gaps_of(result)
        assert any(each.startswith("detail: 1 of 102 missing: no complete answer within 6 s") for each in found)
        assert any(each.startswith("odds: 1 of 102 missing: no complete answer within 6 s") for each in found)
        assert any(each.startswith("detail: 1 of 102 missing: `") for each in found)
        assert any(each.startswith("odds: 1 of 102 missing: `results` should be") for each in found)
        assert any(each.startswith("live list: ") for each in found)
        whole = Lake(load_settings().folder, Source.RECORDED).read(MatchSummary).iloc[0]
        assert whole["gaps"] == "; ".join(found)
        failed = {name: each for name, each in checks_of(result).items() if not each.passed}
        assert set(failed) - {"cycle"} == {"reading", "quality"}
        assert failed["reading"].description.startswith("codes WARN: status unknown (37): 1")
        assert failed["quality"].severity is dg.AssetCheckSeverity.WARN
        assert "gaps WARN: " in failed["quality"].description
        assert "names WARN: 100 of 102 matches have all names (98.0 %)" in failed["quality"].description


def test_a_deadline_that_passes_delivers_what_is_there_and_lists_the_rest(recordings, monkeypatch):
    monkeypatch.setenv("FOOTBALL_LIVE__DEADLINE_S", "7")
    with feed_of(recordings, monkeypatch, "hang@odds/history"):
        result = run_cycle()
        assert result.success
        frame = published("soccer_flattened_matches")
        assert set(frame["odds_state"]) == {"missing"}
        assert frame["home_score"].notna().sum() >= 94
        assert len(published("soccer_match_board")) == 80
        assert "odds: 102 of 102 missing: the cycle's deadline of 7 s passed" in gaps_of(result)


@pytest.mark.parametrize(
    ("fault", "words"), [("500@match/detail_live", "HTTP 500"), ("ip_refused", "not on the account's whitelist")]
)
def test_a_live_list_that_cannot_be_read_fails_the_cycle_and_the_board_stays(feed, fault, words):
    assert run_cycle().success
    first, board = publication_id(), published("soccer_match_board")
    feed.break_with(fault)
    result = run_cycle()
    assert not result.success
    assert "reading the live list" in failure_of(result)
    assert words in failure_of(result)
    assert publication_id() == first
    assert published("soccer_match_board").equals(board)


def observations(instance):
    """What was told of outages, oldest first."""
    told = instance.fetch_observations(dg.AssetKey(["soccer", "live_matches"]), limit=10).records
    return [{k: v.value for k, v in each.asset_observation.metadata.items()} for each in reversed(told)]


def test_five_failed_cycles_are_one_alert_and_a_good_one_ends_it(feed):
    feed.break_with("500@match/detail_live")
    with dg.DagsterInstance.ephemeral() as instance:
        failed = []
        for n in range(6):
            assert observations(instance) == [] or n >= 5
            failed.append(run_cycle(instance))
        assert not any(each.success for each in failed), "a cycle without data is red"
        assert "HTTP 500" in failure_of(failed[-1])
        (alert,) = observations(instance)
        assert (alert["event"], alert["provider"]) == ("alert", "TheSports")
        assert alert["run_id"] == failed[4].run_id
        assert "HTTP 500" in alert["reason"]
        assert Outage.kept(load_settings()).is_open
        feed.break_with()
        assert [run_cycle(instance).success for _ in range(2)] == [True, True]
        assert [each["event"] for each in observations(instance)] == ["alert", "recovered"]
    (kept,) = alerts(load_settings().folder / "soccer")
    assert kept.closed_at is not None
    assert len(published("soccer_match_board")) == 80


def test_an_empty_live_list_publishes_an_empty_board(recordings, monkeypatch):
    with feed_of(recordings, monkeypatch, "empty@match/detail_live"):
        assert run_cycle().success
        assert published("soccer_match_board").empty
        assert published("soccer_match_summary").iloc[0]["matches"] == 0
