"""What the server counts, against a clock that the test moves."""

from asyncio import Transport

from football_assets.emulators.statistics import Statistics, Window


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Connection(Transport):
    def __init__(self):
        self.closed = False

    def is_closing(self):
        return self.closed


def test_a_window_forgets_what_is_a_minute_old():
    window = Window()
    for second in (0.0, 30.0, 59.9):
        window.add(second)
    assert window.count(59.9) == 3
    assert window.count(60.0) == 2
    assert window.count(120.0) == 0


def test_requests_beyond_the_limit_of_any_sliding_minute_are_violations():
    clock = Clock()
    statistics = Statistics({"odds/history": 2}, monotonic=clock)
    for second in (0, 1, 59, 60.5, 62):
        clock.now = 1000.0 + second
        statistics.arrived("odds/history", "q", None)
    # 59 is the third within a minute; 60.5 sees 1, 59 and itself; 62 sees 59, 60.5 and itself.
    path = statistics.as_dict()["paths"]["odds/history"]
    assert path["violations"] == 3
    assert path["peak_per_minute"] == 3
    assert path["requests"] == 5


def test_paths_without_a_limit_are_never_violated():
    statistics = Statistics({"odds/history": 0}, monotonic=Clock())
    statistics.arrived("match/detail_live", "q", None)
    assert statistics.as_dict()["violations"] == 0
    statistics.arrived("odds/history", "q", None)
    assert statistics.as_dict()["violations"] == 1


def test_questions_asked_twice_are_repeats():
    statistics = Statistics({}, monotonic=Clock())
    nth = [statistics.arrived("games", question, None) for question in ("a", "b", "a", "a")]
    path = statistics.as_dict()["paths"]["games"]
    assert nth == [1, 1, 2, 3]
    assert (path["distinct"], path["repeats"]) == (2, 2)


def test_peaks_are_the_most_at_once_and_not_the_total():
    statistics = Statistics({}, monotonic=Clock())
    first, second = Connection(), Connection()
    statistics.arrived("p", "a", first)
    statistics.arrived("p", "b", second)
    statistics.left()
    second.closed = True
    third = Connection()
    statistics.arrived("p", "c", third)
    counts = statistics.as_dict()
    assert (counts["in_flight"], counts["peak_in_flight"]) == (2, 2)
    assert (counts["connections"], counts["peak_connections"]) == (2, 2)


def test_a_reset_forgets_all_but_what_is_under_way():
    statistics = Statistics({}, monotonic=Clock())
    connection = Connection()
    statistics.arrived("p", "a", connection)
    statistics.arrived("p", "b", connection)
    statistics.answered("p", 200)
    statistics.left()
    statistics.reset()
    counts = statistics.as_dict()
    assert counts["paths"] == {}
    assert (counts["in_flight"], counts["peak_in_flight"], counts["peak_connections"]) == (1, 1, 1)


def test_answers_are_counted_by_status():
    statistics = Statistics({}, monotonic=Clock())
    for status in (200, 500, 200):
        statistics.arrived("p", "a", None)
        statistics.answered("p", status)
        statistics.left()
    statistics.arrived("p", "a", None)
    path = statistics.as_dict()["paths"]["p"]
    assert path["statuses"] == {"200": 2, "500": 1}
    assert (path["requests"], path["served"]) == (4, 3)
