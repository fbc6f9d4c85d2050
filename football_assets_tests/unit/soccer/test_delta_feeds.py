"""The odds feeds read row by row, and the book of quotes they are entered into."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from football_assets.soccer.delta import doubtful_matches
from football_assets.soccer.odds import QUOTES_SCHEMA, quotes_of
from football_assets.soccer.odds_feed import OddsChanges, OddsUpdate, odds_changes, odds_updates
from football_assets.soccer.quote_book import QuoteBook

T = 1_748_453_400
AT = datetime.fromtimestamp(T, UTC)
ROW = [T, "30", 2.5, 3.2, 2.9, 2, 0, "0-0"]


def quote(at, home=2.5, sealed=0):
    return [at, "30", home, 3.2, 2.9, 2, sealed, "0-0"]


def book(**markets):
    """The quotes of match `m1` by company 2."""
    batch, unreadable = quotes_of("m1", {"2": markets})
    assert unreadable == 0
    return QuoteBook(QUOTES_SCHEMA.empty_table() if not markets else _table(batch))


def _table(batch):

    return pa.Table.from_batches([batch])


@pytest.mark.parametrize(
    "entry",
    [
        ["m1", "eu", ROW[:7], "0-0"],
        ["m1", "eu", [str(T), "30", "2.5", "3.2", "2.9", "2", "0"], "0-0"],
        ["m1", "eu", [T, "30", "2.5,3.2,2.9,0", 2], "0-0"],
    ],
)
def test_an_entry_becomes_a_row_of_the_history(entry):
    assert odds_changes({"2": [entry]}).rows == {"m1": {"2": {"eu": [ROW]}}}
    without_market = [entry[0], *entry[2:]]
    assert odds_changes({"2": {"eu": [without_market]}}).rows == {"m1": {"2": {"eu": [ROW]}}}


@pytest.mark.parametrize(
    "entry",
    [
        ["m1"],
        ["m1", "xx", ROW[:7], "0-0"],
        ["m1", "eu", ROW[:6], "0-0"],
        ["m1", "eu", [*ROW[:6], 2], "0-0"],
        ["m1", "eu", [T, "30", "2.5,3.2", 2], "0-0"],
        ["m1", "eu", [T, "30", "evens", 3.2, 2.9, 2, 0], "0-0"],
        ["m1", "eu", [T, "30", None, 3.2, 2.9, 2, 0], "0-0"],
        ["m1", "eu", ROW[:7], 0],
        ["m1", "eu", ROW[:7], "0-0", "more"],
    ],
)
def test_an_entry_that_cannot_be_read_makes_its_match_unclear(entry):
    found = odds_changes({"2": [entry]})
    assert (found.rows, found.unclear, found.unnamed) == ({}, {"m1"}, 0)


def test_entries_that_name_no_match_are_counted_and_markets_that_disagree_are_unclear():
    assert odds_changes({"2": [[1], [], "x", None]}).unnamed == 4
    assert odds_changes({"2": "x"}).unnamed == 1
    assert odds_changes({"2": {"bs": [["m1", "eu", ROW[:7], "0-0"]]}}).unclear == {"m1"}
    assert odds_changes({"BET365": [["m1", "eu", ROW[:7], "0-0"]]}).unclear == {"m1"}


def test_updates_come_as_a_list_or_as_a_map_and_nothing_else():
    row = {"id": "m1", "company_id": 2, "update_time": T}
    wanted = [OddsUpdate("m1", "2", T)]
    assert odds_updates([row]) == odds_updates({"m1": {"company_id": 2, "update_time": T}}) == wanted
    assert odds_updates({"m1": [row]}) == wanted
    for bad in (None, "x", [7], [{"id": "m1"}], {"m1": 7}, [{**row, "update_time": "soon"}]):
        assert odds_updates(bad) is None


def test_a_match_is_doubtful_when_it_was_updated_without_a_change_to_show():
    read_at = {"m1": AT - timedelta(seconds=30), "m2": AT - timedelta(seconds=30)}
    changes = OddsChanges(rows={"m1": {"2": {"eu": [ROW]}}})

    def doubtful(*updates, changes=changes):
        return doubtful_matches(changes, updates, read_at, AT)

    assert doubtful(OddsUpdate("m1", "2", T)) == set()
    assert doubtful(OddsUpdate("m1", "3", T)) == {"m1"}
    assert doubtful(OddsUpdate("m2", "2", T - 30)) == {"m2"}
    assert doubtful(OddsUpdate("m2", "2", T - 40)) == set(), "it was read since"
    assert doubtful(OddsUpdate("m2", "2", T + 1)) == set(), "the next cycle will be told of it"
    assert doubtful(OddsUpdate("m9", "2", T)) == set()
    assert doubtful(OddsUpdate("m1", "2", T), changes=OddsChanges(rows=changes.rows, unnamed=1)) == {"m1"}
    assert doubtful(changes=OddsChanges(unclear={"m2", "m9"})) == {"m2"}


def test_new_quotes_stand_before_the_old_ones_and_known_ones_are_not_repeated():
    old = book(eu=[quote(T - 20), quote(T - 90, 2.4)], asia=[quote(T - 50)])
    new, tangled = old.updated({"m1"}, {"m1": {"2": {"eu": [quote(T - 20), quote(T, 2.7), quote(T - 5, 2.6)]}}})
    assert tangled == set()
    rows = new.odds("m1", [2])["2"]
    assert [row[2] for row in rows["eu"]] == [2.7, 2.6, 2.5, 2.4]
    assert rows["asia"] == old.odds("m1", [2])["2"]["asia"]
    assert new.table["seq"].to_pylist() == [0, 1, 2, 3, 0]
    assert (new.count("m1"), new.companies("m1")) == (5, {"2"})


def test_a_new_company_and_a_new_market_are_added():
    new, _ = book(eu=[quote(T - 20)]).updated({"m1"}, {"m1": {"3": {"bs": [quote(T)]}, "2": {"cr": [quote(T)]}}})
    assert new.companies("m1") == {"2", "3"}
    assert set(new.odds("m1", [2])["2"]) == {"eu", "cr"}
    assert set(new.odds("m1", [3, 2])["3"]) == {"bs"}


@pytest.mark.parametrize(
    "rows",
    [
        [quote(T - 20, 2.6)],
        [quote(T - 30, 2.6)],
        [quote(T, 2.6), quote(T, 2.7)],
        [quote(T, 2.6), quote(T - 100, 2.7)],
    ],
)
def test_changes_that_do_not_continue_the_rows_are_not_put_in_an_invented_order(rows):
    new, tangled = book(eu=[quote(T - 20), quote(T - 90, 2.4)]).updated({"m1"}, {"m1": {"2": {"eu": rows}}})
    assert tangled == {"m1"}
    assert new.count("m1") == 0


def test_a_book_whose_rows_are_not_in_blocks_is_refused():
    table = book(eu=[quote(T), quote(T - 1)]).table
    with pytest.raises(ValueError, match="not in blocks"):
        QuoteBook(table.slice(1))

    with pytest.raises(ValueError, match="comes twice"):
        QuoteBook(pa.concat_tables([table, table]))
