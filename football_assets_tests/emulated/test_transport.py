"""A transport against a real server on loopback: tries, limits, breaker, coalescing, deadline, sockets."""

import asyncio
import gzip
import json
import random
import time
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from football_assets.errors import ConfigError, SourceChanged, SourceRejected, SourceUnavailable
from football_assets.sections import Service
from football_assets.states import DataState, Source
from football_assets.transport import SourceProblem, limits, open_transport, probe_source

GOOD = {"code": 0, "results": [1, 2, 3]}


def reply(status=200, body=GOOD, *, headers=None, delay_s=0.0):
    """One scripted answer; `body` is JSON or raw bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return {"status": status, "raw": raw, "headers": headers or {}, "delay_s": delay_s}


DROP = {"drop": True}
TRUNCATE = {"truncate": True}


class Provider:
    """Answers from a script, the last line for ever, and remembers what reached it."""

    def __init__(self, *script):
        self.script = list(script or [reply()])
        self.asked: list[web.Request] = []
        self.stamps: list[float] = []
        self.five_asked = asyncio.Event()
        self.open_now = 0
        self.most_open = 0
        self.url = ""
        self.port = 0

    async def handle(self, request):
        self.asked.append(request)
        self.stamps.append(time.monotonic())
        if len(self.asked) == 5:
            self.five_asked.set()
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        try:
            return await self.answer(request, self.script.pop(0) if len(self.script) > 1 else self.script[0])
        finally:
            self.open_now -= 1

    async def answer(self, request, line):
        if "drop" in line:
            request.transport.close()
            return web.Response()
        if "truncate" in line:
            half = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
            await half.prepare(request)
            await half.write(b'{"code": 0, "resu')
            request.transport.close()
            return half
        await asyncio.sleep(line["delay_s"])
        return web.Response(status=line["status"], body=line["raw"], headers=line["headers"])


@asynccontextmanager
async def serving_provider(*script):
    provider = Provider(*script)
    app = web.Application()
    app.router.add_get("/{path:.*}", provider.handle)
    async with TestServer(app) as server:
        provider.url, provider.port = str(server.make_url("/v1")), server.port
        yield provider


def settings(**changes):
    return Service(**{"connections": 8, "timeout_s": 5, "tries": 3, "backoff_s": 0.01} | changes)


@asynccontextmanager
async def transport_to(*script, service=None, **options):
    async with (
        serving_provider(*script) as provider,
        open_transport("TheSports", provider.url, service or settings(), **options) as transport,
    ):
        yield provider, transport


async def read(transport, path="match/live", **options):
    return await transport.get(path, doing="reading the live matches", **options)


def client_sockets(port):
    """How many sockets of this process are connected to `port`."""
    inodes = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            inodes.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    rows = [line.split() for line in Path("/proc/self/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and f"socket:[{row[9]}]" in inodes for row in rows)


# One answer


async def test_an_answer_carries_its_body_the_providers_clock_and_the_selected_headers():
    date = "Sat, 05 Oct 2024 14:30:00 GMT"
    headers = {"Date": date, "X-CallLimit-Remaining": "873", "X-Other": "no", "X-Football-Source": "recorded"}
    async with transport_to(reply(headers=headers), expect_source=Source.RECORDED) as (provider, transport):
        answer = await read(transport, params={"uuid": "k 1&ü", "page": 2})
        assert (answer.body, answer.state, answer.age_s) == (GOOD, DataState.LIVE, 0.0)
        assert answer.served_at == datetime(2024, 10, 5, 14, 30, tzinfo=UTC)
        assert answer.headers == {"x-calllimit-remaining": "873", "x-football-source": "recorded"}
        assert provider.asked[0].path == "/v1/match/live"
        assert dict(provider.asked[0].query) == {"uuid": "k 1&ü", "page": "2"}


async def test_compressed_answers_are_asked_for_and_read():
    packed = reply(body=gzip.compress(json.dumps(GOOD).encode()), headers={"Content-Encoding": "gzip"})
    async with transport_to(packed) as (provider, transport):
        assert (await read(transport)).body == GOOD
        assert {"gzip", "deflate"} <= set(provider.asked[0].headers["Accept-Encoding"].replace(" ", "").split(","))
        assert transport.stats.bytes_read == len(json.dumps(GOOD))


# Trying again


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (reply(503), "HTTP 503"),
        (reply(408), "HTTP 408"),
        (reply(429), "HTTP 429"),
        (DROP, "dropped the connection"),
        (TRUNCATE, "the answer broke off"),
        (reply(body=b'{"code": 0, "resul'), "was not JSON"),
        (reply(body=b"<html>maintenance</html>"), r"was not JSON \(HTTP 200, 24 bytes: <html>maintenance</html>\)"),
        (reply(body=b'{"price": NaN}'), "was not JSON"),
        (reply(body=b"\xff\xfe\x00"), "was not JSON"),
        (reply(body=b"[" * 200_000), "was not JSON"),
        (reply(body=b""), "was not JSON"),
        (reply(body=b"not gzip", headers={"Content-Encoding": "gzip"}), "could not be decompressed"),
        (reply(delay_s=0.3), "no complete answer within 0.1 s"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_a_retry_may_clear_is_tried_three_times_and_then_told(bad, words):
    async with transport_to(bad, service=settings(timeout_s=0.1)) as (provider, transport):
        with pytest.raises(SourceUnavailable, match=rf"TheSports: reading the live matches: .*{words}.* \(3 tries\)"):
            await read(transport)
        assert len(provider.asked) == 3
        assert transport.stats.as_dict()["requests"] == {"match/live": 3}
        assert transport.stats.as_dict()["outcomes"] == {"match/live": {"unavailable": 1}}
        assert transport.stats.retries == 2


async def test_a_retry_that_succeeds_gives_the_answer():
    async with transport_to(reply(500), DROP, reply()) as (provider, transport):
        assert (await read(transport)).state is DataState.LIVE
        assert len(provider.asked) == 3


async def test_a_dead_kept_connection_is_no_hidden_try():
    async with transport_to(reply(), DROP) as (provider, transport):
        await read(transport)
        with pytest.raises(SourceUnavailable):
            await read(transport)
        assert len(provider.asked) == 1 + 3 == sum(transport.stats.requests.values())


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (400, "check the address and the arguments"),
        (401, "Check the key, the plan"),
        (403, "Check the key, the plan"),
        (404, "check the address and the arguments"),
        (302, "Check the address in the settings"),
    ],
)
async def test_a_rejection_is_told_at_once_with_what_to_do(status, advice):
    refused = reply(status, {"message": "no"}, headers={"Location": "/elsewhere"})
    async with transport_to(refused) as (provider, transport):
        with pytest.raises(SourceRejected, match=rf'HTTP {status}, {{"message": "no"}}.*{advice}'):
            await read(transport)
        assert len(provider.asked) == 1
        assert transport.stats.as_dict()["outcomes"] == {"match/live": {"rejected": 1}}


def thesports_judge(status, body):
    """Failures that come with HTTP 200."""
    if body.get("err"):
        return SourceProblem("rejected", body["err"], "Have the address added to the account.")
    if body.get("code") == 429:
        return SourceProblem("unavailable", "too many requests")
    return None if isinstance(body.get("results"), list) else SourceProblem("changed", "no list", field="results")


async def test_an_err_body_with_http_200_is_never_retried():
    refused = reply(body={"err": "IP is not authorized to access"})
    async with transport_to(refused, judge=thesports_judge) as (provider, transport):
        with pytest.raises(SourceRejected, match=r"IP is not authorized to access\. Have the address added"):
            await read(transport)
        assert len(provider.asked) == 1


async def test_a_rate_limit_body_with_http_200_is_retried():
    async with transport_to(reply(body={"code": 429}), reply(), judge=thesports_judge) as (provider, transport):
        assert (await read(transport)).body == GOOD
        assert len(provider.asked) == 2


async def test_a_body_of_another_form_is_changed_and_not_retried():
    async with transport_to(reply(body={"code": 0}), judge=thesports_judge) as (provider, transport):
        with pytest.raises(SourceChanged, match="`results` should be as agreed, got no list"):
            await read(transport)
        assert len(provider.asked) == 1


async def test_a_judge_without_objection_does_not_make_an_error_status_good():
    async with transport_to(reply(500), judge=lambda status, body: None) as (_, transport):
        with pytest.raises(SourceUnavailable, match="HTTP 500"):
            await read(transport)


@pytest.mark.parametrize("form", ["seconds", "date"])
async def test_retry_after_is_obeyed(form):
    """The date counts from the provider's clock, which may be far from ours."""
    now = datetime(2024, 10, 5, 14, 30, tzinfo=UTC)
    value = "1" if form == "seconds" else format_datetime(now + timedelta(seconds=1), usegmt=True)
    later = reply(429, headers={"Retry-After": value, "Date": format_datetime(now, usegmt=True)})
    async with transport_to(later, reply()) as (provider, transport):
        await read(transport)
        assert provider.stamps[1] - provider.stamps[0] >= 1


