"""The match centre: the live board, and one match as it goes."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pandas as pd
from nicegui import app, ui

from football_assets.serving.pages.boards import FORMS, Form, Score, board_html, scores, told_scores
from football_assets.serving.pages.frame import follow, nothing, page, page_frame, provenance, remember
from football_assets.serving.pages.html import empty, text
from football_assets.serving.pages.match_page import match_page
from football_assets.serving.pages.match_reading import MatchReader
from football_assets.serving.problems import Problem
from football_assets.serving.published import View
from football_assets.serving.services import Services
from football_assets.soccer.board import match_board
from football_assets.soccer.codes import IN_PLAY, STATUS
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches

IN_PLAY_ONLY = "in play"
CHOICES = [IN_PLAY_ONLY, "all", *STATUS.values()]


def register(services: Services) -> None:
    """The pages `/` and `/match/{id}`."""
    reader = MatchReader(services)

    @page(services, "/")
    async def centre(words: str = "", status: str = IN_PLAY_ONLY) -> None:
        with page_frame("Match centre", "/"):
            form = app.storage.user.get("form", "decimal")
            await _Centre(services, _Wanted(words, status if status in CHOICES else IN_PLAY_ONLY, form)).show()

    @page(services, "/match/{match_id}")
    async def match(match_id: str) -> None:
        with page_frame("Match", "/match") as entitle:
            await match_page(services, reader, match_id, entitle)


@dataclass
class _Wanted:
    """What a visitor has chosen on the board."""

    words: str = ""
    status: str = IN_PLAY_ONLY
    form: Form = "decimal"


@dataclass
class _Centre:
    """The board of one visitor."""

    services: Services
    wanted: _Wanted
    before: dict[str, Score] | None = None

    async def show(self) -> None:
        """Put it into the page and keep it fresh."""
        self.head = ui.html("", sanitize=False).classes("fa-note")
        with ui.element("div").classes("fa-tools"):
            self.words = ui.input("Competition or team", value=self.wanted.words)
            self.words.props("dense outlined clearable").classes("fa-grow")
            self.status = ui.select(CHOICES, value=self.wanted.status, label="Status")
            self.status.props("dense outlined").style("min-width:8rem")
            self.form = ui.select(list(FORMS), value=self.wanted.form, label="Odds").props("dense outlined")
            self.form.style("min-width:8rem")
        self.count = ui.html("", sanitize=False).classes("fa-note").props('aria-live="polite"')
        self.news = ui.html("", sanitize=False).classes("fa-heard").props('aria-live="polite"')
        self.board = ui.html("", sanitize=False)
        for control in (self.words, self.status, self.form):
            control.on_value_change(self.choose)
        await follow(self.services, "soccer", self.draw)

    async def choose(self) -> None:
        """Take what was chosen; what appears for that reason does not flash."""
        self.wanted = _Wanted(str(self.words.value or ""), str(self.status.value), self.form.value)
        app.storage.user["form"] = self.wanted.form
        self.before = None
        chosen = "" if self.wanted.status == IN_PLAY_ONLY else self.wanted.status
        remember(words=self.wanted.words, status=chosen)
        await self.draw()

    async def draw(self) -> None:
        """Draw what is published now."""
        self.head.set_content(provenance(self.services, "soccer"))
        wanted = self.wanted
        told = await asyncio.to_thread(_board, self.services, wanted)
        if wanted is not self.wanted:  # something else was chosen meanwhile
            return
        if isinstance(told, str):
            self.before = None
            self.count.set_content("")
            self.board.set_content(empty(told))
            return
        frame, view = told
        listed = len(view[FlattenedMatches])
        self.count.set_content(f"{len(frame)} of the {listed} matches on the live list, {text(wanted.status)}")
        self.news.set_content(text(told_scores(frame, self.before) or " "))
        self.board.set_content(board_html(frame, wanted.form, view.publication.published_at, self.before))
        self.before = scores(frame)


def _board(services: Services, wanted: _Wanted) -> tuple[pd.DataFrame, View] | str:
    """MatchBoard of what is wanted, or why there is nothing to show."""
    try:
        view = services.published.view("soccer", FlattenedMatches, MatchPredictions)
    except Problem as problem:
        return nothing(services, "soccer", problem)
    flattened = view[FlattenedMatches]
    frame = match_board(flattened, _statuses(flattened, wanted.status), view[MatchPredictions])
    for word in wanted.words.casefold().split():
        held = frame[["competition", "country", "home_team", "away_team"]].fillna("").agg(" ".join, axis=1)
        frame = frame[held.str.casefold().str.contains(word, regex=False)]
    if frame.empty:
        words = f" and the words {wanted.words!r}" if wanted.words else ""
        return (
            f"No match fits: {len(flattened)} are on the live list, none with the status {wanted.status!r}{words}. "
            "Choose the status 'all', or other words."
        )
    return frame, view


def _statuses(flattened: pd.DataFrame, wanted: str) -> list[Any]:
    if wanted == IN_PLAY_ONLY:
        return list(IN_PLAY)
    if wanted == "all":
        return sorted(int(each) for each in flattened["status_id"].dropna().unique())
    return [number for number, name in STATUS.items() if name == wanted]
