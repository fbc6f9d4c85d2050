from football_assets.cli.live_changes import moves_between, news_between
from football_assets.soccer.schemas import Incidents
from football_assets.tables import from_rows, plain_rows
from football_assets_tests.unit.cli.live_rows import NOW, board, flattened, match

GOAL = {
    "match_id": "m1",
    "seq": 0,
    "type_id": 1,
    "type": "goal",
    "player": "Virtanen",
    "home_score": 3,
    "away_score": 1,
    "fetched_at": NOW,
}


def rows_of(frame):
    return {row["match_id"]: row for row in plain_rows(frame)}


def told(before, after, listed=(), incidents=()):
    found = news_between(
        rows_of(board(*before)),
        rows_of(board(*after)),
        rows_of(flattened(*(listed or after))),
        from_rows(Incidents, incidents),
        NOW,
    )
    return [(each.what, each.text) for each in found]


def moved(before, after):
    return moves_between(rows_of(board(before)), rows_of(board(after)))


def test_a_goal_is_told_with_its_scorer():
    after = match(home_score=3, minute_text="72")
    assert told([match()], [after], incidents=[GOAL]) == [("GOAL", "72' IFK 3-1 HJK: Virtanen")]
    assert told([match()], [after]) == [("GOAL", "72' IFK 3-1 HJK")], "nobody is named when no incident says so"


def test_an_own_goal_is_told_as_one():
    own = {**GOAL, "type_id": 17, "type": "own goal"}
    assert told([match()], [match(home_score=3)], incidents=[own])[0][1].endswith("Virtanen (own goal)")


def test_goals_between_two_boards_are_counted():
    assert told([match()], [match(home_score=3, away_score=2)]) == [("2 GOALS", "71' IFK 3-2 HJK")]


def test_a_score_that_falls_is_told_as_taken_back():
    assert told([match()], [match(home_score=1)]) == [("TAKEN BACK", "71' IFK 1-1 HJK: it was 2-1")]


def test_a_score_that_is_not_known_any_more_is_no_goal_and_moves_nothing():
    assert told([match(home_score=None)], [match()]) == []
    assert moved(match(home_score=None), match()) == {}


def test_a_red_card_is_told():
    assert told([match()], [match(home_red_cards=1)]) == [("RED CARD", "71' IFK 2-1 HJK: IFK has 1")]


def test_a_status_that_changes_and_a_match_that_begins_are_told():
    resting = match(status_id=3, status="half-time", minute_text="HT")
    assert told([match(status_id=2)], [resting]) == [("half-time", "HT IFK 2-1 HJK")]
    assert told([], [match()]) == [("new", "71' IFK 2-1 HJK")]


def test_a_match_that_left_the_board_is_told_as_it_stands():
    ended = match(status_id=8, status="ended", minute_text=None, home_score=4)
    assert told([match()], [], listed=[ended]) == [("ended", "FT IFK 4-1 HJK")]
    away = match(match_id="other")
    assert told([match()], [], listed=[away]) == [("not listed", "71' IFK 2-1 HJK, as last seen")]


def test_prices_that_rose_or_fell_are_known_and_those_of_another_line_are_not_compared():
    lines = {"handicap_state": "open", "home_spread": -0.5, "handicap_home_decimal": 1.9}
    before = match(moneyline_home_decimal=1.5, **lines)
    after = match(moneyline_home_decimal=1.4, moneyline_draw_decimal=4.5, **{**lines, "handicap_home_decimal": 2.0})
    assert moved(before, after) == {
        "m1": {"moneyline_home_decimal": -1, "moneyline_draw_decimal": 1, "handicap_home_decimal": 1}
    }
    assert moved(before, {**before, "home_spread": -0.75, "handicap_home_decimal": 2.0}) == {}
