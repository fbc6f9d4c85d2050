"""A recorded match day as a source, on a made-up day of four matches in the recordings' layout."""

import string
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from football_assets.emulators.recorded_day_rows import ID_LENGTH, id_of
from football_assets.emulators.recorded_days import SECOND_HALF_AFTER_S, RecordedDay
from football_assets.errors import StorageError

DAY = date(2024, 10, 5)
KICKOFF = datetime(2024, 10, 5, 14, 0, tzinfo=UTC)
BEFORE, FIRST_HALF, HALF_TIME, SECOND_HALF, OVER = 1, 2, 3, 4, 8


def event(minute, kind, side=None, *, period=1, added=0, clock_s=None, detail=None, score=(0, 0)):
    return {
        "match_id": "D1",
        "espn_event_id": 1,
        "period": period,
        "minute": minute,
        "added": added,
        "clock_s": 60 * minute if clock_s is None else clock_s,
        "type": kind,
        "detail": detail,
        "side": side,
        "player": "Scorer",
        "player_espn_id": 7.0,
        "player2": None,
        "player2_espn_id": None,
        "home_score": score[0],
        "away_score": score[1],
    }


TIMELINE = [
    event(9, "goal", "away", clock_s=486, score=(0, 1)),
    event(30, "red_card", "home", detail="second_yellow"),
    event(45, "half_time", added=3),
    event(60, "penalty_goal", "home", period=2, score=(1, 1)),
    event(90, "yellow_card", "away", period=2, added=4),
    event(90, "full_time_90", period=2, added=7),
]
COUNTED = [
    {"espn_event_id": 1, "minute": 12, "added": 0, "type": "corner", "side": "home"},
    {"espn_event_id": 1, "minute": 70, "added": 0, "type": "shot_on_target", "side": "away"},
]


def division(number, **changes):
    row = {
        "match_id": f"D{number}",
        "div": "E0",
        "country": "England",
        "competition": "Premier League",
        "espn_event_id": number,
        "kickoff_utc": KICKOFF,
        "home": f"Home {number}",
        "away": f"Away {number}",
        "ft_home": 1,
        "ft_away": 1,
        "ht_home": 0,
        "ht_away": 1,
        "timeline": "complete",
        "stat_events": True,
        "ah_close_line": -0.5,
        "ah_close_b365_home": 1.9,
        "ah_close_b365_away": 2.0,
        **{f"x12_close_b365_{side}": price for side, price in zip("hda", (2.1, 3.4, 3.6), strict=True)},
    }
    return row | changes


def world(number, **changes):
    row = {
        "match_id": None,
        "espn_event_id": number,
        "espn_league": "CHN.1",
        "league_name": "Chinese Super League",
        "kickoff_utc": KICKOFF,
        "status": "full_time",
        "home": "A",
        "away": "B",
        "home_espn_id": 100 + number,
        "away_espn_id": 200 + number,
        "home_score": 2.0,
        "away_score": 0.0,
        "home_shootout": None,
        "away_shootout": None,
        "timeline": "none",
        "stat_events": False,
    }
    return row | changes


@pytest.fixture
def folder(tmp_path):
    tables = {
        "matches": [division(1)],
        "world_matches": [
            world(2),
            world(3, status="postponed", home_score=None, away_score=None),
            world(4, status="final_pen", home_score=1.0, away_score=1.0, home_shootout=4.0, away_shootout=3.0),
        ],
        "timelines": TIMELINE,
        "stat_events": COUNTED,
    }
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{name}.parquet")
    return tmp_path


def at(minute, second=0):
    return KICKOFF + timedelta(minutes=minute, seconds=second)


def score(source, when):
    (row,) = source.live(when)
    return row["score"]


def test_a_match_goes_through_its_halves_at_their_lengths(folder):
    source = RecordedDay(folder, DAY)
    assert source.live(at(-1)) == []
    assert source.recent(at(-1))[0]["status_id"] == BEFORE
    second = SECOND_HALF_AFTER_S
    steps = [(0, FIRST_HALF), (60 * 48 - 1, FIRST_HALF), (60 * 48, HALF_TIME), (second, SECOND_HALF)]
    steps += [(second + 60 * 52 - 1, SECOND_HALF), (second + 60 * 52, OVER)]
    assert [score(source, at(0, s))[1] for s, _ in steps] == [status for _, status in steps]
    kickoffs = [score(source, at(0, s))[4] - int(KICKOFF.timestamp()) for s, _ in steps]
    assert kickoffs == [0, 0, -int(KICKOFF.timestamp()), second, second, -int(KICKOFF.timestamp())]


