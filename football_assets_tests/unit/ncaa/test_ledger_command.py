"""`football ncaa ledger` and `rankings`: what a person reads, and that no touch of the ledger stays hidden."""

import json
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from football_assets.cli import ncaa
from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.ncaa.ledger import ahead, append
from football_assets.ncaa.ledger_grades import grades
from football_assets.ncaa.ledger_schemas import GamePredictions, Ledger, LedgerGrades
from football_assets.ncaa.power_ratings import newest, power_ratings
from football_assets.ncaa.projection_schemas import PowerRatings, SeasonOutlook
from football_assets.ncaa.season_outlook import season_outlook
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.relations import database_path
from football_assets_tests.unit.ncaa.test_ledger import prediction


def answer(*asked):
    return CliRunner().invoke(ncaa.app, asked, catch_exceptions=False)


@pytest.fixture
def lake():
    return Lake(load_settings().folder, Source.SIMULATED)


@pytest.fixture
def publish(lake, monkeypatch):
    """Publish these frames by table, and nothing else."""

    def of(frames):
        for table, frame in frames.items():
            lake.write(table, frame)
        monkeypatch.setattr(publication, "published_tables", lambda domain: list(frames))
        return publication.publish(load_settings().folder, Source.SIMULATED, "ncaa")

    return of


@pytest.fixture
def ledger(build):
    predictions = from_rows(GamePredictions, [prediction(build, n, market_spread=-3.5) for n in range(1, 7)])
    return append(from_rows(Ledger, []), ahead(predictions, build.lines(), build.START, "c" * 64), build.START)


@pytest.fixture
def graded(build, ledger):
    kickoff = build.START + timedelta(days=3)
    games = build.games(*(build.game(n, 2 * n - 1, 2 * n, (20 + n, 17), kickoff=kickoff) for n in (1, 2, 3, 4)))
    return grades(ledger, games, build.lines((1, "A", -5.0, 50.0)))


@pytest.fixture
def stored(publish, ledger, graded):
    return publish({Ledger: ledger, LedgerGrades: graded})


def sql(statement):
    path = database_path(load_settings().folder, Source.SIMULATED)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_a_whole_ledger_verifies_and_names_its_head(stored, ledger):
    told = answer("ledger", "verify")
    assert told.exit_code == 0
    assert "simulated: 6 entries of 6 games follow from one another" in told.output
    assert ledger["hash"].iloc[-1] in told.output


@pytest.mark.parametrize(
    ("touch", "says"),
    [
        ("UPDATE ncaa_ledger SET p_home = 0.9 WHERE sequence = 3", "row 3 (entry 3, game 3, no_market): its content"),
        ("UPDATE ncaa_ledger SET said_at = kickoff_at WHERE sequence = 2", "row 2"),
        (
            "DELETE FROM ncaa_ledger WHERE sequence = 4",
            "row 4 (entry 5, game 5, no_market): its number is 5 instead of 4",
        ),
        ("DELETE FROM ncaa_ledger WHERE sequence = 6", "row 6 is gone; 6 entries were published"),
        ("UPDATE ncaa_ledger SET sequence = CASE sequence WHEN 1 THEN -2 ELSE -1 END WHERE sequence < 3", "row 1"),
    ],
)
def test_an_edited_a_deleted_and_a_moved_row_is_named_and_the_exit_code_is_1(stored, touch, says):
    sql(touch)
    if "CASE" in touch:
        sql("UPDATE ncaa_ledger SET sequence = -sequence WHERE sequence < 0")
    told = answer("ledger", "verify")
    assert told.exit_code == 1
    assert says in told.output


def test_a_file_that_differs_from_the_database_is_found(stored, lake, ledger, build):
    other = ledger.copy()
    other.loc[4, "total_mean"] = 40.0
    lake.write(Ledger, other)
    assert "row 5 (entry 5" in answer("ledger", "verify").output
    lake.write(Ledger, ledger.head(5))
    assert "row 6 is gone; the database has 6" in answer("ledger", "verify").output
    predictions = from_rows(GamePredictions, [prediction(build, n) for n in range(11, 17)])
    lake.write(
        Ledger, append(from_rows(Ledger, []), ahead(predictions, build.lines(), build.START, "c" * 64), build.START)
    )
    told = answer("ledger", "verify")
    assert "differ from row 1 on" in told.output
    assert told.exit_code == 1


