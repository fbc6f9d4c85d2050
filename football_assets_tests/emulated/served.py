"""A small published world and a real server over it, on loopback."""

import asyncio
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pandas as pd
import uvicorn

from football_assets.config import load_settings
from football_assets.rooms import load_declarations
from football_assets.serving.app import create_app
from football_assets.serving.process import Server
from football_assets.states import Source
from football_assets.tables import columns, from_rows, to_arrow
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish, published_tables

load_declarations()

from football_assets.ncaa.ledger_schemas import GamePredictions, Ledger, LedgerGrades, Models  # noqa: E402
from football_assets.ncaa.projection_schemas import PlayerProjections, PowerRatings, SeasonOutlook  # noqa: E402
from football_assets.ncaa.prop_schemas import PropCalibration  # noqa: E402
from football_assets.ncaa.quality_schemas import DataQuality  # noqa: E402
from football_assets.ncaa.records import team_records  # noqa: E402
from football_assets.ncaa.schemas import Games, Lines, PlayerStats, TeamGames, TeamRecords, TeamStats  # noqa: E402
from football_assets.ncaa.season_schemas import Rankings, Teams  # noqa: E402
from football_assets.ncaa.team_games import one_row_per_team  # noqa: E402
from football_assets.soccer.changelog import append  # noqa: E402
from football_assets.soccer.changes import LOGGED  # noqa: E402
from football_assets.soccer.day_files import history_folder  # noqa: E402
from football_assets.soccer.prediction_schemas import MatchPredictions  # noqa: E402
from football_assets.soccer.schemas import (  # noqa: E402
    FlattenedMatches,
    Incidents,
    LiveMatches,
    MatchStats,
    MatchSummary,
    OddsQuotes,
)
from football_assets.soccer.summary import match_summary  # noqa: E402

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
_PLAIN = {"Int64": 1, "float64": 1.0, "str": "x", "boolean": False, "datetime64[us, UTC]": AT}


def row(table, **given):
    """A row of a table: what is given, null where that is allowed, else some plain value."""
    made = {c.name: None if c.nullable else _PLAIN[c.type] for c in columns(table)}
    assert set(given) <= set(made), set(given) - set(made)
    return {**made, **given}


def match(number, **given):
    status = given.pop("status_id", 4)
    names = {2: "first half", 3: "half-time", 4: "second half", 8: "ended"}
    about = {
        "match_id": f"m{number:03d}",
        "status_id": status,
        "status": names[status],
        "competition_id": "c1",
        "competition": "Cobalt League",
        "home_team": f"Home {number}",
        "away_team": f"Away {number}",
        "kickoff_at": AT - timedelta(hours=1),
        "is_in_play": status != 8,
        "home_score": 1,
        "away_score": 0,
        "fetched_at": AT,
        "detail_state": "live",
        "odds_state": "live",
        "names_state": "live",
    }
    return row(FlattenedMatches, **{**about, **given})


def game(number, **given):
    about = {
        "game_id": number,
        "season": 2026,
        "week": 12,
        "season_type": "regular",
        "kickoff_at": AT,
        "is_completed": False,
        "is_neutral_site": False,
        "home_team_id": 1,
        "home_team": "Ironvale",
        "home_conference": "Plains",
        "home_classification": "fbs",
        "away_team_id": 2,
        "away_team": "Foxhollow",
        "away_conference": "Plains",
        "away_classification": "fbs",
        "fetched_at": AT,
    }
    return row(Games, **{**about, **given})


def box(game_id, player_id, **given):
    about = {"game_id": game_id, "season": 2026, "team": "Ironvale", "home_away": "home", "player_id": player_id}
    return row(PlayerStats, **{**about, "fetched_at": AT, **given})


def _played():
    """Six games that are over, a week apart, and one to come."""
    over = [
        game(n, week=n, is_completed=True, kickoff_at=AT - timedelta(weeks=12 - n), home_points=20 + n, away_points=10)
        for n in range(1, 7)
    ]
    return [*over, game(100)]


def quote(seq, price, **given):
    about = {"match_id": "m001", "company_id": 2, "company": "BET365", "market": "moneyline", "seq": seq}
    prices = {"home_price": price, "draw_price": 3.25, "away_price": 4.5, "status_id": 4, "sealed": False}
    about |= {"quoted_at": AT - timedelta(minutes=1 + 10 * seq), "minute_text": "50", "score_text": "1-0"}
    return row(OddsQuotes, **{**about, **prices, **given})


def keep(home, rows, quotes=(), source=Source.SIMULATED):
    """Enter a cycle into the history of live matches, as the pipeline does beside publishing it."""
    at = rows[FlattenedMatches][0]["fetched_at"]
    tables = {name: to_arrow(table, from_rows(table, rows.get(table, []))) for name, table in LOGGED.items()}
    append(history_folder(home, source), tables, to_arrow(OddsQuotes, from_rows(OddsQuotes, list(quotes))), at)


def soccer_rows():
    flattened = [match(n, status_id=(2, 4, 8)[n % 3]) for n in range(7)]
    return {
        FlattenedMatches: flattened,
        MatchSummary: match_summary(from_rows(FlattenedMatches, flattened)),
        MatchPredictions: [
            row(MatchPredictions, match_id=each["match_id"], state="no model", reason="no model is kept yet")
            for each in flattened
        ],
        Incidents: [
            row(Incidents, match_id="m001", seq=n, type_id=1, type="goal", home_score=n, away_score=0) for n in range(3)
        ],
        MatchStats: [row(MatchStats, match_id="m001", stat_type=2, stat="corner", home=4, away=1)],
    }


