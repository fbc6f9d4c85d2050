import pyarrow as pa
import pytest

from football_assets.soccer import quotes_log
from football_assets.soccer.odds import QUOTES_SCHEMA, quotes_of
from football_assets.soccer.quotes_log import (
    FORGOTTEN_AFTER_US,
    KEPT,
    SEEN,
    natural_keys,
    new_quotes,
    of_series,
    row_sums,
)

NOW_US = 1_748_453_417_000_000
NOTHING = SEEN.empty_table()


def quote(at, price=1.5, **parts):
    row = [1_748_450_000 + at, "37", price, 3.4, 5.5, 2, 0, "1-0"]
    for place, value in parts.items():
        row[int(place[1:])] = value
    return row


def quotes(*rows, company="2", market="eu", match_id="m1"):
    return pa.Table.from_batches([quotes_of(match_id, {company: {market: list(rows)}})[0]], schema=QUOTES_SCHEMA)


class Log:
    """The quotes kept so far, and what is remembered of them."""

    def __init__(self):
        self.seen = NOTHING
        self.kept = KEPT.empty_table()
        self.asked = []

    def add(self, given, now_us=NOW_US):
        fresh, self.seen = new_quotes(given, self.seen, self.kept_of, now_us)
        self.kept = pa.concat_tables([self.kept, fresh.cast(KEPT)])
        return fresh["home_price"].to_pylist()

    def kept_of(self, series):
        self.asked.append(series)
        return set(natural_keys(of_series(self.kept, series)))


@pytest.fixture
def log():
    return Log()


def test_at_first_every_quote_is_new(log):
    assert log.add(quotes(quote(2, 1.6), quote(1, 1.5))) == [1.6, 1.5]


def test_the_same_quotes_again_add_nothing(log):
    log.add(quotes(quote(1)))
    assert log.add(quotes(quote(1))) == []


def test_a_series_that_grew_adds_its_newest_quotes_without_a_look_at_the_kept_ones(log):
    log.add(quotes(quote(1)))
    assert log.add(quotes(quote(3, 1.8), quote(2, 1.7), quote(1))) == [1.8, 1.7]
    assert log.asked == []


def test_two_quotes_of_the_same_second_are_both_kept(log):
    log.add(quotes(quote(1)))
    assert log.add(quotes(quote(1, 1.9), quote(1))) == [1.9]


def test_a_past_that_was_rewritten_adds_exactly_what_is_not_kept(log):
    log.add(quotes(quote(2, 1.6), quote(1, 1.5)))
    assert log.add(quotes(quote(3, 1.7), quote(2, 1.65), quote(1, 1.5))) == [1.7, 1.65]
    assert log.asked == [("m1", 2, "moneyline")]


def test_quotes_that_are_withdrawn_and_come_back_are_not_kept_twice(log):
    both = quotes(quote(2, 1.6), quote(1, 1.5))
    log.add(both)
    assert log.add(quotes(quote(1, 1.5))) == []
    assert log.add(both) == []


def test_series_of_matches_companies_and_markets_stay_apart(log):
    log.add(quotes(quote(1)))
    others = [quotes(quote(1), company="3"), quotes(quote(1), market="asia"), quotes(quote(1), match_id="m2")]
    assert len(log.add(pa.concat_tables([quotes(quote(1)), *others]))) == 3


def test_a_series_not_given_this_time_is_remembered(log):
    log.add(pa.concat_tables([quotes(quote(1)), quotes(quote(1), match_id="m2")]))
    log.add(quotes(quote(1)))
    assert log.add(quotes(quote(1), match_id="m2")) == []


def test_a_series_not_given_for_a_day_is_forgotten(log):
    log.add(quotes(quote(1)))
    log.add(quotes(quote(1), match_id="m2"), NOW_US + FORGOTTEN_AFTER_US + 1)
    assert log.seen.num_rows == 1


@pytest.mark.parametrize(
    "other",
    [
        *(quote(2), quote(1, 1.51), quote(1, p1="38"), quote(1, p3=3.5), quote(1, p4=5.6), quote(1, p5=3)),
        *(quote(1, p6=1), quote(1, p7="1-1"), quote(1, p7="")),
    ],
)
def test_the_number_of_a_quote_depends_on_every_value(other):
    assert row_sums(quotes(quote(1)))[0] != row_sums(quotes(other))[0]


def test_the_number_of_a_quote_is_the_same_in_every_process():
    assert int(row_sums(quotes(quote(1)))[0]) == 4650310379162988142


def test_dictionary_columns_give_the_same_numbers():
    given = pa.concat_tables([quotes(quote(1)), quotes(quote(2, p1="45+"))])
    coded = given
    for name in ("minute_text", "score_text"):
        coded = coded.set_column(coded.schema.get_field_index(name), name, coded[name].dictionary_encode())
    assert row_sums(coded).tolist() == row_sums(given).tolist()


def test_no_quotes_at_all_change_nothing(log):
    log.add(quotes(quote(1)))
    before = log.seen
    assert log.add(QUOTES_SCHEMA.empty_table()) == []
    assert log.seen.equals(before)


def test_texts_in_several_dictionaries_give_the_same_sums():
    """A file's row groups each have a dictionary of their own."""
    rows = [quote(3), quote(2, p1="38", p7="2-0"), quote(1, p1="", p7="")]
    whole = quotes(*rows)
    parts = [quotes(row) for row in rows]
    coded = []
    for part in parts:
        for name in ("match_id", "market", "minute_text", "score_text"):
            place = part.schema.get_field_index(name)
            part = part.set_column(place, name, part[name].dictionary_encode())
        coded.append(part)
    together = pa.concat_tables(coded)
    remembered = [new_quotes(given, NOTHING, lambda _: set(), NOW_US)[1] for given in (together, whole)]
    assert remembered[0].equals(remembered[1])


def test_sums_do_not_depend_on_where_a_block_ends(monkeypatch):
    given = quotes(*(quote(n, 1.5 + n / 100) for n in range(9, 0, -1)))
    whole = row_sums(given)
    monkeypatch.setattr(quotes_log, "_BLOCK", 4)
    assert row_sums(given).tolist() == whole.tolist()
    assert len(set(whole.tolist())) == 9
