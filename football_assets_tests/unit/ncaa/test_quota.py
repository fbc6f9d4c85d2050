"""The month's calls: counted by month, never planned beyond."""

from datetime import UTC, datetime

import fakeredis
import pytest
import redis

from football_assets.errors import QuotaExceeded, SourceUnavailable, StorageError
from football_assets.ncaa import quota
from football_assets.ncaa.client import LISTS
from football_assets.ncaa.quota import FILE, Ledger, Season, Usage, calls_of, days_to_wait, refused, require

EVERYTHING = ("games", "lines", "team_stats", "player_stats", *LISTS)
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def usage(left, limit=1000, at=NOW):
    return Usage("2026-11", 0, limit, left, at, at)


def test_a_whole_season_costs_at_most_sixty_calls_and_a_day_of_the_running_one_fifteen():
    assert 40 < calls_of(Season(2024), EVERYTHING) <= 60
    assert calls_of(Season(2026, is_kept=True, is_running=True), EVERYTHING) == 15
    assert calls_of(Season(2026, is_kept=True, is_running=True), ["games"]) == 1


def test_a_season_that_is_kept_costs_its_games_and_lines_again():
    assert calls_of(Season(2020, is_kept=True), EVERYTHING) == 2
    assert calls_of(Season(2020, is_kept=True), ["player_stats"]) == 0


def test_a_backfill_that_does_not_fit_says_how_long_it_takes_and_what_fits_now():
    seasons = [Season(year) for year in range(2004, 2025)]
    with pytest.raises(QuotaExceeded) as caught:
        require(usage(left=150), seasons, EVERYTHING)
    assert str(caught.value) == (
        "collecting the seasons 2004-2024 by about 987 calls, which takes 9 days (the seasons 2022-2024 now, the rest "
        "after the reset): 850 of 1000 calls are used. The quota resets at 2026-12-01T00:00:00+00:00."
    )


def test_what_fits_is_let_through():
    assert require(usage(left=987), [Season(year) for year in range(2004, 2025)], EVERYTHING) == 987


@pytest.mark.parametrize(
    ("calls", "left", "at", "days"),
    [
        (100, 100, NOW, 0),
        (101, 100, NOW, 9),
        (1100, 100, NOW, 9),
        (1101, 100, NOW, 40),
        (1101, 100, datetime(2028, 2, 28, tzinfo=UTC), 33),
        (50, 0, datetime(2026, 12, 31, 23, tzinfo=UTC), 1),
    ],
)
def test_waiting_counts_the_days_to_the_month_in_which_the_last_call_fits(calls, left, at, days):
    assert days_to_wait(calls, usage(left, at=at)) == days


def test_the_provider_s_count_wins_over_ours(tmp_path):
    ledger = Ledger(tmp_path)
    assert ledger.read() is None
    ledger.answered(NOW, None)
    ledger.answered(NOW, None)
    assert (ledger.read().used, ledger.read().remaining) == (2, 998)
    ledger.answered(NOW, 700)
    assert (ledger.read().counted, ledger.read().used) == (3, 300)
    ledger.answered(NOW, None)
    assert ledger.read().remaining == 699


def test_a_paid_plan_is_learned_from_what_the_provider_says(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.told(NOW, 4_900, 5_000)
    assert (ledger.read().used, ledger.read().limit, ledger.read().counted) == (100, 5_000, 0)


def test_a_new_month_begins_with_nothing_used(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.answered(datetime(2026, 11, 30, 23, 59, tzinfo=UTC), 3)
    december = datetime(2026, 12, 1, tzinfo=UTC)
    assert ledger.read().at(december).remaining == 1000
    assert ledger.read().at(NOW).remaining == 3
    ledger.answered(december, 999)
    assert (ledger.read().month, ledger.read().counted) == ("2026-12", 1)


def test_the_provider_s_refusal_for_the_quota_becomes_the_quota_s_own_error(tmp_path):
    ledger = Ledger(tmp_path)
    ledger.told(NOW, 0, 1000)
    used_up = SourceUnavailable("CFBD", "reading the games", 'HTTP 429, {"message":"Monthly call quota exceeded."}')
    found = refused(used_up, ledger)
    assert (found.used, found.limit, found.resets_at) == (1000, 1000, datetime(2026, 12, 1, tzinfo=UTC))
    assert str(found).startswith("CFBD: reading the games: 1000 of 1000 calls are used.")
    assert refused(SourceUnavailable("CFBD", "reading the games", "HTTP 503"), ledger) is None
    assert refused(SourceUnavailable("CFBD", "reading the games", "HTTP 429, slow down"), ledger) is None


def test_a_damaged_file_says_what_to_do(tmp_path):
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(StorageError, match="Remove it"):
        Ledger(tmp_path).read()


def test_the_file_is_replaced_whole_and_nothing_else_is_left(tmp_path):
    ledger = Ledger(tmp_path)
    for left in (9, 8, 7):
        ledger.answered(NOW, left)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_workers_that_share_the_count_lose_no_call_and_never_see_more_left_again(tmp_path, monkeypatch):
    server = fakeredis.FakeRedis()
    monkeypatch.setattr(quota, "redis_client", lambda _url: server)
    one, other = (Ledger(tmp_path / name / "real", "redis://nowhere") for name in ("one", "other"))
    assert other.read() is None
    one.told(NOW, 900, 1000)
    one.answered(NOW, 898)
    other.answered(NOW, 899)  # answered earlier, entered later
    found = one.read()
    assert (found.counted, found.left, found.limit) == (2, 898, 1000)
    assert other.read() == found and not (tmp_path / "one").exists()
    other.told(NOW, 5000, 5000)  # a larger plan
    assert one.read().remaining == 5000


def test_a_shared_count_that_cannot_be_reached_is_an_error(tmp_path, monkeypatch):
    def away(_url):
        raise redis.ConnectionError("redis://user:password@host")

    monkeypatch.setattr(quota, "redis_client", away)
    with pytest.raises(StorageError, match="reading the shared football:calls:real: ConnectionError") as told:
        Ledger(tmp_path / "real", "redis://nowhere").read()
    assert "password" not in str(told.value)
