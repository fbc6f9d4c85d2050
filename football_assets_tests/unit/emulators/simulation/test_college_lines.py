"""The books' lines: honest about the strengths, blind to results, moving from open to close."""

from datetime import UTC, datetime, timedelta
from statistics import fmean, pstdev

import pytest

from football_assets.emulators.simulation.college_game import Matchup, play_game
from football_assets.emulators.simulation.college_lines import (
    BOOKS,
    HOLD,
    Expectation,
    Market,
    american,
    expectation,
    win_chance,
)
from football_assets.emulators.simulation.college_season import Season, SeasonGame
from football_assets.emulators.simulation.college_teams import Teams
from football_assets.emulators.simulation.college_world import colleges, dice

KICKOFF = datetime(2026, 10, 10, 19, 30, tzinfo=UTC)


def market(
    margin: float, *, number: int = 1, lower_division: bool = False, announced: datetime | None = None
) -> Market:
    known = announced or datetime(2026, 3, 1, tzinfo=UTC)
    return Market(4, number, "Home", "Away", lower_division, known, KICKOFF, Expectation(margin, 52.0, 53.0))


@pytest.fixture(scope="module")
def season_games() -> list[SeasonGame]:
    """FBS games of four seasons of two worlds."""
    even = {college.team_id: 1500.0 for college in colleges()}
    found: list[SeasonGame] = []
    for seed in (31, 32):
        teams = Teams(seed)
        for year in range(2023, 2027):
            found += [game for game in Season(seed, year, teams.strengths(year), even).games if game.away.fbs]
    return found


def closing(game: SeasonGame) -> list[dict]:
    fixture = game.fixture
    return Market(
        9, fixture.game_id, "Home", "Away", False, fixture.announced_at, fixture.kickoff, game.expected
    ).quotes(fixture.kickoff)


def test_closing_spreads_are_right_on_average_and_as_wrong_as_real_ones(season_games):
    errors = [game.points[0] - game.points[1] + closing(game)[0]["spread"] for game in season_games]
    assert len(errors) > 2500
    assert abs(fmean(errors)) < 0.75  # twice the standard error of 3,000 games is 0.5
    assert 14 < pstdev(errors) < 17


def test_favourites_of_every_size_win_by_what_is_expected(season_games):
    for lowest, highest in ((-60, -20), (-20, -7), (-7, 0), (0, 7), (7, 20), (20, 60)):
        off = [
            g.points[0] - g.points[1] - g.expected.margin for g in season_games if lowest <= g.expected.margin < highest
        ]
        assert len(off) > 200
        assert abs(fmean(off)) < 2.2, (lowest, highest)


def test_closing_totals_are_right_on_average(season_games):
    errors = [sum(game.points) - closing(game)[0]["overUnder"] for game in season_games]
    assert abs(fmean(errors)) < 1.0
    assert 11 < pstdev(errors) < 17


def test_the_close_is_nearer_to_the_truth_than_the_opening(season_games):
    opened = [-closing(game)[0]["spreadOpen"] - game.expected.margin for game in season_games]
    closed = [-closing(game)[0]["spread"] - game.expected.margin for game in season_games]
    assert 2 < pstdev(opened) < 3.2
    assert 0.8 < pstdev(closed) < 1.7
    assert abs(fmean(opened)) < 0.25 and abs(fmean(closed)) < 0.15


def test_moneylines_tell_the_winner_as_often_as_they_say(season_games):
    for lowest, highest in ((0.5, 0.65), (0.65, 0.8), (0.8, 1.0)):
        chances, wins = [], []
        for game in season_games:
            home = closing(game)[0]["homeMoneyline"]
            chance = None if home is None else implied(home) - HOLD / 2
            if chance is not None and lowest <= chance < highest:
                chances.append(chance)
                wins.append(game.points[0] > game.points[1])
        assert len(wins) > 300
        assert fmean(wins) == pytest.approx(fmean(chances), abs=0.055)


def implied(price: float) -> float:
    return -price / (-price + 100) if price < 0 else 100 / (price + 100)


def test_the_fitted_expectation_agrees_with_played_games():
    for advantage in ((0.0, 0.0), (12.0, -6.0), (-20.0, 8.0)):
        matchup = Matchup(advantage, 0.6, (0.0, 0.0), 0.25)
        scores = [play_game(dice("fit", advantage, i), matchup).points for i in range(1800)]
        expected = expectation(matchup)
        assert fmean(home - away for home, away in scores) == pytest.approx(expected.margin, abs=1.3)
        assert fmean(home + away for home, away in scores) == pytest.approx(expected.total, abs=1.5)


