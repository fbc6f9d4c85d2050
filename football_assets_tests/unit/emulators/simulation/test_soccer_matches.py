"""The simulated matches as the emulator serves them: laws that hold at every instant."""

import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.simulation.soccer_names import ALPHABET
from football_assets.states import Source

SATURDAY = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
IN_PLAY = {2, 3, 4, 5, 7}
NEXT = {
    1: {2, 9, 12, 13},
    2: {3},
    3: {4},
    4: {5, 7, 8, 10},
    5: {7, 8},
    7: {8},
    8: {5, 7},
    9: {2},
    10: {4, 11},
    13: {2, 3, 8},
}
REGULAR_GOALS = (1, 8, 17)


def world(around=SATURDAY, seed=7, **size):
    return SimulatedMatches(seed, around=around, **size)


@pytest.fixture(scope="module")
def matches():
    return world()


@pytest.fixture(scope="module")
def evening(matches):
    """Saturday from 14:00 to 18:00 every minute: the live list by instant."""
    instants = (SATURDAY + timedelta(minutes=n) for n in range(-60, 180))
    return {at: {row["id"]: row for row in matches.live(at)} for at in instants}


def same(rows):
    return json.dumps(rows, sort_keys=True)


def test_the_world_says_that_it_is_simulated(matches):
    assert matches.label is Source.SIMULATED
    assert matches.default_at == SATURDAY


def test_two_worlds_of_a_seed_agree_whatever_was_asked_before():
    one, other = world(matches_a_day=120), world(SATURDAY - timedelta(days=900), matches_a_day=120)
    later = SATURDAY + timedelta(days=1, minutes=17)
    first = (same(one.live(SATURDAY)), same(one.recent(SATURDAY)), same(one.live(later)))
    other.live(later + timedelta(days=40))
    second_live = same(other.live(later))
    ids = [row["id"] for row in other.live(SATURDAY)]
    prices = same([other.odds(i, SATURDAY) for i in reversed(ids)][::-1])
    assert first == (same(other.live(SATURDAY)), same(other.recent(SATURDAY)), second_live)
    assert prices == same([one.odds(i, SATURDAY) for i in ids])
    since = SATURDAY - timedelta(minutes=2)
    assert same(one.odds_changes(since, SATURDAY)) == same(other.odds_changes(since, SATURDAY))


def test_another_seed_is_another_world(matches):
    other = world(seed=8)
    mine = {row["id"] for row in matches.live(SATURDAY)}
    assert not mine & {row["id"] for row in other.live(SATURDAY)}
    assert all(matches.knows(i) and not other.knows(i) for i in mine)


def test_asking_does_not_let_callers_change_the_world(matches):
    before = same([matches.live(SATURDAY), matches.recent(SATURDAY)])
    for row in matches.live(SATURDAY):
        row["score"][2][0] = 99
        row["incidents"].clear()
        row["stats"].clear()
    for row in matches.recent(SATURDAY):
        row["home_scores"][0] = 99
        row.get("environment", {}).clear()
    assert same([matches.live(SATURDAY), matches.recent(SATURDAY)]) == before


def test_some_ball_rolls_at_every_hour_of_the_week(matches):
    monday = datetime(2026, 11, 16, tzinfo=UTC)
    running = {
        at: sum(row["score"][1] in IN_PLAY for row in matches.live(at))
        for at in (monday + timedelta(hours=n) for n in range(24 * 7))
    }
    assert min(running.values()) >= 12
    assert running[SATURDAY] >= 60


def test_all_kinds_of_matches_are_listed(matches):
    seen = Counter(
        row["score"][1] for n in range(48) for row in matches.live(SATURDAY + timedelta(hours=n, minutes=5 * (n % 12)))
    )
    assert {1, 2, 3, 4, 5, 8, 9, 12, 13} <= seen.keys()
    assert max(seen, key=seen.__getitem__) in {2, 4, 8}


