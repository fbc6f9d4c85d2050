"""The college client over real HTTP: recorded seasons, the provider's clock, its quota and its refusals."""

import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.college_football import college_football_app
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.emulators.server import DESK, serving
from football_assets.errors import SourceChanged, SourceRejected
from football_assets.ncaa.client import LISTS, VENUES, CollegeFootball, Harvest, Moment, box_weeks
from football_assets.ncaa.identities import identified, team_ids, teams_identified
from football_assets.ncaa.schemas import Games, Lines, PlayerStats, TeamStats
from football_assets.ncaa.season_schemas import Teams, Venues
from football_assets.sections import CollegeFootballService
from football_assets.tables import REGISTER, from_rows, judge
from football_assets.transport import Credentials, open_transport

SPRING = datetime(2024, 9, 1, 12, tzinfo=UTC)
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
        weeks = box_weeks(games, 2013, Moment(datetime(2026, 11, 20, tzinfo=UTC)), OCTOBER)
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


async def test_a_whole_season_fits_its_tables_and_costs_at_most_sixty_calls(college):
    moment = Moment(datetime(2026, 11, 20, tzinfo=UTC), is_over=True)
    async with college(at=SPRING) as client:
        games = await client.games(2023)
        frame = from_rows(Games, games.rows)
        weeks = box_weeks(frame, 2023, moment, SPRING)
        found = [games, await client.lines(2023), await client.team_stats(2023, weeks)]
        found.append(await client.player_stats(2023, weeks))
        assert [week.week for week in weeks if week.season_type == "regular"] == list(range(1, 16))
        lists = {}
        for name, lists_of in LISTS.items():
            if name != "weather":
                lists[name] = Harvest()
                for each in lists_of:
                    lists[name].add(await client.season_list(each, 2023, moment.cache(2023, each.turn)))
        venues = await client.season_list(VENUES, 2023, moment.cache(2023, VENUES.turn))
        found += [*lists.values(), venues]
    teams = from_rows(Teams, lists["teams"].rows)
    fbs = {2023: dict(zip(teams["team_id"], teams["team"], strict=True))}
    ids = team_ids(frame, teams, 2023)
    for name, harvest in lists.items():
        table = REGISTER["ncaa", name]
        rows = from_rows(table, harvest.rows)
        assert len(rows) >= 130
        assert judge(table, rows).passed, judge(table, rows).says
        if name not in ("teams", "rankings"):
            verdict = teams_identified(identified(rows, ids), fbs)
            assert verdict.passed, f"{name}: {verdict.says}"
            assert verdict.figures["unknown_names"] < 60
    assert judge(Venues, from_rows(Venues, venues.rows)).passed
    assert {row["system"] for row in lists["ratings"].rows} == {"sp", "fpi", "srs"}
    assert sum(harvest.calls for harvest in found) == 45
    assert min(harvest.quota_left for harvest in found if harvest.calls) == 1000 - 45


async def test_a_day_of_the_running_season_costs_at_most_fifteen_calls(recordings, tmp_path, monkeypatch):
    """Two weeks up to the first bowls, day by day; our clock, by which kept answers age, goes along."""
    first_day, today = datetime(2023, 12, 8, 6, tzinfo=UTC), datetime(2026, 11, 20, 6, tzinfo=UTC)
    app, real, spent = college_football_app(RecordedSeasons(recordings), EmulatedClock(first_day, 0)), time.time, []
    async with serving(app) as url:
        for day in map(timedelta, range(15)):
            app[DESK].clock.set(first_day + day, 0)
            monkeypatch.setattr("time.time", lambda day=day: real() + day.total_seconds())
            credentials = Credentials(headers={"Authorization": "Bearer any"})
            async with open_transport("CFBD", url, ONE_TRY, credentials=credentials, cache_dir=tmp_path) as transport:
                spent.append(await calls_of_a_day(CollegeFootball(transport), Moment(today + day), first_day + day))
    assert 35 <= spent[0] <= 60, "the first day brings everything"
    assert max(spent[1:]) <= 15
    assert min(spent[1:]) >= 3


async def calls_of_a_day(client, moment, at):
    """What the assets ask on one day."""
    harvests = [await client.games(2023), await client.lines(2023)]
    weeks = box_weeks(from_rows(Games, harvests[0].rows), 2023, moment, at)
    harvests += [await client.team_stats(2023, weeks), await client.player_stats(2023, weeks)]
    lists = [each for name, found in LISTS.items() for each in found if name != "weather"]
    for each in (*lists, VENUES):
        harvests.append(await client.season_list(each, 2023, moment.cache(2023, each.turn)))
    return sum(harvest.calls for harvest in harvests)


async def test_a_free_key_is_refused_the_weather_and_not_charged_for_it(college):
    (weather,) = LISTS["weather"]
    async with college(at=SPRING) as client:
        with pytest.raises(SourceRejected, match=r"HTTP 401.*Tier 1"):
            await client.season_list(weather, 2023, None)
        assert (await client.games(2023)).quota_left == 999


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