def test_nothing_shows_before_its_minute_is_over(folder):
    source = RecordedDay(folder, DAY)
    assert score(source, at(0, 485))[3][0] == 0
    assert score(source, at(0, 486))[3][:2] == [1, 1], "the half-time goals follow the score while the half runs"
    assert score(source, at(29, 59))[2][2:4] == [0, 0]
    assert score(source, at(30))[2][2:4] == [1, 1], "a second yellow card is a red one too"
    later = KICKOFF + timedelta(seconds=SECOND_HALF_AFTER_S + 15 * 60)
    assert score(source, later - timedelta(seconds=1))[2][0] == 0
    assert score(source, later)[2][:2] == [1, 0], "the half-time goals stay as they were"


def test_the_end_shows_the_result_and_every_incident(folder):
    (row,) = RecordedDay(folder, DAY).live(at(125))
    assert (row["score"][2][:2], row["score"][3][:2]) == ([1, 0], [1, 1])
    assert [(each["type"], each["time"]) for each in row["incidents"]] == [
        (1, 9),
        (15, 30),
        (11, 48),
        (8, 60),
        (3, 94),
        (12, 97),
    ]
    assert row["incidents"][4]["add_time"] == 4
    assert {"home_score": 1, "away_score": 1, "player_name": "Scorer"}.items() <= row["incidents"][3].items()
    stats = {each["type"]: (each["home"], each["away"]) for each in row["stats"]}
    assert (stats[2], stats[21]) == ((1, 0), (1, 2)), "goals are shots on target"


def test_an_ended_match_is_listed_for_two_hours(folder):
    source = RecordedDay(folder, DAY)
    end = KICKOFF + timedelta(seconds=SECOND_HALF_AFTER_S + 52 * 60)
    assert len(source.live(end + timedelta(hours=2))) == 1
    assert source.live(end + timedelta(hours=2, seconds=1)) == []
    assert source.recent(end)[0]["ended"] == int(end.timestamp())


def test_a_match_nobody_followed_is_to_be_determined_until_its_result(folder):
    source = RecordedDay(folder, DAY, world=True)
    ids = {number: id_of("match", number) for number in (2, 3, 4)}
    running = {row["id"]: row["score"] for row in source.live(at(40))}
    assert {running[each][1] for each in (ids[2], ids[4])} == {13}
    assert running[ids[2]][2][:5] == [0, 0, 0, 0, -1], "corners nobody counted are -1"
    assert running[ids[3]][1] == 9
    after = {row["id"]: row["score"] for row in source.live(at(121))}
    assert (after[ids[2]][1], after[ids[2]][2][0], after[ids[2]][3][0]) == (8, 2, 0)
    assert (after[ids[4]][2][6], after[ids[4]][3][6]) == (4, 3)


def test_closing_prices_are_known_a_minute_before_the_kickoff_and_in_the_providers_forms(folder):
    source = RecordedDay(folder, DAY)
    match_id = id_of("match", "D1")
    assert source.odds(match_id, at(-2)) == {}
    odds = source.odds(match_id, at(-1))
    assert odds["2"]["eu"][0][2:5] == [2.1, 3.4, 3.6]
    assert odds["2"]["asia"][0][2:5] == [0.9, 0.5, 1.0], "positive is what the home side gives"
    changes = source.odds_changes(at(-2), at(-1))
    assert {entry[1] for entry in changes["2"]} == {"eu", "asia"}
    assert source.odds_changes(at(-1), at(0)) == {}


def test_names_are_listed_once_with_every_key_of_the_contract(folder):
    source = RecordedDay(folder, DAY, world=True)
    teams = source.reference("team", KICKOFF)
    assert len(teams) == len({row["id"] for row in teams}) == 8
    assert {row["name"] for row in source.reference("competition", KICKOFF)} == {
        "Premier League",
        "Chinese Super League",
    }
    assert [row["name"] for row in source.reference("country", KICKOFF)] == ["England"]
    assert source.reference("venue", KICKOFF) == []


def test_an_id_looks_like_the_providers_and_is_always_the_same():
    assert id_of("match", "D1") == id_of("match", "D1") != id_of("team", "D1")
    assert len(id_of("match", "D1")) == ID_LENGTH
    assert set(id_of("match", "D1")) <= set(string.digits + "deghjklmnopqrvwxyz")


def test_a_day_without_matches_or_recordings_is_told(folder, tmp_path_factory):
    with pytest.raises(StorageError, match="no recorded match begins on 2024-10-06"):
        RecordedDay(folder, DAY + timedelta(days=1))
    with pytest.raises(StorageError, match=r"reading the recording .*matches\.parquet"):
        RecordedDay(tmp_path_factory.mktemp("nothing"), DAY)