def test_the_score_is_the_number_of_goals_listed(evening):
    for rows in evening.values():
        for row in rows.values():
            home, away = row["score"][2:4]
            for slots, side in ((home, 1), (away, 2)):
                goals = [i for i in row["incidents"] if i["type"] in REGULAR_GOALS and i["position"] == side]
                assert max(slots[0], slots[5]) == len(goals)
                assert slots[3] == sum(i["type"] in {3, 15} and i["position"] == side for i in row["incidents"])
                assert slots[2] == sum(i["type"] in {4, 15} and i["position"] == side for i in row["incidents"])
            total = (max(home[0], home[5]), max(away[0], away[5]))
            last = [i for i in row["incidents"] if i["type"] in REGULAR_GOALS][-1:]
            assert all((i["home_score"], i["away_score"]) == total for i in last)


def test_half_time_slots_mirror_the_score_and_then_freeze(evening):
    frozen = {}
    for rows in evening.values():
        for match_id, row in rows.items():
            _, status, home, away, _, _ = row["score"]
            if status in {2, 3}:
                assert (home[1], away[1]) == (home[0], away[0])
            elif status in {4, 5, 7, 8}:
                assert frozen.setdefault(match_id, (home[1], away[1])) == (home[1], away[1])
    assert frozen


def test_statuses_follow_each_other_legally(evening):
    moved = Counter()
    for before, after in pairwise(evening.values()):
        for match_id in before.keys() & after.keys():
            one, other = before[match_id]["score"][1], after[match_id]["score"][1]
            if one != other:
                assert other in NEXT[one], (match_id, one, other)
                moved[one, other] += 1
    assert {(1, 2), (2, 3), (3, 4), (4, 8)} <= moved.keys()


def test_kickoff_is_given_while_a_half_runs_and_yields_the_minute(evening):
    for at, rows in evening.items():
        for row in rows.values():
            _, status, _, _, kickoff, rest = row["score"]
            assert (kickoff > 0) == (status in {2, 4, 5})
            assert rest == ""
            if status in {2, 4}:
                minute = (int(at.timestamp()) - kickoff) // 60 + 1 + (45 if status == 4 else 0)
                # Stoppage time of the first half counts on: a 47th minute may lie before the break.
                times = [i["time"] for i in row["incidents"] if i["type"] in {1, 3, 9}]
                assert all(time <= minute for time in times if status == 2 or time > 50)


def test_what_was_known_stays_known_but_for_var(evening):
    gone = 0
    for before, after in pairwise(evening.values()):
        for match_id in before.keys() & after.keys():
            if before[match_id]["incidents"] == after[match_id]["incidents"]:
                continue
            old = Counter(same(i) for i in before[match_id]["incidents"])
            new = Counter(same(i) for i in after[match_id]["incidents"])
            if lost := old - new:
                gone += 1
                assert all(json.loads(i)["type"] == 1 for i in lost)
                reviews = [json.loads(i) for i in new - old]
                assert any((i["type"], i.get("var_reason"), i.get("var_result")) == (28, 1, 2) for i in reviews)
    assert gone


def test_a_reversal_takes_a_goal_off_the_score(evening):
    falls = 0
    for before, after in pairwise(evening.values()):
        for match_id in before.keys() & after.keys():
            one, other = before[match_id]["score"], after[match_id]["score"]
            falls += other[2][0] < one[2][0] or other[3][0] < one[3][0]
    assert falls


def test_statistics_grow_and_agree_with_the_score(evening):
    kinds = {2, 3, 4, 8, 21, 22, 23, 24, 25}
    covered = 0
    for before, after in pairwise(evening.values()):
        for match_id, row in after.items():
            now = {s["type"]: (s["home"], s["away"]) for s in row["stats"]}
            if not now:
                continue
            covered += 1
            assert now.keys() == kinds
            assert sum(now[25]) == 100
            assert now[2] == (row["score"][2][4], row["score"][3][4])
            own = [sum(i["type"] == 17 and i["position"] == p for i in row["incidents"]) for p in (1, 2)]
            goals = [max(row["score"][2 + n][0], row["score"][2 + n][5]) - own[n] for n in (0, 1)]
            assert all(now[21][n] >= goals[n] and now[23][n] >= now[24][n] >= now[21][n] for n in (0, 1))
            old = {s["type"]: (s["home"], s["away"]) for s in before.get(match_id, row)["stats"]}
            for kind in (old.keys() & kinds) - {8, 25}:
                assert now[kind] >= old[kind] or (now[kind][0] >= old[kind][0] and now[kind][1] >= old[kind][1])
    assert covered


