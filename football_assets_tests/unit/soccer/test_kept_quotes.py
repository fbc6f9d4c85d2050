"""The quotes that the history keeps: what was seen by an instant, each once, newest first."""

import pytest

from football_assets.soccer.compaction import compact
from football_assets.soccer.day_files import history_folder
from football_assets.soccer.history import History
from football_assets.soccer.kept_quotes import newest_first, quotes_seen
from football_assets.soccer.quote_series import quotes_of
from football_assets.states import Source
from football_assets_tests.unit.soccer.history_days import MINUTE, NOW, cycle, quote

FIRST, SECOND, THIRD = quote(0, 1.5), quote(60, 1.6), quote(120, 1.7)


@pytest.fixture
def history(tmp_path):
    folder = history_folder(tmp_path, Source.SIMULATED)
    cycle(folder, NOW, {"home_score": 0}, quotes=[FIRST])
    cycle(folder, NOW + MINUTE, {"home_score": 0}, quotes=[SECOND, FIRST])
    cycle(folder, NOW + 3 * MINUTE, {"home_score": 0}, quotes=[THIRD, SECOND, FIRST])
    return History(tmp_path, Source.SIMULATED)


def told(frame):
    return frame["home_price"].tolist()


@pytest.mark.parametrize("is_compacted", [False, True])
def test_the_quotes_of_two_days_are_those_seen_by_then(history, is_compacted):
    if is_compacted:
        compact(history.folder, history.days()[0])
    assert told(quotes_of(history, "m1")) == [1.7, 1.6, 1.5]
    assert told(quotes_of(history, "m1", NOW + 2 * MINUTE)) == [1.6, 1.5]
    assert told(quotes_of(history, "m1", NOW)) == [1.5]
    assert quotes_of(history, "m1", NOW - MINUTE).empty
    assert quotes_of(history, "m2").empty


def test_quotes_of_a_run_that_began_anew_with_an_earlier_clock_are_not_seen_ahead_of_it(history):
    cycle(history.folder, NOW, {"home_score": 0}, quotes=[FIRST])
    assert told(quotes_of(history, "m1", NOW)) == [1.5]


def test_a_cycle_that_is_appended_between_both_readings_is_left_for_the_next_one(history):
    (log,) = history.logs(history.days()[0])

    class Growing:
        cycles, quotes = staticmethod(lambda: log.cycles()[:1]), log.quotes

    assert told(newest_first([quotes_seen(Growing())])) == [1.5]
