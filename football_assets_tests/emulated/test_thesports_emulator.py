"""The TheSports emulator on loopback: paths, envelopes, modes, refusals, and the recorded poll."""

import asyncio
import functools
from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.recorded_matches import RecordedMatches
from football_assets.emulators.server import serving
from football_assets.emulators.thesports import rows_since, thesports_app
from football_assets.states import Source

AT = datetime(2025, 5, 28, 12, 0, tzinfo=UTC)
TS = int(AT.timestamp())
UNAUTHORIZED = {"err": "Unauthorized access, please contact our business staff."}
IP_REFUSED = {"err": "IP is not authorized to access, please contact our business staff."}
URL_REFUSED = {"err": "URL is not authorized to access, please contact our business staff."}


def match(number, *, status=1, match_time=TS, updated_at=TS, **more):
    return {
        "id": f"m{number:04d}",
        "competition_id": "c1",
        "season_id": "",
        "home_team_id": "t1",
        "away_team_id": "t2",
        "venue_id": "",
        "referee_id": "",
        "status_id": status,
        "match_time": match_time,
        "round": {"stage_id": ""},
        "updated_at": updated_at,
        **more,
    }


class SmallWorld:
    """A source of a few rows that the test fills."""

    label = Source.SIMULATED
    default_at = AT

    def __init__(self, *, recent=(), live=(), quotes=(), reference=None):
        self._recent, self._live, self._quotes = list(recent), list(live), list(quotes)
        self._reference = reference or {}
        self.asked = Counter()

    def live(self, at):
        self.asked["live"] += 1
        return [entry for since, until, entry in self._live if since <= at.timestamp() < until]

    def recent(self, at):
        self.asked["recent"] += 1
        return self._recent

    def odds(self, match_id, at):
        rows = [quote[2] for quote in self._quotes if quote[0] == match_id and quote[2][0] <= at.timestamp()]
        return {"2": {"eu": rows[::-1]}} if rows else {}

    def odds_changes(self, since, until):
        changes = {}
        for match_id, company, row in self._quotes:
            if since.timestamp() < row[0] <= until.timestamp():
                changes.setdefault(company, []).append([match_id, "eu", row[:7], row[7]])
        return changes

    def reference(self, kind, at):
        return self._reference.get(kind, [])

    def knows(self, match_id):
        return any(row["id"] == match_id for row in self._recent)


@asynccontextmanager
async def emulator(source, *faults, at=None, **credentials):
    """`ask(path, **query)` gives (status, body) with credentials filled in."""
    app = thesports_app(source, EmulatedClock(at or source.default_at, 0), Faults.parse(faults), **credentials)
    async with serving(app) as url, aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:

        async def ask(path, **query):
            given = {"user": "someone", "secret": "something", **query}
            async with session.get(f"{url}/{path}", params={k: v for k, v in given.items() if v is not None}) as answer:
                return answer.status, await answer.json(content_type=None)

        yield ask


async def test_every_path_of_the_contract_answers_with_code_0():
    paths = ["match/detail_live", "match/recent/list", "odds/live", "odds/update", "data/update", "deleted"]
    paths += ["team/additional/list", "team/list", "competition/additional/list", "country/list", "category/list"]
    paths += ["season/list", "stage/list", "venue/list", "referee/list", "coach/list"]
    async with emulator(SmallWorld()) as ask:
        for path in paths:
            status, body = await ask(path)
            assert (path, status, body["code"]) == (path, 200, 0)
            assert not body["results"]


async def test_an_unknown_path_is_refused_with_http_200():
    async with emulator(SmallWorld()) as ask:
        assert await ask("match/nowhere") == (200, URL_REFUSED)
        assert await ask("match/list") == (200, URL_REFUSED)


@pytest.mark.parametrize("given", [{"user": None}, {"secret": None}, {"user": ""}, {"secret": ""}])
async def test_a_call_without_credentials_is_unauthorized(given):
    async with emulator(SmallWorld()) as ask:
        assert await ask("match/detail_live", **given) == (200, UNAUTHORIZED)