def test_most_matches_have_statistics_and_a_few_have_commentary(matches):
    rows = [row for row in matches.live(SATURDAY + timedelta(hours=1)) if row["score"][1] in IN_PLAY]
    assert 0.5 < sum(bool(row["stats"]) for row in rows) / len(rows) < 0.9
    with_text = [row for row in rows if row["tlive"]]
    assert 0 < len(with_text) < len(rows) / 3
    for line in (line for row in with_text for line in row["tlive"]):
        assert line.keys() == {"time", "data", "position"}
        assert line["data"].startswith(line["time"])


def test_matches_leave_the_live_list_two_hours_after_the_end(matches):
    listed = {row["id"]: row for row in matches.live(SATURDAY) if row["score"][1] == 8}
    ended = {row["id"]: row["ended"] for row in matches.recent(SATURDAY + timedelta(minutes=2)) if row["id"] in listed}
    assert ended
    for match_id, moment in ended.items():
        last = datetime.fromtimestamp(moment, UTC) + timedelta(minutes=120)
        assert match_id in {row["id"] for row in matches.live(last)}
        assert match_id not in {row["id"] for row in matches.live(last + timedelta(seconds=1))}


def decided_late(matches, slot_or_kind, days=14):
    for n in range(days * 4):
        at = SATURDAY + timedelta(hours=6 * n)
        for row in matches.recent(at) if n % 12 == 0 else ():
            if row.get("has_ot") and row["status_id"] == 8 and row["note"] and slot_or_kind in row["note"]:
                yield row


def test_a_shoot_out_decides_some_cup_match(matches):
    row = next(decided_late(matches, "PEN["))
    home, away = row["home_scores"], row["away_scores"]
    assert home[6] != away[6]
    live = next(r for r in matches.live(datetime.fromtimestamp(row["ended"], UTC)) if r["id"] == row["id"])
    kicks = [i for i in live["incidents"] if i["type"] == 29]
    assert [sum(i["position"] == side for i in kicks) for side in (1, 2)] == [home[6], away[6]]
    assert (kicks[-1]["home_score"], kicks[-1]["away_score"]) == (home[6], away[6])
    assert live["incidents"][-1] == {"type": 27, "position": 0, "time": 120}
    assert live["score"][2:4] == [home, away]


def test_extra_time_keeps_the_score_of_ninety_minutes(matches):
    row = next(r for r in decided_late(matches, "ET[") if "PEN" not in r["note"])
    assert f"ET[{row['home_scores'][5]}-{row['away_scores'][5]}]" in row["note"]
    assert sum(row["home_scores"][5:6] + row["away_scores"][5:6]) > row["home_scores"][0] + row["away_scores"][0]


def test_some_matches_end_and_then_go_on(matches):
    reopened = []
    for day in range(SATURDAY.toordinal(), SATURDAY.toordinal() + 28):
        for fixture in matches._calendar.day(day):
            if fixture.knockout:
                statuses = [phase.status for phase in matches._life(day, fixture.index).phases]
                reopened += [pair for pair in pairwise(statuses) if pair[0] == 8]
    assert (8, 5) in reopened
    assert set(reopened) <= {(8, 5), (8, 7)}


def test_second_legs_carry_the_first_score(matches):
    at = SATURDAY + timedelta(days=1)
    weeks = [matches.recent(at + timedelta(days=7 * n)) for n in (-1, 0, 1)]
    rows = {row["id"]: row for week in weeks for row in week}
    ties = [row for row in rows.values() if row.get("related_id") in rows and row["status_id"] == 8]
    checked = 0
    for row in ties:
        other = rows[row["related_id"]]
        if other["status_id"] == 8 and row["match_time"] > other["match_time"]:
            mine = [max(row[f"{side}_scores"][0], row[f"{side}_scores"][5]) for side in ("home", "away")]
            assert row["agg_score"] == [mine[0] + other["away_scores"][0], mine[1] + other["home_scores"][0]]
            checked += 1
    assert checked


