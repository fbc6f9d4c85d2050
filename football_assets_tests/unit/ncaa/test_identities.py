"""Names to ids: exact, within the season, never guessed."""

from datetime import UTC, datetime

import pandas as pd

from football_assets.ncaa.identities import identified, team_ids, teams_identified
from football_assets.ncaa.season_schemas import Talent, Teams
from football_assets.tables import from_rows

AT = datetime(2024, 10, 5, tzinfo=UTC)


def teams(*pairs, season=2024):
    return from_rows(Teams, [{"season": season, "team_id": i, "team": name, "fetched_at": AT} for i, name in pairs])


def talent(*names):
    rows = [{"season": 2024, "team": name, "talent": 1.0, "fetched_at": AT} for name in names]
    return from_rows(Talent, rows)


def test_names_are_known_from_the_games_and_teams_of_the_same_season(build):
    games = build.games(build.game(1, 1, 2, (7, 0)), build.game(2, 3, 4, (7, 0), season=2023))
    assert team_ids(games, teams((9, "Nine")), 2024) == {"Team 1": 1, "Team 2": 2, "Nine": 9}
    assert team_ids(games, teams((9, "Nine")), 2023) == {"Team 3": 3, "Team 4": 4}


def test_a_name_that_stands_for_two_teams_is_nobody(build):
    games = build.games(build.game(1, 1, 2, (7, 0)), build.game(2, 5, 2, (7, 0), home_team="Team 1"))
    assert team_ids(games, teams(), 2024) == {"Team 2": 2}


def test_an_unknown_name_keeps_its_row_with_a_null_id():
    frame = identified(talent("Ohio", "Butler"), {"Ohio": 195})
    assert frame["team_id"].tolist() == [195, pd.NA]
    assert str(frame["team_id"].dtype) == "Int64"


def test_an_fbs_team_without_a_row_is_told_when_a_name_is_unknown():
    fbs = {2024: {195: "Ohio", 23: "San José State"}}
    misspelt = teams_identified(identified(talent("Ohio", "San Jose State"), {"Ohio": 195}), fbs)
    assert not misspelt.passed
    assert misspelt.level == "warn"
    assert "San José State 2024" in misspelt.says
    assert misspelt.rows[0]["unknown"] == "San Jose State"


def test_schools_of_lower_divisions_are_counted_without_a_warning():
    fbs = {2024: {195: "Ohio"}}
    verdict = teams_identified(identified(talent("Ohio", "Butler"), {"Ohio": 195}), fbs)
    assert verdict.passed
    assert verdict.figures["unknown_names"] == 1


def test_an_fbs_team_that_the_list_lacks_is_no_matter_of_names():
    verdict = teams_identified(identified(talent("Ohio"), {"Ohio": 195}), {2024: {195: "Ohio", 2: "Auburn"}})
    assert verdict.passed
