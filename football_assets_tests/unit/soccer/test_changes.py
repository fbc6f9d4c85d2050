import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from football_assets.soccer.changes import (
    LOGGED,
    advanced,
    applied,
    changes_between,
    difference,
    frame_of,
    plain,
    rows_of,
    shown,
    state_of,
)
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import arrow_schema, to_arrow

NOW_US, MINUTE_US = 1_748_453_417_000_000, 60_000_000
STATES = {"detail_state": "live", "odds_state": "live", "names_state": "cached"}


def tables(rows, now_us=NOW_US):
    rows = [{"incidents": 0, "stats": 0, **STATES, **row, "fetched_at": now_us} for row in rows]
    data = {name: arrow_schema(table).empty_table() for name, table in LOGGED.items()}
    data["flattened_matches"] = pa.Table.from_pylist(rows, schema=arrow_schema(FlattenedMatches))
    return {name: plain(table) for name, table in data.items()}


def told(before, after, minutes=1):
    """What has to be told between two cycles of match rows."""
    _, known = difference({}, tables(before), NOW_US)
    later_us = NOW_US + minutes * MINUTE_US
    return difference(known, tables(after, later_us), later_us)[0]


matches = st.dictionaries(
    st.integers(0, 5).map("m{}".format),
    st.fixed_dictionaries(
        {},
        optional={
            "home_score": st.integers(0, 5),
            "home_team": st.sampled_from(["IFK", "HJK"]),
            "temperature_c": st.floats(-20, 40),
            "is_in_play": st.booleans(),
            "kickoff_at": st.integers(0, 10**15),
            "odds_state": st.sampled_from(["live", "stale", "missing"]),
            "odds_age_s": st.floats(0, 1e6),
            "names_age_s": st.floats(0, 1e6),
        },
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(matches, st.integers(0, 10**9)), min_size=1, max_size=6))
def test_whatever_happens_the_rows_rebuilt_are_those_shown(cycles):
    known, state, now_us = {}, {}, NOW_US
    for rows, passed_us in cycles:
        now_us += passed_us
        now = tables([{"match_id": key, **row} for key, row in rows.items()], now_us)
        delta, known = difference(known, now, now_us)
        state = applied(state, delta, now_us)
        assert shown(state, now_us) == state_of(now, rows)


def test_a_cycle_like_the_one_before_tells_nothing():
    assert told([{"match_id": "m1", "home_score": 1}], [{"match_id": "m1", "home_score": 1}]) == {}


def test_only_the_values_that_changed_are_told():
    delta = told([{"match_id": "m1", "home_score": 1, "minute": 3}], [{"match_id": "m1", "home_score": 2, "minute": 3}])
    assert delta == {"flattened_matches": {"m1": {"home_score": 2}}}


def test_a_value_that_is_no_longer_known_is_told_as_null():
    delta = told([{"match_id": "m1", "weather": "fog"}], [{"match_id": "m1"}])
    assert delta == {"flattened_matches": {"m1": {"weather": None}}}


def test_a_match_that_leaves_the_list_is_told_as_gone():
    assert told([{"match_id": "m1"}, {"match_id": "m2"}], [{"match_id": "m2"}]) == {"flattened_matches": {"m1": None}}


def test_an_age_that_grows_with_the_clock_is_not_told():
    assert told([{"match_id": "m1", "names_age_s": 12.5}], [{"match_id": "m1", "names_age_s": 72.5}]) == {}


def test_the_age_of_a_part_that_is_read_each_time_stays():
    assert told([{"match_id": "m1", "odds_age_s": 0.0}], [{"match_id": "m1", "odds_age_s": 0.0}]) == {}


def test_an_age_that_jumps_is_told():
    delta = told([{"match_id": "m1", "names_age_s": 12.5}], [{"match_id": "m1", "names_age_s": 0.5}])
    assert delta == {"flattened_matches": {"m1": {"names_age_s": 0.5}}}


def test_a_row_moves_with_the_clock_alone():
    row = {"match_id": "m1", "fetched_at": NOW_US, **STATES, "odds_age_s": 0.0, "names_age_s": 1.25}
    later = advanced(row, NOW_US + MINUTE_US)
    assert later == {**row, "fetched_at": NOW_US + MINUTE_US, "names_age_s": 61.25}


def test_a_state_of_another_form_is_told_anew():
    known = {"flattened_matches": pa.table({"match_id": ["m1"], "former_column": [1]})}
    delta, _ = difference(known, tables([{"match_id": "m1", "home_score": 1}]), NOW_US)
    assert delta["flattened_matches"]["m1"]["home_score"] == 1


def test_a_frame_rebuilt_from_plain_rows_has_the_declared_types():
    data = tables([{"match_id": "m2", "kickoff_at": NOW_US, "is_in_play": True}, {"match_id": "m1"}])
    rows = {row["match_id"]: row for row in rows_of(data["flattened_matches"])}
    frame = frame_of(FlattenedMatches, rows)
    assert list(frame["match_id"]) == ["m1", "m2"]
    assert to_arrow(FlattenedMatches, frame)["kickoff_at"].to_pylist()[1].isoformat() == "2025-05-28T17:30:17+00:00"


def test_changes_between_two_versions_of_a_row_name_value_by_value():
    before = {"match_id": "m1", "home_score": 1, "weather": "fog", "fetched_at": 1}
    after = {"match_id": "m1", "home_score": 2, "minute": 3, "fetched_at": 2}
    found = {(c.row, c.column): (c.before, c.after) for c in changes_between("flattened_matches", "m1", before, after)}
    assert found == {(None, "home_score"): (1, 2), (None, "minute"): (None, 3), (None, "weather"): ("fog", None)}
