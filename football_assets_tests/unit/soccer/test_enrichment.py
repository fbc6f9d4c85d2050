import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from football_assets.errors import SourceChanged, SourceRejected, SourceUnavailable
from football_assets.soccer.client import Reading, TheSports, judge
from football_assets.soccer.enrichment import asking_order, read_cycle
from football_assets.states import DataState
from football_assets.transport import Answer

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)


def rows(*found):
    return {"code": 0, "results": list(found)}


class Wire:
    """Stands where the transport does: answers by path and id, or raises what is entered there."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    async def get(self, path, *, doing, params=None, cache=None):
        uuid = (params or {}).get("uuid")
        self.asked.append((path, uuid))
        await asyncio.sleep(0)
        body = self.answers.get((path, uuid), self.answers.get(path, {"code": 0, "results": []}))
        if callable(body):
            body = await body()
        if isinstance(body, Exception):
            raise body
        return Answer(body, DataState.LIVE, NOW, 0.0, {})


def detail(match_id, home="t1", away="t2", competition="c1"):
    row = {"id": match_id, "home_team_id": home, "away_team_id": away, "competition_id": competition}
    return ("match/recent/list", match_id), rows(row)


async def cycle(answers, *ids):
    wire = Wire(dict(answers))
    return await read_cycle(TheSports(wire), ids, connections=4), wire.asked


async def test_everything_is_asked_once_although_matches_share_teams_and_competition():
    answers, asked = await cycle([detail("m1"), detail("m2", home="t2", away="t3")], "m1", "m2")
    assert len(asked) == len(set(asked)) == 2 + 2 + 3 + 1 + 1
    assert set(answers.teams) == {"t1", "t2", "t3"}
    assert set(answers.competitions) == {"c1"}


async def test_one_broken_match_stops_nothing_else():
    broken = SourceUnavailable("TheSports", "reading match m1", "HTTP 500")
    answers, _ = await cycle(
        [(("match/recent/list", "m1"), broken), detail("m2"), (("odds/history", "m2"), broken)], "m1", "m2"
    )
    assert answers.details["m1"] is broken
    assert answers.odds["m2"] is broken
    assert answers.details["m2"].value.id == "m2"
    assert answers.odds["m1"].value == {}


async def test_a_match_that_hangs_does_not_delay_the_names_of_another():
    release = asyncio.Event()

    async def hang():
        await release.wait()
        return rows()

    wire = Wire(dict([(("match/recent/list", "m1"), hang), detail("m2"), (("odds/history", "m1"), hang)]))
    reading = asyncio.create_task(read_cycle(TheSports(wire), ["m1", "m2"], connections=4))
    for _ in range(50):
        await asyncio.sleep(0)
    assert ("team/additional/list", "t1") in wire.asked
    assert not reading.done()
    release.set()
    assert (await reading).details["m1"].value is None


async def test_a_refusal_of_the_account_ends_the_asking_of_that_kind_only():
    refusal = judge(200, {"err": "URL is not authorized to access"}).as_error("TheSports", "reading odds")
    ids = [f"m{n}" for n in range(20)]
    answers, asked = await cycle([("odds/history", refusal), *map(detail, ids)], *ids)
    assert sum(path == "odds/history" for path, _ in asked) <= 2  # as many as were under way at once
    assert all(answers.odds[each] is refusal for each in ids)
    assert all(isinstance(answers.details[each], Reading) for each in ids)


async def test_a_refusal_of_one_match_is_its_own():
    missing = SourceRejected("TheSports", "reading odds", "HTTP 404", "Check.")
    answers, asked = await cycle([(("odds/history", "m1"), missing), detail("m1"), detail("m2")], "m1", "m2")
    assert answers.odds["m1"] is missing
    assert ("odds/history", "m2") in asked


def test_matches_that_may_be_in_play_are_asked_first_then_those_whose_odds_are_oldest():
    statuses = {"ended": 8, "recent": 13, "playing": 4, "never": 13, "none": None, "new code": 37}
    read_at = {"recent": NOW, "playing": NOW, "ended": NOW - timedelta(seconds=60), "none": NOW}
    assert asking_order(statuses, read_at) == ["new code", "playing", "none", "never", "ended", "recent"]


async def test_an_empty_php_map_is_no_odds_and_another_list_is_a_changed_contract():
    answers, _ = await cycle([(("odds/history", "m1"), rows()), (("odds/history", "m2"), rows(1))], "m1", "m2")
    assert answers.odds["m1"].value == {}
    assert isinstance(answers.odds["m2"], SourceChanged)


async def test_another_match_s_row_is_never_taken_for_the_one_asked():
    wire = Wire({("match/recent/list", "m1"): rows({"id": "m9"})})
    with pytest.raises(SourceChanged, match="m1"):
        await TheSports(wire).match("m1")


async def test_a_row_that_does_not_fit_names_the_field():
    wire = Wire({("match/recent/list", "m1"): rows({"id": "m1", "status_id": "second half"})})
    with pytest.raises(SourceChanged, match="`status_id` should be"):
        await TheSports(wire).match("m1")


async def test_a_live_list_keeps_what_is_readable_and_counts_what_names_no_match():
    good = {"id": "m1", "score": ["m1", 2, [0] * 7, [0] * 7, 0, ""], "stats": [], "incidents": []}
    reading = await TheSports(Wire({"match/detail_live": rows(good, {"score": 1}, 7)})).live()
    matches, unnamed = reading.value
    assert [match.id for match in matches] == ["m1"]
    assert unnamed == 2


@pytest.mark.parametrize("results", [{}, "x", None, [{"id": "m1", "score": "x"}], [7]])
async def test_a_live_list_without_one_readable_match_is_a_changed_contract(results):
    with pytest.raises(SourceChanged):
        await TheSports(Wire({"match/detail_live": {"code": 0, "results": results}})).live()


async def test_a_quiet_hour_is_an_empty_live_list():
    assert (await TheSports(Wire({"match/detail_live": rows()})).live()).value == ([], 0)