def test_schedule_rows_move_when_and_only_when_they_change(matches):
    start = SATURDAY - timedelta(minutes=20)
    before = {}
    moved = 0
    for n in range(24):
        at = start + timedelta(seconds=97 * n)
        for row in matches.recent(at):
            old = before.get(row["id"])
            assert row["updated_at"] <= at.timestamp()
            if old is not None and {**old, "updated_at": 0} != {**row, "updated_at": 0}:
                moved += 1
                assert row["updated_at"] > old["updated_at"]
                assert row["updated_at"] > (at - timedelta(seconds=97)).timestamp()
            before[row["id"]] = row
    assert moved > 100


def test_schedule_rows_agree_with_the_live_list_or_trail_it_a_little(matches):
    live = {row["id"]: row["score"] for row in matches.live(SATURDAY)}
    past = {row["id"]: row["score"] for row in matches.live(SATURDAY - timedelta(seconds=60))}
    rows = [row for row in matches.recent(SATURDAY) if row["id"] in live]
    equal = [[r["id"], r["status_id"], r["home_scores"], r["away_scores"]] == live[r["id"]][:4] for r in rows]
    assert len(rows) == len(live)
    assert sum(equal) / len(equal) > 0.95
    for row, is_equal in zip(rows, equal, strict=True):
        if not is_equal:
            assert sum(row["home_scores"]) <= sum(live[row["id"]][2]) or row["id"] in past


def test_schedule_rows_reach_two_days_back_and_ahead(matches):
    rows = matches.recent(SATURDAY)
    times = [row["match_time"] - SATURDAY.timestamp() for row in rows]
    assert -2 * 86400 <= min(times) < -2 * 86400 + 1800
    assert 2 * 86400 - 1800 < max(times) <= 2 * 86400
    assert len({row["id"] for row in rows}) == len(rows)
    assert all(row["status_id"] in {1, 9, 12} for row in rows if row["match_time"] > SATURDAY.timestamp() + 600)
    assert all(("ended" in row) == (row["status_id"] == 8) for row in rows)
    with_weather = [row["environment"] for row in rows if "environment" in row]
    assert len(with_weather) > 300
    assert all(env["temperature"].endswith("°C") and env["wind"].endswith("m/s") for env in with_weather)
    assert all(env["pressure"].endswith("mmHg") and env["humidity"].endswith("%") for env in with_weather)


def test_every_reference_of_a_schedule_row_resolves(matches):
    lists = {
        kind: {row["id"]: row for row in matches.reference(kind, SATURDAY)}
        for kind in ("team", "competition", "country", "category", "season", "stage", "venue", "referee")
    }
    for row in matches.recent(SATURDAY):
        assert row["home_team_id"] in lists["team"]
        assert row["away_team_id"] in lists["team"]
        assert row["competition_id"] in lists["competition"]
        for kind in ("season", "venue", "referee"):
            assert row[f"{kind}_id"] == "" or row[f"{kind}_id"] in lists[kind]
        assert row["round"]["stage_id"] == "" or row["round"]["stage_id"] in lists["stage"]
    assert all(row["country_id"] in lists["country"] for row in lists["team"].values())
    friendly = [row for row in lists["competition"].values() if row["type"] == 3]
    assert [row["country_id"] for row in friendly] == [""]
    assert {row["gender"] for row in lists["team"].values()} == {1, 2}


