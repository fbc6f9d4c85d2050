"""Laws every simulated game obeys: possessions, scores, box score and player lines agree."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from statistics import fmean

import pytest

from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.emulators.simulation.college_box import INTERCEPTED, SACK, Sheet, Squad, write_box
from football_assets.emulators.simulation.college_game import GameResult, Matchup, play_game
from football_assets.emulators.simulation.college_stats import (
    LEFT_OUT_AT_ZERO,
    advanced_splits,
    player_categories,
    ppa_splits,
    team_stats,
)
from football_assets.emulators.simulation.college_teams import Teams
from football_assets.emulators.simulation.college_world import dice, fbs_colleges

GAMES = 400
Box = tuple[GameResult, tuple[Sheet, Sheet], tuple[Squad, Squad]]


@pytest.fixture(scope="module")
def boxes() -> list[Box]:
    """A season's worth of games between all kinds of teams."""
    teams = Teams(21)
    strengths = teams.strengths(2026)
    squads = {c.team_id: Squad(teams.roster(c, 2026), strengths[c.team_id].pass_lean) for c in fbs_colleges()}
    played: list[Box] = []
    for number in range(GAMES):
        home, away = Random(number).sample(fbs_colleges(), 2)
        ours, theirs = strengths[home.team_id], strengths[away.team_id]
        advantage = (ours.offense - theirs.defense + 1.25, theirs.offense - ours.defense - 1.25)
        game = play_game(dice("game", number), Matchup(advantage, 0.0, (ours.kicker, theirs.kicker), 0.2))
        pair = (squads[home.team_id], squads[away.team_id])
        played.append((game, write_box(dice("box", number), game, pair), pair))
    return played


def sides(boxes: list[Box]):
    """(sheet, opponent's sheet, stats, opponent's stats, player categories) of every side of every game."""
    for _, sheets, squads in boxes:
        stats = [
            {row["category"]: row["stat"] for row in team_stats(sheets[side], sheets[1 - side])} for side in (0, 1)
        ]
        for side in (0, 1):
            players = {
                category["name"]: {
                    kind["name"]: {athlete["id"]: athlete["stat"] for athlete in kind["athletes"]}
                    for kind in category["types"]
                }
                for category in player_categories(sheets[side], squads[side].names)
            }
            yield sheets[side], sheets[1 - side], stats[side], stats[1 - side], players


def total(players: dict, category: str, kind: str) -> float:
    return sum(float(stat) for stat in players.get(category, {}).get(kind, {}).values())


def made_of(players: dict, category: str, kind: str) -> tuple[int, int]:
    pairs = [stat.split("/") for stat in players.get(category, {}).get(kind, {}).values()]
    return sum(int(made) for made, _ in pairs), sum(int(tried) for _, tried in pairs)


def test_line_scores_add_up_to_the_points_and_nobody_ties(boxes):
    for game, sheets, _ in boxes:
        assert game.points == tuple(sum(line) for line in game.line_scores)
        assert game.points[0] != game.points[1]
        assert [sheet.points for sheet in sheets] == list(game.points)
        assert len(game.line_scores[0]) == len(game.line_scores[1]) >= 4


def test_overtime_comes_only_after_a_drawn_regulation_and_ends_with_the_first_lead(boxes):
    went_on = 0
    for game, _, _ in boxes:
        home, away = game.line_scores
        for period in range(4, len(home) + 1):
            level = sum(home[:period]) == sum(away[:period])
            assert level == (period < len(home))
        went_on += len(home) > 4
    assert 0 < went_on < GAMES * 0.12


def test_points_are_touchdowns_kicks_and_safeties_of_the_box(boxes):
    for sheet, other, stats, _, _ in sides(boxes):
        names = ("passingTDs", "rushingTDs", "defensiveTDs", "kickReturnTDs", "puntReturnTDs")
        touchdowns = sum(int(stats.get(name, "0")) for name in names)
        kicks = int(stats["kickingPoints"])
        assert sheet.points == 6 * touchdowns + kicks + 2 * sheet.two_pointers + 2 * sheet.safeties
        assert other.points >= 0


def test_points_are_those_of_the_possessions(boxes):
    for game, sheets, _ in boxes:
        for side in (0, 1):
            own = sum(p.points for p in game.possessions if p.side == side)
            assert game.points[side] == own + 2 * sheets[side].safeties


