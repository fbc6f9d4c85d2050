"""Simulated seasons as a source: repeatable, free of the future, in the provider's shapes."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import time_machine

from football_assets.emulators.simulation.college import SimulatedSeasons
from football_assets.emulators.simulation.college_schedule import eastern, saturday
from football_assets.emulators.simulation.college_season import GAME_LENGTH
from football_assets.emulators.simulation.college_world import fbs_colleges
from football_assets.states import Source

SEASON = 2022
LATER = datetime(SEASON + 1, 3, 1, tzinfo=UTC)
ENDPOINTS = (
    "games",
    "lines",
    "games/teams",
    "games/players",
    "ppa/games",
    "stats/game/advanced",
    "records",
    "calendar",
    "rankings",
    "ratings/elo",
    "ratings/sp",
    "talent",
    "recruiting/teams",
    "player/returning",
    "roster",
    "teams",
    "teams/fbs",
    "conferences",
    "venues",
)
UNKNOWN_BEFORE_THE_END = (
    "attendance",
    "homePoints",
    "awayPoints",
    "homeLineScores",
    "awayLineScores",
    "homePostgameWinProbability",
    "awayPostgameWinProbability",
    "homePostgameElo",
    "awayPostgameElo",
    "excitementIndex",
)


@pytest.fixture(scope="module")
def world() -> SimulatedSeasons:
    return SimulatedSeasons(77, through=SEASON)


def start_of(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["startDate"])


def by_id(rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def test_it_names_its_seasons_and_its_world(world):
    assert world.label is Source.SIMULATED
    assert world.seasons() == list(range(SEASON - 9, SEASON + 1))
    assert SimulatedSeasons(1, through=2024, first=2023).seasons() == [2023, 2024]
    with pytest.raises(ValueError, match="first 2025 is after through 2024"):
        SimulatedSeasons(1, through=2024, first=2025)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2022-10-11T18:00:00Z", datetime(2022, 10, 11, 18, tzinfo=UTC)),
        ("2022-09-05T00:00:00Z", datetime(2022, 9, 5, tzinfo=UTC)),
        ("2022-12-01T00:00:00Z", datetime(2022, 11, 15, 12, tzinfo=UTC)),
        ("2023-10-11T18:00:00Z", datetime(2022, 11, 15, 12, tzinfo=UTC)),
        ("2022-06-01T00:00:00Z", datetime(2022, 11, 15, 12, tzinfo=UTC)),
    ],
)
def test_the_default_instant_is_now_while_the_last_season_runs(world, now, expected):
    with time_machine.travel(now, tick=False):
        assert world.default_at == expected


def test_at_the_default_instant_there_are_results_and_a_coming_week_with_lines(world):
    at = datetime(SEASON, 11, 15, 12, tzinfo=UTC)
    lines = by_id(world.rows("lines", SEASON, at))
    games = world.rows("games", SEASON, at)
    assert sum(game["completed"] for game in games) > 250
    coming = [game for game in games if at < start_of(game) < at + timedelta(days=5)]
    assert len(coming) > 15
    assert all(lines[game["id"]]["lines"] for game in coming if game["awayClassification"] == "fbs")


def test_two_worlds_of_one_seed_are_the_same_whatever_is_asked_first():
    one, other = (SimulatedSeasons(5, through=2021, first=first) for first in (2020, 2019))
    at = datetime(2021, 9, 28, 20, tzinfo=UTC)
    forward = {endpoint: one.rows(endpoint, 2021, at) for endpoint in ENDPOINTS}
    other.rows("rankings", 2020, at)
    backward = {endpoint: other.rows(endpoint, 2021, at) for endpoint in reversed(ENDPOINTS)}
    assert all(forward.values())
    assert forward == backward


def test_a_season_does_not_depend_on_the_window_it_is_seen_in():
    narrow = SimulatedSeasons(6, through=2021, first=2021)
    wide = SimulatedSeasons(6, through=2026, first=2015)
    for endpoint in ("games", "lines", "records", "ratings/elo", "player/returning"):
        assert narrow.rows(endpoint, 2021, LATER) == wide.rows(endpoint, 2021, LATER)


def test_a_box_score_is_the_same_after_it_was_forgotten(world, monkeypatch):
    at = datetime(SEASON, 9, 20, tzinfo=UTC)
    first = world.rows("games/players", SEASON, at)
    monkeypatch.setattr("football_assets.emulators.simulation.college.SEASONS_OF_BOXES", 0)
    world.rows("games/teams", SEASON, at)
    again = world.rows("games/players", SEASON, at)
    assert again == first and again[0] is not first[0]


def test_seeds_give_different_worlds(world):
    other = SimulatedSeasons(78, through=SEASON)
    points = [
        [(g["homePoints"], g["awayPoints"]) for g in source.rows("games", SEASON, LATER)] for source in (world, other)
    ]
    assert points[0] != points[1]


def test_the_season_has_titles_bowls_and_a_playoff(world):
    games = world.rows("games", SEASON, LATER)
    assert 420 <= len(games) <= 440
    assert all(game["completed"] for game in games)
    notes = [game["notes"] for game in games if game["notes"]]
    assert sum(note.endswith(" Championship") and "Playoff" not in note for note in notes) == 5
    post = [game for game in games if game["seasonType"] == "postseason"]
    assert 13 <= len(post) <= 19 and all(game["week"] == 1 and game["neutralSite"] for game in post)
    rounds = Counter(game["playoff"]["round"] for game in games if game["playoff"])
    assert rounds == {"semifinal": 2, "final": 1}


def test_the_final_is_played_by_the_winners_of_the_semifinals(world):
    games = [game for game in world.rows("games", SEASON, LATER) if game["playoff"]]
    winners = {
        game["homeTeam"] if game["homePoints"] > game["awayPoints"] else game["awayTeam"]
        for game in games
        if game["playoff"]["round"] == "semifinal"
    }
    final = next(game for game in games if game["playoff"]["round"] == "final")
    assert {final["homeTeam"], final["awayTeam"]} == winners
    assert start_of(final) == max(start_of(game) for game in world.rows("games", SEASON, LATER))


def test_bowl_teams_have_won_six_games(world):
    wins = {row["team"]: row["regularSeason"]["wins"] for row in world.rows("records", SEASON, LATER)}
    for game in world.rows("games", SEASON, LATER):
        if game["seasonType"] == "postseason":
            assert min(wins[game["homeTeam"]], wins[game["awayTeam"]]) >= 6


def test_no_team_plays_twice_within_four_days(world):
    kickoffs: dict[str, list[datetime]] = {}
    for game in sorted(world.rows("games", SEASON, LATER), key=start_of):
        for team in (game["homeTeam"], game["awayTeam"]):
            kickoffs.setdefault(team, []).append(start_of(game))
    gaps = [b - a for times in kickoffs.values() for a, b in pairwise(times)]
    assert min(gaps) > timedelta(days=4)


def test_results_show_three_point_six_hours_after_kickoff_and_not_before(world):
    kickoffs = {row["id"]: start_of(row) for row in world.rows("games", SEASON, LATER)}
    running = 0
    for at in moments():
        rows = world.rows("games", SEASON, at)
        assert rows
        for row in rows:
            over = kickoffs[row["id"]] + GAME_LENGTH <= at
            assert row["completed"] == over
            running += kickoffs[row["id"]] <= at and not over
            for field in UNKNOWN_BEFORE_THE_END:
                fcs = field.endswith("Elo") and row[field[:4] + "Classification"] == "fcs"
                assert (row[field] is not None) == (over and not fcs)
    assert running > 50


def moments() -> list[datetime]:
    """Instants all over the season, half of them in the middle of a Saturday's games."""
    first = datetime(SEASON, 8, 5, 18, tzinfo=UTC)
    any_day = [first + timedelta(days=22 * step, hours=3 * step) for step in range(8)]
    saturdays = [eastern(saturday(SEASON, week), 17.25) for week in (1, 3, 6, 9, 12, 14, 15)]
    return sorted(any_day + saturdays)