@pytest.mark.parametrize(
    ("options", "advice"),
    [({}, "asks to wait 60 s"), ({"deadline_s": 5.0, "service": settings(longest_wait_s=90)}, "Retrying")],
    ids=["beyond the longest wait", "beyond the deadline"],
)
async def test_a_retry_after_that_is_too_long_gives_up_at_once(options, advice):
    async with transport_to(reply(429, headers={"Retry-After": "60"}), reply(), **options) as (provider, transport):
        with pytest.raises(SourceUnavailable, match=f"HTTP 429.*{advice}") as caught:
            await asyncio.wait_for(read(transport), 2)
        assert caught.value.retry_after_s == 60
        assert len(provider.asked) == 1


# Limits


async def test_the_provider_never_sees_more_than_the_limit_in_any_window(monkeypatch):
    """Retries count too: of the nine calls two are answered 500 first, which makes eleven tries."""
    monkeypatch.setattr(limits, "MINUTE_S", 0.5)
    service = settings(per_minute_by_path={"odds/history": 4}, breaker={"consecutive_failures": 9})
    async with transport_to(reply(500), reply(500), reply(), service=service) as (provider, transport):
        calls = [read(transport, "odds/history", params={"uuid": number}) for number in range(9)]
        await asyncio.gather(*calls)
        stamps = provider.stamps
        assert len(stamps) == 11
        assert max(sum(start <= stamp < start + 0.5 for stamp in stamps) for start in stamps) <= 4
        assert transport.stats.waited_for_limits_s > 0.5


