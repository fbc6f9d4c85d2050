"""Props asked one by one go together, and each caller gets his own answer or error."""

import asyncio

import pytest

from football_assets.client.answers import ApiError
from football_assets.client.batching import PropBatcher


class Service:
    def __init__(self, fail=()):
        self.batches, self.fail = [], set(fail)

    async def __call__(self, props):
        self.batches.append(len(props))
        await asyncio.sleep(0)
        results = [{"prop_id": p["prop_id"], "line": p["line"]} for p in props if p["line"] not in self.fail]
        failures = [
            {"prop_id": p["prop_id"], "code": "not_found", "detail": "no"} for p in props if p["line"] in self.fail
        ]
        return {"results": results, "failures": failures}


async def test_what_comes_within_the_wait_goes_together_and_fifty_go_at_once():
    service = Service()
    batcher = PropBatcher(service, wait_s=0.05)
    found = await asyncio.gather(*(batcher.analyze({"prop_id": "same", "line": n}) for n in range(120)))
    assert service.batches == [50, 50, 20]
    assert [each["line"] for each in found] == list(range(120))
    assert {each["prop_id"] for each in found} == {"same"}


async def test_a_failure_reaches_the_caller_it_belongs_to_alone():
    batcher = PropBatcher(Service(fail={1}), wait_s=0.01)
    found = await asyncio.gather(*(batcher.analyze({"line": n}) for n in range(3)), return_exceptions=True)
    assert [isinstance(each, ApiError) for each in found] == [False, True, False]
    assert found[1].code == "not_found"


async def test_a_service_that_is_away_fails_all_who_wait():
    async def away(_props):
        raise OSError("away")

    batcher = PropBatcher(away, wait_s=0.01)
    found = await asyncio.gather(*(batcher.analyze({"line": n}) for n in range(3)), return_exceptions=True)
    assert all(isinstance(each, OSError) for each in found)


async def test_closing_sends_what_waits():
    service = Service()
    batcher = PropBatcher(service, wait_s=60)
    asked = asyncio.ensure_future(batcher.analyze({"line": 7}))
    await asyncio.sleep(0)
    await batcher.close()
    assert (await asked)["line"] == 7


async def test_what_the_service_forgets_is_an_error_and_not_a_hang():
    async def forgetful(_props):
        return {"results": [], "failures": []}

    with pytest.raises(ApiError, match="not_answered"):
        await PropBatcher(forgetful, wait_s=0.01).analyze({"line": 1})
