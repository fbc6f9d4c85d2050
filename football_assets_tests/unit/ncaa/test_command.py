"""`football ncaa`: what is asked of the job, and what a person reads."""

import io
import json
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from rich.console import Console
from typer.testing import CliRunner

from football_assets.cli import ncaa
from football_assets.config import now_utc
from football_assets.ncaa.schemas import GamePredictions, Games
from football_assets.operations.jobs import JobOutcome
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import Warehouse

KICKOFF = datetime(2024, 10, 12, 23, 30, tzinfo=UTC)


def prediction(game_id=1, **changes):
    row = {
        "game_id": game_id,
        "family": "no_market",
        "season": 2024,
        "week": 7,
        "season_type": "regular",
        "kickoff_at": KICKOFF,
        "is_kickoff_tbd": False,
        "home_team": "Oregon",
        "away_team": "Ohio State",
        "is_neutral_site": False,
        "is_fbs_game": True,
        "p_home": 0.41,
        "margin_mean": -3.5,
        "margin_sd": 16.0,
        "total_mean": 55.25,
        "total_sd": 16.0,
        "home_fair_moneyline": 144.0,
        "away_fair_moneyline": -144.0,
        "market_spread": 2.5,
        "market_total": 54.5,
        "n_games": 900,
        "trained_through": KICKOFF - timedelta(days=6),
        "predicted_at": KICKOFF - timedelta(days=2),
        "state": "open",
        "is_replay": False,
        "is_completed": False,
    }
    return row | changes


def shown(*rows, source=Source.REAL, width=160):
    published = Publication(4, "ncaa", source, now_utc() - timedelta(hours=3), KICKOFF)
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(ncaa.render_predictions(from_rows(GamePredictions, rows), published))
    return console.export_text()


def row_of(text, team):
    return next(line for line in text.splitlines() if team in line)


def test_the_first_line_says_the_world_and_the_age():
    first = shown(prediction()).splitlines()[0]
    assert first.startswith("REAL")
    assert "2024 week 7: 1 game" in first
    assert "3 h ago" in first
    assert shown(prediction(), source=Source.SIMULATED).startswith("SIMULATED, not real games")


def test_a_line_is_what_the_home_side_gives_and_the_difference_names_a_side():
    line = row_of(shown(prediction()), "Ohio State at Oregon")
    assert line.split() == [
        "Oct",
        "12",
        "23:30",
        *["Ohio", "State", "at", "Oregon"],
        "41",
        "%",
        "+3.5",
        "+2.5",
        "away",
        "1.0",
        "55.2",
        "54.5",
        "+0.8",
    ]
    home = row_of(shown(prediction(margin_mean=7.0, market_spread=-3.0, p_home=0.7)), "Oregon")
    assert "-7.0" in home
    assert "-3.0" in home
    assert "home 4.0" in home


def test_what_no_bookmaker_quotes_is_a_dash():
    line = row_of(shown(prediction(market_spread=None, market_total=None)), "Oregon")
    assert line.split()[-5:] == ["-", "-", "55.2", "-", "-"]


def test_a_total_as_the_bookmakers_have_it_differs_by_nothing():
    for total in (54.46, 54.54):
        line = row_of(shown(prediction(total_mean=total)), "Oregon")
        assert line.split()[-3:] == ["54.5", "54.5", "0.0"]


def test_neutral_ground_open_kickoffs_and_even_games_are_told():
    line = row_of(shown(prediction(is_neutral_site=True, is_kickoff_tbd=True, margin_mean=0.01)), "Oregon")
    assert "Ohio State vs Oregon" in line
    assert "Oct 12 open" in line
    assert "even" in line


def test_a_game_that_is_over_shows_its_points_whole_even_on_a_narrow_screen():
    text = shown(prediction(is_completed=True, margin=-4, total=60), prediction(2, home_team="Iowa"))
    assert "32-28" in row_of(text, "Oregon")
    narrow = shown(prediction(is_completed=True, margin=-4, total=60), width=80)
    assert "32-28" in narrow


def test_nothing_to_show_says_so():
    assert "No predicted game to show" in shown()


def test_json_carries_the_world_the_age_and_unknown_as_null():
    published = Publication(4, "ncaa", Source.SIMULATED, now_utc(), None)
    about = json.loads(ncaa.predictions_json(from_rows(GamePredictions, [prediction(market_total=None)]), published))
    assert (about["source"], about["as_of"]) == ("simulated", None)
    assert about["games"][0]["market_total"] is None
    assert about["games"][0]["kickoff_at"] == "2024-10-12T23:30:00.000000Z"


@pytest.fixture
def asked(monkeypatch):
    """Notes what the job is asked to do instead of running it."""
    calls = []

    def run_job(job, *, tags=None, env=None, steps=None, console=None):
        calls.append((job, dict(tags or {})))
        return JobOutcome(job, ok=False, errors=["reading the games of 2024: the provider said no. Try later."])

    monkeypatch.setattr(ncaa, "run_job", run_job)
    return calls


