"""A canary secret goes out with every request and shows up nowhere else."""

import asyncio
import logging
import traceback
from urllib.parse import quote

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from football_assets.errors import SourceError
from football_assets.sections import Service
from football_assets.states import Source
from football_assets.transport import Credentials, SourceProblem, open_transport

CANARY = "kanari/77+ä"
CREDENTIALS = Credentials(query={"user": "canary-user", "secret": CANARY}, headers={"Authorization": "Bearer kn4ri"})
TRACES = ("kanari", "canary-user", "kn4ri", quote(CANARY, safe="")[6:])
SERVICE = Service(connections=2, timeout_s=0.2, tries=2, backoff_s=0.01, breaker={"consecutive_failures": 2})


def told(error):
    """Everything that anybody could print of an exception and of those that hang on it."""
    seen, parts = [error], [*traceback.format_exception(error)]
    for link in seen:
        parts += [str(link), repr(link), repr(vars(link)), repr(link.args)]
        seen += [other for other in (link.__cause__, link.__context__) if other and other not in seen]
    return "\n".join(parts)


async def echo(request):
    """Fails in the way the path names, repeating what it was sent wherever it can."""
    sent = f"{request.path_qs} {request.query['secret']} {request.headers['Authorization']}"
    match request.match_info["fault"]:
        case "drop":
            request.transport.close()
            return web.Response()
        case "status":
            return web.json_response({"message": sent}, status=400)
        case "down":
            return web.Response(text=sent, status=503, headers={"Retry-After": "9999"})
        case "garbage":
            return web.Response(text=f"<html>{'x' * 100} {sent} {sent}", content_type="text/html")
        case "moved":
            return web.json_response({}, status=302, headers={"Location": request.path_qs})
        case "world":
            return web.json_response({}, headers={"X-Football-Source": sent.replace("\n", "")})
        case "zipped":
            return web.Response(body=sent.encode(), headers={"Content-Encoding": "gzip"})
        case "slow":
            await asyncio.sleep(1)
    return web.json_response({"err": sent})


def judge(status, body):
    """Repeats what the provider says, as a careless client would."""
    return SourceProblem("changed", body["err"], expected=body["err"]) if "err" in body else None


FAULTS = ["drop", "status", "down", "garbage", "moved", "world", "zipped", "slow", "err"]


@pytest.mark.parametrize("fault", [*FAULTS, "refused"])
async def test_no_failure_tells_a_secret(fault, caplog, tmp_path):
    caplog.set_level(logging.DEBUG)
    app = web.Application()
    app.router.add_get("/{fault}", echo)
    errors = []
    async with TestServer(app) as server:
        url = str(server.make_url(""))
        if fault == "refused":
            await server.close()
        async with open_transport(
            "TheSports",
            url,
            SERVICE,
            credentials=CREDENTIALS,
            judge=judge,
            cache_dir=tmp_path,
            expect_source=Source.REAL,
        ) as transport:
            for _ in range(3):
                try:
                    await transport.get(fault, doing=f"reading with {CANARY}", params={"uuid": "1"})
                except SourceError as error:
                    errors.append(error)
            shown = [told(error) for error in errors] + [repr(transport), str(transport.stats.as_dict())]
    assert len(errors) == 3
    assert all(error.__cause__ is None and error.__context__ is None for error in errors)
    # The server's own access log is the provider's, not ours.
    logged = [record for record in caplog.records if record.name != "aiohttp.access"]
    written = [file.read_text("utf-8", "replace") for file in tmp_path.rglob("*") if file.is_file()]
    everything = "\n".join([*shown, *(record.getMessage() for record in logged), *written])
    assert not [trace for trace in TRACES if trace in everything], everything


async def test_the_secrets_do_go_out_with_the_request():
    """Without this the test above could pass with nothing to hide."""
    got = {}

    async def handle(request):
        got.update(request.query, authorization=request.headers["Authorization"])
        return web.json_response({})

    app = web.Application()
    app.router.add_get("/{path:.*}", handle)
    async with (
        TestServer(app) as server,
        open_transport("x", str(server.make_url("")), SERVICE, credentials=CREDENTIALS) as transport,
    ):
        await transport.get("ok", doing="reading")
    assert got == {"user": "canary-user", "secret": CANARY, "authorization": "Bearer kn4ri"}


async def test_lines_of_the_libraries_are_cleaned_while_a_transport_is_open(caplog):
    async with open_transport("x", "http://127.0.0.1:1", SERVICE, credentials=CREDENTIALS):
        logging.getLogger("asyncio").warning("slow: GET /?secret=%s", quote(CANARY))
        assert "slow: GET /?secret=***" in caplog.text
    assert not logging.getLogger("asyncio").filters
