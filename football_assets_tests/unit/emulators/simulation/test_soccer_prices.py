"""Bookmakers' prices of the simulated matches: their form, what they know, and whether they are right."""

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import exp, factorial
from statistics import median

import pytest

from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.simulation.soccer_chances import chances
from football_assets.emulators.simulation.soccer_prices import before_kickoff, market_plan

SATURDAY = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
COMPANIES = {"2", "3", "4", "5", "9", "10", "11", "13", "16", "17", "21", "22"}


@pytest.fixture(scope="module")
def matches():
    return SimulatedMatches(7, around=SATURDAY)


@pytest.fixture(scope="module")
def ended(matches):
    """Matches that ended before Saturday evening, with all their odds."""
    at = SATURDAY + timedelta(hours=4)
    rows = [row for row in matches.live(at) if row["score"][1] == 8]
    return [(row, matches.odds(row["id"], at)) for row in rows]


def every_quote(ended):
    for _, odds in ended:
        for company, markets in odds.items():
            for market, rows in markets.items():
                for row in rows:
                    yield company, market, row


def test_most_matches_are_priced_by_a_few_companies(ended):
    priced = [odds for _, odds in ended if odds]
    assert 0.7 < len(priced) / len(ended) < 0.98
    assert all(1 <= len(odds) <= 10 and odds.keys() <= COMPANIES for odds in priced)
    assert 0.65 < sum("2" in odds for odds in priced) / len(priced) < 0.97
    assert {market for odds in priced for markets in odds.values() for market in markets} == {"asia", "eu", "bs", "cr"}
    assert 100 <= median(sum(len(r) for m in odds.values() for r in m.values()) for odds in priced) <= 300


def test_rows_have_eight_values_of_the_right_types(ended):
    for _, market, row in every_quote(ended):
        ts, minute, one, two, three, status, sealed, score = row
        assert (type(ts), type(minute), type(status), type(score)) == (int, str, int, str)
        assert (type(one), type(two), type(three)) == (float, float, float)
        assert sealed in {0, 1}
        if market == "eu" and not sealed:
            assert all(1.0 <= price <= 501.0 for price in (one, two, three))
        if market != "eu":
            assert two * 4 % 1 == 0
            assert sealed or (one > 0 and three > 0)
        if market == "cr":
            assert two * 2 % 1 == 0


def test_rows_come_newest_first(ended):
    for _, odds in ended:
        for markets in odds.values():
            for rows in markets.values():
                times = [row[0] for row in rows]
                assert times == sorted(times, reverse=True)


def test_minutes_are_written_as_the_provider_does(ended):
    by_status = defaultdict(set)
    for _, _, row in every_quote(ended):
        by_status[row[5]].add(row[1])
    assert by_status[1] == {""}
    assert by_status[3] == {"midfield"}
    assert "45+" in by_status[2]
    assert by_status[2] - {"45+"} <= {str(n) for n in range(1, 46)}
    assert {"90", "93"} <= by_status[4] <= {str(n) for n in range(46, 106)}
    assert by_status[9] | by_status[13] <= {""}


def test_nothing_later_than_the_instant_shows(matches):
    at = SATURDAY + timedelta(minutes=23)
    later = at + timedelta(minutes=40)
    for row in matches.live(at):
        early, late = matches.odds(row["id"], at), matches.odds(row["id"], later)
        for company, markets in early.items():
            for market, quotes in markets.items():
                assert quotes[0][0] <= at.timestamp()
                assert quotes == [quote for quote in late[company][market] if quote[0] <= at.timestamp()]


def test_prices_open_days_before_the_match(matches):
    upcoming = [row["id"] for row in matches.recent(SATURDAY) if row["match_time"] > SATURDAY.timestamp() + 20 * 3600]
    priced = [i for i in upcoming if matches.odds(i, SATURDAY)]
    assert len(priced) > len(upcoming) / 2
    for match_id in priced:
        for markets in matches.odds(match_id, SATURDAY).values():
            assert all(row[1] == "" and row[5] == 1 and row[7] == "0-0" for rows in markets.values() for row in rows)


def test_the_margin_is_a_bookmakers(ended):
    before = [sum(1 / p for p in row[2:5]) for _, m, row in every_quote(ended) if m == "eu" and row[5] == 1]
    running = [
        sum(1 / p for p in row[2:5]) for _, m, row in every_quote(ended) if m == "eu" and row[5] > 1 and not row[6]
    ]
    assert min(before) > 1.02 and max(before) < 1.12
    assert min(running) >= 1.0 and max(running) < 1.15
    assert 1.05 < median(running) < 1.12
    two_way = [
        1 / (1 + row[2]) + 1 / (1 + row[4])
        for _, m, row in every_quote(ended)
        if m in {"asia", "bs", "cr"} and not row[6]
    ]
    assert min(two_way) >= 1.0 and max(two_way) < 1.15


def test_the_handicap_line_agrees_with_the_favourite(ended):
    compared = 0
    for _, odds in ended:
        for markets in odds.values():
            if "asia" in markets and "eu" in markets:
                line, result = markets["asia"][-1], markets["eu"][-1]
                if abs(line[3]) >= 0.5:
                    compared += 1
                    assert (line[3] > 0) == (result[2] < result[4])
    assert compared > 50


def test_totals_count_the_goals_that_have_fallen(ended):
    for _, market, row in every_quote(ended):
        if market in {"bs", "cr"} and not row[6]:
            assert row[3] > sum(map(int, row[7].split("-")))


