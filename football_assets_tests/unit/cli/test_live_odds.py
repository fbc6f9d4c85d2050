import json
from datetime import date, timedelta

import pyarrow as pa
import pytest
import typer
from rich.cells import cell_len
from rich.console import Console

from football_assets.cli import headings, live_odds
from football_assets.cli.live_odds import Form, show_odds
from football_assets.soccer.changelog import CYCLE
from football_assets.soccer.changes import LOGGED, microseconds
from football_assets.soccer.quote_series import quotes_of, series_of
from football_assets.soccer.quotes_log import KEPT
from football_assets.tables import plain_rows
from football_assets_tests.unit.cli.live_rows import NOW, Warehouse, flattened, match

BET365, PINNACLE, CROWN = 2, 22, 3
TODAY, YESTERDAY = date(2025, 5, 28), date(2025, 5, 27)
CYCLE_TABLE = KEPT.append(CYCLE)


def quote(age_s, *, company=BET365, market="moneyline", prices=(1.5, 4.0, 7.0), cycle=1, **changes):
    home, draw, away = prices if len(prices) == 3 else (prices[0], None, prices[1])
    row = {
        "match_id": "m1",
        "company_id": company,
        "market": market,
        "quoted_at": NOW - timedelta(seconds=age_s),
        "minute_text": "70",
        "score_text": "2-1",
        "line": None,
        "home_price": home,
        "draw_price": draw,
        "away_price": away,
        "status_id": 4,
        "sealed": False,
        "cycle": cycle,
    }
    return row | changes


class Log:
    def __init__(self, *rows, versions=()):
        self.rows, self.told = rows, versions

    def quotes(self, match_id=None):
        found = [row for row in self.rows if match_id in (None, row["match_id"])]
        return pa.Table.from_pylist(found, schema=CYCLE_TABLE)

    def cycles(self):
        return [(number, microseconds(NOW) + number) for number in sorted({row["cycle"] for row in self.rows})]

    def versions(self, match_id):
        yield from (each for each in self.told if each[1] == match_id)


class Kept:
    """Stands where the history of a world does."""

    def __init__(self, **logs):
        self.by_day = {TODAY: logs.get("today", []), YESTERDAY: logs.get("yesterday", [])}

    def days(self):
        return sorted(day for day, logs in self.by_day.items() if logs)

    def logs(self, day):
        return self.by_day[day]


def series(*rows, is_listed=True, **changes):
    (row,) = plain_rows(flattened(match(**changes)))
    return series_of(quotes_of(Kept(today=[Log(*rows)]), "m1"), row, (BET365, PINNACLE), (2, 6), is_listed=is_listed)


def only(*rows, **changes):
    (found,) = series(*rows, **changes)
    return found


def decimals(found):
    return {selection: forms["decimal"] for selection, forms in found.prices.items()}


def test_quotes_of_a_match_over_midnight_are_whole_and_newest_first():
    today = [Log(quote(10), quote(60, match_id="m2")), Log(quote(10), quote(40))]
    found = quotes_of(Kept(today=today, yesterday=[Log(quote(9000))]), "m1")
    ages = [(NOW - at).total_seconds() for at in found["quoted_at"]]
    assert ages == [10, 40, 9000], "a quote that two logs of a day hold counts once"


def test_a_later_cycle_s_quote_of_the_same_second_is_the_newer_one():
    found = only(quote(10, prices=(1.5, 4.0, 7.0)), quote(10, prices=(1.6, 4.0, 6.0), cycle=2))
    assert decimals(found.newest) == {"home": 1.6, "draw": 4.0, "away": 6.0}


def test_prices_read_in_three_forms():
    moneyline, handicap = series(
        quote(10, prices=(1.5, 4.0, 7.0)), quote(10, market="handicap", prices=(0.95, 0.8), line=0.75)
    )
    assert moneyline.newest.prices["home"] == {"decimal": 1.5, "hong_kong": 0.5, "american": -200}
    assert handicap.newest.prices["away"] == {"decimal": 1.8, "hong_kong": 0.8, "american": -125}
    assert handicap.newest.line == -0.75, "the home side that gives goals reads minus, as on the board"