def test_what_is_known_of_a_game_never_changes_but_for_the_hour_and_what_was_unknown(world):
    earlier: dict[int, dict[str, Any]] = {}
    for at in moments():
        now = by_id(world.rows("games", SEASON, at))
        for game_id, row in earlier.items():
            for field, value in row.items():
                if value is not None and field not in ("startDate", "startTimeTBD", "completed"):
                    assert now[game_id][field] == value, field
        earlier = now


def test_boxes_and_efficiency_exist_exactly_for_finished_games(world):
    for at in moments():
        finished = {row["id"] for row in world.rows("games", SEASON, at) if row["completed"]}
        assert {row["id"] for row in world.rows("games/teams", SEASON, at)} == finished
        assert {row["id"] for row in world.rows("games/players", SEASON, at)} == finished
        assert {row["gameId"] for row in world.rows("ppa/games", SEASON, at)} == finished
        assert {row["gameId"] for row in world.rows("stats/game/advanced", SEASON, at)} == finished


def test_pregame_elo_is_the_rating_after_the_last_game_and_shows_when_that_is_over(world):
    last: dict[str, int] = {}
    for row in sorted(world.rows("games", SEASON, LATER), key=start_of):
        for side in ("home", "away"):
            if row[f"{side}Classification"] == "fbs":
                team = row[f"{side}Team"]
                assert row[f"{side}PregameElo"] == last.get(team, row[f"{side}PregameElo"])
                last[team] = row[f"{side}PostgameElo"]
    assert {row["team"]: row["elo"] for row in world.rows("ratings/elo", SEASON, LATER)} == last
    at = datetime(SEASON, 10, 15, tzinfo=UTC)
    coming = sorted((row for row in world.rows("games", SEASON, at) if not row["completed"]), key=start_of)
    waiting: set[str] = set()
    for row in coming:
        for side in ("home", "away"):
            if row[f"{side}Classification"] == "fbs":
                assert (row[f"{side}PregameElo"] is None) == (row[f"{side}Team"] in waiting)
            waiting.add(row[f"{side}Team"])


