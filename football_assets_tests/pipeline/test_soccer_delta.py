"""Changes alone give the rows that everything would give."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from football_assets.config import load_settings
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.soccer.client import TheSports
from football_assets.soccer.delta import LOOKS_BACK_S
from football_assets.soccer.odds import market_rows
from football_assets.soccer.odds_between import keep_look, look_at
from football_assets.soccer.plan import Plan
from football_assets.soccer.schemas import EnrichedMatches
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake
from football_assets_tests.unit.soccer.feed import NOT_IN_PLAN, REFERENCE, Feed, cycle, ordered

SATURDAY = datetime(2026, 5, 16, 15, 0, tzinfo=UTC)
WORLD = SimulatedMatches(11, around=SATURDAY, matches_a_day=30)


class Pair:
    """The same cycles read both ways, each with a lake of its own."""

    def __init__(self, folder, at=SATURDAY, source=WORLD, broken=None, **live):
        self.feeds = {name: Feed(source, at) for name in ("full", "delta")}
        self.feeds["delta"].broken.update(broken or {})
        self.lakes = {name: Lake(folder / name, Source.SIMULATED) for name in self.feeds}
        base = load_settings()
        self.settings = {
            name: base.model_copy(
                update={"home": folder / name, "live": base.live.model_copy(update={"strategy": name, **live})}
            )
            for name in self.feeds
        }
        self.about = {}

    async def read(self, *, after_s=0):
        """Both ways, `after_s` after the last time; returns both rows."""
        found = {}
        for name, feed in self.feeds.items():
            feed.at += timedelta(seconds=after_s)
            feed.asked.clear()
            found[name] = await cycle(feed, self.lakes[name], self.settings[name])
            self.about[name] = found[name][3]
        return found

    async def read_equal(self, *, after_s=0):
        """Both ways, and every row of every table equal."""
        found = await self.read(after_s=after_s)
        for wanted, got in zip(found["full"][:3], found["delta"][:3], strict=True):
            left, right = ordered(got), ordered(wanted)
            if not left.equals(right):
                pd.testing.assert_frame_equal(left, right)
        return found["delta"]

    async def look(self, *, after_s):
        """Somebody looks at the odds feeds, `after_s` after the last time."""
        for feed in self.feeds.values():
            feed.at += timedelta(seconds=after_s)
        settings = self.settings["delta"]
        folder = settings.folder / Source.SIMULATED.value / "cache" / "soccer"
        plan = Plan(folder / "plan.json", settings.thesports_url)
        keep_look(folder, settings.thesports_url, await look_at(TheSports(self.feeds["delta"]), plan))

    @property
    def asked(self):
        return self.feeds["delta"].asked


@pytest.fixture
def pair(tmp_path):
    return Pair(tmp_path)


@given(
    day=st.integers(0, 6),
    minute=st.integers(0, 1439),
    gaps=st.lists(st.sampled_from([0, 10, 30, 30, 45, 55, 56, 60, 60, 90, 200, 700]), min_size=2, max_size=4),
)
@examples(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_row_of_changes_equals_that_of_everything(tmp_path_factory, day, minute, gaps):
    at = SATURDAY.replace(hour=0) + timedelta(days=day, minutes=minute)
    pair = Pair(tmp_path_factory.mktemp("cycles"), at)
    await pair.read_equal()
    for gap in gaps:
        await pair.read_equal(after_s=gap)


async def test_cycles_thirty_seconds_apart_need_one_list_and_two_feeds(pair):
    await pair.read_equal()
    carried = 0
    for _ in range(5):
        _, matches, _, about = await pair.read_equal(after_s=30)
        assert pair.asked["match/recent/list"] <= 1 + len(matches) - about["known_details"]
        assert (pair.asked["odds/live"], pair.asked["odds/update"]) == (1, 1)
        assert pair.asked["odds/history"] == len(matches) - about["known_odds"]
        carried += about["known_odds"]
    assert carried > 20


async def test_cycles_a_minute_apart_read_every_match_s_odds_anew(pair):
    await pair.read_equal()
    for _ in range(3):
        _, matches, _, about = await pair.read_equal(after_s=60)
        assert about["known_odds"] == 0
        assert pair.asked["odds/history"] == len(matches)
        assert pair.asked["odds/live"] == 0, "a feed that cannot prove anything is not asked"


@given(
    minute=st.integers(0, 1439),
    steps=st.lists(st.tuples(st.booleans(), st.sampled_from([5, 30, 30, 50, 55, 56, 90])), min_size=4, max_size=8),
)
@examples(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_with_looks_in_between_any_row_of_changes_equals_that_of_everything(tmp_path_factory, minute, steps):
    pair = Pair(tmp_path_factory.mktemp("cycles"), SATURDAY.replace(hour=0) + timedelta(minutes=minute))
    await pair.read_equal()
    for is_cycle, after_s in steps:
        await (pair.read_equal(after_s=after_s) if is_cycle else pair.look(after_s=after_s))
    await pair.read_equal(after_s=30)


async def test_cycles_a_minute_apart_need_six_requests_when_somebody_looked_in_between(pair):
    await pair.read_equal()
    carried = few = 0
    for _ in range(5):
        await pair.look(after_s=31)
        _, matches, _, about = await pair.read_equal(after_s=29)
        assert (pair.asked["odds/live"], pair.asked["odds/update"]) == (1, 1)
        assert pair.asked["odds/history"] == len(matches) - about["known_odds"]
        carried += about["known_odds"]
        # The names are asked anew here, where nothing is cached; the two requests of the look count as well.
        few += sum(count for path, count in pair.asked.items() if path not in REFERENCE) + 2 <= 6
    assert carried > 20
    assert few >= 3, "only matches that are new to the list, or whose odds were repaired, need more"


@pytest.mark.parametrize(("looked_after_s", "carried"), [(5, True), (4, False), (55, True), (56, False)])
async def test_no_stretch_between_looks_may_be_longer_than_the_feed_reaches(pair, looked_after_s, carried):
    await pair.read_equal()
    await pair.look(after_s=looked_after_s)
    _, _, _, about = await pair.read_equal(after_s=60 - looked_after_s)
    assert bool(about["known_odds"]) is carried


async def test_a_look_that_could_not_read_a_quote_leaves_its_match_to_be_read_anew(pair):
    await pair.read_equal()
    said = {}

    def unreadable(_params, body):
        said.update(rows=body["results"])
        return {"code": 0, "results": {company: [[e[0], "??"] for e in rows] for company, rows in said["rows"].items()}}

    pair.feeds["delta"].broken["odds/live"] = unreadable
    await pair.look(after_s=30)
    changed = {entry[0] for rows in said["rows"].values() for entry in rows}
    assert changed
    del pair.feeds["delta"].broken["odds/live"]
    _, matches, _, about = await pair.read_equal(after_s=30)
    assert pair.asked["odds/history"] >= len(changed & set(matches["match_id"]))
    assert about["known_odds"] <= len(matches) - len(changed & set(matches["match_id"]))


@pytest.mark.parametrize(("after_s", "feeds"), [(LOOKS_BACK_S, 1), (LOOKS_BACK_S + 1, 0)])
async def test_the_feed_counts_only_as_far_back_as_it_reaches(pair, after_s, feeds):
    await pair.read_equal()
    await pair.read_equal(after_s=after_s)
    assert pair.asked["odds/live"] == feeds


async def test_a_plan_without_the_feed_is_learnt_from_one_refusal(tmp_path):
    pair = Pair(tmp_path, broken={"odds/live": NOT_IN_PLAN})
    await pair.read_equal()
    await pair.read_equal(after_s=30)
    assert pair.asked["odds/live"] == 1
    await pair.read_equal(after_s=30)
    assert (pair.asked["odds/live"], pair.asked["odds/update"]) == (0, 0)


def test_a_refusal_is_forgotten_after_a_day_and_by_another_address(tmp_path):
    clock = [SATURDAY]
    file = tmp_path / "cache" / "plan.json"

    def plan(address="http://a"):
        return Plan(file, address, now=lambda: clock[0])

    assert plan().includes("odds/live")
    plan().refused("odds/live")
    assert not plan().includes("odds/live")
    assert plan().includes("odds/update")
    assert plan("http://b").includes("odds/live")
    clock[0] = SATURDAY + timedelta(hours=23, minutes=59)
    assert not plan().includes("odds/live")
    clock[0] = SATURDAY + timedelta(hours=24)
    assert plan().includes("odds/live")
    clock[0] = SATURDAY - timedelta(hours=1)
    assert plan().includes("odds/live"), "a refusal from the future does not count"
    file.write_text("{", encoding="utf-8")
    assert plan().includes("odds/live")


FAILURE = {"code": 500, "msg": "no"}


@pytest.mark.parametrize(
    "broken",
    [
        {"odds/live": FAILURE},
        {"odds/update": FAILURE},
        {"odds/update": NOT_IN_PLAN},
        {"odds/live": {"code": 0, "results": "later"}},
        {"odds/live": {"code": 0, "results": {"2": [[1, 2], "x", {}]}}},
        {"odds/live": {"code": 0, "results": []}},
        {"odds/update": {"code": 0, "results": [{"id": 7}]}},
        {"match/recent/list": lambda params, body: body if "uuid" in params else FAILURE},
        {"match/recent/list": lambda params, body: body if "uuid" in params else {"code": 0, "results": [{"id": 1}]}},
        {"match/recent/list": lambda params, body: body if "uuid" in params else {"code": 0, "results": {}}},
    ],
)
async def test_a_feed_that_cannot_be_trusted_is_asked_for_match_by_match(tmp_path, broken):
    pair = Pair(tmp_path, broken=broken)
    await pair.read_equal()
    for _ in range(2):
        await pair.read_equal(after_s=40)


def without_one_company(_params, body):
    """The feed forgets the changes of the company that has most of them."""
    results = dict(body["results"])
    results.pop(max(results, key=lambda company: len(results[company])), None)
    return {"code": 0, "results": results}


def packed(_params, body):
    """The sister product's layout: prices and seal in one text."""
    found = {}
    for company, entries in body["results"].items():
        found[company] = [
            [match, market, [row[0], row[1], ",".join(map(str, (*row[2:5], row[6]))), row[5]], score]
            for match, market, row, score in entries
        ]
    return {"code": 0, "results": found}


