"""Recorded hours replayed through the real asset graph, a minute a second at most; what each amounts to is known."""

from collections import Counter
from dataclasses import dataclass

import pytest

from football_assets.config import load_settings
from football_assets.soccer.codes import IN_PLAY
from football_assets.soccer.history import History
from football_assets.soccer.live import NOT_BEGUN
from football_assets.states import Source
from football_assets_tests.pipeline.replays import REPLAYS, Player
from football_assets_tests.pipeline.test_soccer_cycle import published, run_cycle

CYCLES = 6
ODDS_A_MINUTE = 120
LIST, SCHEDULE, ODDS = "match/detail_live", "match/recent/list", "odds/history"
TEAM, COMPETITION, COUNTRY = "team/additional/list", "competition/additional/list", "country/list"


@dataclass(frozen=True)
class Known:
    """Of six cycles: matches listed and in play at each, rows told, quotes kept, requests of the first and the rest."""

    matches: list[int]
    in_play: list[int]
    rows_told: int
    new_quotes: int
    first: dict[str, int]
    rest: dict[str, int]
    corrections: list[tuple[str, str, str]]


KNOWN = {
    "poll": Known(
        matches=[86, 92, 92, 93, 93, 93],
        in_play=[76, 82, 82, 82, 82, 82],
        rows_told=1066,
        new_quotes=166_096,
        first={LIST: 1, SCHEDULE: 86, ODDS: 86, TEAM: 172, COMPETITION: 36, COUNTRY: 1},
        rest={LIST: 5, SCHEDULE: 5 + 7, ODDS: 463, TEAM: 14, COMPETITION: 2},
        corrections=[("score fell", "0-1", "0-0")],
    ),
    "stream": Known(
        matches=[22, 23, 27, 29, 32, 36],
        in_play=[9, 8, 8, 8, 8, 8],
        rows_told=373,
        new_quotes=0,
        # Neither schedules nor prices were pushed, so that they are asked for again each time.
        first={LIST: 1, SCHEDULE: 22, ODDS: 22, COUNTRY: 1},
        rest={LIST: 5, SCHEDULE: 147, ODDS: 147},
        corrections=[
            ("incident changed", "yellow card home 68'", "yellow card home 67' Mateo·Garavito"),
            ("incident changed", "yellow card away 89' Ángel Zamudio", "yellow card away 87' Ángel Zamudio"),
        ],
    ),
    "divisions": Known(
        matches=[92] * 6,
        in_play=[76] * 6,
        rows_told=1455,
        new_quotes=640,
        first={LIST: 1, SCHEDULE: 92, ODDS: 92, TEAM: 184, COMPETITION: 19, COUNTRY: 1},
        rest={LIST: 5, SCHEDULE: 5, ODDS: 460},
        corrections=[],
    ),
    "world": Known(
        matches=[172] * 6,
        in_play=[86] * 6,
        rows_told=2190,
        new_quotes=613,
        first={LIST: 1, SCHEDULE: 172, ODDS: ODDS_A_MINUTE, TEAM: 344, COMPETITION: 45, COUNTRY: 1},
        rest={LIST: 5, SCHEDULE: 5, ODDS: 5 * ODDS_A_MINUTE},
        corrections=[],
    ),
}


def shown_and_true(player, at):
    """(what is published, what was recorded) at the last cycle: status and score by match."""
    frame = published("soccer_flattened_matches")[["match_id", "status_id", "home_score", "away_score"]]
    rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
    true = {}
    for row in player.source.live(at):
        _, status, home, away, *_ = row["score"]
        # The zeros of a match that has not begun say nothing.
        unknown = status in NOT_BEGUN and not any(slot > 0 for slot in (*home, *away))
        true[row["id"]] = (status, None, None) if unknown else (status, home[0], away[0])
    return {match_id: tuple(told) for match_id, *told in rows}, true


@pytest.mark.parametrize("name", list(REPLAYS))
def test_a_replay_shows_what_was_recorded_and_amounts_to_known_figures(name, recordings, monkeypatch):
    replay, known = REPLAYS[name], KNOWN[name]
    player = Player(replay, recordings, load_settings().folder, replay.begins)
    with player.running() as url:
        monkeypatch.setenv("FOOTBALL_THESPORTS_URL", url)
        cycles = player.play(run_cycle, CYCLES)
    assert all(each.succeeded for each in cycles)
    assert [each.matches for each in cycles] == known.matches
    assert [each.in_play for each in cycles] == known.in_play
    assert sum(each.rows_told for each in cycles) == known.rows_told
    assert sum(each.new_quotes for each in cycles) == known.new_quotes

    assert dict(cycles[0].requests) == known.first
    assert dict(sum((each.requests for each in cycles[1:]), Counter())) == known.rest
    assert max(each.requests[ODDS] for each in cycles) <= ODDS_A_MINUTE
    assert sum(each.violations for each in cycles) == 0

    shown, true = shown_and_true(player, cycles[-1].at)
    assert shown == true
    corrections = published("soccer_corrections").sort_values(["observed_at", "match_id"])
    told = corrections[["kind", "before", "after"]].itertuples(index=False, name=None)
    assert list(told) == known.corrections
    history = History(load_settings().folder, Source.RECORDED)
    rebuilt = [history.at(each.at).flattened for each in cycles]
    assert [int(frame["status_id"].isin(list(IN_PLAY)).sum()) for frame in rebuilt] == known.in_play