def test_elo_carries_over_to_the_next_season(world):
    ends = {row["team"]: row["elo"] for row in world.rows("ratings/elo", SEASON - 1, LATER)}
    seen: set[str] = set()
    for row in sorted(world.rows("games", SEASON, LATER), key=start_of):
        for side in ("home", "away"):
            team = row[f"{side}Team"]
            if team in ends and team not in seen:
                assert row[f"{side}PregameElo"] == pytest.approx(1500 + 0.75 * (ends[team] - 1500), abs=1)
                seen.add(team)
    assert len(seen) == 64


def test_games_that_hang_on_results_are_absent_until_those_are_in(world):
    rows = world.rows("games", SEASON, LATER)
    regular = max(start_of(row) for row in rows if row["week"] <= 14 and row["seasonType"] == "regular")
    titles = [row for row in rows if row["notes"] and row["notes"].endswith("Championship") and row["week"] == 15]
    before = by_id(world.rows("games", SEASON, regular + GAME_LENGTH - timedelta(minutes=1)))
    assert len(titles) == 5 and not any(row["id"] in before for row in titles)
    title = max(start_of(row) for row in titles)
    before = world.rows("games", SEASON, title + GAME_LENGTH - timedelta(minutes=1))
    assert not any(row["seasonType"] == "postseason" for row in before)
    semifinal = max(start_of(r) for r in rows if r["playoff"] and r["playoff"]["round"] == "semifinal")
    before = world.rows("games", SEASON, semifinal + GAME_LENGTH - timedelta(minutes=1))
    assert not any(row["playoff"] and row["playoff"]["round"] == "final" for row in before)


def test_nothing_is_known_of_a_season_long_before_it(world):
    at = datetime(SEASON - 1, 11, 1, tzinfo=UTC)
    for endpoint in ENDPOINTS[:15]:
        assert world.rows(endpoint, SEASON, at) == []