def test_preferred_bookmakers_come_first():
    found = series(quote(5, company=CROWN), quote(5, company=PINNACLE), quote(5))
    assert [each.company for each in found] == ["BET365", "Pinnacle", "Crown"]


@pytest.mark.parametrize(
    ("changes", "status_id", "state"),
    [
        ({}, 4, "open"),
        ({"sealed": True}, 4, "suspended"),
        ({"status_id": 1}, 4, "closed"),
        ({}, 8, "closed"),
    ],
)
def test_a_market_is_open_only_for_what_happens_now(changes, status_id, state):
    assert only(quote(5, **changes), status_id=status_id).state == state


def test_every_market_of_a_match_that_is_not_listed_any_more_is_closed():
    assert only(quote(5), is_listed=False).state == "closed"


def test_the_early_price_is_the_last_open_one_of_the_early_minutes():
    rows = [
        quote(10),
        quote(3900, minute_text="7", prices=(1.9, 3.0, 4.0)),
        quote(3950, minute_text="6", prices=(1.8, 3.0, 4.0), sealed=True),
        quote(3990, minute_text="5", prices=(1.7, 3.0, 4.0)),
        quote(4200, minute_text=None, status_id=1, prices=(1.6, 3.0, 4.0)),
    ]
    found = only(*rows)
    assert decimals(found.early)["home"] == 1.7
    assert decimals(found.first)["home"] == 1.6
    assert only(quote(10)).early is None


def test_a_quote_made_at_another_score_is_known_as_such():
    assert only(quote(5, score_text="1-1")).at_other_score is True
    assert only(quote(5)).at_other_score is False
    assert only(quote(5, market="corners", prices=(0.9, 0.9), line=9.5, score_text="5-3")).at_other_score is None


@pytest.fixture
def odds(monkeypatch, capsys):
    """Run the command on one match with these quotes: (exit code, what it printed)."""

    def run(*rows, wanted="ifk", width=120, kept=None, **how):
        listed = {"odds_company_id": BET365, "odds_company": "BET365", **how.pop("changes", {})}
        warehouse = Warehouse(match(**listed), match(match_id="m9", home_team="AIK"))
        monkeypatch.setattr(live_odds, "soccer_warehouse", lambda *_: warehouse)
        monkeypatch.setattr(live_odds, "History", lambda *_: kept or Kept(today=[Log(*rows)]))
        monkeypatch.setattr(headings, "now_utc", lambda: NOW)
        code = show_odds(Console(width=width), wanted, how.pop("form", Form.DECIMAL), **how)
        return code, capsys.readouterr().out

    return run


def line_of(text, word):
    return " ".join(next(line for line in text.splitlines() if word in line).split())


def test_the_odds_show_now_early_first_and_how_the_price_moved(odds):
    code, out = odds(
        quote(12, prices=(1.4, 4.0, 8.0)),
        quote(4000, minute_text="3", score_text="0-0", prices=(1.9, 4.0, 4.0)),
        quote(9000, minute_text=None, status_id=1, score_text="0-0", prices=(2.0, 3.5, 3.6)),
    )
    assert code == 0
    assert "71' IFK 2-1 HJK, Veikkausliiga (Finland)" in out
    assert line_of(out, "*BET365") == "*BET365 1.40 4.00 8.00 70' 2-1 12s ▼=▲ 1.90 4.00 4.00 2.00 3.50 3.60 3"


@pytest.mark.parametrize(
    ("form", "prices"),
    [(Form.DECIMAL, "1.50 4.00 7.00"), (Form.HONGKONG, "0.50 3.00 6.00"), (Form.AMERICAN, "-200 +300 +600")],
)
def test_prices_are_shown_in_the_form_asked_for(odds, form, prices):
    assert prices in odds(quote(12), form=form)[1]


