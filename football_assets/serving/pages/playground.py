"""The playground: every documented request, sent by the browser to this server as any client would send it."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI
from nicegui import ui

from football_assets.operations.alert_state import AlertBook
from football_assets.rooms import installed
from football_assets.serving.document import operations
from football_assets.serving.pages.frame import page, page_frame
from football_assets.serving.pages.html import empty, mark, text
from football_assets.serving.problems import Problem
from football_assets.serving.services import Services

SHOWN = 20_000
STREAM_S = 4
ASKED_S = 40
# Reads an answer to its end, or for some seconds where it has none; gives [status, ms, bytes, type, text].
SEND = """
const [method, path, body, key, seconds] = %s;
const stop = new AbortController();
const began = performance.now();
const headers = {};
if (key) headers["Authorization"] = `Bearer ${key}`;
if (method !== "GET" && body) headers["Content-Type"] = "application/json";
try {
  const given = {method, headers, signal: stop.signal, body: method === "GET" || !body ? undefined : body};
  const answer = await fetch(path, given);
  const type = answer.headers.get("content-type") || "";
  if (type.startsWith("text/event-stream")) setTimeout(() => stop.abort(), seconds * 1000);
  const reader = answer.body.getReader(), decoder = new TextDecoder();
  let told = "", size = 0;
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done) break;
      size += value.length;
      told += decoder.decode(value, {stream: true});
    }
  } catch (error) { if (!stop.signal.aborted) throw error; }
  return [answer.status, performance.now() - began, size, type, told.slice(0, 400000)];
} catch (error) { return [0, performance.now() - began, 0, "", String(error)]; }
"""


def register(app: FastAPI, services: Services) -> None:
    """The page `/playground`."""

    @page(services, "/playground")
    async def playground() -> None:
        values = await asyncio.to_thread(known_values, services)
        with page_frame("Playground", "/playground"):
            _Playground(examples(app.openapi(), values)).show()


class _Playground:
    """The page of one visitor."""

    def __init__(self, listed: list[tuple[str, str, str, str]]) -> None:
        self._listed = listed

    def show(self) -> None:
        """Put it into the page."""
        document = '<a href="/v1/openapi.json">/v1/openapi.json</a>'
        note = f"All {len(self._listed)} requests of {document}, sent from your browser to this server."
        ui.html(f'<p class="fa-note">{note} What is in braces is for you to fill in.</p>', sanitize=False)
        titles = {n: each[0] for n, each in enumerate(self._listed)}
        self._chosen = ui.select(titles, label="Request", with_input=True).props("outlined dense").style("width:100%")
        with ui.element("div").classes("fa-tools"):
            self._method = ui.select(["GET", "POST"], value="GET", label="Method").props("outlined dense")
            self._method.style("min-width:6rem")
            self._path = ui.input("Path").props("outlined dense").classes("fa-path")
            self._key = ui.input("API key, if one is configured", password=True).props("outlined dense")
            self._key.style("min-width:15rem")
            self._send = ui.button("Send", on_click=self._ask).props("no-caps")
        self._body = ui.textarea("Body (JSON)").props("outlined dense autogrow").style("width:100%")
        self._status = ui.html(empty("Choose a request, or write a path, and send it."), sanitize=False)
        self._status.props('aria-live="polite"')
        self._shown = ui.label("").classes("fa-pre").props('tabindex="0" role="region" aria-label="Answer"')
        self._chosen.on_value_change(self._choose)
        self._path.on("keydown.enter", self._ask)
        first = next((n for n, each in enumerate(self._listed) if each[2].startswith("/v1/soccer/matches")), 0)
        self._chosen.value = first
        self._choose()

    def _choose(self) -> None:
        if self._chosen.value is None:
            return
        _, self._method.value, self._path.value, self._body.value = self._listed[int(self._chosen.value)]
        self._body.set_visibility(self._method.value == "POST")
        self._shown.set_visibility(False)
        self._status.set_content("")

    async def _ask(self) -> None:
        path = str(self._path.value or "")
        if not path.startswith("/") or path.startswith("//"):
            self._status.set_content(empty("A path of this server begins with one slash: /v1/soccer/matches"))
            return
        asked = [self._method.value, path, self._body.value, self._key.value, STREAM_S]
        self._status.set_content('<p class="fa-note">asking ...</p>')
        # In a script of a page `<` would be markup.
        sent = json.dumps(asked).replace("<", "\\u003c")
        try:
            status, took_ms, size, kind, told = await ui.run_javascript(SEND % sent, timeout=ASKED_S)
        except TimeoutError:
            self._status.set_content(empty(f"No answer within {ASKED_S} s."))
            return
        if not status:
            self._status.set_content(empty(f"The request could not be sent: {told}"))
            return
        about = f"{took_ms:.0f} ms, {size:,} bytes, {text(kind)}"
        if str(kind).startswith("text/event-stream"):
            about += f"; it has no end, so the first {STREAM_S} s are shown"
        good = "good" if status < 400 else "bad"
        self._status.set_content(f'<p class="fa-note">{mark(str(status), good)} {about}</p>')
        self._shown.set_text(_pretty(told) or "(an empty answer)")
        self._shown.set_visibility(True)


def examples(document: Mapping[str, Any], values: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
    """(title, method, path, body) of every operation; braces are filled with what is known."""
    found = []
    for path, method, about in operations(document):
        target = about["x-example"]
        for name, value in values.items():
            target = target.replace(f"{{{name}}}", quote(value, safe=""))
        content = about.get("requestBody", {}).get("content", {}).get("application/json")
        body = "" if content is None else json.dumps(_named(content["example"], values), indent=1)
        found.append((f"{method.upper()} {path}: {about.get('summary', '')}", method.upper(), target, body))
    return found


def _named(example: Any, values: Mapping[str, str]) -> Any:
    """An example's body with a player that there is."""
    if isinstance(example, list):
        return [_named(each, values) for each in example]
    if not isinstance(example, dict):
        return example
    filled = {name: _named(each, values) for name, each in example.items()}
    if "player_name" in filled and "player_name" in values:
        filled |= {"player_name": values["player_name"], "team": values["team"]}
    return filled


