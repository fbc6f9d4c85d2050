"""The envelope of every answer: `data` beside `meta`, which says how old and how sure the data are."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import orjson
import pandas as pd
import pyarrow as pa
from fastapi import Request, Response
from pydantic import BaseModel, Field

from football_assets.config import now_utc
from football_assets.providers import Domain
from football_assets.serving.cache import Class
from football_assets.serving.paging import Listing, page
from football_assets.serving.problems import Problem
from football_assets.serving.published import PROVIDERS, View
from football_assets.serving.quality import Quality, quality_of
from football_assets.serving.rows import records, to_bytes
from football_assets.serving.services import Services, services_of
from football_assets.states import Source
from football_assets.warehouse.publication import Publication

Data = TypeVar("Data")
COMPRESSED_FROM_BYTES = 1_000
HEADERS = {"Vary": "Accept-Encoding", "Cache-Control": "no-cache"}
State = Literal["live", "cached", "stale", "missing", "simulated"]


class SourceAbout(BaseModel):
    """One source of an answer."""

    provider: str = Field(description="Who gave the data", examples=["TheSports"])
    world: Literal["real", "recorded", "simulated"] = Field(description="Which world they belong to")


class Meta(BaseModel):
    """What is to be known of an answer beside its data."""

    request_id: str = Field(description="Names this request in the server's log")
    served_at: datetime = Field(description="When it was answered, UTC")
    data_as_of: datetime | None = Field(
        description="Newest instant of the provider among the data, UTC; of the past, among the data of then"
    )
    state: State = Field(
        description="live: young; simulated: young and not real; cached: kept by this server and not from tables that "
        "age; stale: older than two intervals; missing: none"
    )
    age_s: float | None = Field(
        description="Seconds since the data were published; with `as_of`, at that instant, as `state` is", ge=0
    )
    sources: list[SourceAbout] = Field(description="Whose data they are")
    quality: Quality | None = Field(
        description="The quality of the tables behind the answer as their pipeline measured it before it published "
        "them; null where none was published with them, and of what this server says of itself"
    )
    publication_id: int | None = Field(
        None, description="The publication the data belong to; null for a live cycle rebuilt from the history"
    )
    cached: bool = Field(False, description="Whether the answer was made before, from the same publication")
    total: int | None = Field(None, description="How many rows the whole list has")
    next_cursor: str | None = Field(None, description="The cursor of the next page; null on the last")
    as_of: datetime | None = Field(None, description="The past instant that was asked for")


class Envelope(BaseModel, Generic[Data]):
    """Data and what is to be known of them."""

    data: Data
    meta: Meta


@dataclass(frozen=True)
class Built:
    """What a handler makes: the data as plain values, the tables they are from, and of which list they are a page.

    `as_of` is the past instant asked for where the tables themselves are those of now.
    """

    data: Any
    view: View
    total: int | None = None
    next_cursor: str | None = None
    as_of: datetime | None = None


def listed(
    view: View,
    frame: pd.DataFrame,
    order: tuple[str, ...],
    asked: Listing,
    *,
    only: tuple[str, ...] | None = None,
    as_of: datetime | None = None,
) -> Built:
    """The page that is asked for of rows made of a view's tables, in the order of `order`.

    Columns that begin with `_` are there to sort by and are not shown; of the others all, or `only` some. `as_of` as
    `Built` has it. Raises Problem on a foreign cursor.
    """
    found = page(frame, order, asked.limit, asked.cursor)
    shown = only or tuple(str(name) for name in frame.columns if not str(name).startswith("_"))
    return Built(records(found.rows, shown), view, found.total, found.next_cursor, as_of)


async def answer(
    request: Request,
    *,
    domain: Domain,
    kind: Class,
    build: Callable[[], Built],
) -> Response:
    """Answer a read of published tables, from the cache when it was asked before of the same publication.

    `build` runs in a thread. The key of the answer is the path and query of the request.
    """
    services = services_of(request)
    publication = services.published.newest(domain)
    if publication is None:
        await asyncio.to_thread(services.published.look)
        publication = services.published.newest(domain)
    if publication is None:
        raise Problem("no_data_available", f"No {domain} table is published yet. `make run` or `make up` begins.")
    identity = f"{publication.source.value}:{publication.id}"
    if domain == "soccer" and services.fast_lane is not None:
        identity += f":{services.fast_lane.looked.mark}"
    key = f"{identity}:{request.url.path}?{request.url.query}"
    freshness = services.published.freshness(publication)
    tag = f'W/"{hashlib.sha256(f"{key}:{freshness.state}".encode()).hexdigest()[:32]}"'
    if tag in [each.strip() for each in request.headers.get("if-none-match", "").split(",")]:
        return Response(status_code=304, headers={**HEADERS, "ETag": tag})

    async def made() -> bytes:
        return _packed(await asyncio.to_thread(build))

    body, there = await services.cache.get(kind, domain, key, made)
    data, _, told = body.rpartition(b"\n")
    return respond(request, data, {**_meta(request, services, orjson.loads(told)), "cached": there}, tag)


def respond(request: Request, data: bytes, about: dict[str, Any], tag: str | None = None) -> Response:
    """The envelope around JSON bytes, compressed as the client takes it."""
    whole = b'{"data":' + data + b',"meta":' + to_bytes(about) + b"}"
    return compressed(request, whole, HEADERS if tag is None else {**HEADERS, "ETag": tag})


def compressed(request: Request, whole: bytes, headers: Mapping[str, str]) -> Response:
    """JSON, compressed as the client takes it when it is long."""
    headers = dict(headers)
    if len(whole) >= COMPRESSED_FROM_BYTES:
        takes = _takes(request.headers.get("accept-encoding", ""))
        if "zstd" in takes:
            whole = pa.Codec("zstd", compression_level=1).compress(whole, asbytes=True)
            headers["Content-Encoding"] = "zstd"
        elif "gzip" in takes:
            whole = gzip.compress(whole, compresslevel=1)
            headers["Content-Encoding"] = "gzip"
    return Response(whole, headers=headers, media_type="application/json")


def _takes(header: str) -> set[str]:
    """The codings that a client takes; one of weight 0 it does not."""
    found = set()
    for each in header.split(","):
        name, _, weight = each.partition(";")
        if not weight or weight.strip().removeprefix("q=").strip("0.") != "":
            found.add(name.strip().lower())
    return found


def published_answer(request: Request, built: Built) -> Response:
    """The envelope around values made of published tables for this request alone."""
    return respond(request, to_bytes(built.data), _meta(request, services_of(request), _told(built)))


def plain(request: Request, data: Any, *, state: State = "live", **also: Any) -> Response:
    """The envelope around values of this server itself, such as its statistics; nothing of them is kept."""
    now = now_utc()
    about = {
        "request_id": request.state.request_id,
        "served_at": now,
        "data_as_of": now,
        "state": state,
        "age_s": 0.0,
        "sources": [],
        "quality": None,
        **also,
    }
    return respond(request, to_bytes(data), about)


def _packed(built: Built) -> bytes:
    """Data, a line feed, and what the envelope says beside it: JSON holds no bare line feed."""
    return to_bytes(built.data) + b"\n" + to_bytes(_told(built))


def _told(built: Built) -> dict[str, Any]:
    """What is to be known of an answer, whenever it is given."""
    publication = built.view.publication
    return {
        "total": built.total,
        "next_cursor": built.next_cursor,
        "as_of": built.as_of or built.view.read_as_of,
        "quality": quality_of(built.view),
        "publication": [publication.id, publication.domain, publication.source.value],
        "published_at": publication.published_at.isoformat(),
        "data_as_of": publication.as_of,
        "read_as_of": None if built.view.read_as_of is None else built.view.read_as_of.isoformat(),
    }


def _meta(request: Request, services: Services, told: dict[str, Any]) -> dict[str, Any]:
    number, domain, world = told.pop("publication")
    published_at, then = (told.pop(name) for name in ("published_at", "read_as_of"))
    publication = Publication(number, domain, Source(world), datetime.fromisoformat(published_at), None)
    instant = None if then is None else min(datetime.fromisoformat(then), now_utc())
    freshness = services.published.freshness(publication, instant)
    return {
        "request_id": request.state.request_id,
        "served_at": now_utc(),
        "state": freshness.state,
        "age_s": round(freshness.age_s, 3),
        "sources": [{"provider": PROVIDERS[domain], "world": world}],
        "publication_id": number or None,
        **told,
    }