def test_hours_of_far_saturdays_are_not_yet_set(world):
    at = datetime(SEASON, 10, 1, tzinfo=UTC)
    final = {row["id"]: start_of(row) for row in world.rows("games", SEASON, LATER)}
    unset = [row for row in world.rows("games", SEASON, at) if row["startTimeTBD"]]
    assert unset
    for row in unset:
        assert final[row["id"]] - at > timedelta(days=12)
        assert timedelta(0) < final[row["id"]] - start_of(row) < timedelta(days=1)
    assert not any(row["startTimeTBD"] for row in world.rows("games", SEASON, LATER))


def test_lines_open_in_the_last_eight_days_and_scores_come_with_the_result(world):
    at = datetime(SEASON, 10, 15, 12, tzinfo=UTC)
    games = by_id(world.rows("games", SEASON, at))
    for row in world.rows("lines", SEASON, at):
        game = games[row["id"]]
        assert (row["homeScore"], row["awayScore"]) == (game["homePoints"], game["awayPoints"])
        if start_of(row) > at + timedelta(days=8):
            assert row["lines"] == []
        elif start_of(row) < at + timedelta(days=6) and row["awayClassification"] == "fbs":
            assert len(row["lines"]) >= 2


def test_records_are_those_of_the_finished_games_and_wins_equal_losses(world):
    for at in (datetime(SEASON, 10, 15, tzinfo=UTC), LATER):
        rows = {row["team"]: row for row in world.rows("records", SEASON, at)}
        assert sum(row["total"]["wins"] for row in rows.values()) == sum(
            row["total"]["losses"] for row in rows.values()
        )
        won: Counter[str] = Counter()
        played: Counter[str] = Counter()
        for game in world.rows("games", SEASON, at):
            if game["completed"]:
                played.update((game["homeTeam"], game["awayTeam"]))
                won[game["homeTeam"] if game["homePoints"] > game["awayPoints"] else game["awayTeam"]] += 1
        assert {team: row["total"]["games"] for team, row in rows.items()} == dict(played)
        assert all(row["total"]["wins"] == won[team] for team, row in rows.items())
        for row in rows.values():
            sites = sum(row[name]["games"] for name in ("homeGames", "awayGames", "neutralSiteGames"))
            types = row["regularSeason"]["games"] + row["postseason"]["games"]
            assert sites == types == row["total"]["games"]


def test_sp_ratings_use_only_finished_games_and_find_the_better_teams(world):
    from statistics import correlation

    assert world.rows("ratings/sp", SEASON, datetime(SEASON, 8, 1, tzinfo=UTC)) == []
    rows = world.rows("ratings/sp", SEASON, LATER)
    teams = [row for row in rows if row["team"] != "nationalAverages"]
    assert len(rows) == 65 and len(teams) == 64
    average = next(row for row in rows if row["team"] == "nationalAverages")
    assert average["rating"] == 0 and average["offense"]["rating"] == pytest.approx(26.5, abs=2.5)
    assert sorted(row["ranking"] for row in teams) == list(range(1, 65))
    assert max(teams, key=lambda row: row["rating"])["rating"] == teams[0]["rating"]
    assert all(
        row["offense"]["rating"] - row["defense"]["rating"] == pytest.approx(row["rating"], abs=0.11) for row in teams
    )
    elo = {row["team"]: row["elo"] for row in world.rows("ratings/elo", SEASON, LATER)}
    assert correlation([row["rating"] for row in teams], [elo[row["team"]] for row in teams]) > 0.8
    early = world.rows("ratings/sp", SEASON, datetime(SEASON, 9, 20, tzinfo=UTC))
    assert early and early != rows


def test_polls_come_out_week_by_week_and_rank_twenty_five_teams(world):
    at = datetime(SEASON, 11, 15, 12, tzinfo=UTC)
    rows = world.rows("rankings", SEASON, at)
    assert [row["week"] for row in rows] == list(range(1, len(rows) + 1))
    everything = world.rows("rankings", SEASON, LATER)
    assert everything[: len(rows) - 1] == rows[:-1]
    newest = everything[len(rows) - 1]["polls"]  # the committee's may still be to come
    assert newest[: len(rows[-1]["polls"])] == rows[-1]["polls"]
    assert everything[-1]["seasonType"] == "postseason"
    for row in everything:
        assert {"AP Top 25", "Coaches Poll"} <= {poll["poll"] for poll in row["polls"]}
        for poll in row["polls"]:
            assert sorted(rank["rank"] for rank in poll["ranks"]) == list(range(1, 26))
            points = [rank["points"] for rank in sorted(poll["ranks"], key=lambda rank: rank["rank"])]
            assert points == sorted(points, reverse=True)