def said(sequence, **given):
    about = {"game_id": 100, "family": "no_market", "season": 2026, "week": 12, "season_type": "regular"}
    digests = {"previous_hash": f"{sequence - 1:064x}", "hash": f"{sequence:064x}"}
    return row(Ledger, **{"sequence": sequence, "said_at": AT - timedelta(days=1), **about, **digests, **given})


def judged(table, score, **given):
    about = {"completeness": 1.0, "validity": score, "consistency": None, "freshness": None}
    return row(DataQuality, judged_table=table, measured_at=AT, score=score, **{**about, **given})


def ncaa_rows():
    games = from_rows(Games, _played())
    benches = one_row_per_team(games, from_rows(Lines, []), from_rows(TeamStats, []))
    return {
        Games: games,
        PlayerStats: [
            box(n, "7", player="D.J. Ñandú", rushing_carries=10, rushing_yards=40 + n, rushing_tds=n % 2, receptions=2)
            for n in range(1, 7)
        ]
        + [
            box(1, "8", player="Sam Twin", rushing_carries=5, rushing_yards=11),
            box(1, "9", player="Sam Twin", rushing_carries=4, rushing_yards=9, team="Foxhollow", home_away="away"),
        ],
        Teams: [row(Teams, season=2026, team_id=n, team=t) for n, t in ((1, "Ironvale"), (2, "Foxhollow"))],
        TeamGames: benches,
        TeamRecords: team_records(benches),
        Rankings: [
            row(Rankings, season=2026, season_type="regular", week=w, poll="AP Top 25", rank=n, team_id=n, team="T")
            for w in (11, 12)
            for n in (1, 2)
        ],
        GamePredictions: [
            row(
                GamePredictions,
                game_id=100,
                family=family,
                season=2026,
                week=12,
                season_type="regular",
                kickoff_at=AT,
                home_team="Ironvale",
                away_team="Foxhollow",
                p_home=0.625,
                n_games=500,
                trained_through=AT - timedelta(weeks=1),
                state="open",
            )
            for family in ("no_market", "market_aware")
        ],
        PowerRatings: [row(PowerRatings, season=2026, team_id=n, team="T", rank=n) for n in (1, 2)],
        SeasonOutlook: [row(SeasonOutlook, season=2026, team_id=n, team="T", p_ranked=0.5) for n in (1, 2)],
        Models: [row(Models, model_id="no_market-margin-1", family="no_market", target="margin", features='["elo"]')],
        Ledger: [said(1)],
        LedgerGrades: [
            row(LedgerGrades, game_id=6, family="no_market", season=2026, week=6, brier=0.2, margin_error=3.0)
        ],
        DataQuality: [judged("games", 0.9), judged("player_stats", 0.95), judged("team_records", None)],
        PlayerProjections: [
            row(
                PlayerProjections,
                game_id=100,
                player_id="7",
                stat_type="rushing_yards",
                state="projected",
                mean=44.0,
                distribution='{"kind":"points","step":1.0,"values":[20.0,30.0,40.0,45.0,50.0,60.0,70.0]}',
            ),
            row(
                PlayerProjections,
                game_id=100,
                player_id="7",
                stat_type="tackles",
                state="insufficient_data",
                reason="no tackle is known of him",
            ),
        ],
        PropCalibration: [
            row(PropCalibration, stat_type="rushing_yards", bucket=n, season=2025, graded=4000, said=m, observed=m)
            for n, m in ((n, (n + 0.5) / 10) for n in range(10))
        ],
    }


def _listed(flattened):
    """The row of the live list that a match was flattened from."""
    return {c.name: flattened[c.name] for c in columns(LiveMatches)}


def put(home, domain, rows, source=Source.SIMULATED):
    """Publish tables: those named in `rows`, all others of the pipeline empty unless they are there already."""
    lake = Lake(home, source)
    if FlattenedMatches in rows:
        rows = {LiveMatches: [_listed(each) for each in rows[FlattenedMatches]], **rows}
    for table in published_tables(domain):
        given = rows.get(table)
        season = "2026" if table.about().by_season else None
        there = lake.seasons(table) if season else lake.path(table, None).exists()
        if given is not None or not there:
            frame = given if isinstance(given, pd.DataFrame) else from_rows(table, given or [])
            lake.write(table, frame, season)
    return publish(home, source, domain)


def world():
    """Settings of a home with both pipelines published."""
    settings = load_settings()
    live = soccer_rows()
    put(settings.folder, "soccer", live)
    keep(settings.folder, live, [quote(0, 1.5), quote(1, 2.0)])
    put(settings.folder, "ncaa", ncaa_rows())
    return settings


class Served:
    """A running server: `url`, an HTTP client, and the application's parts."""

    def __init__(self, settings, port=0, *, pages=False, looker=None):
        self.settings = settings
        self.app = create_app(settings, pages=pages, looker=looker)
        self.services = self.app.state.services
        config = uvicorn.Config(
            self.app, host="127.0.0.1", port=port, log_level="warning", access_log=False, lifespan="on"
        )
        self.server = Server(config)
        self._thread = threading.Thread(target=lambda: asyncio.run(self.server.serve()), name="server")

    @contextmanager
    def running(self, **client):
        self._thread.start()
        while not self.server.started:
            assert self._thread.is_alive(), "the server ended"
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        try:
            with httpx.Client(base_url=self.url, timeout=30, **client) as self.http:
                yield self
        finally:
            self.stop()

    def stop(self):
        self.server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive(), "the server did not stop"