def test_teams_take_turns_within_each_half(boxes):
    for game, _, _ in boxes:
        for half in ((1, 2), (3, 4)):
            turns = [possession.side for possession in game.possessions if possession.period in half]
            assert all(a != b for a, b in pairwise(turns))


def test_drives_stay_on_the_field_and_score_only_when_they_reach_the_end(boxes):
    for game, _, _ in boxes:
        for possession in game.possessions:
            assert 1 <= possession.start <= 100
            left = possession.start - possession.yards
            if possession.result == "td":
                assert left == 0
            elif possession.result == "safety":
                assert left == 100
            else:
                assert 0 < left <= 100


def test_the_clock_runs_sixty_minutes_and_possession_time_shares_them(boxes):
    for game, sheets, _ in boxes:
        regulation = [p for p in game.possessions if p.period <= 4]
        assert sum(p.seconds for p in regulation) == pytest.approx(3600)
        assert all(p.seconds >= 0 for p in regulation)
        assert sheets[0].possession_s + sheets[1].possession_s == 3600
        assert all(a.clock_end <= b.clock_end for a, b in pairwise(regulation))
        assert all(b.clock_end - a.clock_end == pytest.approx(b.seconds) for a, b in pairwise(regulation))
        assert regulation[-1].clock_end == 3600


def test_yards_of_plays_drives_and_box_are_the_same(boxes):
    for game, sheets, _ in boxes:
        for side in (0, 1):
            driven = sum(p.yards for p in game.possessions if p.side == side)
            assert driven == sum(play.gain for play in sheets[side].plays)
    for _, _, stats, _, _ in sides(boxes):
        assert int(stats["totalYards"]) == int(stats["netPassingYards"]) + int(stats["rushingYards"])


def test_passing_lines_add_up_to_the_team(boxes):
    for _, _, stats, _, players in sides(boxes):
        completed, tried = made_of(players, "passing", "C/ATT")
        assert stats["completionAttempts"] == f"{completed}-{tried}"
        assert total(players, "passing", "YDS") == int(stats["netPassingYards"])
        assert total(players, "passing", "TD") == int(stats["passingTDs"])
        assert total(players, "passing", "INT") == int(stats["interceptions"])


def test_receiving_mirrors_passing(boxes):
    for _, _, _, _, players in sides(boxes):
        assert total(players, "receiving", "REC") == made_of(players, "passing", "C/ATT")[0]
        assert total(players, "receiving", "YDS") == total(players, "passing", "YDS")
        assert total(players, "receiving", "TD") == total(players, "passing", "TD")


def test_rushing_lines_add_up_to_the_team_and_include_sacks(boxes):
    for sheet, _, stats, _, players in sides(boxes):
        assert total(players, "rushing", "YDS") == int(stats["rushingYards"])
        assert total(players, "rushing", "CAR") == int(stats["rushingAttempts"])
        assert total(players, "rushing", "TD") == int(stats["rushingTDs"])
        assert int(stats["rushingAttempts"]) >= sum(play.kind == SACK for play in sheet.plays)


def test_kicking_lines_add_up_to_the_kicking_points(boxes):
    for _, _, stats, _, players in sides(boxes):
        goals, extra = made_of(players, "kicking", "FG"), made_of(players, "kicking", "XP")
        assert goals[0] <= goals[1] and extra[0] <= extra[1]
        assert 3 * goals[0] + extra[0] == int(stats["kickingPoints"]) == total(players, "kicking", "PTS")


def test_defences_take_what_offences_lose(boxes):
    for sheet, other, stats, theirs, players in sides(boxes):
        assert theirs["interceptions"] == stats.get("passesIntercepted", "0")
        assert theirs["fumblesLost"] == stats["fumblesRecovered"]
        assert total(players, "interceptions", "INT") == int(theirs["interceptions"])
        assert total(players, "interceptions", "YDS") == int(stats.get("interceptionYards", "0"))
        assert sum(play.kind == INTERCEPTED for play in other.plays) == int(theirs["interceptions"])
        assert int(stats["turnovers"]) == int(stats["interceptions"]) + int(stats["fumblesLost"])
        assert sum(play.kind == SACK for play in other.plays) == int(stats["sacks"])
        assert sheet.possession_s > 0


def test_categories_of_what_did_not_happen_are_left_out_together_and_touchdowns_else_told_as_zero(boxes):
    for group in LEFT_OUT_AT_ZERO:
        told = [{name: stats[name] for name in group if name in stats} for _, _, stats, _, _ in sides(boxes)]
        assert {tuple(each) for each in told} == {(), group}
        assert all(each[group[0]] != "0" for each in told if each)
        if len(group) > 1:
            assert "0" in {each[group[2]] for each in told if each}