async def test_particular_credentials_can_be_demanded():
    async with emulator(SmallWorld(), user="me", secret="mine") as ask:
        assert (await ask("match/detail_live", user="me", secret="mine"))[1]["code"] == 0
        for wrong in ({"user": "me"}, {"secret": "mine"}, {}, {"user": "me", "secret": "ü"}):
            assert await ask("match/detail_live", **wrong) == (200, UNAUTHORIZED)


async def test_bare_lists_have_no_query_object():
    world = SmallWorld(reference={"country": [{"id": "e"}], "category": [{"id": "k"}]}, live=[(0, TS + 1, {"id": "m"})])
    async with emulator(world) as ask:
        assert (await ask("country/list"))[1] == {"code": 0, "results": [{"id": "e"}]}
        assert (await ask("category/list"))[1] == {"code": 0, "results": [{"id": "k"}]}
        assert (await ask("match/detail_live", uuid="ignored"))[1] == {"code": 0, "results": [{"id": "m"}]}


async def test_pages_hold_1000_rows_and_cover_every_row_once():
    world = SmallWorld(recent=[match(number) for number in range(2300)])
    async with emulator(world) as ask:
        pages = [(await ask("match/recent/list", page=str(page)))[1] for page in (1, 2, 3, 4)]
        first = (await ask("match/recent/list"))[1]
    assert [page["query"] for page in pages] == [
        {"total": total, "type": "page", "page": page} for page, total in ((1, 1000), (2, 1000), (3, 300), (4, 0))
    ]
    ids = [row["id"] for page in pages for row in page["results"]]
    assert len(ids) == len(set(ids)) == 2300
    assert pages[3]["results"] == []
    assert first == pages[0]


async def test_time_mode_gives_what_changed_since_ascending_with_its_edges():
    world = SmallWorld(recent=[match(n, updated_at=TS - offset) for n, offset in enumerate((50, 10, 100, 30))])
    async with emulator(world) as ask:
        _, body = await ask("match/recent/list", time=str(TS - 50))
        _, none = await ask("match/recent/list", time=str(TS + 1))
    assert [row["updated_at"] - TS for row in body["results"]] == [-50, -30, -10]
    assert body["query"] == {"total": 3, "type": "time", "time": TS - 50, "min_time": TS - 50, "max_time": TS - 10}
    assert none == {
        "code": 0,
        "query": {"total": 0, "type": "time", "time": TS + 1, "min_time": 0, "max_time": 0},
        "results": [],
    }