async def test_a_wait_for_a_limit_beyond_the_deadline_fails_at_once():
    service = settings(per_minute_by_path={"odds/history": 3})
    async with transport_to(service=service, deadline_s=5) as (provider, transport):
        calls = [read(transport, "odds/history", params={"uuid": number}) for number in range(5)]
        results = await asyncio.wait_for(asyncio.gather(*calls, return_exceptions=True), 3)
        refused = [result for result in results if isinstance(result, SourceUnavailable)]
        assert len(provider.asked) == 3
        assert [error.happened for error in refused] == [
            "the limit of 3 a minute on odds/history leaves no room before the deadline"
        ] * 2


async def test_the_window_holds_for_the_next_process(tmp_path):
    service = settings(per_minute_by_path={"odds/history": 3})
    async with serving_provider() as provider:
        for cycle in range(2):
            async with open_transport(
                "TheSports", provider.url, service, cache_dir=tmp_path, deadline_s=5
            ) as transport:
                calls = [read(transport, "odds/history", params={"uuid": f"{cycle}-{n}"}) for n in range(2)]
                results = await asyncio.gather(*calls, return_exceptions=True)
        assert len(provider.asked) == 3
        assert "leaves no room" in str(results[1])


# Breaker

BREAKING = settings(tries=1, breaker={"consecutive_failures": 3, "first_probe_s": 0.3, "longest_probe_s": 5})


async def failing(transport, times):
    for number in range(times):
        with pytest.raises(SourceUnavailable):
            await read(transport, params={"n": number})


async def test_a_down_provider_is_left_in_peace_and_probed_once():
    async with transport_to(reply(503), service=BREAKING) as (provider, transport):
        await failing(transport, 3)
        with pytest.raises(SourceUnavailable, match=r"not asked, it has failed since .*; the next probe is at"):
            await read(transport)
        assert len(provider.asked) == 3
        await asyncio.sleep(0.35)
        provider.script = [reply(delay_s=0.1)]
        probes = [read(transport, params={"probe": number}) for number in range(20)]
        results = await asyncio.gather(*probes, return_exceptions=True)
        assert len(provider.asked) == 4
        assert sum(not isinstance(result, SourceUnavailable) for result in results) == 1
        await asyncio.gather(*(read(transport, params={"again": number}) for number in range(5)))
        assert len(provider.asked) == 9


