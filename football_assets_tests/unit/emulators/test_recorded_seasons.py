"""Recorded seasons: whole when they are over, and free of the future at any instant before."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from football_assets.emulators.college_football_knowledge import elo_ratings, instant, team_records
from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.errors import ConfigError, StorageError
from football_assets.states import Source

SATURDAY_NOON = datetime(2024, 10, 12, 12, tzinfo=UTC)
IOWA, OHIO, YALE = (1, "Iowa", "Big Ten", "fbs"), (2, "Ohio", "MAC", "fbs"), (3, "Yale", "Ivy", "fcs")


def a_game(game_id: int, start: str, home: tuple, away: tuple, points: tuple[int, int], **changes: Any) -> dict:
    row: dict[str, Any] = {"id": game_id, "season": 2024, "week": 1, "seasonType": "regular", "startDate": start}
    row |= {"startTimeTBD": False, "completed": True, "neutralSite": False, "conferenceGame": False}
    row |= {"attendance": 100, "excitementIndex": 5.5, "highlights": "film", "notes": None}
    for side, team, scored, chance in zip(("home", "away"), (home, away), points, (0.75, 0.25), strict=True):
        values = {"Id": team[0], "Team": team[1], "Conference": team[2], "Classification": team[3], "Points": scored}
        values |= {"LineScores": [scored, 0, 0, 0], "PostgameWinProbability": chance}
        values |= {"PregameElo": 1500, "PostgameElo": 1500 + scored} if team[3] == "fbs" else {}
        empty = {"PregameElo": None, "PostgameElo": None}
        row |= {f"{side}{field}": value for field, value in (empty | values).items()}
    return row | changes


GAMES = [
    a_game(11, "2024-09-07T16:00:00.000Z", IOWA, OHIO, (21, 14)),
    a_game(12, "2024-09-14T16:00:00.000Z", OHIO, YALE, (7, 7), week=2),
    a_game(13, "2024-09-18T16:00:00.000Z", OHIO, IOWA, (3, 30), week=3, neutralSite=True),
    a_game(14, "2024-12-28T16:00:00.000Z", IOWA, OHIO, (10, 13), seasonType="postseason", notes="A Bowl"),
]


def write(folder: Path, endpoint: str, rows: list[dict], name: str = "2024") -> None:
    file = folder / "cfbd" / endpoint.replace("/", "_") / f"{name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), file)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "games", GAMES)
    return tmp_path


@pytest.fixture(scope="module")
def recorded() -> RecordedSeasons:
    root = os.environ.get("FOOTBALL_RECORDINGS")
    if not root:
        pytest.skip("FOOTBALL_RECORDINGS names no folder of recordings")
    return RecordedSeasons(Path(root))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def by_id(rows: list[dict], key: str = "id") -> dict[int, dict]:
    return {row[key]: row for row in rows}


def test_the_folder_may_hold_the_layout_or_be_it(folder: Path) -> None:
    for root in (folder, folder / "cfbd"):
        source = RecordedSeasons(root)
        assert (source.label, source.seasons()) == (Source.RECORDED, [2024])
        assert source.default_at == utc("2025-01-27T16:00")


def test_a_folder_without_games_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="recordings"):
        RecordedSeasons(tmp_path)


def test_a_broken_file_is_an_error_not_an_empty_season(folder: Path) -> None:
    write(folder, "talent", [{"year": 2024, "team": "Iowa", "talent": 700.0}])
    (folder / "cfbd/talent/2024.parquet").write_bytes(b"not parquet")
    with pytest.raises(StorageError, match=r"talent.2024\.parquet"):
        RecordedSeasons(folder).rows("talent", 2024, utc("2025-03-01"))


def test_what_is_not_recorded_is_an_empty_list(folder: Path) -> None:
    source = RecordedSeasons(folder)
    assert source.rows("lines", 2024, source.default_at) == []
    assert source.rows("games", 1901, source.default_at) == []
    assert source.rows("venues", None, source.default_at) == []


def test_a_game_that_is_not_over_shows_no_result(folder: Path) -> None:
    source = RecordedSeasons(folder)
    before = by_id(source.rows("games", 2024, utc("2024-09-07T19:59:59")))[11]
    hidden = {
        "homePoints", "awayPoints", "homeLineScores", "awayLineScores", "homePostgameWinProbability",
        "awayPostgameWinProbability", "homePostgameElo", "awayPostgameElo", "excitementIndex", "attendance",
        "highlights",
    }  # fmt: skip
    assert before["completed"] is False
    assert {name for name in hidden if before[name] is not None} == set()
    unhidden = {name for name in GAMES[0] if name not in hidden | {"completed"}}
    assert {name: before[name] for name in unhidden} == {name: GAMES[0][name] for name in unhidden}
    assert by_id(source.rows("games", 2024, utc("2024-09-07T20:00")))[11] == {"playoff": None} | GAMES[0]


def test_a_game_known_by_its_day_alone_ends_after_that_day(tmp_path: Path) -> None:
    write(tmp_path, "games", [a_game(1, "2024-09-07T04:00:00.000Z", IOWA, OHIO, (1, 0), startTimeTBD=True), GAMES[1]])
    source = RecordedSeasons(tmp_path)
    assert by_id(source.rows("games", 2024, utc("2024-09-08T07:59")))[1]["homePoints"] is None
    assert by_id(source.rows("games", 2024, utc("2024-09-08T08:00")))[1]["homePoints"] == 1


def test_a_pregame_elo_shows_only_for_a_teams_next_game_within_a_week(folder: Path) -> None:
    source = RecordedSeasons(folder)
    ohio_still_plays = by_id(source.rows("games", 2024, utc("2024-09-14T17:00")))[13]
    assert (ohio_still_plays["homePregameElo"], ohio_still_plays["awayPregameElo"]) == (None, 1500)
    assert by_id(source.rows("games", 2024, utc("2024-09-14T21:00")))[13]["homePregameElo"] == 1500
    assert by_id(source.rows("games", 2024, utc("2024-09-10T21:00")))[13]["awayPregameElo"] is None


def test_a_bowl_is_listed_when_both_sides_have_finished_what_they_play_before(folder: Path) -> None:
    source = RecordedSeasons(folder)
    assert 14 not in by_id(source.rows("games", 2024, utc("2024-09-18T19:59")))
    assert 14 in by_id(source.rows("games", 2024, utc("2024-09-18T20:00")))


def test_a_season_is_unknown_before_its_schedule_is_published(folder: Path) -> None:
    source = RecordedSeasons(folder)
    assert source.rows("games", 2024, utc("2024-01-31T23:59")) == []
    assert len(source.rows("games", 2024, utc("2024-02-01"))) == 3


def test_a_box_score_appears_with_the_final_whistle(folder: Path) -> None:
    write(folder, "games/teams", [{"id": 11, "teams": [{"team": "Iowa"}]}, {"id": 12, "teams": [{"team": "Ohio"}]}])
    source = RecordedSeasons(folder)
    assert [box["id"] for box in source.rows("games/teams", 2024, utc("2024-09-14T19:59"))] == [11]
    assert [box["id"] for box in source.rows("games/teams", 2024, utc("2024-09-14T20:00"))] == [11, 12]


def a_line(provider: str, spread_open: float | None, total_open: float | None) -> dict:
    values = {"spread": -3.0, "formattedSpread": "Ohio -3", "spreadOpen": spread_open, "overUnder": 40.0}
    return {"provider": provider} | values | {"overUnderOpen": total_open, "homeMoneyline": -150, "awayMoneyline": 130}


@pytest.fixture
def lines(folder: Path) -> RecordedSeasons:
    offers = [a_line("Opener", 2.5, None), a_line("Total", None, 44.5), a_line("Silent", None, None)]
    game = {"homeTeam": "Ohio", "awayTeam": "Iowa", "homeClassification": "fbs", "awayClassification": "fbs"}
    write(folder, "lines", [{"id": 13, **game, "homeScore": 3, "awayScore": 30, "lines": offers}])
    return RecordedSeasons(folder)


def test_before_kickoff_a_line_is_its_opening_value(lines: RecordedSeasons) -> None:
    row = lines.rows("lines", 2024, utc("2024-09-18T15:59"))[0]
    opener, total = row["lines"]
    assert (row["homeScore"], row["awayScore"]) == (None, None)
    assert (opener["spread"], opener["formattedSpread"], opener["overUnder"]) == (2.5, "Iowa -2.5", None)
    assert (total["spread"], total["formattedSpread"], total["overUnder"]) == (None, None, 44.5)
    assert {line["homeMoneyline"] for line in row["lines"]} == {None}


def test_lines_open_a_week_ahead_close_at_kickoff_and_learn_the_score_at_the_end(lines: RecordedSeasons) -> None:
    assert lines.rows("lines", 2024, utc("2024-09-11T15:59"))[0]["lines"] == []
    playing = lines.rows("lines", 2024, utc("2024-09-18T16:00"))[0]
    assert [line["provider"] for line in playing["lines"]] == ["Opener", "Total", "Silent"]
    assert (playing["lines"][0]["spread"], playing["homeScore"]) == (-3.0, None)
    assert lines.rows("lines", 2024, utc("2024-09-18T20:00"))[0]["homeScore"] == 3


def test_records_of_a_running_season_count_the_games_over_by_then(folder: Path) -> None:
    write(folder, "records", [{"year": 2024, "teamId": 1, "team": "Iowa", "expectedWins": 9.9}])
    source = RecordedSeasons(folder)
    iowa, ohio = source.rows("records", 2024, utc("2024-09-19"))
    assert iowa["total"] == {"games": 2, "wins": 2, "losses": 0, "ties": 0}
    assert iowa["neutralSiteGames"]["games"] == iowa["homeGames"]["games"] == 1
    assert iowa["expectedWins"] == 1.0
    assert ohio["total"] == {"games": 3, "wins": 0, "losses": 2, "ties": 1}
    assert source.rows("records", 2024, utc("2025-02-01"))[0]["expectedWins"] == 9.9


def test_an_expected_win_sum_with_an_unknown_part_is_unknown() -> None:
    games = [GAMES[0], GAMES[2] | {"awayPostgameWinProbability": None}]
    assert {row["team"]: row["expectedWins"] for row in team_records(games)} == {"Iowa": None, "Ohio": 1.0}


def test_elo_is_that_of_the_last_completed_game() -> None:
    assert {row["team"]: row["elo"] for row in elo_ratings(GAMES)} == {"Iowa": 1510, "Ohio": 1513}
    assert {row["team"]: row["elo"] for row in elo_ratings(GAMES, last_week=2, regular_only=True)} == {
        "Iowa": 1521,
        "Ohio": 1507,
    }


def test_numbers_made_of_a_whole_season_are_absent_while_it_runs(folder: Path) -> None:
    for endpoint in ("ratings/sp", "ratings/fpi", "ratings/srs", "stats/season", "ppa/teams", "wepa/team/season"):
        write(folder, endpoint, [{"year": 2024, "team": "Iowa", "value": 1.5}])
    source = RecordedSeasons(folder)
    for endpoint in ("ratings/sp", "ratings/fpi", "ratings/srs", "stats/season", "ppa/teams", "wepa/team/season"):
        assert source.rows(endpoint, 2024, utc("2025-01-31T23:59")) == []
        assert len(source.rows(endpoint, 2024, utc("2025-02-01"))) == 1


def test_preseason_numbers_are_known_from_august(folder: Path) -> None:
    write(folder, "talent", [{"year": 2024, "team": "Iowa", "talent": float("nan")}])
    source = RecordedSeasons(folder)
    assert source.rows("talent", 2024, utc("2024-07-31T23:59")) == []
    assert source.rows("talent", 2024, utc("2024-08-01")) == [{"year": 2024, "team": "Iowa", "talent": None}]


def test_a_poll_shows_once_its_week_has_begun_and_the_last_one_after_the_last_game(folder: Path) -> None:
    polls = [{"poll": "AP Top 25", "ranks": [{"rank": 1, "school": "Iowa"}]}]
    weeks = [("regular", 1), ("regular", 2), ("postseason", 1)]
    rows = [{"season": 2024, "seasonType": kind, "week": week, "polls": polls} for kind, week in weeks]
    write(folder, "rankings", rows)
    source = RecordedSeasons(folder)

    def shown(at: str) -> list[tuple[str, int]]:
        return [(row["seasonType"], row["week"]) for row in source.rows("rankings", 2024, utc(at))]

    assert shown("2024-09-07T15:59") == []
    assert shown("2024-09-07T16:00") == weeks[:1]
    assert shown("2024-12-28T19:59") == weeks[:2]
    assert shown("2024-12-28T20:00") == weeks
    assert source.rows("rankings", 2024, source.default_at)[0]["polls"][0]["isFinal"] is None


def test_a_transfer_shows_from_its_date_and_its_destination_from_august(folder: Path) -> None:
    entry = {"season": 2024, "lastName": "Hall", "destination": "Iowa", "eligibility": "Immediate"}
    write(folder, "player/portal", [entry | {"transferDate": "2024-04-20T10:00:00.000Z"}])
    source = RecordedSeasons(folder)
    assert source.rows("player/portal", 2024, utc("2024-04-20T09:59")) == []
    assert source.rows("player/portal", 2024, utc("2024-04-20T10:00"))[0]["destination"] is None
    assert source.rows("player/portal", 2024, utc("2024-08-01"))[0]["destination"] == "Iowa"


def test_answers_are_the_same_objects_until_something_changes(folder: Path) -> None:
    source = RecordedSeasons(folder)
    early, late, changed = utc("2024-09-07T12:00"), utc("2024-09-07T15:59"), utc("2024-09-07T16:00")
    assert source.rows("games", 2024, early) is source.rows("games", 2024, late)
    assert source.changed_at(2024, early) == source.changed_at(2024, late) == source.changed_at(None, late)
    assert source.changed_at(2024, changed) == changed


def test_every_change_of_the_rows_comes_with_a_change_of_the_stamp(folder: Path) -> None:
    source, at = RecordedSeasons(folder), utc("2024-01-30")
    seen: dict[datetime, list[dict]] = {}
    while at < utc("2025-02-03"):
        fresh = RecordedSeasons(folder).rows("games", 2024, at)
        assert seen.setdefault(source.changed_at(2024, at), fresh) == fresh
        at += timedelta(hours=5)
    assert len(seen) > 10


def test_only_so_many_seasons_stay_in_memory(folder: Path) -> None:
    write(folder, "games", [row | {"season": 2023} for row in GAMES], name="2023")
    source = RecordedSeasons(folder, keep=1)
    at = utc("2025-03-01")
    kept = source.rows("games", 2024, at)
    assert source.rows("games", 2024, at) is kept
    source.rows("games", 2023, at)
    assert source.rows("games", 2024, at) is not kept
    assert source.rows("games", 2024, at) == kept


@pytest.mark.parametrize("endpoint", ["games", "lines", "games/teams", "ratings/sp", "records", "ppa/games", "talent"])
def test_a_finished_season_is_the_recording_field_by_field(recorded: RecordedSeasons, endpoint: str) -> None:
    folder = Path(os.environ["FOOTBALL_RECORDINGS"]) / "cfbd"
    written = pq.read_table(folder / endpoint.replace("/", "_") / "2023.parquet").to_pylist()
    rows = recorded.rows(endpoint, 2023, recorded.default_at)
    lacking = {"playoff": None} if endpoint == "games" else {}
    assert rows == [lacking | row for row in written]
    types = [{name: type(value) for name, value in row.items()} for row in rows]
    assert types == [{name: type(value) for name, value in (lacking | row).items()} for row in written]


def test_nothing_later_than_a_saturday_noon_shows(recorded: RecordedSeasons) -> None:
    games = by_id(recorded.rows("games", 2024, SATURDAY_NOON))
    late = [game for game in games.values() if instant(game["startDate"]) + timedelta(hours=4) > SATURDAY_NOON]
    assert len(late) > 1000
    assert {game["completed"] for game in late} == {False}
    assert {game["homePoints"] for game in late} == {None}
    late_ids = {game["id"] for game in late}
    for endpoint, key in (("games/teams", "id"), ("ppa/games", "gameId")):
        shown = {row[key] for row in recorded.rows(endpoint, 2024, SATURDAY_NOON)}
        assert shown <= set(games) - late_ids
        assert len(shown) > 300
    assert recorded.rows("stats/season", 2024, SATURDAY_NOON) == []


def test_next_weeks_line_is_the_opening_one(recorded: RecordedSeasons) -> None:
    closing = by_id(recorded.rows("lines", 2024, recorded.default_at))
    opening = by_id(recorded.rows("lines", 2024, SATURDAY_NOON))
    coming = [row for row in opening.values() if row["lines"] and instant(row["startDate"]) > SATURDAY_NOON]
    assert coming
    moved = 0
    for row in coming:
        assert instant(row["startDate"]) <= SATURDAY_NOON + timedelta(days=7)
        recorded_lines = {line["provider"]: line for line in closing[row["id"]]["lines"]}
        for line in row["lines"]:
            close = recorded_lines[line["provider"]]
            assert (line["spread"], line["overUnder"]) == (close["spreadOpen"], close["overUnderOpen"])
            moved += line["spread"] != close["spread"]
    assert moved


@pytest.mark.parametrize("season", [2010, 2019, 2024])
def test_records_and_elo_recomputed_at_the_end_equal_the_recorded_ones(recorded: RecordedSeasons, season: int) -> None:
    at = recorded.default_at
    games = recorded.rows("games", season, at)
    computed = by_id(team_records(games), "teamId")
    for row in recorded.rows("records", season, at):
        assert computed[row["teamId"]] == row | {"expectedWins": pytest.approx(row["expectedWins"])}
    ratings = {row["team"]: row["elo"] for row in recorded.rows("ratings/elo", season, at)}
    assert {row["team"]: row["elo"] for row in elo_ratings(games)} == ratings