def test_publishing_again_adds_what_is_new_and_touches_nothing_else(stored, publish, ledger, graded, build):
    more = from_rows(GamePredictions, [prediction(build, 9)])
    longer = append(ledger, ahead(more, build.lines(), build.START, "c" * 64), build.START)
    assert publish({Ledger: longer, LedgerGrades: graded}).rows == 1
    assert answer("ledger", "verify").exit_code == 0
    with pytest.raises(StorageError, match="published row of sequence 7"):
        publish({Ledger: ledger, LedgerGrades: graded})
    assert "7 entries" in answer("ledger", "verify").output


def test_a_changed_declaration_rebuilds_the_table_with_every_row(stored, publish, ledger, graded):
    sql("""UPDATE published_parts SET columns_json = '[{"name": "of_before", "type": "str"}]'
           WHERE table_name = 'ncaa_ledger'""")
    with pytest.raises(StorageError, match="published row of sequence 6"):
        publish({Ledger: ledger.head(5), LedgerGrades: graded})
    assert publish({Ledger: ledger, LedgerGrades: graded}).rows == 6
    assert "6 entries" in answer("ledger", "verify").output


def test_the_figures_stand_beside_their_intervals_and_open_games_are_counted(stored):
    told = answer("ledger")
    assert told.exit_code == 0
    assert "SIMULATED, not real games" in told.output
    assert "6 entries, 4 games graded, 2 without a result" in told.output
    lines = told.output.splitlines()
    assert next(line for line in lines if line.startswith("hits")).split()[1:] == [
        "4",
        "1.000",
        "0.510",
        "and",
        "1.000",
    ]
    assert next(line for line in lines if line.startswith("moneyline: closing")).split()[-3:] == ["0", "-", "-"]
    game = next(line for line in lines if "Team 2 at Team 1" in line)
    assert game.split()[-4:] == ["+5.0", "+4", "+5.0", "+1.5"]


def test_json_of_a_week_and_of_nothing(stored):
    about = json.loads(answer("ledger", "--json", "--season", "2024", "--week", "1").output)
    assert (about["source"], about["entries"], len(about["grades"]), len(about["open"])) == ("simulated", 6, 4, 2)
    assert about["figures"][0]["name"] == "hits"
    assert about["open"][0]["p_home"] == 0.625
    none = answer("ledger", "--json", "--week", "9")
    assert none.exit_code == 3
    assert json.loads(none.output)["head"] is None


def test_an_empty_ledger_says_so(publish, graded):
    publish({Ledger: from_rows(Ledger, []), LedgerGrades: graded.head(0)})
    told = answer("ledger", "verify")
    assert (told.exit_code, "no entry yet" in told.output) == (3, True)
    assert answer("ledger").exit_code == 3


def test_rankings_show_the_strongest_first_with_interval_and_chances(publish, build):
    rows = build.league(seasons=(2021, 2022), teams=40)
    for row in rows[-20:]:
        row |= {"is_completed": False, "home_points": None, "away_points": None, "fetched_at": row["kickoff_at"]}
    games = build.games(*rows)
    known = newest(games)
    publish({PowerRatings: power_ratings(known), SeasonOutlook: season_outlook(games, known, simulations=100)})
    told = answer("rankings")
    assert told.exit_code == 0
    assert "2022 power ratings: 25 teams" in told.output
    first = json.loads(answer("rankings", "--json").output)["teams"][0]
    assert (first["rank"], first["is_top_25"]) == (1, True)
    assert first["low"] < first["rating"] < first["high"]
    assert 0.5 < first["p_ranked"] <= 1.0
    assert len(json.loads(answer("rankings", "--json", "--all").output)["teams"]) == 40
    east = json.loads(answer("rankings", "--json", "--conference", "east").output)["teams"]
    assert {team["conference"] for team in east} == {"East"}
    assert answer("rankings", "--conference", "none").exit_code == 3
