"""Season files of football-data.co.uk: the forms they come in, and what is refused."""

from datetime import UTC, datetime

import pandas as pd
import pytest

from football_assets.emulators.football_data import RecordedHistory
from football_assets.errors import SourceChanged
from football_assets.soccer.football_data import COLUMNS, DIVISIONS, NUMBERS, history, season_code
from football_assets.transport import TEXT

OLD = (
    "Div,Date,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HTHG,HTAG,BbAvH,BbAvD,BbAvA,PSCH,PSCD,PSCA,,\r\n"
    "SP1,29/08/10,Malaga,Valencia,1,3,A,1,1,2.75,3.25,2.51,2.8,3.3,2.6,,\r\n"
    ",,,,,,,,,,,,,,,,\r\n"
)
NEW = (
    "Div,Date,Time,HomeTeam,AwayTeam,FTHG,FTAG,FTR,HST,AST,HR,AR,AvgH,AvgD,AvgA,AvgCH,AvgCD,AvgCA,Avg>2.5,Avg<2.5\r\n"
    "E0,17/08/2024,12:30,Ipswich,Liverpool,0,2,A,2,5,0,0,8.1,5.6,1.35,8.34,5.84,1.33,1.5,2.6\r\n"
    "E0,26/12/2024,15:00,Nott'm Forest,Tottenham,1,0,H,4,3,0,1,2.9,3.5,2.4,,3.5,2.4,1.6,\r\n"
    "E0,25/05/2025,,Fulham,Man City,,,,,,,,,,,,,,,\r\n"
)


def test_an_old_file_has_two_digit_years_no_times_and_its_own_names_for_the_market():
    row = history(OLD, DIVISIONS["SP1"], 2010).iloc[0]
    assert (row["season"], row["country"], row["tier"]) == (2010, "Spain", 1)
    assert row["played_on"] == pd.Timestamp(2010, 8, 29)
    assert pd.isna(row["kickoff_at"])
    assert (row["home_goals"], row["away_goals"], row["home_goals_half_time"]) == (1, 3, 1)
    assert (row["early_home"], row["early_draw"], row["early_away"]) == (2.75, 3.25, 2.51)
    assert (row["closing_home"], row["closing_away"]) == (2.8, 2.6)
    assert pd.isna(row["home_shots"])


def test_empty_lines_are_no_matches_and_absent_columns_are_null():
    found = history(OLD, DIVISIONS["SP1"], 2010)
    assert len(found) == 1
    assert tuple(found.columns) == COLUMNS
    assert found[["home_corners", "early_over", "closing_over"]].isna().all(axis=None)


def test_times_are_uk_local_in_summer_and_in_winter():
    kickoffs = history(NEW, DIVISIONS["E0"], 2024)["kickoff_at"]
    assert kickoffs[0] == datetime(2024, 8, 17, 11, 30, tzinfo=UTC)
    assert kickoffs[1] == datetime(2024, 12, 26, 15, 0, tzinfo=UTC)
    assert pd.isna(kickoffs[2])


def test_a_set_of_prices_is_taken_whole_or_not_at_all():
    found = history(NEW, DIVISIONS["E0"], 2024)
    assert found.loc[1, ["closing_home", "closing_draw", "closing_away", "early_over", "early_under"]].isna().all()
    assert found.loc[1, "early_home"] == 2.9
    assert found.loc[0, ["early_over", "early_under"]].tolist() == [1.5, 2.6]


def test_a_match_without_a_score_keeps_its_row_and_has_null_goals():
    row = history(NEW, DIVISIONS["E0"], 2024).iloc[2]
    assert (row["home_team"], row["away_team"]) == ("Fulham", "Man City")
    assert pd.isna(row["home_goals"])


def test_a_file_without_matches_is_an_empty_table_of_the_same_columns():
    found = history("Div,Date,HomeTeam,AwayTeam\r\n", DIVISIONS["E0"], 2024)
    assert found.empty
    assert tuple(found.columns) == COLUMNS


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("<html><body>Maintenance</body></html>", "Div"),
        ("Div,HomeTeam,AwayTeam\r\nE0,Arsenal,Wolves\r\n", "Date"),
        (NEW.replace("E0,17", "E1,17"), "Div"),
        (NEW.replace("17/08/2024", "2024-08-17"), "Date"),
        (NEW.replace("17/08/2024", "17/08/2014"), "Date"),
        (NEW.replace("0,2,A", "0,2,H"), "FTR"),
    ],
)
def test_a_file_that_is_not_what_was_agreed_is_refused_naming_the_column(text, field):
    with pytest.raises(SourceChanged) as raised:
        history(text, DIVISIONS["E0"], 2024)
    assert raised.value.field == field
    assert "reading E0 2024/25" in str(raised.value)


def test_seasons_are_coded_by_both_years():
    assert [season_code(year) for year in (1999, 2009, 2024)] == ["9900", "0910", "2425"]


@pytest.mark.parametrize(
    ("season", "division"), [(2010, "E0"), (2016, "SC3"), (2018, "EC"), (2019, "G1"), (2024, "T1")]
)
def test_recorded_files_read_back_as_they_were_recorded(recordings, season, division):
    text = TEXT.read(RecordedHistory(recordings).csv(season, division))
    found = history(text, DIVISIONS[division], season)
    known = pd.read_parquet(recordings / "soccer" / "matches.parquet")
    known = known[(known["season"].str[:4] == str(season)) & (known["div"] == division)].reset_index(drop=True)
    assert len(found) == len(known)
    pairs = {
        "home_goals": "ft_home",
        "away_goals": "ft_away",
        "home_shots_on_target": "shots_on_target_home",
        "away_corners": "corners_away",
        "away_reds": "red_away",
    }
    for name, at in pairs.items():
        pd.testing.assert_series_equal(found[name], known[at], check_names=False, check_dtype=False)
    assert found["early_home"].to_numpy() == pytest.approx(known["x12_open_avg_h"].to_numpy(), rel=1e-5, nan_ok=True)
    at, kickoffs = found["kickoff_at"], known["kickoff_utc"]
    assert (at.isna() == kickoffs.isna()).all()
    assert (at.dropna() == kickoffs.dropna()).all()
    assert set(NUMBERS) <= set(found.columns)
    assert division in DIVISIONS


def test_every_recorded_division_is_known(recordings):
    assert {division for _, division in RecordedHistory(recordings).files()} == set(DIVISIONS)