def test_the_committee_chooses_the_playoff(world):
    final = next(row for row in world.rows("rankings", SEASON, LATER) if row["week"] == 16)
    committee = next(poll for poll in final["polls"] if poll["poll"] == "Playoff Committee Rankings")
    assert committee["isFinal"] is True
    four = {rank["school"] for rank in committee["ranks"] if rank["rank"] <= 4}
    semifinals = [
        game
        for game in world.rows("games", SEASON, LATER)
        if game["playoff"] and game["playoff"]["round"] == "semifinal"
    ]
    assert {game[side] for game in semifinals for side in ("homeTeam", "awayTeam")} == four


def test_the_calendar_holds_every_game(world):
    weeks = {(row["seasonType"], row["week"]): row for row in world.rows("calendar", SEASON, LATER)}
    assert set(weeks) == {("regular", week) for week in range(1, 16)} | {("postseason", 1)}
    for game in world.rows("games", SEASON, LATER):
        week = weeks[game["seasonType"], game["week"]]
        assert week["startDate"] <= game["startDate"] <= week["endDate"]


def test_players_of_the_box_are_on_the_roster(world):
    roster = {
        row["id"]: (row["team"], f"{row['firstName']} {row['lastName']}") for row in world.rows("roster", SEASON, LATER)
    }
    for game in world.rows("games/players", SEASON, LATER)[::20]:
        for team in game["teams"]:
            for category in team["categories"]:
                for kind in category["types"]:
                    for athlete in kind["athletes"]:
                        assert roster[athlete["id"]] == (team["team"], athlete["name"])


def test_boxes_agree_with_the_games(world):
    games = by_id(world.rows("games", SEASON, LATER))
    for endpoint in ("games/teams", "games/players"):
        for row in world.rows(endpoint, SEASON, LATER):
            game = games[row["id"]]
            for team in row["teams"]:
                side = team["homeAway"]
                assert (team["team"], team["points"]) == (game[f"{side}Team"], game[f"{side}Points"])


def test_postgame_chances_sum_to_one_and_mostly_name_the_winner(world):
    games = world.rows("games", SEASON, LATER)
    for game in games:
        assert game["homePostgameWinProbability"] + game["awayPostgameWinProbability"] == pytest.approx(1)
    right = sum(
        (game["homePostgameWinProbability"] > 0.5) == (game["homePoints"] > game["awayPoints"]) for game in games
    )
    assert 0.8 < right / len(games) < 0.97


def test_elo_is_null_for_lower_divisions_only(world):
    for game in world.rows("games", SEASON, LATER):
        for side in ("home", "away"):
            assert (game[f"{side}PregameElo"] is None) == (game[f"{side}Classification"] == "fcs")


def test_efficiency_of_one_side_is_what_the_other_allowed(world):
    rows = {(row["gameId"], row["team"]): row for row in world.rows("ppa/games", SEASON, LATER)}
    for (game_id, _), row in rows.items():
        other = rows.get((game_id, row["opponent"]))
        if other is not None:
            assert row["offense"] == other["defense"]


def test_endpoints_that_are_not_simulated_and_seasons_out_of_the_window_are_empty(world):
    assert world.rows("games/weather", SEASON, LATER) == []
    assert world.rows("games", SEASON + 1, LATER + timedelta(days=700)) == []
    assert world.rows("games", 2001, LATER) == []


def test_no_season_named_means_all_of_them():
    small = SimulatedSeasons(3, through=2021, first=2020)
    assert {row["season"] for row in small.rows("games", None, LATER)} == {2020, 2021}
    assert len(small.rows("teams/fbs", None, LATER)) == len(fbs_colleges())