def nested(_params, body):
    """Markets around the entries instead of in them."""
    found = {}
    for company, entries in body["results"].items():
        for match, market, row, score in entries:
            found.setdefault(company, {}).setdefault(market, []).append([match, row, score])
    return {"code": 0, "results": found}


def misshapen(_params, body):
    """Every third entry has lost a part."""
    return {
        "code": 0,
        "results": {
            company: [[e[0], e[1], e[2][:5], e[3]] if n % 3 == 0 else e for n, e in enumerate(entries)]
            for company, entries in body["results"].items()
        },
    }


@pytest.mark.parametrize("layout", [packed, nested, misshapen, without_one_company])
async def test_every_layout_described_of_the_feed_gives_the_same_rows(tmp_path, layout):
    pair = Pair(tmp_path, broken={"odds/live": layout})
    await pair.read_equal()
    reread = 0
    for _ in range(4):
        _, matches, _, about = await pair.read_equal(after_s=30)
        assert about["known_odds"] > 0
        reread += len(matches) - about["known_odds"]
    doubtful = layout in (misshapen, without_one_company)
    assert reread > 3 if doubtful else reread <= 3


class Repaired:
    """A world in which one bookmaker takes back its newest 1X2 quotes, and only `odds/update` tells."""

    label = Source.SIMULATED

    def __init__(self, source):
        self.source = source
        self.repaired = None

    def __getattr__(self, name):
        return getattr(self.source, name)

    def odds(self, match_id, at):
        found = self.source.odds(match_id, at)
        if match_id == self.repaired:
            found["2"]["eu"] = [row for row in found["2"]["eu"] if row[5] == 1]
        return found