def test_markets_are_sealed_when_a_goal_falls(ended):
    sealed = [row for _, _, row in every_quote(ended) if row[6]]
    assert any(row[2] == 0.0 for row in sealed)
    checked = 0
    for match, odds in ended:
        goals = sum(match["score"][2][:1] + match["score"][3][:1])
        running = [row for row in odds.get("2", {}).get("eu", []) if row[5] in {2, 4}]
        if goals and running and match["score"][2][5] == 0:
            checked += 1
            assert any(row[6] for row in running)
            for newer, older in pairwise(running):
                # A new score first shows in a sealed row.
                assert newer[7] == older[7] or newer[6] or older[6]
    assert checked > 10


def test_changes_are_the_rows_of_the_window():
    matches = SimulatedMatches(9, around=SATURDAY, matches_a_day=40)
    since, until = SATURDAY, SATURDAY + timedelta(minutes=5)
    changes = matches.odds_changes(since, until)
    assert changes.keys() <= COMPANIES
    entries = [(company, entry) for company, listed in changes.items() for entry in listed]
    assert len(entries) > 10
    for company, (match_id, market, row, score) in entries:
        assert len(row) == 7
        assert since.timestamp() < row[0] <= until.timestamp()
        assert [*row, score] in matches.odds(match_id, until)[company][market]
    expected = sum(
        since.timestamp() < quote[0] <= until.timestamp()
        for row in matches.recent(until)
        for markets in matches.odds(row["id"], until).values()
        for quotes in markets.values()
        for quote in quotes
    )
    beyond = {row["id"] for row in matches.recent(until)}
    assert expected == sum(entry[0] in beyond for _, entry in entries)


def poisson(mean, n):
    return exp(-mean) * mean**n / factorial(n)


def test_chances_are_those_of_the_model():
    fair = chances((1.5, 1.2))
    assert sum(fair.result) == pytest.approx(1.0, abs=1e-6)
    scores = {(h, a): poisson(1.5, h) * poisson(1.2, a) for h in range(20) for a in range(20)}
    assert fair.result[0] == pytest.approx(sum(p for (h, a), p in scores.items() if h > a), abs=1e-6)
    assert fair.result[1] == pytest.approx(sum(p for (h, a), p in scores.items() if h == a), abs=1e-6)
    assert fair.total == (2.5, pytest.approx(sum(p for (h, a), p in scores.items() if h + a > 2), abs=1e-6))
    assert fair.handicap.line == 0.25


def in_buckets(pairs):
    buckets = defaultdict(list)
    for chance, outcome in pairs:
        buckets[min(9, int(chance * 10))].append((chance, outcome))
    for bucket in buckets.values():
        if len(bucket) >= 100:
            said = sum(chance for chance, _ in bucket) / len(bucket)
            happened = sum(outcome for _, outcome in bucket) / len(bucket)
            yield len(bucket), said, happened


def closing_home_chances(matches, days):
    """The de-vigged home chance of the last pre-match 1X2 and whether home led after normal time."""
    for day in range(SATURDAY.toordinal(), SATURDAY.toordinal() + days):
        for fixture in matches._calendar.day(day):
            life = matches._life(day, fixture.index)
            # One company is enough here, and several times faster.
            plan = market_plan(matches._world, fixture)
            opening = before_kickoff(matches._world, fixture, replace(plan, companies=plan.companies[:1]))
            rows = next((m["eu"] for m in opening.values() if m.get("eu")), None)
            if rows and life.ended_at is not None and life.regular_end_at is not None:
                implied = [1 / price for price in rows[-1][2:5]]
                home, away = life.goals(life.regular_end_at)
                yield implied[0] / sum(implied), home > away


def test_closing_prices_are_calibrated(matches):
    pairs = list(closing_home_chances(matches, 14))
    assert len(pairs) > 3000
    assert sum(c for c, _ in pairs) / len(pairs) == pytest.approx(sum(o for _, o in pairs) / len(pairs), abs=0.02)
    checked = 0
    for size, said, happened in in_buckets(pairs):
        if size >= 400:
            checked += 1
            assert happened == pytest.approx(said, abs=0.03 + 1.5 * (said * (1 - said) / size) ** 0.5)
    assert checked >= 4


def test_prices_in_play_are_calibrated(matches):
    pairs = []
    final = {row["id"]: row for row in matches.recent(SATURDAY + timedelta(days=1, hours=12)) if row["status_id"] == 8}
    for n in range(-6, 27, 3):
        at = SATURDAY + timedelta(hours=n)
        for row in matches.live(at):
            quotes = matches.odds(row["id"], at).get("2", {}).get("eu")
            if row["score"][1] in {2, 3, 4} and quotes and quotes[0][5] > 1 and not quotes[0][6] and row["id"] in final:
                implied = [1 / price for price in quotes[0][2:5]]
                home, away = final[row["id"]]["home_scores"][0], final[row["id"]]["away_scores"][0]
                pairs += [(implied[0] / sum(implied), home > away), (implied[2] / sum(implied), away > home)]
    assert len(pairs) > 250
    brier = sum((chance - outcome) ** 2 for chance, outcome in pairs) / len(pairs)
    base = sum(outcome for _, outcome in pairs) / len(pairs)
    assert brier < 0.85 * base * (1 - base)
    assert sum(chance for chance, _ in pairs) / len(pairs) == pytest.approx(base, abs=0.05)
