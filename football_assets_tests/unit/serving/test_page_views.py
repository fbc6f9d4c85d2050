"""What pages say: signs, ages, lines that stand level, gaps that stay gaps, alerts, errors and forecasts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from football_assets.operations.alert_rules import Finding
from football_assets.operations.alert_state import Alert
from football_assets.operations.errors_seen import SeenError
from football_assets.operations.health_report import ServiceHealth
from football_assets.operations.run_records import CheckRecord, RunRecord
from football_assets.serving.pages import boards, match_views, operations_tables, operations_views
from football_assets.serving.pages.html import UNKNOWN, age, number, words
from football_assets.serving.pages.match_charts import chance_options, price_options
from football_assets.serving.pages.operations_look import Look
from football_assets.soccer.board import match_board
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.soccer.story import Event, Moment, Price, Story
from football_assets.tables import from_rows
from football_assets_tests.emulated.served import match
from football_assets_tests.unit.operations.dagster_records import NOW, healthy

MINUTE = timedelta(minutes=1)
URL = "http://dagster"


@pytest.mark.parametrize(
    ("value", "digits", "shown"),
    [(1.25, 1, "+1.2"), (-0.04, 1, "0.0"), (0, 2, "0.00"), (-3, 0, "-3"), (None, 1, UNKNOWN)],
)
def test_a_number_with_its_sign_is_zero_without_one(value, digits, shown):
    assert number(value, digits, sign=True) == shown


def test_an_age_is_told_by_its_instant_so_that_the_page_can_count_on():
    assert age(NOW, 120.0) == f'<span class="nowrap" data-at="{NOW.timestamp() * 1000:.0f}" data-limit="120"></span>'
    assert age(None) == UNKNOWN
    assert (words("rushing_tds"), words("anytime_td")) == ("rushing TDs", "anytime TD")


def board(*rows, form="decimal", before=None):
    frame = match_board(from_rows(FlattenedMatches, [match(**row) for row in rows]))
    return boards.board_html(frame, form, NOW, before)


def test_a_board_tells_home_draw_and_away_on_three_lines_in_the_form_chosen():
    prices = {f"moneyline_{side}_decimal": price for side, price in (("home", 2.5), ("draw", 3.0), ("away", 1.5))}
    row = {"number": 1, **prices, "moneyline_state": "open", "moneyline_at_other_score": False}
    three = '<span class="fa-line">{}</span><span class="fa-line">{}</span><span class="fa-line">{}</span>'
    assert three.format("2.50", "3.00", "1.50") in board(row)
    assert three.format("+150", "+200", "-200") in board(row, form="american")
    assert three.format("1.50", "2.00", "0.50") in board(row, form="hong kong")
    assert "line-through" not in board(row)
    assert 'class="susp"' in board({**row, "moneyline_state": "suspended"})
    assert "quoted at another score" in board({**row, "moneyline_at_other_score": True})


def test_only_a_score_that_moved_flashes_and_is_told():
    rows = ({"number": 1, "home_score": 2}, {"number": 2})
    before = {"m001": (1, 0), "m002": (1, 0)}
    assert board(*rows, before=before).count("score flash") == 1
    assert board(*rows).count("score flash") == 0
    assert board(*rows, before={"m002": (1, 0)}).count("score flash") == 0
    frame = match_board(from_rows(FlattenedMatches, [match(**row) for row in rows]))
    assert boards.told_scores(frame, before) == "Home 1 2, Away 1 0"


def test_on_a_phone_the_age_of_the_prices_stands_below_the_sides():
    quoted = board({"number": 1, "odds_company": "Book", "odds_age_s": 200.0})
    assert '<small class="narrow">prices <small><span class="nowrap" data-at=' in quoted
    assert '<small class="narrow">prices <span class="fa-stale"' in board({"number": 1, "odds_state": "missing"})
    assert 'class="narrow">prices' not in board({"number": 1})


def test_prices_are_as_old_as_they_were_when_published_and_the_time_since():
    at = f'data-at="{(NOW - timedelta(seconds=200)).timestamp() * 1000:.0f}" data-limit="120"'
    assert at in board({"number": 1, "odds_company": "Book", "odds_age_s": 200.0})
    assert "missing" in board({"number": 1, "odds_state": "missing", "odds_gap": "no answer"})


@pytest.mark.parametrize(
    ("minute", "added", "shown"),
    [(63, None, "63'"), (45, 2, "45+2'"), (92, 2, "90+2'"), (90, 4, "90+4'"), (None, None, UNKNOWN)],
)
def test_stoppage_time_reads_as_on_the_screen(minute, added, shown):
    assert match_views._at({"minute": minute, "added_minutes": added}) == shown


def moment(minute, model, market=None):
    return Moment(NOW + minute * MINUTE, str(minute), (0, 0), (0, 0), model, market)


def test_a_gap_stays_a_gap_in_the_chart():
    chances = (0.5, 0.3, 0.2)
    moments = [moment(0, chances), moment(1, None), moment(2, chances), moment(9, chances)]
    event = Event(NOW + 9 * MINUTE, "9", "1-0", True)
    series = chance_options(Story(moments, [event], [], ["m"], None), 120.0)["series"]
    assert [point[1] for point in series[0]["data"]] == [50.0, None, 50.0, None, 50.0]
    assert {point[1] for point in series[1]["data"]} == {None}
    assert [each["label"]["formatter"] for each in series[0]["markLine"]["data"]] == ["1-0 9', after a gap"]


def test_a_price_is_drawn_on_only_while_it_stands():
    taken = [Price(NOW, (2.0, 3.0, 4.0)), Price(NOW + MINUTE, None)]
    until = NOW + 5 * MINUTE
    closed = price_options(Story([], [], taken, [], "x"), None, until)["series"][0]["data"]
    assert [point[1] for point in closed] == [2.0, None]
    still = price_options(Story([], [], taken[:1], [], "x"), None, until)["series"][0]["data"]
    assert [point[1] for point in still] == [2.0, 2.0]


def test_why_there_is_no_chart_is_said():
    assert "two cycles" in match_views.chance_note(Story([moment(0, (0.5, 0.3, 0.2))], [], [], ["m"], None))
    assert match_views.chance_note("no kept day has it") == "No chart: no kept day has it"


ALERT = Alert(
    id="0a1b2c3d", key="k", severity="critical", summary="<b>down</b>", to_do="Start it", raised_at=NOW, seen_at=NOW
)


def look(**given):
    parts = {"wrong": [], "alerts": [], "runs": [], "under_way": "away", "errors": [], "quality": [], "checks": []}
    return Look(at=NOW, health=given.pop("health", healthy()), **{**parts, **given})


def test_an_alert_that_lasts_has_a_button_until_somebody_acknowledged_it():
    shown = operations_views.alerts(look(alerts=[ALERT]))
    assert 'data-ack="0a1b2c3d"' in shown
    assert "<b>down</b>" not in shown
    acknowledged = ALERT.model_copy(update={"acknowledged_at": NOW, "acknowledged_by": "Ann"})
    over = ALERT.model_copy(update={"resolved_at": NOW})
    for each in (acknowledged, over):
        assert "data-ack" not in operations_views.alerts(look(alerts=[each]))
    assert "acknowledged by Ann" in operations_views.alerts(look(alerts=[acknowledged]))


def test_what_is_wrong_is_listed_while_nobody_judges():
    finding = Finding("stale.soccer", "critical", "the soccer tables are old", "football doctor")
    stopped = healthy(services=[])
    assert "No alert lasts" in operations_views.alerts(look(wrong=[finding]))
    shown = operations_views.alerts(look(wrong=[finding], health=stopped))
    assert "nobody judges" in shown
    assert "the soccer tables are old" in shown
    assert "No alert lasts" not in shown


def test_ways_into_dagster_are_links_only_while_its_page_is_there():
    web = ServiceHealth(name="webserver", state="running", pid=1, started_at=NOW, memory_mb=1.0)
    run = RunRecord("0123456789", "live_cycle", "SUCCESS", NOW - MINUTE, NOW)
    up, down = look(health=healthy(services=[web]), runs=[run]), look(runs=[run])
    assert f'href="{URL}/runs"' in operations_views.links(up, URL)
    assert f'href="{URL}/runs/0123456789"' in operations_tables.runs(up, URL)
    assert "down" in operations_views.links(down, URL)
    assert "href" not in operations_views.links(down, URL) + operations_tables.runs(down, URL)


def test_the_trend_has_failed_runs_in_a_series_of_their_own():
    runs = [
        RunRecord(f"r{n}", "live_cycle", "FAILURE" if n == 1 else "SUCCESS", NOW - MINUTE, NOW - n * MINUTE / 10)
        for n in range(3)
    ]
    never = replace(runs[0], started_at=None)
    good, bad = operations_views.trend(look(runs=[*runs, never]), "live_cycle")["series"]
    assert good["data"] == [48.0, None, 60.0]
    assert bad["data"] == [None, 54.0, None]


def test_an_error_is_told_with_how_often_and_when_first_and_last():
    seen = SeenError("run live_cycle, read", "<X> & Y", 7, NOW - MINUTE, NOW, "0123456789")
    shown = operations_tables.errors(look(errors=[seen]), URL)
    assert "&lt;X&gt; &amp; Y" in shown
    assert ">times </span>7<" in shown
    assert shown.index("first seen </span>") < shown.index("last seen </span>")
    assert "no run failed" in operations_tables.errors(look(), URL)
    assert "cannot be read" in operations_tables.errors(look(errors="cannot be read"), URL)


def test_a_quality_below_the_least_looks_bad_and_says_why():
    def judged(score, why=None):
        parts = dict.fromkeys(("completeness", "validity", "consistency", "freshness"), 1.0)
        return {"judged_table": f"t{score}", "score": score, "rows": 1, "measured_at": NOW, **parts} | {
            "null_columns": why,
            "broken_rules": None,
        }

    shown = operations_tables.quality(
        look(quality=[judged(None), judged(0.95), judged(0.7, "x 0.4"), judged(0.85)]), 0.8, 0.9
    )
    for kind, score in (("bad", "0.700"), ("late", "0.850"), ("good", "0.950")):
        assert f'<span class="{kind}">{score}</span>' in shown
    assert shown.index("t0.7<") < shown.index("t0.85<") < shown.index("t0.95<") < shown.index("tNone<")
    assert "x 0.4" in shown


def test_checks_tell_what_is_bad_and_how_the_live_cycle_is():
    def check(asset, name, passed, blocks=True):
        return CheckRecord(asset, name, passed, blocks, f"{name} says", NOW, "r")

    checks = [check("soccer/flattened_matches", "quality", True), check("ncaa/games", "scores", False)]
    checks += [check("ncaa/lines", "nulls", False, blocks=False), check("ncaa/teams", "schema", True)]
    shown = operations_tables.checks(look(checks=checks))
    assert "2 of 4 checks are good" in shown
    assert [each in shown for each in ("quality says", "scores says", "nulls says", "schema says")] == [
        True,
        True,
        True,
        False,
    ]
    assert "blocks" in shown
    assert "warning" in shown


@pytest.mark.parametrize(
    ("growth", "full_in", "says"),
    [
        (None, None, "no forecast before samples of 6 h"),
        (-5.0, None, "not filling (-5 MB a day)"),
        (1500.0, timedelta(days=12), "at 1,500 MB a day it is full on 2026-12-03, in 12 days"),
    ],
)
def test_the_disk_forecast_reads_as_far_as_it_is_known(growth, full_in, says):
    resources = healthy().resources.model_copy(
        update={"disk_growth_mb_per_day": growth, "disk_full_at": None if full_in is None else NOW + full_in}
    )
    assert says in operations_tables.machine(look(health=healthy(resources=resources)))
