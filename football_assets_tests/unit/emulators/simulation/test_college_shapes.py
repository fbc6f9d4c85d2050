"""Simulated college rows have the keys of recorded ones, or of the contract where nothing was recorded."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from football_assets.emulators.simulation.college import SimulatedSeasons

SEASON = 2020
LATER = datetime(SEASON + 1, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> SimulatedSeasons:
    return SimulatedSeasons(12, through=SEASON)


def keys(value: Any) -> Any:
    """The nested key set of a row; lists count by what their elements have in common."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [keys(value[0])]
    return None


def without_nulls(shape: Any, other: Any) -> Any:
    """`shape` where `other` has detail too: an empty list or a null tells nothing about its inside."""
    if isinstance(shape, dict) and isinstance(other, dict):
        return {key: without_nulls(inner, other.get(key)) for key, inner in shape.items()}
    if isinstance(shape, list) and isinstance(other, list):
        return [without_nulls(shape[0], other[0])]
    return None


@pytest.mark.parametrize(
    ("endpoint", "recorded", "newer"),
    [
        ("games", "games/2023", {"playoff"}),
        ("lines", "lines/2023", set()),
        ("games/teams", "games_teams/2023", set()),
        ("games/players", "games_players/2013", set()),
        ("teams", "teams/all", set()),
        ("teams/fbs", "teams_fbs/2023", set()),
        ("conferences", "conferences/all", set()),
        ("venues", "venues/all", set()),
        ("records", "records/2023", set()),
        ("calendar", "calendar/2023", set()),
        ("rankings", "rankings/2023", {"isFinal"}),
        ("ratings/elo", "ratings_elo/2023", set()),
        ("ratings/sp", "ratings_sp/2019", set()),
        ("talent", "talent/2023", set()),
        ("recruiting/teams", "recruiting_teams/2023", set()),
        ("player/returning", "player_returning/2023", set()),
        ("ppa/games", "ppa_games/2023", set()),
    ],
)
def test_rows_have_exactly_the_keys_of_recorded_ones(world, endpoint, recorded, newer):
    folder = os.environ.get("FOOTBALL_RECORDINGS")
    if not folder:
        pytest.skip("FOOTBALL_RECORDINGS is not set: no recorded rows to compare with")
    from pyarrow import parquet

    real = keys(parquet.read_table(Path(folder) / f"cfbd/{recorded}.parquet").slice(0, 1).to_pylist()[0])
    if endpoint == "rankings":
        real["polls"][0]["isFinal"] = None
    else:
        real |= dict.fromkeys(newer)
    rows = world.rows(endpoint, SEASON, LATER)
    assert rows
    for row in rows:
        ours = keys(row)
        assert without_nulls(ours, real) == without_nulls(real, ours)


def test_rows_without_a_recording_have_the_keys_of_the_contract(world):
    roster = (
        "id firstName lastName team height weight jersey year position homeCity homeState homeCountry homeLatitude "
        "homeLongitude homeCountyFIPS recruitIds"
    )
    assert all(set(row) == set(roster.split()) for row in world.rows("roster", SEASON, LATER))
    advanced = "gameId season seasonType week team opponent offense defense"
    side = (
        "plays drives ppa totalPPA successRate explosiveness powerSuccess stuffRate lineYards lineYardsTotal "
        "secondLevelYards secondLevelYardsTotal openFieldYards openFieldYardsTotal standardDowns passingDowns "
        "rushingPlays passingPlays"
    )
    for row in world.rows("stats/game/advanced", SEASON, LATER):
        assert set(row) == set(advanced.split())
        for half in ("offense", "defense"):
            assert set(row[half]) == set(side.split())
            assert set(row[half]["standardDowns"]) == {"ppa", "successRate", "explosiveness"}
            assert set(row[half]["rushingPlays"]) == {"ppa", "successRate", "explosiveness", "totalPPA"}


def test_box_categories_are_those_the_provider_sends(world):
    folder = os.environ.get("FOOTBALL_RECORDINGS")
    if not folder:
        pytest.skip("FOOTBALL_RECORDINGS is not set: no recorded categories to compare with")
    from pyarrow import parquet

    real = parquet.read_table(Path(folder) / "cfbd/games_teams/2023.parquet").to_pylist()
    ours = world.rows("games/teams", SEASON, LATER)

    def categories(rows: list[dict[str, Any]]) -> set[str]:
        return {stat["category"] for row in rows for team in row["teams"] for stat in team["stats"]}

    assert categories(ours) == categories(real)