def known_values(services: Services) -> dict[str, str]:
    """What fits the braces of the examples, from what is published; what is not known is left out."""
    found = {}
    alerts = AlertBook(services.settings.folder).read().open
    if alerts:
        found["alert_id"] = alerts[0].id
    for read in (*((_soccer,) if "soccer" in installed() else ()), *((_college,) if "ncaa" in installed() else ())):
        with suppress(Problem):
            found |= read(services)
    return found


def _soccer(services: Services) -> dict[str, str]:
    from football_assets.soccer.codes import IN_PLAY
    from football_assets.soccer.schemas import FlattenedMatches

    matches = services.published.view("soccer", FlattenedMatches)[FlattenedMatches]
    playing = matches[matches["status_id"].isin(list(IN_PLAY)) & matches["odds_company"].notna()]
    listed = playing if len(playing) else matches
    return {"match_id": str(listed["match_id"].iloc[0])} if len(listed) else {}


def _college(services: Services) -> dict[str, str]:
    from football_assets.ncaa.ledger_schemas import Models
    from football_assets.ncaa.projection_schemas import PlayerProjections
    from football_assets.serving.players import TABLES, directory

    view = services.published.view("ncaa", *TABLES, PlayerProjections, Models)
    players, said = directory(services.published, view), view[PlayerProjections]
    rushers = said[(said["stat_type"] == "rushing_yards") & said["mean"].notna()].sort_values("mean", ascending=False)
    found: dict[str, str] = {}
    if len(rushers):
        found["projected_id"] = str(rushers["player_id"].iloc[0])
    one = players[players["player_id"] == found.get("projected_id")]
    if one.empty:
        one = players.head(1)
    if len(one):
        name = str(one["player"].iloc[0])
        found |= {"player_id": str(one["player_id"].iloc[0]), "player_name": name, "team": str(one["team"].iloc[0])}
        found |= {"player_word": name.split()[-1]}
    if len(view[Models]):
        found["model_id"] = str(view[Models]["model_id"].iloc[0])
    return found


def _pretty(told: str) -> str:
    with suppress(ValueError):
        told = json.dumps(json.loads(told), indent=1, ensure_ascii=False)
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}\n... {len(told) - SHOWN:,} characters more"
