"""The playground: every documented request, sent to this server from here."""

import json
import time
from contextlib import suppress
from typing import Any

import httpx
from fastapi import FastAPI
from nicegui import ui

from football_assets.serving.pages.frame import page, page_frame
from football_assets.serving.services import Services

SHOWN = 20_000


def register(app: FastAPI, services: Services) -> None:
    """The page `/playground`."""

    @page(services, "/playground")
    async def playground() -> None:
        examples = _examples(app.openapi())
        with page_frame("Playground", "/playground"):
            ui.html(
                '<p class="fa-note">Every request of <a href="/v1/openapi.json">/v1/openapi.json</a>, '
                "answered by this server as any client would see it.</p>",
                sanitize=False,
            )
            chosen = ui.select({n: each[0] for n, each in enumerate(examples)}, label="Request").props("outlined dense")
            chosen.style("min-width:min(36rem,95vw)")
            with ui.element("div").classes("fa-tools"):
                method = ui.select(["GET", "POST"], value="GET", label="Method").props("outlined dense")
                path = ui.input("Path", value="/v1/soccer/matches?limit=2").props("outlined dense")
                path.style("min-width:min(34rem,90vw)")
                send = ui.button("Send").props("no-caps")
            body = ui.textarea("Body (JSON)").props("outlined dense autogrow").style("width:min(46rem,95vw)")
            key = ui.input("API key, if one is configured", password=True).props("outlined dense")
            status = ui.html("", sanitize=False).props('aria-live="polite"').classes("fa-note")
            shown = ui.label("").classes("fa-pre")

        def choose() -> None:
            _, verb, target, content = examples[int(chosen.value)]
            method.value, path.value, body.value = verb, target, content

        async def ask() -> None:
            headers = {"Authorization": f"Bearer {key.value}"} if key.value else {}
            transport = httpx.ASGITransport(app=app)
            began = time.perf_counter()
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                content = body.value if method.value == "POST" else None
                headers |= {"Content-Type": "application/json"} if content else {}
                answer = await client.request(str(method.value), str(path.value), content=content, headers=headers)
            took_ms = 1000 * (time.perf_counter() - began)
            size = f"{len(answer.content):,} bytes"
            status.set_content(f"<b>{answer.status_code}</b>, {took_ms:.1f} ms, {size}")
            shown.set_text(_pretty(answer.text))

        chosen.on_value_change(choose)
        send.on_click(ask)


def _examples(document: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    """(title, method, path, body) of every operation."""
    found = []
    for path, operations in document["paths"].items():
        for method, about in operations.items():
            target = about.get("x-example", path)
            body = "" if method == "get" else json.dumps(_body(document, about), indent=1)
            found.append((f"{method.upper()} {path}: {about.get('summary', '')}", method.upper(), target, body))
    return found


def _body(document: dict[str, Any], about: dict[str, Any]) -> Any:
    content = about.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    schema = document["components"]["schemas"].get(name, {})
    return (schema.get("examples") or [{}])[0]


def _pretty(text: str) -> str:
    with suppress(ValueError):
        text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}\n… {len(text) - SHOWN:,} characters more"
