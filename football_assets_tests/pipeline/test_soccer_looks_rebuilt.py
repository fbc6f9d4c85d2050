"""The change log with looks of the fast lane between the cycles: the board at any instant, and the feed."""

import random
from datetime import timedelta

import pytest

from football_assets.soccer import changelog, look_log
from football_assets.soccer.change_feed import changes_from
from football_assets.soccer.changes import AGES, CLOCK, LOGGED, microseconds, plain, whole_state
from football_assets.soccer.compaction import compact
from football_assets.soccer.history import History
from football_assets.soccer.looks import INCIDENTS, LOOKED, MATCHES
from football_assets.states import Source
from football_assets.tables import to_arrow
from football_assets_tests.unit.soccer.looked_evening import arrivals

INSTANTS = 1_000


@pytest.fixture(scope="module", autouse=True)
def short():
    """The evening has too few cycles and looks on each of its days."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changelog, "SNAPSHOT_EVERY", 7)
        patch.setattr(look_log, "WHOLE_EVERY", 9)
        patch.setattr(look_log, "_KEPT_WHOLE", 3)
        yield


@pytest.fixture(scope="module", params=["hot", "compacted"])
def history(tmp_path_factory, request, short):
    """The evening as it was entered, or compacted afterwards."""
    found = History(tmp_path_factory.mktemp("evening"), Source.SIMULATED)
    for each in arrivals():
        assert each.enter(found.folder) is not None
    if request.param == "compacted":
        for day in found.days():
            compact(found.folder, day)
    return found


def read_first():
    """(instant, cycle or None, list or None) by the provider's clock."""
    return sorted(arrivals(), key=lambda each: each.at)


def known(past):
    """The rows of a past as plain values by table and key."""
    state = whole_state({name: plain(to_arrow(table, past.tables[name])) for name, table in LOGGED.items()})
    return {name: {key: dict(row) for key, row in rows.items()} for name, rows in state.items()}


def wanted(instant, came):
    """What has to be shown: the raw snapshot of the newest cycle, what was seen later laid over it, match by match."""
    cycle = max((each for each in came if each.cycle and each.at <= instant), key=lambda each: each.at)
    state = whole_state({name: plain(cycle.cycle[0][name]) for name in LOGGED})
    looks = [each for each in came if each.listed and cycle.at < each.at <= instant]
    for match_id, row in state[MATCHES].items():
        seen = [each for each in looks if match_id in each.listed.matches]
        if not seen:
            continue
        for name in LOOKED & row.keys():
            del row[name]
        row |= seen[-1].listed.matches[match_id]
        row[CLOCK] = microseconds(seen[-1].at)
        for age in AGES.keys() & row.keys():
            row[age] = round(row[age] + (seen[-1].at - cycle.at).total_seconds(), 6)
        for key in [key for key in state[INCIDENTS] if key.partition("/")[0] == match_id]:
            del state[INCIDENTS][key]
        for place, values in seen[-1].listed.incidents.get(match_id, {}).items():
            about = {"match_id": match_id, "seq": int(place), CLOCK: row[CLOCK]}
            state[INCIDENTS][f"{match_id}/{place}"] = about | values
    return state, max([cycle.at, *(each.at for each in looks)])