def test_home_field_is_worth_about_two_and_a_half_points():
    at_home = expectation(Matchup((1.25, -1.25), 0.0, (0.0, 0.0), 0.1)).margin
    assert 2.0 < at_home < 3.2


@pytest.mark.parametrize("number", range(1, 30))
def test_books_open_six_to_eight_days_before_kickoff(number):
    one = market(3.0, number=number)
    assert one.quotes(KICKOFF - timedelta(days=8, minutes=1)) == []
    assert len(one.quotes(KICKOFF - timedelta(days=6))) == len(BOOKS)
    counts = [len(one.quotes(KICKOFF - timedelta(hours=hours))) for hours in range(200, 0, -2)]
    assert counts == sorted(counts)


def test_books_do_not_open_before_a_game_is_announced():
    announced = KICKOFF - timedelta(days=4)
    one = market(3.0, announced=announced)
    assert one.quotes(announced) == []
    assert len(one.quotes(announced + timedelta(hours=3))) == len(BOOKS)


def test_the_opening_is_kept_while_the_line_moves_to_its_close():
    moves = 0
    for number in range(40):
        one = market(-6.0, number=number)
        stages = [one.quotes(KICKOFF - timedelta(days=days))[0] for days in (5.9, 4, 2, 0)]
        assert len({quote["spreadOpen"] for quote in stages}) == 1
        assert len({quote["overUnderOpen"] for quote in stages}) == 1
        moves += len({quote["spread"] for quote in stages}) > 1
        assert one.quotes(KICKOFF) == one.quotes(KICKOFF + timedelta(days=300))
    assert moves > 20


def test_the_opening_price_is_the_first_one_shown():
    for number in range(20):
        one = market(9.0, number=number)
        hour = next(h for h in range(200, 0, -1) if any(q["spreadOpen"] is not None for q in at(one, h)))
        quote = next(q for q in at(one, hour) if q["spreadOpen"] is not None)
        assert abs(quote["spread"] - quote["spreadOpen"]) <= 0.5


def at(one: Market, hours_before: int) -> list[dict]:
    return one.quotes(KICKOFF - timedelta(hours=hours_before))


def test_spreads_and_totals_are_in_halves_and_name_the_favourite():
    for number in range(60):
        for quote in market(number % 21 - 10.0, number=number).quotes(KICKOFF):
            assert (quote["spread"] * 2).is_integer() and (quote["overUnder"] * 2).is_integer()
            favourite = "Home" if quote["spread"] < 0 else "Away"
            assert quote["formattedSpread"] == f"{favourite} -{abs(quote['spread']):g}"
            assert str(quote["spread"]) != "-0.0"


def test_moneylines_hold_about_four_and_a_half_percent_on_both_sides_of_the_spread():
    for number in range(60):
        for quote in market(number % 41 - 20.0, number=number).quotes(KICKOFF):
            home, away = quote["homeMoneyline"], quote["awayMoneyline"]
            if home is None:
                continue
            assert implied(home) + implied(away) == pytest.approx(1 + HOLD, abs=0.012)
            if abs(quote["spread"]) >= 2:
                assert (home < away) == (quote["spread"] < 0)


def test_sure_things_and_the_third_book_have_no_moneyline():
    assert all(quote["homeMoneyline"] is None for quote in market(45.0).quotes(KICKOFF))
    partial = [quote for quote in market(2.0).quotes(KICKOFF) if quote["spreadOpen"] is None]
    assert [quote["provider"] for quote in partial] == [book.name for book in BOOKS if not book.complete]
    assert all(quote["homeMoneyline"] is None and quote["spread"] is not None for quote in partial)


def test_fewer_books_take_games_against_lower_divisions():
    upper = sum(len(market(30.0, number=n).quotes(KICKOFF)) for n in range(100))
    lower = sum(len(market(30.0, number=n, lower_division=True).quotes(KICKOFF)) for n in range(100))
    assert upper == 100 * len(BOOKS) and 100 < lower < 200


@pytest.mark.parametrize(("chance", "price"), [(0.5, -100), (0.6, -150), (0.4, 150), (0.8, -400), (0.25, 300)])
def test_american_prices_pay_the_chance(chance, price):
    assert american(chance) == price


def test_an_even_game_is_a_coin_toss_and_a_touchdown_is_two_in_three():
    assert win_chance(0.0) == 0.5
    assert 0.64 < win_chance(7.0) < 0.72
    assert win_chance(-7.0) == pytest.approx(1 - win_chance(7.0))
