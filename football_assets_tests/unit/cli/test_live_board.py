import json
from datetime import timedelta
from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from football_assets.cli import headings, live
from football_assets.cli.live_board import Board, board_json, render_board
from football_assets.soccer.gaps import gaps
from football_assets.states import Source
from football_assets.tables import plain_rows
from football_assets_tests.unit.cli.live_rows import NOW, Warehouse, board, match, printed, publication

PRICES = {"moneyline_home_decimal": 23.0, "moneyline_draw_decimal": 13.25, "moneyline_away_decimal": 101.25}
LINES = {
    "handicap_state": "open",
    "home_spread": -0.75,
    "handicap_home_decimal": 1.9,
    "handicap_away_decimal": 2.0,
    "total_state": "open",
    "total_line": 2.5,
    "total_over_decimal": 1.85,
    "total_under_decimal": 1.95,
}
SAID = {"match_id": "m1", "fetched_at": NOW, "state": "predicted", "p_home": 0.62, "p_draw": 0.24, "p_away": 0.14}
EDGES = {"edge_home": 0.05, "edge_draw": -0.02, "edge_away": -0.03}


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr(headings, "now_utc", lambda: NOW + timedelta(seconds=42))


def shown(*rows, made=None, width=200, predictions=()):
    frame = board(*rows, predictions=predictions)
    return printed(render_board(frame, made or publication(), gaps(frame)), width=width)


def row_of(text, team="IFK"):
    return " ".join(next(line for line in text.splitlines() if team in line).split())


def test_a_match_reads_minute_teams_score_cards_and_prices():
    text = shown(match())
    assert "Veikkausliiga (Finland)" in text
    assert row_of(text) == "71' IFK 2-1 HJK 1-2 0-1 1.50 4.33 - suspended - 1-0 ?"


def test_eighty_columns_show_the_important_and_120_the_lines_and_the_model():
    row = match(home_team="IFK Mariehamn vanhat", away_team="HJK Helsinki nuoret", **PRICES, **LINES)
    narrow, wide = (shown(row, width=width, predictions=[{**SAID, **EDGES}]) for width in (80, 120))
    assert row_of(narrow).startswith("71' IFK Mari")
    assert "1-2 0-1 23.00 13.25 101" in row_of(narrow)
    assert "62 24 14" not in narrow
    assert "23.00 13.25 101 -0.75 1.90 2.00 2.5 1.85 1.95 62 24 14 +5 -2 -3" in row_of(wide)


def test_a_match_that_the_model_does_not_know_reads_no_model():
    rows = [match(), match(match_id="m2", home_team="AIK")]
    text = shown(*rows, width=120, predictions=[{**SAID, **EDGES}])
    assert "62 24 14 +5 -2 -3" in row_of(text)
    assert "no model" in row_of(text, "AIK")
    assert "no model" not in shown(*rows, width=120), "without any model there is no column for it"


def test_the_model_of_a_match_without_prices_has_no_difference():
    assert row_of(shown(match(), width=120, predictions=[SAID])).endswith("62 24 14 - 1-0 ?")


@pytest.mark.parametrize(
    ("source", "words"),
    [(Source.REAL, "REAL"), (Source.RECORDED, "RECORDED"), (Source.SIMULATED, "SIMULATED, not real matches")],
)
def test_the_first_line_says_the_world_when_it_was_published_and_its_age(source, words):
    first = shown(match(), made=publication(source=source)).splitlines()[0]
    assert first.startswith(words)
    assert "1 match, published 2025-05-28 17:30:17 UTC, 42 s ago; provider's clock 2025-05-28 17:30:14 UTC" in first


def test_the_first_line_breaks_between_its_parts():
    lines = shown(match(), made=publication(source=Source.SIMULATED), width=60).splitlines()
    assert [line.strip() for line in lines[:3]] == [
        "SIMULATED, not real matches  1 match",
        "published 2025-05-28 17:30:17 UTC, 42 s ago",
        "provider's clock 2025-05-28 17:30:14 UTC",
    ]


def test_a_shoot_out_stands_behind_the_score():
    pens = {"status_id": 7, "status": "penalty shoot-out", "minute_text": None}
    assert "pens IFK 2-1 p4-3 HJK" in row_of(shown(match(**pens, home_score_penalties=4, away_score_penalties=3)))


