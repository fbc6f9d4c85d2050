"""Pages follow each other without a gap or a repeat, also while the list changes."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from football_assets.serving.paging import page
from football_assets.serving.problems import Problem

ORDER = ("competition", "kickoff_at", "match_id")


def frame(rows):
    made = pd.DataFrame(rows, columns=["competition", "kickoff_at", "match_id"])
    made["competition"] = made["competition"].astype("str")
    made["kickoff_at"] = pd.to_datetime(made["kickoff_at"], unit="s", utc=True).astype("datetime64[us, UTC]")
    made["match_id"] = made["match_id"].astype("Int64")
    return made


def walk(rows, limit):
    seen, cursor = [], None
    while True:
        found = page(frame(rows), ORDER, limit, cursor)
        assert found.total == len(rows)
        seen += found.rows["match_id"].tolist()
        if (cursor := found.next_cursor) is None:
            return seen


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([None, "A", "B"]), st.one_of(st.none(), st.integers(0, 3)), st.integers(0, 10**6)),
        unique_by=lambda row: row[2],
        max_size=25,
    ),
    st.integers(1, 7),
)
def test_every_row_comes_once_whatever_is_unknown_in_it(rows, limit):
    assert sorted(walk(rows, limit)) == sorted(row[2] for row in rows)


def test_a_row_that_comes_and_one_that_goes_disturb_no_other():
    rows = [("A", 1, number) for number in range(6)]
    first = page(frame(rows), ORDER, 2, None)
    changed = [("A", 0, 99), *rows[2:]]
    second = page(frame(changed), ORDER, 3, first.next_cursor)
    assert second.rows["match_id"].tolist() == [2, 3, 4]


@pytest.mark.parametrize("cursor", ["x", "!!!!", "W10", "W1siYSIsMV1d", "bnVsbA", "MQ", "W1tdXQ"])
def test_a_cursor_of_another_list_is_refused(cursor):
    with pytest.raises(Problem) as caught:
        page(frame([("A", 1, 1)]), ORDER, 1, cursor)
    assert caught.value.code == "invalid_parameter"