async def test_a_repair_that_shows_no_new_quote_is_read_anew(tmp_path):
    source = Repaired(WORLD)
    pair = Pair(tmp_path, source=source)
    _, matches, _, _ = await pair.read_equal()
    source.repaired = next(
        match_id
        for match_id in matches["match_id"]
        if len(market_rows(WORLD.odds(match_id, SATURDAY), 2, "eu")) > 20
        and not any(
            e[0] == match_id for e in WORLD.odds_changes(SATURDAY, SATURDAY + timedelta(seconds=20)).get("2", [])
        )
    )
    told = {"id": source.repaired, "company_id": 2, "update_time": int(SATURDAY.timestamp()) + 10}

    def update(_params, body):
        return {"code": 0, "results": [*body["results"], told]}

    pair.feeds["delta"].broken["odds/update"] = update
    await pair.read_equal(after_s=20)
    assert pair.asked["odds/history"] >= 1


async def test_a_page_of_changes_that_is_full_is_continued(tmp_path, monkeypatch):
    monkeypatch.setattr("football_assets.soccer.client.PAGE_ROWS", 5)

    def paged(params, body):
        return body if "uuid" in params else {"code": 0, "results": _cut(body["results"])}

    pair = Pair(tmp_path, broken={"match/recent/list": paged})
    await pair.read_equal()
    for _ in range(2):
        await pair.read_equal(after_s=200)
        assert pair.asked["match/recent/list"] > 1