def test_the_board_at_any_instant_is_its_cycle_with_what_was_seen_since(history):
    came = read_first()
    first, last = came[0].at, came[-1].at
    choose = random.Random(7)
    compared = {}
    for _ in range(INSTANTS // 2):
        instant = first + timedelta(seconds=choose.uniform(0, (last - first).total_seconds() + 60))
        newest = max(each.at for each in came if each.at <= instant)
        if newest in compared:
            continue  # nothing came between both instants
        past = history.at(instant)
        state, at = wanted(instant, came)
        assert past.observed_at == at == newest
        assert known(past) == state
        compared[newest] = past.is_look
    assert sum(compared.values()) > 50, "too few were looks"


def test_the_board_at_the_instant_of_each_cycle_is_as_it_was_shown(history):
    for each in arrivals():
        if each.cycle:
            past = history.at(each.at)
            assert not past.is_look
            assert known(past) == whole_state({name: plain(each.cycle[0][name]) for name in LOGGED})


def folded(changes, rows=None):
    """What the feed leads to, row by row, from nothing."""
    rows = {} if rows is None else rows
    for each in changes:
        key = each.table, each.match_id, each.row
        if each.kind == "left":
            assert rows.pop(key) is not None
            continue
        assert (key not in rows) is (each.kind == "appeared")
        row = rows.setdefault(key, {})
        for change in each.changes:
            assert row.get(change.column) == change.before
            row[change.column] = change.after
    return rows


def board(past):
    """The same of a past; clock, ages and keys left out as in the feed."""
    left_out = {CLOCK, *AGES}
    return {
        (name, key.partition("/")[0], key.partition("/")[2] or None): {
            column: value
            for column, value in row.items()
            if column not in left_out and column not in LOGGED[name].about().key
        }
        for name, rows in known(past).items()
        for key, row in rows.items()
    }


def without_unknown(rows):
    return {key: {column: value for column, value in row.items() if value is not None} for key, row in rows.items()}


def assert_leads_to(changes, past):
    found, shown = without_unknown(folded(changes)), board(past)
    derived = {column for row in found.values() for column in row} ^ {
        column for row in shown.values() for column in row
    }
    assert not derived
    assert found == shown


def all_of(history, begin, size=10_000, **how):
    found = []
    while True:
        page, begin = changes_from(history, begin, size, **how)
        if not page:
            return found, begin
        found += page


@pytest.mark.parametrize("size", [7, 100, 10_000])
def test_pages_of_any_size_lead_from_nothing_to_the_last_board(history, size):
    begin = arrivals()[0].at - timedelta(days=1)
    if size == 7:
        begin = arrivals()[-12].at
    whole, _ = changes_from(history, begin, 1_000_000)
    found, _ = all_of(history, begin, size)
    assert found == whole
    if size != 7:
        assert_leads_to(found, history.at(arrivals()[-1].at))


def test_who_follows_is_told_each_change_when_it_comes_and_a_late_cycle_moves_nothing_back(tmp_path):
    history = History(tmp_path, Source.SIMULATED)
    found, place = [], arrivals()[0].at - timedelta(days=1)
    for number, each in enumerate(arrivals()):
        each.enter(history.folder)
        page, place = changes_from(history, place, 10_000)
        assert {change.observed_at for change in page} <= {each.at}, "what came now is told now, and nothing else"
        late = each.cycle and number and arrivals()[number - 1].at > each.at
        if late:
            seen = {
                change.match_id: change for change in found if change.table == MATCHES and change.observed_at > each.at
            }
            for change in page:
                if change.table == MATCHES and change.match_id in seen and change.kind == "changed":
                    assert not {told.column for told in change.changes} & LOOKED
        found += page
        if number == len(arrivals()) // 2:
            for day in history.days()[:-1]:
                compact(history.folder, day)
            place = changes_from(History(tmp_path, Source.SIMULATED), place, 1)[1]
    whole, _ = changes_from(history, arrivals()[0].at - timedelta(days=1), 1_000_000)
    assert found == whole
    assert_leads_to(found, history.at(arrivals()[-1].at))


def test_the_feed_of_a_past_instant_leads_to_the_board_of_that_instant(history):
    begin = arrivals()[0].at - timedelta(days=1)
    choose = random.Random(3)
    span = (arrivals()[-1].at - arrivals()[0].at).total_seconds()
    for _ in range(12):
        instant = arrivals()[0].at + timedelta(seconds=choose.uniform(0, span))
        found, _ = changes_from(history, begin, 1_000_000, instant)
        if microseconds(instant) % 86_400_000_000 > 120_000_000:  # see Place: just after midnight it may end earlier
            assert_leads_to(found, history.at(instant))


def test_who_asks_of_one_instant_after_the_other_misses_nothing_and_hears_nothing_twice(history):
    place = arrivals()[0].at - timedelta(days=1)
    whole, _ = changes_from(history, place, 1_000_000)
    instant, found = arrivals()[0].at, []
    while instant < arrivals()[-1].at + timedelta(minutes=1):
        page, place = all_of(history, place, 50, until=instant)
        found += page
        instant += timedelta(seconds=19)
    rows = without_unknown(folded(found))
    assert rows == without_unknown(folded(whole))


def test_the_changes_of_a_match_are_those_of_the_feed(history):
    whole, _ = changes_from(history, arrivals()[0].at - timedelta(days=1), 1_000_000)
    for match_id in sorted({each.match_id for each in whole})[:6]:
        told = [
            (each.observed_at, change)
            for each in whole
            if each.match_id == match_id and each.kind != "left"
            for change in each.changes
        ]
        changes = history.changes_of(match_id)
        listed = changes[~changes["column"].isin(list(AGES))]
        columns = list(zip(listed["observed_at"], listed["table"], listed["column"], listed["after"], strict=True))
        for at, change in told:
            assert (at, change.table, change.column, change.after) in columns
