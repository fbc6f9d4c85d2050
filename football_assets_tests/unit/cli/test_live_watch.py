from datetime import timedelta
from io import StringIO

import pytest
from rich.console import Console

from football_assets.cli import headings
from football_assets.cli.live_watch import Screen, State, Watch, watch_until_stopped
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets_tests.unit.cli.live_rows import NOW, Warehouse, match, printed


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(headings, "now_utc", lambda: NOW)


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def watching(warehouse, **how):
    return Watch(lambda: warehouse, interval_s=60, **how)


def whole(frame):
    return " ".join(printed(frame.whole()).split())


def test_before_the_first_publication_it_says_so_and_how_to_start():
    frame = watching(Warehouse()).look(NOW)
    assert frame.state is State.NOTHING
    assert "NOTHING IS PUBLISHED YET. `football up` starts a cycle every 60 s" in whole(frame)


def test_a_database_that_is_not_there_yet_is_waited_for():
    warehouse, there = Warehouse(match()), []

    def opened():
        if not there:
            raise StorageError("opening the warehouse", "nothing is published yet", "Run it.")
        return warehouse

    watch = Watch(opened, interval_s=60)
    assert watch.look(NOW).state is State.NOTHING
    there.append(True)
    assert "IFK 2-1 HJK" in whole(watch.look(NOW))


def test_tables_are_read_only_when_there_is_a_newer_publication():
    warehouse = Warehouse(match())
    watch = watching(warehouse)
    for second in range(5):
        watch.look(after(second))
    assert warehouse.reads == 1
    warehouse.publish(match(home_score=3), at=after(5))
    assert "GOAL 71' IFK 3-1 HJK" in whole(watch.look(after(6)))
    assert warehouse.reads == 2


def test_it_says_when_the_next_board_comes_and_when_it_is_late():
    watch = watching(Warehouse(match()))
    assert "CURRENT next board in 50 s" in whole(watch.look(after(10)))
    assert "the next board is 30 s late" in whole(watch.look(after(90)))


def test_a_board_older_than_two_intervals_is_shown_as_stale():
    watch = watching(Warehouse(match()))
    assert watch.look(after(120)).state is State.CURRENT
    frame = watch.look(after(121))
    assert frame.state is State.STALE
    assert "STALE nothing was published for 2 min: scores and prices may have changed." in whole(frame)
    assert "IFK 2-1 HJK" in whole(frame)


def test_the_real_provider_s_clock_far_behind_is_told():
    warehouse = Warehouse(match(), source=Source.REAL)
    assert "behind" not in whole(watching(warehouse).look(NOW))
    warehouse.made = type(warehouse.made)(1, "soccer", Source.REAL, NOW, after(-600))
    assert "the provider's clock was 10 min behind" in whole(watching(warehouse).look(NOW))


def test_another_world_is_no_news():
    simulated, real = Warehouse(match()), Warehouse(match(home_score=5), source=Source.REAL)
    worlds = [simulated, real]
    watch = Watch(lambda: worlds[0], interval_s=60)
    watch.look(NOW)
    simulated.publish(match(home_score=3))
    assert watch.look(NOW).news
    worlds.pop(0)
    frame = watch.look(NOW)
    assert "REAL" in whole(frame)
    assert frame.news == ()
    assert frame.board.moves == {}


def test_a_score_that_changed_is_shown_until_the_next_board():
    warehouse = Warehouse(match())
    watch = watching(warehouse)
    watch.look(NOW)
    warehouse.publish(match(home_score=3))
    assert watch.look(NOW).board.moves == {"m1": {"home_score": 1}}
    warehouse.publish(match(home_score=3))
    assert watch.look(NOW).board.moves == {}


def test_gaps_and_filters_hold_on_the_screen_too():
    rows = [
        match(odds_state="missing", odds_gap="timed out"),
        match(match_id="m2", competition="Serie A", home_team="Roma"),
        match(match_id="m3", status_id=8, status="ended", home_team="Ilves"),
    ]
    shown = whole(watching(Warehouse(*rows), competition="veikk").look(NOW))
    assert "odds: 1 of 1 missing: timed out" in shown
    assert "IFK" in shown
    assert "Roma" not in shown
    assert "Ilves" in whole(watching(Warehouse(*rows), statuses={8}).look(NOW))


@pytest.mark.parametrize(("width", "height"), [(80, 12), (80, 24), (120, 40)])
def test_a_screen_never_takes_more_lines_than_the_terminal_has(width, height):
    rows = [match(match_id=f"m{n}", competition_id=f"c{n // 3}") for n in range(60)]
    warehouse = Warehouse(*rows)
    watch = watching(warehouse)
    watch.look(NOW)
    warehouse.publish(
        *(row | {"home_score": 3, "odds_state": "missing", "odds_gap": f"HTTP 50{n}"} for n, row in enumerate(rows))
    )
    frame = watch.look(NOW)
    for page in range(3):
        lines = printed(Screen(frame, page), width=width, height=height).splitlines()
        assert len(lines) <= height
        assert any(f"page {page + 1} of" in line for line in lines)


class Stopped:
    """A pause that Ctrl-C ends after some looks."""

    def __init__(self, looks, between=lambda _: None):
        self.looks, self.between, self.count = looks, between, 0

    def __call__(self, _seconds):
        self.count += 1
        if self.count == self.looks:
            raise KeyboardInterrupt
        self.between(self.count)


@pytest.mark.parametrize("terminal", [True, False])
def test_ctrl_c_ends_it_quietly_and_leaves_the_screen(terminal):
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, width=80, height=24)
    watch_until_stopped(console, watching(Warehouse(match())), clock=lambda: NOW, pause=Stopped(3))
    assert out.getvalue().endswith("Watched 1 board.\n")
    assert terminal == ("\x1b[?1049h" in out.getvalue())
    assert terminal == ("\x1b[?1049l" in out.getvalue())


def test_a_file_gets_each_board_once():
    warehouse, out = Warehouse(match()), StringIO()

    def publish(count):
        if count == 3:
            warehouse.publish(match(home_score=3))

    watch_until_stopped(Console(file=out, width=120), watching(warehouse), clock=lambda: NOW, pause=Stopped(6, publish))
    assert out.getvalue().count("Veikkausliiga") == 2
    assert out.getvalue().count("GOAL") == 1
