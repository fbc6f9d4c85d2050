"""Matches as the published tables hold them, for the tests of what commands show."""

from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console

from football_assets.soccer.board import match_board
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches, Incidents
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import reader
from football_assets.warehouse.publication import Publication

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)
STATES = {"detail_state": "live", "odds_state": "live", "names_state": "cached"}


def match(**changes):
    row = {
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
        "fetched_at": NOW,
        "is_in_play": True,
        **STATES,
    }
    return {**row, **changes}


def publication(number=7, *, source=Source.REAL, at=NOW):
    return Publication(number, "soccer", source, at, at - timedelta(seconds=3))


def flattened(*rows):
    return from_rows(FlattenedMatches, rows)


def board(*rows, predictions=()):
    return match_board(flattened(*rows), predictions=from_rows(MatchPredictions, predictions))


class Warehouse(reader.Warehouse):
    """Stands where the database of a world does; `publish` replaces what it holds."""

    def __init__(self, *rows, source=Source.SIMULATED):
        self.source = source
        self.reads = 0
        self.number = 0
        if rows:
            self.publish(*rows)

    def publish(self, *rows, at=NOW, incidents=(), predictions=()):
        self.number += 1
        self.made = publication(self.number, source=self.source, at=at)
        listed = flattened(*rows)
        said = from_rows(MatchPredictions, predictions)
        self.tables = {
            "soccer_flattened_matches": listed,
            "soccer_match_board": match_board(listed, predictions=said),
            "soccer_match_predictions": said,
            "soccer_incidents": from_rows(Incidents, incidents),
        }

    def publication(self, _domain):
        return self.made if self.number else None

    def snapshot(self, _domain, names, _known):
        self.reads += 1
        if not self.number:
            return None, {}, {}
        return self.made, {}, {name: self.tables[name] for name in names if name in self.tables}


def printed(*parts, width=200, height=None):
    out = StringIO()
    console = Console(file=out, width=width, height=height)
    for part in parts:
        console.print(part)
    return out.getvalue()