def accepting(calls):
    def run_job(job, *, tags=None, env=None, steps=None, console=None):
        calls.append((job, dict(tags or {})))
        return JobOutcome(job, ok=True)

    return run_job


def test_one_season_is_a_partition_and_several_are_a_range(asked):
    CliRunner().invoke(ncaa.app, ["run", "--season", "2023"])
    CliRunner().invoke(ncaa.app, ["run", "--seasons", "2014-2024"])
    assert asked == [
        ("ncaa_daily", {"dagster/partition": "2023"}),
        ("ncaa_seasons", {ncaa.RANGE_START: "2014", ncaa.RANGE_END: "2024"}),
    ]


@pytest.mark.parametrize(
    "wrong", [["--seasons", "2024"], ["--seasons", "2024-2020"], ["--season", "1", "--seasons", "2-3"]]
)
def test_a_wrong_range_is_refused_before_anything_runs(asked, wrong):
    assert CliRunner().invoke(ncaa.app, ["run", *wrong]).exit_code == 2
    assert asked == []


def test_a_failed_run_ends_with_its_reason(asked):
    result = CliRunner().invoke(ncaa.app, ["run", "--season", "2023"])
    assert result.exit_code == ncaa.FAILED
    assert "the provider said no" in " ".join(result.output.split())


def test_without_the_seasons_to_learn_from_they_are_collected_first(asked, monkeypatch, tmp_path):
    monkeypatch.setattr(ncaa, "now_utc", lambda: datetime(2026, 10, 1, tzinfo=UTC))
    monkeypatch.setattr(ncaa, "run_job", accepting(asked))
    lake = Lake(tmp_path / "home", Source.REAL)
    for season in ("2020", "2021", "2022", "2023", "2024"):
        lake.write(Games, from_rows(Games, []), season)
    assert ncaa.collect().ok
    assert asked == [
        ("ncaa_history", {ncaa.RANGE_START: "2020", ncaa.RANGE_END: "2025"}),
        ("ncaa_daily", {"dagster/partition": "2026"}),
    ]
    asked.clear()
    lake.write(Games, from_rows(Games, []), "2025")
    assert ncaa.collect().ok
    assert asked == [("ncaa_daily", {"dagster/partition": "2026"})]


def test_a_history_that_cannot_be_collected_ends_the_run_with_its_reason(asked, monkeypatch):
    monkeypatch.setattr(ncaa, "now_utc", lambda: datetime(2026, 10, 1, tzinfo=UTC))
    outcome = ncaa.collect()
    assert (outcome.ok, outcome.job) == (False, "ncaa_history")
    assert len(asked) == 1


class Shelf(Warehouse):
    """Stands where the warehouse stands."""

    def __init__(self, *rows, publication=True):
        self.source, self.rows, self.is_empty = Source.SIMULATED, rows, not publication

    def snapshot(self, domain, names, known):
        if self.is_empty:
            return None, {}, {}
        assert list(names) == ["ncaa_game_predictions"]
        at = KICKOFF - timedelta(days=1)
        return Publication(1, domain, self.source, now_utc(), at), {}, {names[0]: from_rows(GamePredictions, self.rows)}


def look(monkeypatch, shelf, *arguments):
    monkeypatch.setattr(ncaa, "open_warehouse", lambda settings, world: shelf)
    return CliRunner().invoke(ncaa.app, ["predictions", "--json", *arguments])


def ids(result):
    return [game["game_id"] for game in json.loads(result.stdout)["games"]]


def test_the_coming_week_is_shown_unless_another_is_named(monkeypatch):
    past = prediction(2, week=6, kickoff_at=KICKOFF - timedelta(days=7), is_completed=True)
    bowl = prediction(3, week=6, season_type="postseason", kickoff_at=KICKOFF + timedelta(days=70))
    old = prediction(4, season=2023, kickoff_at=KICKOFF - timedelta(days=300), is_completed=True)
    shelf = Shelf(prediction(1), past, bowl, old)
    assert ids(look(monkeypatch, shelf)) == [1]
    assert ids(look(monkeypatch, shelf, "--week", "6")) == [2]
    assert ids(look(monkeypatch, shelf, "--week", "7", "--season", "2023")) == [4]
    assert ids(look(monkeypatch, shelf, "--season", "2024")) == [2, 1, 3]
    assert ids(look(monkeypatch, shelf, "--all")) == [4, 2, 1, 3]


def test_nothing_predicted_exits_with_three(monkeypatch):
    result = look(monkeypatch, Shelf())
    assert result.exit_code == ncaa.NOTHING
    assert ids(result) == []


def test_nothing_published_says_what_to_run(monkeypatch):
    result = look(monkeypatch, Shelf(publication=False))
    assert "football ncaa run" in str(result.exception)


def test_kickoffs_come_out_in_order():
    rows = [prediction(1, kickoff_at=KICKOFF), prediction(2, kickoff_at=KICKOFF - timedelta(hours=3))]
    frame = ncaa.week_of(from_rows(GamePredictions, rows), 2024, 7)
    assert frame["game_id"].tolist() == [2, 1]
    assert isinstance(frame["kickoff_at"].iloc[0], pd.Timestamp)