async def test_following_max_time_reaches_every_row():
    world = SmallWorld(recent=[match(n, updated_at=TS + n // 700) for n in range(2500)])
    seen, since = set(), 0
    async with emulator(world) as ask:
        for _ in range(10):
            _, body = await ask("match/recent/list", time=str(since))
            seen |= {row["id"] for row in body["results"]}
            if body["query"]["total"] < 1000:
                break
            since = body["query"]["max_time"]
    assert len(seen) == 2500


def test_a_second_with_more_than_1000_changes_is_given_whole():
    rows = [match(n, updated_at=TS) for n in range(1500)] + [match(n, updated_at=TS + 1) for n in range(1500, 1600)]
    assert len(rows_since(rows, TS)) == 1500
    assert len(rows_since(rows, TS + 1)) == 100


async def test_uuid_mode_gives_one_row_or_none():
    world = SmallWorld(recent=[match(1), match(2)], reference={"team": [{"id": "t1", "name": "Home"}]})
    async with emulator(world) as ask:
        _, found = await ask("match/recent/list", uuid="m0002")
        _, team = await ask("team/additional/list", uuid="t1")
        _, none = await ask("match/recent/list", uuid="t1")
    assert found["query"] == {"total": 1, "type": "uuid", "uuid": "m0002"}
    assert [row["id"] for row in found["results"]] == ["m0002"]
    assert team["results"] == [{"id": "t1", "name": "Home"}]
    assert none == {"code": 0, "query": {"total": 0, "type": "uuid", "uuid": "t1"}, "results": []}


@pytest.mark.parametrize("query", [{"page": "0"}, {"page": "first"}, {"page": "-1"}, {"time": "now"}, {"page": ""}])
async def test_an_ill_typed_parameter_is_an_error_with_a_message(query):
    async with emulator(SmallWorld(recent=[match(1)])) as ask:
        status, body = await ask("match/recent/list", **query)
    assert (status, body["code"]) == (200, 400)
    assert next(iter(query)) in body["msg"]


async def test_team_list_is_the_leaner_sibling():
    full = {"id": "t1", "name": "Home", "short_name": "H", "website": "x", "total_players": 3, "updated_at": TS}
    async with emulator(SmallWorld(reference={"team": [full]})) as ask:
        assert (await ask("team/additional/list"))[1]["results"] == [full]
        lean = (await ask("team/list"))[1]["results"]
    assert lean == [{"id": "t1", "name": "Home", "short_name": "H", "updated_at": TS}]


async def test_the_diary_is_24_hours_with_the_names_its_matches_refer_to():
    midnight = TS - 12 * 3600
    times = (midnight - 1, midnight + 86_399, midnight, midnight + 86_400)
    world = SmallWorld(
        recent=[match(n, match_time=time) for n, time in enumerate(times)],
        reference={
            "team": [{"id": "t1", "name": "Home", "logo": "l", "website": "x"}, {"id": "t9", "name": "Other"}],
            "competition": [{"id": "c1", "name": "Cup", "logo": "l", "type": 2}],
        },
    )
    async with emulator(world) as ask:
        _, by_tsp = await ask("match/diary", tsp=str(midnight))
        _, by_date = await ask("match/diary", date="20250528")
        _, after = await ask("match/diary", tsp=str(midnight - 1))
    assert by_tsp == by_date
    assert [row["id"] for row in by_tsp["results"]] == ["m0002", "m0001"]
    assert by_tsp["query"] == {"total": 2, "type": "diary"}
    assert by_tsp["results_extra"] == {
        "competition": [{"id": "c1", "name": "Cup", "logo": "l"}],
        "team": [{"id": "t1", "name": "Home", "logo": "l"}],
        "referee": [],
        "venue": [],
        "season": [],
        "stage": [],
    }
    assert [row["id"] for row in after["results"]] == ["m0000", "m0002"]


async def test_the_diary_reaches_30_days_either_way_and_needs_a_day():
    day = 86_400
    world = SmallWorld(recent=[match(n, match_time=TS + 3600 + n * day) for n in (-40, -20, 20, 40)])
    async with emulator(world) as ask:
        totals = [(await ask("match/diary", tsp=str(TS + n * day)))[1]["query"]["total"] for n in (-40, -20, 20, 40)]
        assert totals == [0, 1, 1, 0]
        for query in ({}, {"tsp": "today"}, {"date": "2025-05-28"}, {"tsp": "9" * 30}):
            assert (await ask("match/diary", **query))[1]["code"] == 400


async def test_live_history_gives_an_ended_match_after_it_left_the_live_list():
    ended = {"id": "m0001", "score": ["m0001", 8, [2], [1], 0, ""]}
    running = {"id": "m0002", "score": ["m0002", 2, [0], [0], TS, ""]}
    rows = [match(1, status=8, ended=TS - 20_000, updated_at=TS - 20_000), match(2, status=2)]
    rows.append(match(3, status=8, ended=TS - 31 * 86_400, updated_at=TS - 31 * 86_400))
    live = [(TS - 20_000, TS - 12_800, ended), (TS - 900, TS + 900, running)]
    async with emulator(SmallWorld(recent=rows, live=live)) as ask:
        assert [entry["id"] for entry in (await ask("match/detail_live"))[1]["results"]] == ["m0002"]
        assert (await ask("match/live/history", uuid="m0001"))[1] == {"code": 0, "results": ended}
        assert (await ask("match/live/history", uuid="m0002"))[1] == {"code": 0, "results": {}}
        assert (await ask("match/live/history", uuid="m0003"))[1] == {"code": 0, "results": {}}


async def test_live_history_prefers_a_later_correction_and_never_one_still_to_come():
    wrong = {"id": "m0001", "score": ["m0001", 8, [2], [1], 0, ""]}
    right = {"id": "m0001", "score": ["m0001", 8, [2], [2], 0, ""]}
    live = [(TS - 20_000, TS - 12_800, wrong), (TS - 9000, TS - 8000, right)]
    corrected = SmallWorld(recent=[match(1, status=8, ended=TS - 20_000, updated_at=TS - 9000)], live=live)
    async with emulator(corrected) as ask:
        assert (await ask("match/live/history", uuid="m0001"))[1]["results"] == right
    live = [(TS - 20_000, TS - 12_800, wrong), (TS + 500, TS + 900, right)]
    to_come = SmallWorld(recent=[match(1, status=8, ended=TS - 20_000, updated_at=TS + 600)], live=live)
    async with emulator(to_come) as ask:
        assert (await ask("match/live/history", uuid="m0001"))[1]["results"] == wrong


@pytest.mark.parametrize("path", ["odds/history", "match/live/history"])
async def test_per_match_paths_need_a_match_that_exists(path):
    async with emulator(SmallWorld()) as ask:
        assert await ask(path, uuid="m0001") == (404, {"code": 404, "msg": "Resource does not exist"})
        assert (await ask(path))[1]["code"] == 400


async def test_odds_paths_agree_on_the_changes_of_the_last_minute():
    row = lambda ago, price: [TS - ago, "16", price, 3.6, 1.95, 2, 0, "0-0"]  # noqa: E731
    quotes = [("m0001", "2", row(90, 3.4)), ("m0001", "2", row(60, 3.3)), ("m0001", "2", row(59, 3.2))]
    quotes += [("m0002", "22", row(5, 2.0)), ("m0001", "2", row(3, 3.1)), ("m0001", "2", row(-9, 9.9))]
    async with emulator(SmallWorld(recent=[match(1), match(2), match(3)], quotes=quotes)) as ask:
        _, history = await ask("odds/history", uuid="m0001")
        _, changed = await ask("odds/live")
        _, update = await ask("odds/update")
        assert (await ask("odds/history", uuid="m0003"))[1] == {"code": 0, "results": {}}
    assert history["results"] == {"2": {"eu": [row(3, 3.1), row(59, 3.2), row(60, 3.3), row(90, 3.4)]}}
    assert changed["results"] == {
        "2": [["m0001", "eu", row(59, 3.2)[:7], "0-0"], ["m0001", "eu", row(3, 3.1)[:7], "0-0"]],
        "22": [["m0002", "eu", row(5, 2.0)[:7], "0-0"]],
    }
    assert update["results"] == [
        {"id": "m0001", "company_id": 2, "update_time": TS - 3},
        {"id": "m0002", "company_id": 22, "update_time": TS - 5},
    ]


async def test_the_source_is_asked_once_for_an_emulated_second():
    world = SmallWorld(recent=[match(number) for number in range(40)])
    async with emulator(world) as ask:
        await asyncio.gather(*(ask("match/recent/list", uuid=f"m{number:04d}") for number in range(40)))
    assert world.asked["recent"] == 1


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("err", 200, UNAUTHORIZED),
        ("ip_refused", 200, IP_REFUSED),
        ("not_in_plan", 200, URL_REFUSED),
        ("429=0", 200, {"code": 429}),
        ("empty", 200, {"code": 0, "results": {}}),
    ],
)
async def test_faults_speak_the_provider_s_words(fault, status, body):
    quotes = [("m0001", "2", [TS - 5, "", 2.0, 3.0, 4.0, 1, 0, "0-0"])]
    async with emulator(SmallWorld(recent=[match(1)], quotes=quotes), fault) as ask:
        assert await ask("odds/history", uuid="m0001") == (status, body)


async def test_a_plan_without_odds_still_gives_everything_else():
    async with emulator(SmallWorld(recent=[match(1)]), "not_in_plan") as ask:
        for path in ("odds/history", "odds/live", "odds/update"):
            assert await ask(path, uuid="m0001") == (200, URL_REFUSED)
        assert (await ask("match/recent/list"))[1]["query"]["total"] == 1


async def test_a_server_error_is_http_500_and_no_json():
    app = thesports_app(SmallWorld(), EmulatedClock(AT), Faults.parse(["500"]))
    async with (
        serving(app) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/match/detail_live") as answer,
    ):
        assert answer.status == 500
        assert answer.content_type == "text/html"


async def test_calls_beyond_120_a_minute_are_served_and_counted():
    app = thesports_app(SmallWorld(recent=[match(1)]), EmulatedClock(AT))
    async with serving(app) as url, aiohttp.ClientSession() as session:
        for _ in range(123):
            params = {"user": "u", "secret": "s", "uuid": "m0001"}
            async with session.get(f"{url}/odds/history", params=params) as answer:
                assert (await answer.json())["code"] == 0
        async with session.get(f"{url}/__emulator__/stats") as answer:
            counts = await answer.json()
    assert counts["emulator"] == "thesports"
    assert counts["paths"]["odds/history"]["violations"] == 3


@functools.cache
def read_once(folder):
    return RecordedMatches(folder).loaded()


@pytest.fixture
def recorded(recordings):
    return read_once(recordings)


async def test_the_recorded_poll_has_its_102_matches_in_their_states(recorded):
    async with emulator(recorded) as ask:
        _, live = await ask("match/detail_live")
        _, recent = await ask("match/recent/list")
    assert Counter(entry["score"][1] for entry in live["results"]) == {2: 44, 4: 26, 8: 14, 3: 10, 13: 7, 9: 1}
    assert {row["id"] for row in recent["results"]} == {entry["id"] for entry in live["results"]}
    assert all(set(entry) == {"id", "score", "stats", "incidents", "tlive"} for entry in live["results"])


async def test_88_recorded_matches_have_odds_and_every_quote_is_served(recorded):
    async with emulator(recorded) as ask:
        ids = [entry["id"] for entry in (await ask("match/detail_live"))[1]["results"]]
        answers = [body for _, body in await asyncio.gather(*(ask("odds/history", uuid=name) for name in ids))]
    assert sum(bool(answer["results"]) for answer in answers) == 88
    markets = [rows for answer in answers for company in answer["results"].values() for rows in company.values()]
    assert all(rows[0][0] >= rows[-1][0] and len(row) == 8 for rows in markets for row in rows)
    assert len({(*row, number) for number, rows in enumerate(markets) for row in rows}) == 219_941


async def test_recorded_names_resolve_for_every_match(recorded):
    async with emulator(recorded) as ask:
        matches = (await ask("match/recent/list"))[1]["results"]
        teams = {row["id"] for row in (await ask("team/additional/list"))[1]["results"]}
        competitions = {row["id"] for row in (await ask("competition/additional/list"))[1]["results"]}
        countries = (await ask("country/list"))[1]["results"]
        _, one = await ask("team/additional/list", uuid=matches[0]["home_team_id"])
        _, diary = await ask("match/diary", date="20250528")
    assert (len(teams), len(competitions), len(countries)) == (204, 41, 212)
    assert all({row["home_team_id"], row["away_team_id"]} <= teams for row in matches)
    assert {row["competition_id"] for row in matches} <= competitions
    assert one["query"] == {"total": 1, "type": "uuid", "uuid": matches[0]["home_team_id"]}
    assert {row["id"] for row in diary["results_extra"]["team"]} <= teams
    assert diary["query"]["total"] == len(diary["results"]) == 101


async def test_the_recording_shows_no_future_before_its_capture(recorded):
    at = recorded.default_at - timedelta(minutes=10)
    async with emulator(recorded, at=at) as ask:
        assert (await ask("match/detail_live"))[1]["results"] == []
        recent = (await ask("match/recent/list"))[1]["results"]
        with_odds = [entry["id"] for entry in recorded.live(recorded.default_at)]
        answers = [body for _, body in await asyncio.gather(*(ask("odds/history", uuid=name) for name in with_odds))]
    assert all(row["updated_at"] <= at.timestamp() for row in recent)
    stamps = [
        row[0] for body in answers for company in body["results"].values() for rows in company.values() for row in rows
    ]
    assert stamps
    assert max(stamps) <= at.timestamp()


async def test_an_ended_recorded_match_has_its_history(recorded):
    ended = [entry for entry in recorded.live(recorded.default_at) if entry["score"][1] == 8]
    async with emulator(recorded) as ask:
        _, body = await ask("match/live/history", uuid=ended[0]["id"])
    assert body["results"] == ended[0]
