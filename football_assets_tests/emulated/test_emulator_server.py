"""The common server on loopback: headers, compression, statistics, control routes and every fault once."""

import asyncio
import gc
import json
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import aiohttp
import pytest

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import json_answer, new_app, run, serving
from football_assets.errors import FootballError
from football_assets.states import Source

AT = datetime(2024, 10, 5, 14, 30, tzinfo=UTC)
ROWS = [{"id": number, "name": "x" * 40} for number in range(50)]


@asynccontextmanager
async def emulator(*faults, base="/v1", **options):
    """A small provider with one long, one short and one priced path, and a session to ask it."""
    clock = EmulatedClock(AT, 0)
    app = new_app(label=Source.SIMULATED, clock=clock, faults=Faults.parse(faults), base=base, name="small", **options)

    async def long(_request):
        return json_answer({"code": 0, "results": ROWS})

    async def short(_request):
        return json_answer({"code": 0, "results": []})

    app.router.add_get(f"{base}/rows", long)
    app.router.add_get(f"{base}/none", short)
    app.router.add_get(f"{base}/odds/history", long)
    timeout = aiohttp.ClientTimeout(total=20)
    async with serving(app) as url, aiohttp.ClientSession(timeout=timeout) as session:
        yield url, session


async def stats(url, session):
    async with session.get(f"{url}/__emulator__/stats") as answer:
        return await answer.json()


async def test_every_answer_carries_the_emulated_date_and_its_source():
    async with emulator() as (url, session):
        for path, status in (("rows", 200), ("nowhere", 404), ("__emulator__/stats", 200)):
            async with session.get(f"{url}/{path}") as answer:
                assert answer.status == status
                assert answer.headers["Date"] == "Sat, 05 Oct 2024 14:30:00 GMT"
                assert answer.headers["X-Football-Source"] == "simulated"


async def test_long_bodies_are_compressed_for_clients_that_accept_it():
    async with emulator() as (url, session):
        async with session.get(f"{url}/rows") as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            assert int(answer.headers["Content-Length"]) < 1000
            assert (await answer.json())["results"] == ROWS
        async with session.get(f"{url}/rows", headers={"Accept-Encoding": "identity"}) as answer:
            assert "Content-Encoding" not in answer.headers
            assert (await answer.json())["results"] == ROWS
        async with session.get(f"{url}/none") as answer:
            assert "Content-Encoding" not in answer.headers


async def test_peak_in_flight_and_connections_equal_the_concurrency():
    async with emulator("latency=300") as (url, session):

        async def ask(number):
            async with session.get(f"{url}/rows", params={"n": str(number)}) as answer:
                await answer.read()

        await asyncio.gather(*(ask(number) for number in range(7)))
        await ask(0)
        counts = await stats(url, session)
    assert counts["peak_in_flight"] == 7
    assert counts["peak_connections"] == 7
    assert counts["in_flight"] == 0
    assert counts["paths"]["rows"]["requests"] == 8
    assert (counts["paths"]["rows"]["distinct"], counts["paths"]["rows"]["repeats"]) == (7, 1)


async def test_requests_beyond_the_limit_are_served_and_counted_as_violations():
    async with emulator(per_minute={"odds/history": 3}) as (url, session):
        for _ in range(5):
            async with session.get(f"{url}/odds/history", params={"secret": "s"}) as answer:
                assert answer.status == 200
        counts = await stats(url, session)
    assert counts["violations"] == 2
    assert counts["paths"]["odds/history"]["violations"] == 2
    assert counts["limits_per_minute"] == {"odds/history": 3}
    assert "rows" not in counts["paths"]


async def test_credentials_are_no_part_of_a_question_and_never_show_in_statistics():
    async with emulator() as (url, session):
        for secret in ("one-secret", "other-secret"):
            async with session.get(f"{url}/rows", params={"secret": secret, "uuid": "a"}) as answer:
                await answer.read()
        counts = await stats(url, session)
    assert counts["paths"]["rows"]["repeats"] == 1
    assert "secret" not in json.dumps(counts)


async def test_statistics_name_the_emulator_and_a_reset_zeroes_them():
    async with emulator("empty") as (url, session):
        async with session.get(f"{url}/rows") as answer:
            await answer.read()
        before = await stats(url, session)
        async with session.post(f"{url}/__emulator__/reset") as answer:
            assert (await answer.json())["paths"] == {}
        after = await stats(url, session)
    assert (before["source"], before["emulator"], before["now"]) == ("simulated", "small", "2024-10-05T14:30:00+00:00")
    assert before["faults"] == ["empty"]
    assert before["paths"]["rows"]["served"] == 1
    assert after["requests"] == 0