def _cut(rows, size=5):
    """A page as the emulator cuts it: one second's changes are never torn when they fill it."""
    if len(rows) <= size or rows[0]["updated_at"] != rows[size - 1]["updated_at"]:
        return rows[:size]
    return [row for row in rows if row["updated_at"] == rows[0]["updated_at"]]


async def test_a_page_that_leads_nowhere_is_not_taken_for_all(tmp_path, monkeypatch):
    monkeypatch.setattr("football_assets.soccer.client.PAGE_ROWS", 2)

    def same(params, body):
        return body if "uuid" in params else {"code": 0, "results": body["results"][:2]}

    pair = Pair(tmp_path, broken={"match/recent/list": same})
    await pair.read_equal()
    for _ in range(2):
        await pair.read_equal(after_s=300)


async def test_auto_reads_everything_after_a_pause_and_after_a_clock_that_ran_back(tmp_path):
    pair = Pair(tmp_path, delta_limit_s=120)
    live = pair.settings["delta"].live.model_copy(update={"strategy": "auto"})
    pair.settings["delta"] = pair.settings["delta"].model_copy(update={"live": live})
    told = []
    for after_s in (0, 60, 60, 121, 30, -3600):
        await pair.read_equal(after_s=after_s)
        told.append(pair.about["delta"]["strategy"])
    assert told == ["full", "delta", "delta", "full", "delta", "full"]


async def test_odds_that_failed_are_stale_with_their_age_and_come_back(pair):
    await pair.read_equal()
    broken = {"odds/history": FAILURE, "odds/live": FAILURE}
    for feed in pair.feeds.values():
        feed.broken.update(broken)
    _, matches, quotes, _ = await pair.read_equal(after_s=30)
    known = matches[matches["odds_quotes"] > 0]
    assert set(known["odds_state"]) == {"stale"}
    assert set(known["odds_age_s"]) == {30.0}
    assert len(quotes) == known["odds_quotes"].sum()
    for feed in pair.feeds.values():
        feed.broken.clear()
    _, matches, _, about = await pair.read_equal(after_s=20)
    assert about["known_odds"] > 0, "fifty seconds are within the feed's reach"
    assert set(matches["odds_state"]) == {"live"}


async def test_quotes_that_are_not_all_at_hand_are_read_anew(pair):
    _, matches, _, _ = await pair.read_equal()
    lake = pair.lakes["delta"]
    quoted = matches[matches["odds_quotes"] > 0].index[:3]
    changed = matches.copy()
    changed.loc[quoted, "odds_quotes"] += 1
    lake.write(
        EnrichedMatches,
        from_rows(EnrichedMatches, changed.astype(object).where(changed.notna(), None).to_dict("records")),
    )
    _, _, _, about = await pair.read_equal(after_s=0)
    assert pair.asked["odds/history"] == 3
    assert about["known_odds"] == len(matches) - 3