async def test_a_caller_with_a_breaker_of_its_own_probes_when_it_likes_and_once():
    service = settings(tries=3, backoff_s=0.0, breaker={"consecutive_failures": 3, "first_probe_s": 60})
    async with transport_to(reply(503), service=service) as (provider, transport):
        await failing(transport, 2)
        assert len(provider.asked) == 3
        with pytest.raises(SourceUnavailable, match="HTTP 503"):
            await transport.probe("match/live", doing="probing")
        assert len(provider.asked) == 4
        provider.script = [reply()]
        assert (await transport.probe("match/live", doing="probing")).body == GOOD
        assert (await read(transport)).body == GOOD, "the path's own breaker heard that it succeeded"


async def test_callers_in_the_queue_do_not_reach_a_provider_that_is_down():
    service = settings(connections=2, breaker={"consecutive_failures": 3})
    async with transport_to(reply(503), service=service) as (provider, transport):
        calls = [read(transport, params={"n": number}) for number in range(60)]
        await asyncio.gather(*calls, return_exceptions=True)
        assert len(provider.asked) <= 3 + 1


async def test_rejections_do_not_open_it_and_garbage_does():
    async with transport_to(reply(404), service=BREAKING) as (provider, transport):
        for number in range(6):
            with pytest.raises(SourceRejected):
                await read(transport, params={"n": number})
        provider.script = [reply(body=b"<html>")]
        await failing(transport, 4)
        assert len(provider.asked) == 6 + 3


async def test_the_next_process_knows_that_the_provider_is_down(tmp_path):
    async with serving_provider(reply(503)) as provider:
        for _ in range(2):
            async with open_transport("TheSports", provider.url, BREAKING, cache_dir=tmp_path) as transport:
                await failing(transport, 3)
        assert len(provider.asked) == 3
        kept = json.loads((tmp_path / "breaker-TheSports-match-live.json").read_text())
        assert (kept["state"], kept["failures_in_a_row"]) == ("open", 3)
        await asyncio.sleep(0.35)
        provider.script = [reply()]
        async with open_transport("TheSports", provider.url, BREAKING, cache_dir=tmp_path) as transport:
            await read(transport)
        assert json.loads((tmp_path / "breaker-TheSports-match-live.json").read_text())["state"] == "closed"


async def test_failures_in_a_row_count_on_in_the_next_process(tmp_path):
    async with serving_provider(reply(503)) as provider:
        for _ in range(3):
            async with open_transport("TheSports", provider.url, BREAKING, cache_dir=tmp_path) as transport:
                await failing(transport, 2)
        assert len(provider.asked) == 3


# Together


async def test_a_hundred_identical_requests_are_one():
    async with transport_to(reply(delay_s=0.05)) as (provider, transport):
        answers = await asyncio.gather(*(read(transport, params={"page": 1}) for _ in range(100)))
        assert len(provider.asked) == 1
        assert transport.stats.coalesced == 99
        assert {answer.state for answer in answers} == {DataState.LIVE}


async def test_each_of_many_failing_together_gets_an_error_of_its_own():
    async with transport_to(reply(404)) as (_, transport):
        calls = [transport.get("x", doing=f"reading page {number}") for number in range(3)]
        errors = await asyncio.gather(*calls, return_exceptions=True)
        assert [error.doing for error in errors] == [f"TheSports: reading page {number}" for number in range(3)]


async def test_cancelling_one_waiter_does_not_cancel_the_request():
    async with transport_to(reply(delay_s=0.1)) as (provider, transport):
        first, second = (asyncio.create_task(read(transport)) for _ in range(2))
        await asyncio.sleep(0.03)
        first.cancel()
        assert (await second).body == GOOD
        assert len(provider.asked) == 1
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_closing_gives_those_who_wait_an_error():
    async with serving_provider(reply(delay_s=5)) as provider:
        async with open_transport("TheSports", provider.url, settings()) as transport:
            waiting = [asyncio.create_task(read(transport)) for _ in range(2)]
            await asyncio.sleep(0.05)
        results = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 1)
        assert ["cancelled when the transport was closed" in str(result) for result in results] == [True, True]
        with pytest.raises(SourceUnavailable, match="the transport is closed"):
            await read(transport)


async def test_as_many_connections_as_allowed_and_none_after_closing():
    async with serving_provider(reply(delay_s=0.03)) as provider:
        async with open_transport("TheSports", provider.url, settings(connections=7)) as transport:
            await asyncio.gather(*(read(transport, params={"n": number}) for number in range(60)))
            assert provider.most_open == transport.stats.peak_in_flight == 7
            assert client_sockets(provider.port) == 7
        assert client_sockets(provider.port) == 0


