from datetime import UTC, datetime, timedelta

import pytest

from football_assets.errors import SourceRejected, SourceUnavailable
from football_assets.soccer.client import Reading
from football_assets.soccer.cycle import joined, last_known
from football_assets.soccer.enrichment import Answers
from football_assets.soccer.flatten import rows_of
from football_assets.soccer.join import LastKnown, Tuning
from football_assets.soccer.models import Competition, Country, MatchDetail, Team
from football_assets.soccer.schemas import EnrichedMatches, OddsQuotes
from football_assets.states import DataState, Source
from football_assets.tables import judge
from football_assets.warehouse.lake import Lake

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)
TUNING = Tuning((2,), (2, 6))
TIMED_OUT = SourceUnavailable("TheSports", "reading something", "no complete answer within 10 s")
ODDS = {"2": {"eu": [[int(NOW.timestamp()) - 5, "30", 2.5, 3.2, 2.9, 2, 0, "0-0"]]}}


def read(value, state=DataState.LIVE, age_s=0.0, at=NOW):
    return Reading(value, state, at, age_s)


def detail(match_id="m1", **changes):
    row = {"id": match_id, "home_team_id": "t1", "away_team_id": "t2", "competition_id": "c1", "match_time": 1748452500}
    return MatchDetail.model_validate({**row, **changes})


def whole(at=NOW, **changes):
    """A cycle's answers for the match m1, nothing missing."""
    found = {
        "details": {"m1": read(detail(), at=at)},
        "odds": {"m1": read(ODDS, at=at)},
        "teams": {"t1": read(Team(id="t1", name="Home", country_id="x1")), "t2": read(Team(id="t2", name="Away"))},
        "competitions": {"c1": read(Competition(id="c1", name="League", type=1, country_id="x1"))},
        "countries": read({"x1": Country(id="x1", name="Finland")}),
    }
    return Answers(**{**found, **changes})


def join(answers, tmp_path, last=None, now=NOW):
    """One cycle, its files written, as the step does it."""
    lake = Lake(tmp_path, Source.SIMULATED)
    known = last_known(lake, 600) if last is None else last
    found = joined([{"match_id": "m1", "fetched_at": now}], answers, known, lake, TUNING, {})
    for table, frame in ((EnrichedMatches, found.matches), (OddsQuotes, found.quotes)):
        verdict = judge(table, frame)
        assert verdict.passed, verdict.says
        lake.write(table, frame)
    return rows_of(EnrichedMatches, found.matches)[0], found


def test_a_whole_cycle_joins_names_countries_and_quotes(tmp_path):
    row, found = join(whole(), tmp_path)
    assert (row["home_team"], row["away_team"], row["competition"]) == ("Home", "Away", "League")
    assert (row["home_country"], row["away_country"], row["country"]) == ("Finland", None, "Finland")
    assert (row["competition_type"], row["odds_company"], row["odds_quotes"]) == ("league", "BET365", 1)
    assert {row[f"{part}_state"] for part in ("detail", "odds", "names")} == {"live"}
    assert found.about["gaps"] == []


def test_failed_odds_are_the_last_known_ones_with_their_age_quotes_included(tmp_path):
    join(whole(), tmp_path)
    later = NOW + timedelta(seconds=60)
    row, found = join(whole(at=later, odds={"m1": TIMED_OUT}), tmp_path, now=later)
    assert (row["odds_state"], row["odds_age_s"], row["newest_moneyline_home"]) == ("stale", 60.0, 2.5)
    assert (len(found.quotes), row["odds_quotes"]) == (1, 1)
    assert found.about["gaps"] == ["odds: 1 of 1 stale: no complete answer within 10 s"]


def test_a_value_grows_older_over_several_failed_cycles_and_ends_as_missing(tmp_path):
    join(whole(), tmp_path)
    states = []
    for minute in (1, 5, 10, 11):
        now = NOW + timedelta(minutes=minute)
        answers = whole(odds={"m1": TIMED_OUT}, details={"m1": TIMED_OUT})
        row, found = join(answers, tmp_path, now=now)
        states.append(
            (row["odds_state"], row["odds_age_s"], row["detail_state"], row["detail_age_s"], row["home_team"])
        )
    assert states == [
        ("stale", 60.0, "stale", 60.0, "Home"),
        ("stale", 300.0, "stale", 300.0, "Home"),
        ("stale", 600.0, "stale", 600.0, "Home"),
        ("missing", None, "missing", None, None),
    ]
    assert found.quotes.empty
    assert row["newest_moneyline_home"] is None