async def test_the_clock_can_be_set_and_sped_up():
    async with emulator() as (url, session):
        async with session.post(f"{url}/__emulator__/clock", json={"at": "2025-01-01T12:00:00+01:00"}) as answer:
            assert (await answer.json())["now"] == "2025-01-01T11:00:00+00:00"
        async with session.post(f"{url}/__emulator__/clock", json={"speed": 60}) as answer:
            assert (await answer.json())["speed"] == 60
        async with session.post(f"{url}/__emulator__/clock", json={"speed": 0}) as answer:
            frozen = (await answer.json())["now"]
        assert frozen > "2025-01-01T11:00:00"
        assert (await stats(url, session))["now"] == frozen


@pytest.mark.parametrize(
    ("command", "body", "said"),
    [
        ("clock", '{"at": "2025-01-01"}', "no time zone"),
        ("clock", '{"at": "noon"}', "isoformat"),
        ("clock", '{"speed": -1}', "negative"),
        ("clock", '{"speed": NaN}', "not a number"),
        ("clock", '{"when": 1}', "at or speed"),
        ("clock", "{}", "at or speed"),
        ("clock", "now", "not JSON"),
        ("faults", '{"faults": ["slow"]}', "latency=MS"),
        ("faults", '{"faults": "500"}', "list of texts"),
    ],
)
async def test_a_wrong_command_changes_nothing_and_says_what_is_wrong(command, body, said):
    async with emulator("429=1") as (url, session):
        async with session.post(f"{url}/__emulator__/{command}", data=body) as answer:
            assert answer.status == 400
            assert said in (await answer.json())["error"]
        counts = await stats(url, session)
    assert (counts["faults"], counts["now"], counts["speed"]) == (["429=1"], "2024-10-05T14:30:00+00:00", 0)


async def test_faults_can_be_replaced_and_cleared_while_running():
    async with emulator("500") as (url, session):

        async def status():
            async with session.get(f"{url}/rows") as answer:
                return answer.status

        assert await status() == 500
        for faults, expected in ((["500@odds"], 200), (["500@rows"], 500), ([], 200)):
            async with session.post(f"{url}/__emulator__/faults", json={"faults": faults}) as answer:
                assert (await answer.json())["faults"] == faults
            assert await status() == expected


async def test_control_routes_answer_at_the_root_too_and_escape_every_fault():
    async with emulator("hang", "reset", "500") as (url, session):
        counts = await stats(url.removesuffix("/v1"), session)
        assert counts["faults"] == ["hang", "reset", "500"]
        assert counts["requests"] == 0


async def test_429_refuses_after_n_requests_a_minute_on_each_path():
    async with emulator("429=2") as (url, session):
        statuses = []
        for path in ("rows", "rows", "rows", "none"):
            async with session.get(f"{url}/{path}") as answer:
                statuses.append(answer.status)
    assert statuses == [200, 200, 429, 200]


async def test_a_provider_s_own_refusals_replace_the_plain_ones():
    refusals = {name: lambda _, name=name: json_answer({"err": name}) for name in ("429", "500", "err", "ip_refused")}
    for name, fault in (("429", "429=0"), ("500", "500"), ("err", "err"), ("ip_refused", "ip_refused")):
        async with emulator(fault, refusals=refusals) as (url, session), session.get(f"{url}/rows") as answer:
            assert (answer.status, await answer.json()) == (200, {"err": name})


@pytest.mark.parametrize(
    ("fault", "status"), [("429=0", 429), ("500", 500), ("err", 403), ("ip_refused", 403), ("not_in_plan", 403)]
)
async def test_without_own_refusals_the_plain_ones_are_given(fault, status):
    async with emulator(fault) as (url, session), session.get(f"{url}/rows") as answer:
        assert answer.status == status
        assert (await answer.json())["message"]


async def test_not_in_plan_hits_the_paths_that_are_sold_apart():
    async with emulator("not_in_plan", plan_paths=("odds/",)) as (url, session):
        for path, expected in (("rows", 200), ("odds/history", 403)):
            async with session.get(f"{url}/{path}") as answer:
                assert answer.status == expected


