"""The provider's lists of a season as rows: renamed, flattened, a list that contradicts itself left unknown."""

from datetime import UTC, datetime

import pytest

from football_assets.errors import SourceChanged
from football_assets.ncaa import season_models
from football_assets.ncaa.season_models import Reading
from football_assets.ncaa.season_schemas import AdvancedStats, Rankings, Ratings, Talent, Teams, Venues, Weather
from football_assets.tables import from_rows, judge

AT = datetime(2024, 10, 5, tzinfo=UTC)
READING = Reading("reading", 2024, AT)


def rows_of(table, rows):
    """The rows as a frame that fits its table; a list without ids gets none here."""
    frame = from_rows(table, rows)
    assert judge(table, frame).passed, judge(table, frame).says
    return frame


def test_a_team_carries_its_season_and_its_home_venue():
    stadium = {"id": 3785, "name": "Jordan-Hare", "city": "Auburn", "elevation": "201.17", "dome": False, "grass": True}
    (row,) = season_models.teams([{"id": 2, "school": "Auburn", "conference": "SEC", "location": stadium}], READING)
    assert (row["season"], row["team_id"], row["venue_id"], row["elevation_m"]) == (2024, 2, 3785, 201.17)
    assert (row["is_dome"], row["is_grass"], row["mascot"]) == (False, True, None)
    rows_of(Teams, [row])


def test_a_team_without_a_venue_has_none():
    (row,) = season_models.teams([{"id": 2, "school": "Auburn", "location": None}], READING)
    assert row["venue_id"] is row["venue"] is row["latitude"] is None


def test_a_venue_without_an_id_is_left_out():
    rows = season_models.venues([{"id": None, "name": "Nowhere"}, {"id": 7, "name": "Here", "capacity": 100}], READING)
    assert [row["venue"] for row in rows_of(Venues, rows).to_dict("records")] == ["Here"]


def test_the_three_rating_systems_become_one_table_without_the_national_average():
    sp = {"year": 2024, "team": "A", "rating": 9.5, "ranking": 3, "offense": {"rating": 30.0, "ranking": 5}, "sos": 1.0}
    fpi = {"year": 2024, "team": "A", "fpi": 8.0, "resumeRanks": {"fpi": 4}, "efficiencies": {"offense": 70.0}}
    srs = {"year": 2024, "team": "A", "rating": 7.0, "ranking": 6}
    rows = season_models.ratings("sp")([sp, {"year": 2024, "team": "nationalAverages", "rating": 0.0}], READING)
    rows += season_models.ratings("fpi")([fpi], READING) + season_models.ratings("srs")([srs], READING)
    frame = rows_of(Ratings, rows)
    assert list(zip(frame["system"], frame["rating"], frame["ranking"], strict=True)) == [
        ("sp", 9.5, 3),
        ("fpi", 8.0, 4),
        ("srs", 7.0, 6),
    ]
    assert list(frame["offense"].dropna()) == [30.0, 70.0]


def test_advanced_statistics_have_a_row_for_each_side_of_the_ball():
    team = {
        "season": 2024,
        "team": "A",
        "conference": "SEC",
        "offense": {"plays": 800, "ppa": 0.2, "havoc": {"db": 0.05}, "rushingPlays": {"successRate": 0.4}},
        "defense": {"plays": 700, "ppa": 0.1, "havoc": None},
    }
    frame = rows_of(AdvancedStats, season_models.advanced_stats([team], READING)).set_index("side")
    assert frame.loc["offense", ["plays", "ppa", "db_havoc", "rushing_success_rate"]].tolist() == [800, 0.2, 0.05, 0.4]
    assert frame.loc["defense", "plays"] == 700
    assert frame.loc["defense", ["havoc", "db_havoc", "passing_ppa"]].isna().all()


def test_a_poll_becomes_a_row_for_each_ranked_team():
    ranks = [{"rank": 2, "teamId": 5, "school": "B"}, {"rank": 1, "teamId": 4, "school": "A", "points": 99}]
    week = {"season": 2024, "seasonType": "regular", "week": 3, "polls": [{"poll": "AP Top 25", "ranks": ranks}]}
    frame = rows_of(Rankings, season_models.rankings([week], READING))
    assert list(zip(frame["rank"], frame["team"], frame["week"], strict=True)) == [(2, "B", 3), (1, "A", 3)]


def test_a_school_listed_twice_is_one_row_and_what_it_contradicts_is_unknown():
    same = [{"year": 2018, "team": "Sam Houston", "talent": 133.13}] * 2
    differing = [{"year": 2018, "team": "Rice", "talent": value} for value in (10.0, None, 11.0, 12.0)]
    rows = season_models.talent(same + differing, READING)
    assert [(row["team"], row["talent"]) for row in rows] == [("Sam Houston", 133.13), ("Rice", None)]
    rows_of(Talent, rows)


def test_weather_indoors_has_no_numbers():
    row = {"id": 9, "season": 2024, "gameIndoors": True, "temperature": None, "weatherCondition": None}
    frame = rows_of(Weather, season_models.weather([row], READING))
    assert frame["is_indoors"].all()
    assert frame["temperature_f"].isna().all()


@pytest.mark.parametrize(
    ("read", "row", "field"),
    [
        (season_models.talent, {"year": 2024, "team": "A", "talent": "much"}, "talent"),
        (season_models.talent, {"year": 2024, "team": None, "talent": 1.0}, "team"),
        (season_models.ratings("sp"), {"year": 2024, "team": "A", "offense": {"rating": "x"}}, "offense.rating"),
        (season_models.advanced_stats, {"season": 2024, "team": "A", "offense": {"plays": 1.5}}, "offense.plays"),
    ],
)
def test_a_value_that_no_longer_fits_names_its_field(read, row, field):
    with pytest.raises(SourceChanged) as caught:
        read([row], READING)
    assert caught.value.field == field