def test_a_suspended_market_shows_no_price_as_one_that_can_be_had(odds):
    _, out = odds(quote(5, sealed=True, prices=(1.2, 5.0, 9.0)), quote(30))
    assert line_of(out, "*BET365").startswith("*BET365 suspended 70' 2-1 5s - 1.50 4.00 7.00")
    assert "1.20" not in out
    (told,) = json.loads(odds(quote(5, sealed=True), quote(30), as_json=True)[1])["series"]
    assert (told["state"], told["is_suspended"], told["now"]) == ("suspended", True, None)
    assert told["last_open"]["prices"]["home"]["decimal"] == 1.5


def test_a_price_of_another_line_is_not_compared(odds):
    rows = [
        quote(5, market="total", prices=(0.9, 0.9), line=3.5),
        quote(4000, market="total", prices=(0.8, 1.0), line=2.5, minute_text="3"),
    ]
    assert "line 2.5 1.80 2.00" in line_of(odds(*rows)[1], "*BET365")


def test_the_history_lists_every_quote_of_the_board_s_bookmaker_or_of_the_one_asked_for(odds):
    rows = [quote(5, prices=(1.4, 4.0, 8.0)), quote(65), quote(7, company=PINNACLE)]
    _, out = odds(*rows, history=True)
    assert "BET365, 1X2, newest first: 2 of them" in out
    assert "Pinnacle, 1X2" not in out
    assert line_of(out, "17:30:12") == "2025-05-28 17:30:12 5s 70' 2-1 1.40 4.00 8.00 ▼=▲"
    _, out = odds(*rows, history=True, company="pinn")
    assert "Pinnacle, 1X2, newest first: 1 of them" in out
    assert "BET365" not in out
    told = json.loads(odds(*rows, history=True, as_json=True)[1])["series"]
    assert [len(each["history"]) for each in told] == [2, 1]
    with pytest.raises(typer.BadParameter, match="Bookmakers that do: BET365, Pinnacle"):
        odds(*rows, company="ladbrokes")


def test_stale_odds_are_partial_and_say_their_age(odds):
    changes = {"odds_state": "stale", "odds_age_s": 185.0, "odds_gap": "timed out"}
    code, out = odds(quote(200), changes=changes)
    assert code == live_odds.PARTIAL
    assert "odds: stale, 3 min old: timed out" in out


def test_a_match_without_quotes_or_one_that_is_not_known_is_nothing(odds):
    assert odds() == (live_odds.NOTHING, odds()[1])
    assert "No bookmaker quotes this match." in odds()[1]
    assert odds(wanted="ajax", kept=Kept())[0] == live_odds.NOTHING


def test_a_match_of_the_history_is_shown_by_its_id_with_every_market_closed(odds):
    name = next(name for name, table in LOGGED.items() if table.table_name() == "flattened_matches")
    at = int(NOW.timestamp() * 1_000_000)
    plain = {key: value for key, value in match(match_id="old").items() if key != "fetched_at"}
    log = Log(quote(30, match_id="old"), versions=[(name, "old", (1, at, plain | {"fetched_at": at}))])
    code, out = odds(wanted="old", kept=Kept(yesterday=[log]))
    assert code == live_odds.PARTIAL
    assert "Not listed any more" in out
    assert "closed" in line_of(out, "BET365")


@pytest.mark.parametrize("width", [80, 120])
def test_no_row_is_wider_than_the_terminal(odds, width):
    rows = [
        quote(5, company=company, market=market, prices=prices, line=line, sealed=sealed, minute_text=minute)
        for company, sealed in ((2, False), (9, True), (13, False))
        for market, prices, line in (("moneyline", (101.0, 21.55, 1.01), None), ("handicap", (0.9, 0.95), -0.75))
        for minute in ("70", "4")
    ]
    for form in Form:
        _, out = odds(*rows, form=form, width=width, history=True)
        assert max(cell_len(line) for line in out.splitlines()) <= width