def test_without_a_previous_cycle_what_fails_is_missing_with_its_reason(tmp_path):
    row, found = join(whole(details={"m1": TIMED_OUT}, odds={"m1": TIMED_OUT}), tmp_path)
    assert (row["detail_state"], row["odds_state"], row["names_state"]) == ("missing", "missing", "missing")
    assert row["home_team"] is None
    assert "odds: 1 of 1 missing: no complete answer within 10 s" in found.about["gaps"]


def test_values_of_a_later_clock_are_not_last_known_ones(tmp_path):
    join(whole(), tmp_path)
    earlier = NOW - timedelta(hours=1)
    row, _ = join(whole(odds={"m1": TIMED_OUT}), tmp_path, now=earlier)
    assert row["odds_state"] == "missing"


def test_a_refused_part_says_what_to_change(tmp_path):
    refused = SourceRejected("TheSports", "reading odds", "not in the plan", "Ask TheSports.")
    row, _ = join(whole(odds={"m1": refused}), tmp_path)
    assert row["odds_gap"] == "not in the plan. Ask TheSports."


def test_a_match_the_provider_does_not_schedule_is_missing_its_detail_not_its_odds(tmp_path):
    row, _ = join(whole(details={"m1": read(None)}), tmp_path)
    assert (row["detail_state"], row["odds_state"]) == ("missing", "live")
    assert row["detail_gap"] == "the provider has no schedule row for it"


def test_a_name_that_cannot_be_read_is_the_one_of_the_previous_cycle(tmp_path):
    teams = whole().teams
    join(whole(), tmp_path)
    row, _ = join(whole(teams={**teams, "t1": TIMED_OUT}), tmp_path)
    assert (row["home_team"], row["names_state"]) == ("Home", "stale")
    assert row["names_gap"] == "home team: no complete answer within 10 s"
    row, _ = join(whole(teams={**teams, "t1": TIMED_OUT}), tmp_path, last=LastKnown())
    assert (row["home_team"], row["names_state"], row["away_team"]) == (None, "missing", "Away")


def test_the_state_of_the_names_is_that_of_the_worst(tmp_path):
    teams = {**whole().teams, "t2": read(Team(id="t2", name="Away"), DataState.CACHED, age_s=3600.0)}
    row, _ = join(whole(teams=teams), tmp_path)
    assert (row["names_state"], row["names_age_s"], row["names_gap"]) == ("cached", 3600.0, None)


@pytest.mark.parametrize("country_id", [None, "zz"])
def test_no_or_an_unknown_country_is_null_and_no_gap(tmp_path, country_id):
    competitions = {"c1": read(Competition(id="c1", name="Friendlies", country_id=country_id))}
    row, found = join(whole(competitions=competitions), tmp_path)
    assert row["country"] is None
    assert found.about["gaps"] == []


def test_a_failed_country_list_is_a_gap_of_the_names(tmp_path):
    row, _ = join(whole(countries=TIMED_OUT), tmp_path)
    assert (row["home_team"], row["country"], row["names_state"]) == ("Home", None, "missing")
    assert row["names_gap"] == "countries: no complete answer within 10 s"


def test_a_match_nobody_quotes_has_live_odds_without_a_bookmaker(tmp_path):
    row, found = join(whole(odds={"m1": read({})}), tmp_path)
    assert (row["odds_state"], row["odds_company_id"], row["odds_companies"]) == ("live", None, 0)
    assert found.about["gaps"] == []


def test_a_quiet_hour_gives_empty_tables(tmp_path):
    found = joined([], Answers(), LastKnown(), Lake(tmp_path, Source.SIMULATED), TUNING, {})
    assert found.matches.empty
    assert found.quotes.empty
    assert judge(EnrichedMatches, found.matches).passed
    assert judge(OddsQuotes, found.quotes).passed


UNREADABLE = {"2": {"eu": [["soon", "30", {}, 3.2, 2.9, 2, 0, "0-0"]]}}


def test_odds_of_which_nothing_can_be_read_are_missing_and_not_a_match_that_nobody_quotes(tmp_path):
    row, found = join(whole(odds={"m1": read(UNREADABLE)}), tmp_path)
    assert (row["odds_state"], row["odds_quotes"]) == ("missing", None)
    assert row["odds_gap"] == "`results` should be quotes, got 1 unreadable rows"
    assert found.unreadable_quotes == 1


def test_odds_that_became_unreadable_show_the_last_ones_with_their_age(tmp_path):
    join(whole(), tmp_path)
    row, found = join(whole(odds={"m1": read(UNREADABLE)}), tmp_path, now=NOW + timedelta(seconds=60))
    assert (row["odds_state"], row["odds_quotes"], row["odds_age_s"]) == ("stale", 1, 60.0)
    assert len(found.quotes) == 1