@pytest.mark.parametrize("kind", ["team", "competition", "country", "category", "season", "stage", "venue", "referee"])
def test_reference_ids_are_unique_and_well_formed(matches, kind):
    rows = matches.reference(kind, SATURDAY)
    assert len({row["id"] for row in rows}) == len(rows) > 0
    assert all(len(row["id"]) == 15 and set(row["id"]) <= set(ALPHABET) for row in rows)
    assert all(row["updated_at"] <= SATURDAY.timestamp() for row in rows)
    early = datetime(2019, 5, 1, tzinfo=UTC)
    assert all(row["updated_at"] <= early.timestamp() for row in matches.reference(kind, early))


def test_an_unknown_reference_list_is_refused(matches):
    with pytest.raises(ValueError, match="Ask for one of team"):
        matches.reference("ball", SATURDAY)


def test_an_instant_without_a_zone_is_refused(matches):
    with pytest.raises(ValueError, match="no time zone"):
        matches.live(SATURDAY.replace(tzinfo=None))


def test_unknown_ids_are_not_known(matches):
    assert not any(matches.knows(i) for i in ("", "nothing", "0" * 15, "kp3glrw7hwqdyjv"))
    assert matches.odds("0" * 15, SATURDAY) == {}


@pytest.fixture(scope="module")
def samples():
    folder = os.environ.get("FOOTBALL_RECORDINGS")
    if not folder:
        pytest.skip("FOOTBALL_RECORDINGS is not set: no recorded shapes to compare with")
    return Path(folder).parent / "apis" / "samples" / "thesports"


def recorded(samples, name):
    return json.loads((samples / name).read_text())


def types(value):
    if isinstance(value, dict):
        return {key: types(inner) for key, inner in value.items()}
    return "list" if isinstance(value, list) else type(value).__name__


def test_live_rows_have_the_recorded_shape(matches, samples):
    real = recorded(samples, "detail_live.2025-05-28.json")["results"]
    mine = [row for n in range(0, 72, 3) for row in matches.live(SATURDAY + timedelta(hours=n))]
    assert {tuple(row) for row in mine} == {tuple(row) for row in real}
    known = {(i["type"], tuple(i)) for row in real for i in row["incidents"]}
    real_keys = {}
    for kind, keys in known:
        real_keys.setdefault(kind, set()).update(keys)
    for incident in (i for row in mine for i in row["incidents"]):
        if incident["type"] in real_keys:
            assert incident.keys() <= real_keys[incident["type"]] | {"add_time", "player_id", "player_name"}
    assert {types(s)["type"] for row in mine for s in row["stats"]} == {"int"}
    assert {tuple(s) for row in mine for s in row["stats"]} == {("type", "home", "away")}
    assert {tuple(type(x).__name__ for x in r["score"]) for r in mine} == {
        tuple(type(x).__name__ for x in r["score"]) for r in real
    }


def test_schedule_rows_have_the_recorded_shape(matches, samples):
    real = [r["results"][0] for r in recorded(samples, "match_recent_list_by_uuid.2025-05-28.json").values()]
    optional = {"environment", "related_id", "agg_score", "has_ot", "ended"}
    always = set.intersection(*({*row} for row in real))
    for row in matches.recent(SATURDAY):
        assert row.keys() - optional == always
        whole = next(r for r in real if "environment" in r)
        shared = row.keys() & whole.keys()
        assert types({key: row[key] for key in shared}) == types({key: whole[key] for key in shared})


@pytest.mark.parametrize(
    ("kind", "name"),
    [("team", "team_additional_list_by_uuid"), ("competition", "competition_additional_list_by_uuid")],
)
def test_reference_rows_have_the_recorded_shape(matches, samples, kind, name):
    real = [row for body in recorded(samples, f"{name}.2025-05-28.json").values() for row in body["results"]]
    mine = matches.reference(kind, SATURDAY)
    assert {tuple(row) for row in mine} == {tuple(row) for row in real}
    for key in real[0]:
        assert {type(row[key]) for row in mine} <= {type(row[key]) for row in real}


def test_country_rows_have_the_recorded_shape(matches, samples):
    real = recorded(samples, "country_list.2025-05-28.json")["results"]
    assert {tuple(row) for row in matches.reference("country", SATURDAY)} == {tuple(row) for row in real}