async def test_no_socket_is_left_when_the_block_is_cancelled():
    async with serving_provider(reply(delay_s=5)) as provider:

        async def cycle():
            async with open_transport("TheSports", provider.url, settings()) as transport:
                await asyncio.gather(*(read(transport, params={"n": number}) for number in range(5)))

        running = asyncio.create_task(cycle())
        await asyncio.wait_for(provider.five_asked.wait(), 5)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert client_sockets(provider.port) == 0


# Deadline


async def test_the_deadline_cuts_calls_and_afterwards_they_fail_at_once():
    async with transport_to(reply(delay_s=5), deadline_s=0.2) as (provider, transport):
        for _ in range(2):
            with pytest.raises(SourceUnavailable, match=r"the cycle's deadline of 0.2 s passed"):
                await asyncio.wait_for(read(transport), 2)
        assert len(provider.asked) == 1


async def test_a_call_cut_by_the_deadline_says_nothing_about_the_providers_health(tmp_path):
    service = settings(breaker={"consecutive_failures": 1})
    async with transport_to(reply(delay_s=5), service=service, deadline_s=0.1, cache_dir=tmp_path) as (_, transport):
        with pytest.raises(SourceUnavailable):
            await read(transport)
    assert not (tmp_path / "breaker-TheSports-match-live.json").exists()


async def test_no_retry_begins_that_cannot_end_before_the_deadline(monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda least, most: most)
    service = settings(backoff_s=20)
    async with transport_to(reply(503), service=service, deadline_s=5) as (provider, transport):
        with pytest.raises(SourceUnavailable, match="HTTP 503"):
            await asyncio.wait_for(read(transport), 2)
        assert len(provider.asked) == 1


# Worlds


@pytest.mark.parametrize(
    ("header", "expected"),
    [("simulated", Source.REAL), ("simulated", Source.RECORDED), (None, Source.SIMULATED)],
)
async def test_an_answer_from_another_world_is_refused(header, expected):
    headers = {"X-Football-Source": header} if header else {}
    async with transport_to(reply(headers=headers), expect_source=expected) as (provider, transport):
        got = header or "real"
        with pytest.raises(SourceChanged, match=f"should be '{expected}', got '{got}' data; worlds never mix"):
            await read(transport)
        assert len(provider.asked) == 1


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        (reply(body={"source": "simulated"}), Source.SIMULATED),
        (reply(body={"source": "recorded"}), Source.RECORDED),
        (reply(404), Source.REAL),
        (reply(200, b"<html>"), Source.REAL),
        (reply(body=[1]), Source.REAL),
        (reply(302, headers={"Location": "/"}), Source.REAL),
        (reply(401, {"source": "simulated"}), Source.REAL),
    ],
)
async def test_the_host_is_asked_who_it_is(answer, source):
    async with serving_provider(answer) as provider:
        assert await probe_source(f"{provider.url}/football?x=1") is source
        assert provider.asked[0].path_qs == "/__emulator__/stats"
        assert client_sockets(provider.port) == 0


async def test_an_emulator_of_an_unknown_world_is_not_taken_for_the_provider():
    async with serving_provider(reply(body={"source": "dreamt"})) as provider:
        with pytest.raises(SourceChanged, match="got 'dreamt'"):
            await probe_source(provider.url)


async def test_nobody_there_is_an_error_that_shows_no_query():
    async with serving_provider() as provider:
        url = provider.url
    with pytest.raises(SourceUnavailable, match=f"asking who serves {url}: no connection to 127.0.0.1") as caught:
        await probe_source(f"{url}?secret=canary")
    assert "canary" not in str(caught.value)


async def test_a_host_that_never_answers_is_an_error():
    async with serving_provider(reply(delay_s=5)) as provider:
        with pytest.raises(SourceUnavailable, match=r"no answer within 0\.1 s"):
            await probe_source(provider.url, timeout_s=0.1)


@pytest.mark.parametrize("url", ["api.example", "ftp://host", "http://user:canary@host", "http://host/?secret=canary"])
async def test_an_unusable_address_is_refused_without_showing_credentials(url):
    with pytest.raises(ConfigError, match="address of TheSports") as caught:
        async with open_transport("TheSports", url, settings()):
            pass
    assert "canary" not in str(caught.value)
