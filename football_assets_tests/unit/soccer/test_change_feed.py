"""The feed of changes: every change once, in order, over days, compaction and restarts, from any place in it."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.soccer.change_feed import Place, UnknownPlace, changes_from
from football_assets.soccer.changelog import append
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.compaction import compact
from football_assets.soccer.history import History
from football_assets.soccer.schemas import FlattenedMatches, Incidents, OddsQuotes
from football_assets.states import Source
from football_assets.tables import columns, from_rows, to_arrow
from football_assets_tests.unit.soccer.history_days import MINUTE, NOW, cycle

BEGIN = datetime(2026, 11, 21, 23, 57, tzinfo=UTC)
_PLAIN = {"Int64": 0, "float64": 1.0, "str": "live", "boolean": False, "datetime64[us, UTC]": BEGIN}


def row(table, **given):
    return {c.name: None if c.nullable else _PLAIN[c.type] for c in columns(table)} | given


@pytest.fixture
def history(tmp_path):
    """Seven minutes over midnight: m1 scores each even minute, m2 comes at the third and leaves at the sixth.

    m3 is listed up to midnight: the new day's log, which begins with every row whole, does not name it.
    """
    found = History(tmp_path, Source.REAL)
    for number in range(7):
        at = BEGIN + timedelta(minutes=number)
        matches = [
            row(FlattenedMatches, match_id="m1", home_score=number // 2, detail_age_s=float(number), kickoff_at=BEGIN)
        ]
        if 2 <= number < 5:
            matches.append(row(FlattenedMatches, match_id="m2", home_score=0))
        if number < 3:
            matches.append(row(FlattenedMatches, match_id="m3", home_score=0))
        goals = [row(Incidents, match_id="m1", seq=n, type="goal") for n in range(number // 2)]
        rows = {FlattenedMatches: [{**each, "fetched_at": at} for each in matches]}
        rows[Incidents] = [{**each, "fetched_at": at} for each in goals]
        tables = {name: to_arrow(table, from_rows(table, rows.get(table, []))) for name, table in LOGGED.items()}
        append(found.folder, tables, to_arrow(OddsQuotes, from_rows(OddsQuotes, [])), at)
    return found


def told(changes):
    return [
        (f"{c.observed_at:%H:%M}", c.match_id, c.table, c.kind, {each.column: each.after for each in c.changes})
        for c in changes
        if c.kind != "appeared"
    ]


GOAL_TIMES = ["23:59", "00:01", "00:03"]


def test_each_change_is_told_once_and_midnight_tells_nothing_again(history):
    found, _ = changes_from(history, BEGIN - timedelta(days=1), 200)
    assert told(found) == [
        ("23:59", "m1", "flattened_matches", "changed", {"home_score": 1}),
        ("00:00", "m3", "flattened_matches", "left", {}),
        ("00:01", "m1", "flattened_matches", "changed", {"home_score": 2}),
        ("00:02", "m2", "flattened_matches", "left", {}),
        ("00:03", "m1", "flattened_matches", "changed", {"home_score": 3}),
    ]
    appeared = [(f"{c.observed_at:%H:%M}", c.match_id, c.table, c.row) for c in found if c.kind == "appeared"]
    assert appeared == [
        ("23:57", "m1", "flattened_matches", None),
        ("23:57", "m3", "flattened_matches", None),
        ("23:59", "m1", "incidents", "0"),
        ("23:59", "m2", "flattened_matches", None),
        ("00:01", "m1", "incidents", "1"),
        ("00:03", "m1", "incidents", "2"),
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
@pytest.mark.parametrize("compacted", [False, True])
def test_pages_of_any_size_follow_each_other_also_when_a_day_is_compacted_between_them(history, size, compacted):
    whole, _ = changes_from(history, BEGIN - timedelta(days=1), 200)
    begin, pages = BEGIN - timedelta(days=1), []
    while True:
        found, begin = changes_from(history, begin, size)
        if not found:
            break
        pages += found
        if compacted and len(pages) == size:
            compact(history.folder, BEGIN.date())
    assert pages == whole


def test_who_has_seen_all_is_told_nothing_until_something_comes(history):
    _, end = changes_from(history, BEGIN, 200)
    assert changes_from(history, end, 200) == ([], end)
    at = BEGIN + timedelta(minutes=7)
    tables = {name: to_arrow(table, from_rows(table, [])) for name, table in LOGGED.items()}
    append(history.folder, tables, to_arrow(OddsQuotes, from_rows(OddsQuotes, [])), at)
    found, later = changes_from(history, end, 200)
    assert [(c.kind, c.match_id, c.row) for c in found] == [("left", "m1", None)] + [
        ("left", "m1", str(n)) for n in range(3)
    ]
    assert changes_from(history, later, 200)[0] == []


def test_an_instant_begins_after_it_and_another_ends_at_it(history):
    found, _ = changes_from(history, BEGIN + timedelta(minutes=2), 200, BEGIN + timedelta(minutes=5))
    assert {f"{c.observed_at:%H:%M}" for c in found} == {"00:00", "00:01", "00:02"}
    found, _ = changes_from(history, BEGIN - timedelta(days=1), 200, match_id="m2")
    assert [c.kind for c in found] == ["appeared", "left"]


def test_an_instant_after_all_gives_the_place_from_which_what_comes_is_told(history):
    found, place = changes_from(history, BEGIN + timedelta(hours=1), 200)
    assert found == []
    assert changes_from(history, place, 200) == ([], place)
    at = BEGIN + timedelta(minutes=7)
    tables = {name: to_arrow(table, from_rows(table, [])) for name, table in LOGGED.items()}
    append(history.folder, tables, to_arrow(OddsQuotes, from_rows(OddsQuotes, [])), at)
    assert len(changes_from(history, place, 200)[0]) == 4


def test_a_place_that_is_not_kept_is_refused(history):
    _, end = changes_from(history, BEGIN, 200)
    with pytest.raises(UnknownPlace):
        changes_from(history, Place(end.day, end.cycle, end.observed_us + 1, 0), 200)


def test_what_is_no_longer_known_on_a_new_day_is_told(tmp_path):
    history = History(tmp_path, Source.REAL)
    cycle(history.folder, NOW, {"note": "x"})
    cycle(history.folder, NOW + 5 * MINUTE, {})
    found, _ = changes_from(history, NOW, 200)
    assert [(each.kind, [(c.column, c.before, c.after) for c in each.changes]) for each in found] == [
        ("changed", [("note", "x", None)])
    ]


def test_before_anything_is_kept_there_is_nothing(tmp_path):
    assert changes_from(History(tmp_path, Source.REAL), BEGIN, 5) == ([], None)
