"""The college client over real HTTP: recorded seasons, the provider's clock, its quota and its refusals."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from football_assets.config import CollegeFootballService
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.college_football import college_football_app
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.emulators.server import serving
from football_assets.errors import SourceChanged, SourceRejected
from football_assets.ncaa.client import CollegeFootball, box_weeks
from football_assets.ncaa.schemas import Games, Lines, PlayerStats, TeamStats
from football_assets.tables import from_rows, judge
from football_assets.transport import Credentials, open_transport

OCTOBER = datetime(2013, 10, 16, 12, tzinfo=UTC)
ONE_TRY = CollegeFootballService(per_second=500, tries=1)


@pytest.fixture
def college(recordings, tmp_path):
    @asynccontextmanager
    async def open_college(*faults, key="good", at=OCTOBER):
        app = college_football_app(RecordedSeasons(recordings), EmulatedClock(at, 0), Faults.parse(faults), key="good")
        async with serving(app) as url:
            credentials = Credentials(headers={"Authorization": f"Bearer {key}"})
            cache = tmp_path / "cache"
            async with open_transport("CFBD", url, ONE_TRY, credentials=credentials, cache_dir=cache) as transport:
                yield CollegeFootball(transport)

    return open_college


async def test_a_season_is_read_as_known_at_the_provider_s_clock(college):
    async with college() as client:
        games = await client.games(2013)
        frame = from_rows(Games, games.rows)
        assert judge(Games, frame).passed
        assert games.quota_left == 999
        assert set(frame["fetched_at"]) == {OCTOBER}
        assert (frame["home_classification"].eq("fbs") | frame["away_classification"].eq("fbs")).all()
        played = frame[frame["is_completed"]]
        assert 0 < len(played) < len(frame)
        assert played["kickoff_at"].max() < OCTOBER
        assert frame[~frame["is_completed"]]["home_points"].isna().all()


async def test_lines_and_box_scores_fit_their_tables_and_cost_a_call_a_week(college):
    async with college() as client:
        games = from_rows(Games, (await client.games(2013)).rows)
        weeks = box_weeks(games, 2013, finished=False)
        assert [week.week for week in weeks] == [1, 2, 3, 4, 5, 6, 7, 8]
        lines, teams, players = (
            await client.lines(2013),
            await client.team_stats(2013, weeks),
            await client.player_stats(2013, weeks),
        )
        assert (teams.calls, players.calls, players.quota_left) == (8, 8, 982)
        boxes = from_rows(TeamStats, teams.rows)
        assert set(boxes["game_id"]) <= set(games.loc[games["is_completed"], "game_id"])
        assert judge(TeamStats, boxes).passed
        assert judge(PlayerStats, from_rows(PlayerStats, players.rows)).passed
        assert judge(Lines, from_rows(Lines, lines.rows)).passed
        again = await client.team_stats(2013, weeks)
        assert again.cached == 6, "weeks long past are kept, the last two are asked again"
        assert again.rows == teams.rows


async def test_a_wrong_key_is_refused_for_good_and_never_shown(college):
    async with college(key="wrong-key-1234") as client:
        with pytest.raises(SourceRejected) as caught:
            await client.games(2013)
    assert "wrong-key-1234" not in str(caught.value)
    assert "reading the games of 2013" in str(caught.value)


async def test_an_answer_of_other_types_names_the_field(college):
    async with college("wrong_types@games") as client:
        with pytest.raises(SourceChanged) as caught:
            await client.games(2013)
    assert caught.value.field
    assert "reading the games of 2013" in str(caught.value)
