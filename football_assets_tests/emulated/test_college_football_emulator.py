"""The College Football Data emulator over real HTTP: its contract, its quota and what it knows at an instant."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.college_football import DatedSource, college_football_app
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_seasons import RecordedSeasons
from football_assets.emulators.server import serving
from football_assets.states import Source

NOON = datetime(2024, 10, 12, 12, tzinfo=UTC)


def a_game(game_id: int, week: int, home: tuple[str, str, str], away: tuple[str, str, str], **changes: Any) -> dict:
    row: dict[str, Any] = {"id": game_id, "season": 2024, "week": week, "seasonType": "regular", "completed": True}
    row |= {"startDate": f"2024-09-{week:02}T16:00:00.000Z", "playoff": None, "notes": None}
    for side, (team, conference, classification) in (("home", home), ("away", away)):
        values = {"Id": sum(team.encode()), "Team": team, "Conference": conference, "Classification": classification}
        values["PostgameElo"] = 1500 + week if classification == "fbs" else None
        row |= {f"{side}{field}": value for field, value in values.items()}
    return row | changes


IOWA, OHIO = ("Iowa", "Big Ten", "fbs"), ("Ohio", "Mid-American", "fbs")
SWAC_NOW, SAN_JOSE = ("Jackson State", "SWAC", "fcs"), ("San José State", "Mountain West", "fbs")
GAMES = [
    a_game(1, 1, IOWA, OHIO),
    a_game(2, 1, OHIO, SWAC_NOW),
    a_game(3, 2, SAN_JOSE, IOWA),
    a_game(4, 1, SAN_JOSE, OHIO, seasonType="postseason", playoff={"competition": "cfp", "round": "semifinal"}),
]
CONFERENCES = [
    {"id": 1, "name": "Big Ten", "abbreviation": "B1G", "classification": "fbs"},
    {"id": 2, "name": "Mid-American", "abbreviation": "MAC", "classification": "fbs"},
    {"id": 3, "name": "SWAC", "abbreviation": "SWAC", "classification": "fbs"},
    {"id": 4, "name": "SWAC", "abbreviation": None, "classification": "fcs"},
]
PARTS = [{"name": "passing", "types": []}, {"name": "rushing", "types": []}]
STAT = {"season": 2024, "conference": "Big Ten", "statName": "sacks", "statValue": 30}
BOXES = [
    {
        "id": game["id"],
        "teams": [
            {"team": game[f"{side}Team"], "conference": game[f"{side}Conference"], "categories": PARTS, "stats": []}
            for side in ("home", "away")
        ],
    }
    for game in GAMES
]
POLLS = [{"poll": "AP Top 25", "isFinal": None}, {"poll": "Playoff Committee Rankings", "isFinal": None}]
ROWS: dict[str, list[dict]] = {
    "games": GAMES,
    "conferences": CONFERENCES,
    "games/teams": BOXES,
    "games/players": BOXES,
    "lines": [
        {name: GAMES[0][name] for name in ("id", "season", "week", "homeTeam", "awayTeam")}
        | {"lines": [{"provider": "DraftKings"}, {"provider": "Bovada"}]}
    ],
    "rankings": [
        {"season": 2024, "seasonType": "regular", "week": 10, "polls": POLLS[:1]},
        {"season": 2024, "seasonType": "regular", "week": 11, "polls": POLLS},
        {"season": 2024, "seasonType": "regular", "week": 12, "polls": POLLS},
    ],
    "teams": [
        {"id": sum(name.encode()), "school": name, "conference": conference, "division": "West", "classification": kind}
        for name, conference, kind in (("Iowa", "Big Ten", "fbs"), ("Ohio", "Sun Belt", "fbs"), ("Gone", None, None))
    ],
    "stats/season": [STAT | {"team": "Iowa"}, STAT | {"team": "Jackson State", "conference": "SWAC"}],
    "player/search": [
        {"name": f"Sam Hall {n:03}", "team": "Iowa", "position": "QB", "activeStartYear": 2022, "activeEndYear": 2024}
        for n in range(120)
    ],
    "talent": [{"year": 2024, "team": "Iowa", "talent": 801.5}],
    "wepa/team/season": [{"year": 2024, "team": "Iowa", "conference": "Big Ten"}],
}


class SmallSource:
    """One small season that a test can read through; it counts how often it is asked."""

    label = Source.SIMULATED
    default_at = NOON

    def __init__(self) -> None:
        self.asked: list[tuple[str, datetime]] = []

    def seasons(self) -> list[int]:
        return [2024]

    def rows(self, endpoint: str, season: int | None, at: datetime) -> list[dict]:
        self.asked.append((endpoint, at))
        return ROWS.get(endpoint, []) if season in (None, 2024) else []


class Client:
    """A client with a key."""

    def __init__(self, session: ClientSession, url: str) -> None:
        self._session, self._url = session, url

    async def get(self, path: str, **headers: str) -> tuple[int, Any, dict[str, str]]:
        headers = {"Authorization": "Bearer any-key"} | headers
        async with self._session.get(f"{self._url}/{path}", headers=headers) as response:
            is_json = response.content_type == "application/json"
            return response.status, await response.json() if is_json else None, dict(response.headers)

    async def rows(self, path: str) -> list[Any]:
        status, rows, _ = await self.get(path)
        assert status == 200, rows
        return rows

    async def ids(self, path: str) -> list[int]:
        return [row["id"] for row in await self.rows(path)]

    async def set_clock(self, at: str) -> None:
        async with self._session.post(f"{self._url}/__emulator__/clock", json={"at": at}) as response:
            assert response.status == 200


@asynccontextmanager
async def emulated(
    source: Any, at: datetime = NOON, faults: Faults | None = None, **options: Any
) -> AsyncIterator[Client]:
    clock = EmulatedClock(at, 0.0)
    app = college_football_app(source, clock, faults or Faults(), **options)
    async with serving(app) as url, ClientSession() as session:
        yield Client(session, url)


@pytest.fixture
async def small() -> AsyncIterator[Client]:
    async with emulated(SmallSource()) as client:
        yield client


@pytest.fixture(scope="module")
def seasons() -> RecordedSeasons:
    root = os.environ.get("FOOTBALL_RECORDINGS")
    if not root:
        pytest.skip("FOOTBALL_RECORDINGS names no folder of recordings")
    return RecordedSeasons(Path(root))


async def test_every_answer_says_where_it_comes_from_and_when(small: Client) -> None:
    for path in ("games?year=2024", "games", "nowhere"):
        _, _, headers = await small.get(path)
        assert headers["X-Football-Source"] == "simulated"
        assert headers["Date"] == "Sat, 12 Oct 2024 12:00:00 GMT"


@pytest.mark.parametrize("header", ["", "any-key", "Bearer", "Bearer ", "bearer any-key"])
async def test_a_request_without_a_bearer_key_is_refused(small: Client, header: str) -> None:
    status, body, headers = await small.get("games?year=2024", Authorization=header)
    assert status == 401
    assert list(body) == ["message"]
    assert "Bearer" in body["message"]
    assert "X-CallLimit-Remaining" not in headers


async def test_only_the_configured_key_is_accepted() -> None:
    async with emulated(SmallSource(), key="right") as client:
        status, body, _ = await client.get("games?year=2024", Authorization="Bearer wrong")
        assert (status, body) == (401, {"message": "Unauthorized"})
        status, _, _ = await client.get("games?year=2024", Authorization="Bearer right")
        assert status == 200


async def test_an_unknown_path_is_not_found_and_an_unknown_parameter_ignored(small: Client) -> None:
    assert (await small.get("scores?year=2024"))[0] == 404
    assert await small.ids("games?year=2024&colour=red") == [1, 2, 3, 4]


@pytest.mark.parametrize("path", ["games/weather?year=2024", "wepa/team/season?year=2024"])
async def test_an_endpoint_above_the_keys_tier_is_refused_and_free_of_charge(path: str) -> None:
    async with emulated(SmallSource()) as client:
        status, body, headers = await client.get(path)
        assert (status, headers["X-CallLimit-Remaining"]) == (401, "1000")
        assert "Tier 1" in body["message"]
    async with emulated(SmallSource(), tier=1) as client:
        assert (await client.get(path))[0] == 200


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("games", {"year"}),
        ("games?year=0", {"year"}),
        ("games?year=soon", {"year"}),
        ("games?year=", {"year"}),
        ("games?year=2024&year=2023", {"year"}),
        ("games?year=2024&week=1.5", {"week"}),
        ("games?year=2024&seasonType=summer", {"seasonType"}),
        ("games?year=2024&classification=FBS", {"classification"}),
        ("games?year=2024&round=semifinal", {"competition"}),
        ("games/teams?week=1", {"year"}),
        ("games/teams?year=2024", {"week", "team", "conference"}),
        ("games/teams?year=2024&week=0", {"week", "team", "conference"}),
        ("games/players?year=2024&seasonType=regular", {"week", "team", "conference"}),
        ("games/media", {"year"}),
        ("games/media?year=2024&mediaType=post", {"mediaType"}),
        ("lines?week=3", {"year"}),
        ("records", {"year", "team"}),
        ("calendar", {"year"}),
        ("rankings", {"year"}),
        ("rankings?year=2024&poll=ap", {"poll"}),
        ("rankings?year=2024&latest=true", {"latest"}),
        ("rankings?year=2024&poll=cfp&latest=true&final=true", {"latest", "final"}),
        ("rankings?year=2024&poll=cfp&latest=perhaps", {"latest"}),
        ("ratings/sp", {"year", "team"}),
        ("talent", {"year"}),
        ("player/search?year=2024", {"searchTerm"}),
        ("player/portal", {"year"}),
        ("stats/season?conference=B1G", {"year", "team"}),
        ("ppa/games?team=Iowa", {"year"}),
        ("info/usage?days=32", {"days"}),
        ("info/usage?limit=0", {"limit"}),
        ("info/usage?api=nba", {"api"}),
    ],
)
async def test_wrong_parameters_are_named_and_cost_nothing(small: Client, path: str, wrong: set[str]) -> None:
    status, body, headers = await small.get(path)
    assert status == 400
    assert body["message"] == "Validation Failed"
    assert set(body["details"]) == wrong
    assert all(isinstance(detail["message"], str) for detail in body["details"].values())
    assert headers["X-CallLimit-Remaining"] == "1000"


async def test_an_ill_typed_value_is_sent_back(small: Client) -> None:
    _, body, _ = await small.get("games?year=soon")
    assert body["details"]["year"]["value"] == "soon"


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("", [1, 2, 3, 4]),
        ("&week=1", [1, 2, 4]),
        ("&week=0", [1, 2, 3, 4]),
        ("&week=1&seasonType=regular", [1, 2]),
        ("&seasonType=both", [1, 2, 3, 4]),
        ("&seasonType=postseason", [4]),
        ("&team=iowa", [1, 3]),
        ("&team=Iow", []),
        ("&team=SAN JOSÉ state", [3, 4]),
        ("&home=Ohio", [2]),
        ("&away=Ohio", [1, 4]),
        ("&conference=B1G", [1, 3]),
        ("&conference=b1g", [1, 3]),
        ("&conference=Big Ten", []),
        ("&conference=SWAC", []),
        ("&classification=fcs", [2]),
        ("&classification=fbs", [1, 2, 3, 4]),
        ("&classification=iii", []),
        ("&competition=cfp", [4]),
        ("&competition=cfp&round=final", []),
    ],
)
async def test_games_are_filtered(small: Client, query: str, ids: list[int]) -> None:
    assert await small.ids(f"games?year=2024{query}") == ids


async def test_a_game_asked_for_by_id_ignores_the_other_filters(small: Client) -> None:
    assert await small.ids("games?id=3&year=1999&week=9") == [3]
    assert await small.ids("games?id=99") == []
    assert await small.ids("games?year=1999") == []


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("year=2024&week=1", [1, 2, 4]),
        ("year=2024&week=1&seasonType=regular", [1, 2]),
        ("year=2024&team=Iowa", [1, 3]),
        ("year=2024&conference=MAC", [1, 2, 4]),
        ("year=2024&week=1&classification=fcs", [2]),
        ("id=3", [3]),
    ],
)
async def test_box_scores_are_those_of_the_games_that_match(small: Client, query: str, ids: list[int]) -> None:
    for path in ("games/teams", "games/players"):
        assert await small.ids(f"{path}?{query}") == ids


async def test_a_category_of_player_games_leaves_the_others_out(small: Client) -> None:
    boxes = await small.rows("games/players?id=1&category=Rushing")
    assert [[part["name"] for part in team["categories"]] for team in boxes[0]["teams"]] == [["rushing"], ["rushing"]]
    assert await small.rows("games/players?id=1&category=punting") == []


async def test_lines_of_one_provider_leave_the_others_out(small: Client) -> None:
    assert [line["provider"] for line in (await small.rows("lines?year=2024"))[0]["lines"]] == ["DraftKings", "Bovada"]
    assert (await small.rows("lines?gameId=1&provider=bovada"))[0]["lines"] == [{"provider": "Bovada"}]
    assert await small.rows("lines?year=2024&provider=consensus") == []


async def test_the_playoff_poll_alone_and_its_latest_week(small: Client) -> None:
    rows = await small.rows("rankings?year=2024&poll=cfp")
    assert [(row["week"], len(row["polls"])) for row in rows] == [(11, 1), (12, 1)]
    assert [row["week"] for row in await small.rows("rankings?year=2024&poll=cfp&latest=true")] == [12]
    assert await small.rows("rankings?year=2024&poll=cfp&final=true") == []


async def test_teams_of_a_year_carry_that_years_conference(small: Client) -> None:
    assert len(await small.rows("teams")) == 3
    teams = {team["school"]: (team["conference"], team["division"]) for team in await small.rows("teams?year=2024")}
    assert teams == {"Iowa": ("Big Ten", "West"), "Ohio": ("Mid-American", None)}


async def test_elo_up_to_a_week_is_that_of_the_last_game_by_then(small: Client) -> None:
    assert {row["team"]: row["elo"] for row in await small.rows("ratings/elo?year=2024&week=1")} == {
        "Iowa": 1501,
        "Ohio": 1501,
    }
    assert [row["elo"] for row in await small.rows("ratings/elo?year=2024&seasonType=regular&team=iowa")] == [1502]


async def test_season_statistics_are_major_unless_told_and_never_the_whole_season_for_a_part_of_it(
    small: Client,
) -> None:
    assert [row["team"] for row in await small.rows("stats/season?year=2024")] == ["Iowa"]
    assert [row["team"] for row in await small.rows("stats/season?year=2024&classification=fcs")] == ["Jackson State"]
    assert await small.rows("stats/season?year=2024&endWeek=5") == []


async def test_a_player_search_stops_at_a_hundred(small: Client) -> None:
    assert len(await small.rows("player/search?searchTerm=hall")) == 100
    assert [row["name"] for row in await small.rows("player/search?searchTerm=HALL 007&team=iowa")] == ["Sam Hall 007"]
    assert await small.rows("player/search?searchTerm=hall&year=2019") == []


async def test_only_answered_calls_cost_and_the_month_runs_out() -> None:
    async with emulated(SmallSource(), monthly_limit=2) as client:
        left = []
        for path in ("info", "talent", "talent?year=2024", "info/usage", "talent?year=2024", "talent?year=2024"):
            status, body, headers = await client.get(path)
            left.append((status, headers["X-CallLimit-Remaining"]))
        assert left == [(200, "2"), (400, "2"), (200, "1"), (200, "1"), (200, "0"), (429, "0")]
        assert body == {"message": "Monthly call quota exceeded."}
        assert (await client.get("info"))[1]["remainingCalls"] == 0


async def test_calls_asked_for_at_once_never_exceed_the_quota() -> None:
    async with emulated(SmallSource(), monthly_limit=3) as client:
        answers = await asyncio.gather(*(client.get(f"talent?year={year}") for year in range(2000, 2012)))
        assert sorted(status for status, _, _ in answers) == [200] * 3 + [429] * 9


async def test_the_quota_resets_on_the_first_of_the_month() -> None:
    async with emulated(SmallSource(), monthly_limit=1) as client:
        assert [(await client.get("talent?year=2024"))[0] for _ in range(2)] == [200, 429]
        assert (await client.get("info"))[1]["resetAt"] == "2024-11-01T00:00:00.000Z"
        await client.set_clock("2024-10-31T23:59:59Z")
        assert (await client.get("talent?year=2024"))[0] == 429
        await client.set_clock("2024-11-01T00:00:00Z")
        assert (await client.get("talent?year=2024"))[0] == 200


async def test_the_account_tells_its_plan_and_what_was_asked() -> None:
    async with emulated(SmallSource(), tier=2, monthly_limit=30_000) as client:
        for path in ("talent?year=2024", "talent?year=2023", "venues"):
            await client.get(path)
        await client.set_clock("2024-10-12T13:00:00Z")
        _, info, _ = await client.get("info")
        assert (info["patronLevel"], info["tierName"], info["usedCalls"]) == (2, "Tier 2", 3)
        assert info["features"] | {"graphQl": False} == info["features"]
        _, usage, _ = await client.get("info/usage?days=1&limit=1")
        assert usage["totals"] == {"requests": 3, "cfbRequests": 3, "cbbRequests": 0, "uniqueEndpoints": 2}
        assert [(top["endpoint"], top["requests"]) for top in usage["topEndpoints"]] == [("/talent", 2)]
        assert len(usage["recentRequests"]) == 1
        assert (await client.get("info/usage?api=cbb"))[1]["totals"]["requests"] == 0


async def test_faults_answer_as_the_provider_would_and_cost_nothing() -> None:
    faults = Faults.parse(["500@games", "429@lines=0", "ip_refused@venues", "not_in_plan", "err@talent"])
    async with emulated(SmallSource(), tier=1, faults=faults) as client:
        answers = {
            path: (await client.get(path))[:2]
            for path in ("games/teams?id=1", "lines?year=2024", "venues", "wepa/team/season?year=2024", "talent?year=1")
        }
        assert [status for status, _ in answers.values()] == [500, 429, 401, 401, 503]
        assert all(list(body) == ["message"] for _, body in answers.values())
        assert (await client.get("conferences"))[2]["X-CallLimit-Remaining"] == "999"


async def test_a_source_that_names_no_changes_is_read_once_a_minute() -> None:
    source = SmallSource()
    assert not isinstance(source, DatedSource)
    async with emulated(source) as client:
        for at in ("2024-10-12T12:00:10Z", "2024-10-12T12:00:50Z", "2024-10-12T12:01:05Z"):
            await client.set_clock(at)
            await client.get("talent?year=2024")
    assert [at.minute for endpoint, at in source.asked if endpoint == "talent"] == [0, 1]
    assert {at.second for _, at in source.asked} == {0}


async def test_recorded_games_of_a_conference_have_a_member_on_one_side(seasons: RecordedSeasons) -> None:
    async with emulated(seasons, seasons.default_at) as client:
        rows = await client.rows("games?year=2024&conference=B1G")
        assert len(rows) > 100
        assert all("Big Ten" in (row["homeConference"], row["awayConference"]) for row in rows)
        _, _, headers = await client.get("games?year=2024&week=1")
        assert headers["X-Football-Source"] == "recorded"


async def test_a_recorded_season_arrives_whole(seasons: RecordedSeasons) -> None:
    async with emulated(seasons, seasons.default_at) as client:
        for endpoint in ("games", "lines", "stats/season", "ratings/sp", "records"):
            assert await client.rows(f"{endpoint}?year=2024") == seasons.rows(endpoint, 2024, seasons.default_at)


async def test_recorded_box_scores_of_a_week_are_exactly_those_of_its_games(seasons: RecordedSeasons) -> None:
    at = seasons.default_at
    boxes = {box["id"] for box in seasons.rows("games/teams", 2024, at)}
    async with emulated(seasons, at) as client:
        for week in range(1, 17):
            games = set(await client.ids(f"games?year=2024&week={week}&seasonType=regular"))
            asked = set(await client.ids(f"games/teams?year=2024&week={week}&seasonType=regular"))
            assert asked == games & boxes
            assert asked


async def test_going_back_in_time_takes_the_results_away_and_forward_brings_them_back(seasons: RecordedSeasons) -> None:
    async with emulated(seasons, seasons.default_at) as client:
        whole = await client.rows("games?year=2024&week=8&seasonType=regular")
        await client.set_clock(NOON.isoformat())
        masked = await client.rows("games?year=2024&week=8&seasonType=regular")
        assert [game["id"] for game in masked] == [game["id"] for game in whole]
        assert {(game["homePoints"], game["completed"]) for game in masked} == {(None, False)}
        assert await client.rows("games/teams?year=2024&week=8") == []
        assert await client.rows(f"games/teams?id={whole[0]['id']}") == []
        assert await client.rows("ratings/sp?year=2024") == []
        await client.set_clock(seasons.default_at.isoformat())
        assert await client.rows("games?year=2024&week=8&seasonType=regular") == whole
