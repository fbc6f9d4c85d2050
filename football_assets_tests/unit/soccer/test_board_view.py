import json
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from football_assets.cli import headings
from football_assets.cli import live as command
from football_assets.cli.live import board_json, render_board
from football_assets.errors import ConfigError
from football_assets.soccer.codes import IN_PLAY
from football_assets.soccer.schemas import MatchBoard
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.publication import Publication

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    for module in (command, headings):
        monkeypatch.setattr(module, "now_utc", lambda: NOW + timedelta(seconds=42))


def published(source=Source.REAL):
    return Publication(7, "soccer", source, NOW, NOW - timedelta(seconds=3))


def match(**changes):
    row = {
        "position": 1,
        "match_id": "m1",
        "status_id": 4,
        "status": "second half",
        "minute": 71,
        "minute_text": "71",
        "home_score": 2,
        "away_score": 1,
        "home_score_half_time": 1,
        "away_score_half_time": 0,
        "home_yellow_cards": 1,
        "away_yellow_cards": 2,
        "home_red_cards": 0,
        "away_red_cards": 1,
        "incidents": 3,
        "stats": 9,
        "competition_id": "c1",
        "competition": "Veikkausliiga",
        "country": "Finland",
        "home_team": "IFK",
        "away_team": "HJK",
        "moneyline_state": "open",
        "moneyline_home_decimal": 1.5,
        "moneyline_draw_decimal": 4.333,
        "handicap_state": "suspended",
        "total_state": "closed",
        "detail_state": "live",
        "odds_state": "live",
        "names_state": "cached",
        "fetched_at": NOW,
    }
    return {**row, **changes}


def shown(*rows, publication=None, width=200):
    out = StringIO()
    Console(file=out, width=width).print(render_board(from_rows(MatchBoard, rows), publication or published()))
    return out.getvalue()


def test_a_match_reads_minute_teams_score_cards_and_prices():
    text = shown(match())
    assert "Veikkausliiga (Finland)" in text
    line = next(line for line in text.splitlines() if "IFK" in line)
    assert " ".join(line.split()) == "71' IFK 2-1 (HT 1-0) HJK Y 1-2 R 0-1 ? 1.50 4.33 - # -"


@pytest.mark.parametrize(
    ("source", "words"),
    [(Source.REAL, "REAL"), (Source.RECORDED, "RECORDED"), (Source.SIMULATED, "SIMULATED, not real matches")],
)
def test_the_first_line_says_the_world_when_it_was_published_and_its_age(source, words):
    first = shown(match(), publication=published(source)).splitlines()[0]
    assert first.startswith(words)
    assert "1 matches, published 2025-05-28 17:30:17 UTC, 42 s ago" in first


def test_a_shoot_out_stands_in_brackets():
    text = shown(
        match(status_id=7, status="penalty shoot-out", minute_text=None, home_score_penalties=4, away_score_penalties=3)
    )
    assert "pens" in text
    assert "4-3" in text


def test_a_stale_or_missing_part_is_marked_with_its_age_and_reason():
    text = shown(
        match(odds_state="stale", odds_age_s=185.0, odds_gap="timed out"),
        match(match_id="m2", position=2, detail_state="missing", detail_gap="HTTP 500"),
    )
    assert "~odds 3 min" in text
    assert "?detail" in text
    assert "odds: 1 of 2 stale: timed out" in text
    assert "detail: 1 of 2 missing: HTTP 500" in text


def test_a_price_made_at_another_score_is_marked():
    assert "≠" in shown(match(moneyline_at_other_score=True)).splitlines()[3]
    assert "≠" not in shown(match(moneyline_at_other_score=False)).splitlines()[3]


def test_the_home_side_that_gives_a_goal_reads_minus():
    prices = {"handicap_state": "open", "handicap_home_decimal": 1.9, "handicap_away_decimal": 2.0}
    assert "-0.75 1.90 2.00" in shown(match(home_spread=-0.75, **prices))
    assert "+0.25 1.90 2.00" in shown(match(home_spread=0.25, **prices))


def test_a_country_in_the_competition_s_name_is_not_said_twice():
    assert "Veikkausliiga (Finland)\n" in shown(match(competition="Veikkausliiga (Finland)")).replace(" \n", "\n")


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_a_narrow_terminal_never_cuts_a_number_short(width):
    prices = {"moneyline_home_decimal": 23.0, "moneyline_draw_decimal": 13.0, "moneyline_away_decimal": 101.25}
    words = shown(match(home_team="A" * 60, **prices), width=width).split()
    assert {"2-1", "23.00", "13.00", "101.25"} <= set(words)
    assert not any(word[0].isdigit() and word.endswith("…") for word in words)


def test_what_is_not_known_reads_as_a_question_mark_not_as_zero():
    line = shown(match(home_score=None, away_score=None, home_score_half_time=None, home_team=None)).splitlines()[3]
    assert "0-0" not in line
    assert line.split()[:3] == ["71'", "?", "?"]


def test_an_empty_board_says_so():
    assert "No match to show." in shown()


def test_the_json_carries_world_publication_age_and_gaps():
    frame = from_rows(MatchBoard, [match(odds_state="missing", odds_gap="timed out")])
    found = json.loads(board_json(frame, published(Source.SIMULATED)))
    assert (found["source"], found["publication_id"], found["age_s"]) == ("simulated", 7, 42.0)
    assert found["gaps"] == ["odds: 1 of 1 missing: timed out"]
    assert found["matches"][0]["home_corners"] is None


class Published:
    """Stands where the warehouse does."""

    source = Source.SIMULATED

    def __init__(self, *rows, publication=None):
        self.rows = rows
        self.made = publication

    def publication(self, _domain):
        return self.made

    def read(self, name):
        assert name == "soccer_match_board"
        return from_rows(MatchBoard, self.rows)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([match()], 0),
        ([match(names_state="missing", names_gap="timed out")], command.PARTIAL),
        ([], command.NOTHING),
    ],
)
def test_the_exit_code_says_whole_partial_or_nothing(monkeypatch, rows, code):
    monkeypatch.setattr(command, "open_warehouse", lambda *_: Published(*rows, publication=published()))
    assert command.show_board(Console(file=StringIO())) == code


def test_a_competition_is_found_by_a_part_of_its_name(monkeypatch):
    monkeypatch.setattr(command, "open_warehouse", lambda *_: Published(match(), publication=published()))
    assert command.show_board(Console(file=StringIO()), competition="veikkaus") == 0
    assert command.show_board(Console(file=StringIO()), competition="serie") == command.NOTHING


def test_statuses_are_named_by_number_or_word():
    assert command._statuses([]) == IN_PLAY
    assert command._statuses(["8", "Half-Time"]) == {8, 3}
    with pytest.raises(ConfigError, match="8 ended"):
        command._statuses(["finished"])