def test_recorded_boxes_leave_out_the_same_categories_together(recordings):
    boxes = RecordedSeasons(recordings, keep=1).rows("games/teams", 2023, datetime(2025, 6, 1, tzinfo=UTC))
    told = [{row["category"] for row in side["stats"]} for box in boxes for side in box["teams"]]
    for group in LEFT_OUT_AT_ZERO:
        assert {len(each & set(group)) for each in told} == {0, len(group)}


def test_defensive_lines_add_up_to_the_team(boxes):
    for _, _, stats, _, players in sides(boxes):
        for kind, category in (
            ("SOLO", "tackles"),
            ("SACKS", "sacks"),
            ("TFL", "tacklesForLoss"),
            ("PD", "passesDeflected"),
            ("QB HUR", "qbHurries"),
            ("TD", "defensiveTDs"),
        ):
            assert total(players, "defensive", kind) == int(stats[category])
        assert total(players, "defensive", "TOT") >= total(players, "defensive", "SOLO")
        assert int(stats["sacks"]) <= int(stats["tacklesForLoss"])


def test_downs_are_not_made_more_often_than_tried(boxes):
    for _, _, stats, _, _ in sides(boxes):
        for name in ("thirdDownEff", "fourthDownEff"):
            made, tried = map(int, stats[name].split("-"))
            assert 0 <= made <= tried
        assert made <= int(stats["firstDowns"])


def test_no_player_plays_in_two_places_of_one_stat_and_all_have_names(boxes):
    for _, sheets, squads in boxes[:50]:
        for side in (0, 1):
            for category in player_categories(sheets[side], squads[side].names):
                for kind in category["types"]:
                    ids = [athlete["id"] for athlete in kind["athletes"]]
                    assert len(ids) == len(set(ids))
                    assert all(athlete["name"].strip() and athlete["stat"] for athlete in kind["athletes"])


def test_figures_look_like_real_college_football(boxes):
    """Bounds around the means of the FBS games of 2023."""
    wanted = {
        "netPassingYards": (205, 250),
        "rushingYards": (130, 175),
        "rushingAttempts": (32, 39),
        "firstDowns": (18, 23),
        "turnovers": (1.1, 1.7),
        "sacks": (1.6, 2.8),
        "passingTDs": (1.2, 1.9),
        "rushingTDs": (1.2, 1.9),
        "kickingPoints": (5.5, 8),
    }
    found = [stats for _, _, stats, _, _ in sides(boxes)]
    for category, (lowest, highest) in wanted.items():
        assert lowest < fmean(float(stats[category]) for stats in found) < highest, category
    assert 24 < fmean(point for game, _, _ in boxes for point in game.points) < 29


def test_ways_to_end_a_possession_all_happen(boxes):
    results = Counter(possession.result for game, _, _ in boxes for possession in game.possessions)
    assert {"td", "fg", "missed fg", "punt", "downs", "int", "fumble", "safety", "end", "return td"} <= set(results)
    assert results["punt"] > results["td"] > results["fg"] > results["int"] > results["return td"]


def test_efficiency_is_that_of_the_plays(boxes):
    for sheet, _, _, _, _ in sides(boxes[:40]):
        splits, advanced = ppa_splits(sheet.plays), advanced_splits(sheet)
        assert splits["overall"] == advanced["ppa"] == pytest.approx(fmean(p.added for p in sheet.plays), abs=1e-3)
        assert advanced["plays"] == len(sheet.plays)
        assert 0 <= advanced["successRate"] <= 1
        parts = advanced["rushingPlays"]["totalPPA"] + advanced["passingPlays"]["totalPPA"]
        assert parts == pytest.approx(advanced["totalPPA"], abs=0.02)


def test_a_stronger_attack_scores_more():
    def scored(advantage: float) -> float:
        matchup = Matchup((advantage, 0.0), 0.0, (0.0, 0.0), 0.0)
        return fmean(play_game(dice("stronger", advantage, i), matchup).points[0] for i in range(200))

    assert scored(-15) + 5 < scored(0) < scored(15) - 5


def test_the_same_dice_play_the_same_game():
    matchup = Matchup((3.0, -2.0), 0.5, (1.0, -1.0), 0.4)
    first, again = play_game(dice(1), matchup), play_game(dice(1), matchup)
    assert first == again
    assert first != play_game(dice(2), matchup)