def test_a_stale_or_missing_part_is_marked_with_its_age_and_reason():
    text = shown(
        match(odds_state="stale", odds_age_s=185.0, odds_gap="timed out"),
        match(match_id="m2", home_team="AIK", detail_state="missing", detail_gap="HTTP 500"),
        width=80,
    )
    assert row_of(text).endswith("~O3m")
    assert row_of(text, "AIK").endswith("?D")
    assert "odds: 1 of 2 stale: timed out" in text
    assert "detail: 1 of 2 missing: HTTP 500" in text


def test_prices_that_could_not_be_read_are_not_known_rather_than_not_quoted():
    unread = {"odds_state": "missing", "odds_gap": "timed out", "moneyline_state": None, "handicap_state": None}
    assert "1-2 0-1 ? ? -" in row_of(shown(match(**unread)))
    assert "1-2 0-1 - - -" in row_of(shown(match(**unread | {"odds_state": "live", "odds_gap": None})))


def test_a_price_made_at_another_score_is_marked():
    assert "≠" in row_of(shown(match(moneyline_at_other_score=True)))
    assert "≠" not in shown(match(moneyline_at_other_score=False))


def test_a_country_in_the_competition_s_name_is_not_said_twice():
    assert "Veikkausliiga (Finland)\n" in shown(match(competition="Veikkausliiga (Finland)")).replace(" \n", "\n")


@pytest.mark.parametrize("width", [40, 50, 60, 80, 100, 120, 160])
def test_no_width_cuts_a_number_or_wraps_a_row(width):
    names = {"home_team": "Wolfsberger AC Amateure der zweiten Mannschaft", "away_team": "北京国安足球俱乐部青年队二队"}
    text = shown(match(**names, **PRICES, **LINES), match(match_id="m2", home_team="AIK"), width=width)
    assert {"2-1", "23.00", "13.25", "101"} <= set(text.split())
    assert not any(word[0].isdigit() and word.endswith("…") for word in text.split())
    assert max(cell_len(line) for line in text.splitlines()) <= width
    if width >= 60:
        assert "…" in text, "a name that is cut short says so"
        lines = [line for line in text.splitlines() if line.strip().startswith("71'")]
        assert len(lines) == 2
        assert len({cell_len(line) for line in lines}) == 1, "columns stand in line, wide letters or not"


def test_what_is_not_known_reads_as_a_question_mark_not_as_zero():
    text = shown(match(home_score=None, away_score=None, home_yellow_cards=None, home_team=None))
    assert "0-0" not in row_of(text, "HJK")
    assert row_of(text, "HJK").split()[:5] == ["71'", "?", "?", "HJK", "?"]


def test_a_code_of_a_status_in_no_table_is_told_under_the_board(monkeypatch, capsys):
    rows = [match(), match(match_id="m2", status_id=37, status="unknown (37)", is_in_play=None)]
    monkeypatch.setattr(live, "soccer_warehouse", lambda *_: Warehouse(*rows))
    assert live.show_board(Console(width=120)) == live.PARTIAL
    assert "status: 1 of 2 may be in play: unknown (37)" in capsys.readouterr().out


def test_an_empty_board_says_so():
    assert "No match to show." in shown()


def test_the_json_carries_world_publication_age_gaps_and_the_model():
    frame = board(match(odds_state="missing", odds_gap="timed out"), predictions=[{**SAID, **EDGES}])
    found = json.loads(board_json(frame, publication(source=Source.SIMULATED), gaps(frame)))
    assert (found["source"], found["publication_id"], found["age_s"]) == ("simulated", 7, 42.0)
    assert found["gaps"] == ["odds: 1 of 1 missing: timed out"]
    (only,) = found["matches"]
    assert only["home_corners"] is None
    assert (only["model_state"], only["p_home"], only["edge_home"]) == ("predicted", 0.62, 0.05)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([match()], 0),
        ([match(names_state="missing", names_gap="timed out")], live.PARTIAL),
        ([match(status_id=8, status="ended")], live.NOTHING),
    ],
)
def test_the_exit_code_says_whole_partial_or_nothing(monkeypatch, rows, code):
    monkeypatch.setattr(live, "soccer_warehouse", lambda *_: Warehouse(*rows))
    assert live.show_board(Console(file=StringIO())) == code


def test_pages_hold_every_match_once_and_fit_their_height():
    rows = plain_rows(board(*(match(match_id=f"m{n}", competition_id=f"c{n // 4}") for n in range(30))))
    pages = Board(rows).pages(80, 12)
    assert [n for page in pages for n in page] == list(range(30))
    assert len(pages) > 2
    for page in pages:
        assert len(printed(Board(rows, only=page), width=80).splitlines()) <= 12
