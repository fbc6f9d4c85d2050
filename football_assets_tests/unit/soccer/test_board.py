"""Which matches are on the board: those asked for, and none that may be in play is left out."""

import pytest

from football_assets.soccer.board import match_board
from football_assets.soccer.codes import ENDED, IN_PLAY, SECOND_HALF, STATUS
from football_assets_tests.unit.cli.live_rows import flattened, match

LISTED = flattened(
    match(),
    match(match_id="m2", status_id=37, status="unknown (37)", is_in_play=None),
    match(match_id="m3", status_id=None, status=None, is_in_play=None),
    match(match_id="m4", status_id=ENDED, status="ended", is_in_play=False),
)


@pytest.mark.parametrize(
    "statuses, shown",
    [
        (IN_PLAY, ["m1", "m2", "m3"]),
        (STATUS, ["m1", "m2", "m3", "m4"]),
        ({SECOND_HALF}, ["m1"]),
        ({ENDED}, ["m4"]),
    ],
    ids=["in play", "every known status", "one in play", "one that is over"],
)
def test_a_match_that_may_be_in_play_is_shown_with_those_that_are(statuses, shown):
    board = match_board(LISTED, statuses)
    assert sorted(board["match_id"]) == shown
    told = dict(zip(board["match_id"], board["status"], strict=True))
    assert told.get("m2", "unknown (37)") == "unknown (37)"