async def test_hang_gives_no_answer_until_the_client_leaves():
    async with emulator("hang@rows") as (url, session):
        with pytest.raises(TimeoutError):
            await session.get(f"{url}/rows", timeout=aiohttp.ClientTimeout(total=0.3))
        async with session.get(f"{url}/none") as answer:
            assert answer.status == 200
        for _ in range(100):
            counts = await stats(url, session)
            if counts["in_flight"] == 0:
                break
            await asyncio.sleep(0.05)
    assert counts["in_flight"] == 0
    assert counts["paths"]["rows"] | {"requests": 1, "served": 0} == counts["paths"]["rows"]


async def test_hang_for_seconds_answers_after_them():
    async with emulator("hang=0.2") as (url, session), session.get(f"{url}/rows") as answer:
        assert (await answer.json())["results"] == ROWS


async def test_truncated_is_a_whole_answer_with_half_a_document():
    async with emulator("truncated") as (url, session), session.get(f"{url}/rows") as answer:
        text = await answer.text()
        assert answer.status == 200
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(text)


async def test_wrong_types_keeps_the_envelope_and_changes_the_rows():
    async with emulator("wrong_types") as (url, session), session.get(f"{url}/rows") as answer:
        body = await answer.json()
    assert body["code"] == 0
    assert body["results"][7] == {"id": {"value": 7}, "name": ["x" * 40]}


async def test_empty_gives_the_envelope_alone():
    async with emulator("empty") as (url, session), session.get(f"{url}/rows") as answer:
        assert await answer.json() == {"code": 0, "results": []}


async def test_reset_breaks_the_connection_off_in_the_middle_of_the_answer():
    async with emulator("reset") as (url, session), session.get(f"{url}/rows") as answer:
        assert answer.status == 200
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.read()


async def test_a_share_of_faults_strikes_the_same_requests_in_any_order():
    async def struck(numbers):
        async with emulator("500=0.4") as (url, session):

            async def ask(number):
                async with session.get(f"{url}/rows", params={"n": str(number)}) as answer:
                    return number, answer.status

            return dict(await asyncio.gather(*(ask(number) for number in numbers)))

    forward, backward = await struck(range(30)), await struck(reversed(range(30)))
    assert forward == backward
    assert set(forward.values()) == {200, 500}


async def test_a_port_in_use_is_a_clear_error():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        app = new_app(label=Source.SIMULATED, clock=EmulatedClock(AT), faults=Faults())
        with pytest.raises(FootballError, match=f"starting the emulator: port {port} .*another port"):
            async with serving(app, port):
                pytest.fail("served on a taken port")


async def test_run_serves_until_it_is_cancelled_and_frees_its_port():
    app = new_app(label=Source.SIMULATED, clock=EmulatedClock(AT), faults=Faults())
    ready = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(run(app, 0, ready=ready.set_result))
    url = await ready
    async with aiohttp.ClientSession() as session:
        assert (await stats(url, session))["source"] == "simulated"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with socket.create_server(("127.0.0.1", int(url.rpartition(":")[2]))):
        pass


async def test_stopping_does_not_wait_for_requests_that_hang():
    app = new_app(label=Source.SIMULATED, clock=EmulatedClock(AT), faults=Faults.parse(["hang"]))
    async with aiohttp.ClientSession() as session:
        async with serving(app) as url:
            asked = asyncio.create_task(session.get(f"{url}/rows"))
            while not (await stats(url, session))["in_flight"]:
                pass
        # Leaving the block came back, although the request was never answered.
        with pytest.raises(aiohttp.ClientError):
            await (await asked).read()


async def test_a_client_that_leaves_with_requests_under_way_leaves_no_connection_behind():
    async with emulator("hang") as (url, session):
        asked = [asyncio.create_task(session.get(f"{url}/rows")) for _ in range(5)]
        while (await stats(url, session))["in_flight"] < 5:
            pass
    # An unclosed connection is a ResourceWarning, and a warning is an error here.
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert all(isinstance(outcome, aiohttp.ClientError) for outcome in outcomes)
    gc.collect()


async def test_clock_puts_the_date_header_off_and_nothing_else():
    async with emulator("clock@rows=-600") as (url, session):
        async with session.get(f"{url}/rows") as answer:
            assert answer.headers["Date"] == "Sat, 05 Oct 2024 14:20:00 GMT"
        async with session.get(f"{url}/none") as answer:
            assert answer.headers["Date"] == "Sat, 05 Oct 2024 14:30:00 GMT"
        assert (await stats(url, session))["now"] == AT.isoformat()
