"""What a match page shows, read once a publication for all who look at the match."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from football_assets.errors import StorageError
from football_assets.serving.pages.frame import BEGIN, nothing
from football_assets.serving.problems import Problem
from football_assets.serving.published import View
from football_assets.serving.services import Services
from football_assets.soccer.history import History
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchStats
from football_assets.soccer.story import Story, story
from football_assets.tables import plain_rows

GONE = "This match is not on the live list: it lists what was active in the last two hours."
HELD = 50


@dataclass(frozen=True)
class Told:
    """Everything a match page shows. `past` may be why there is none."""

    row: dict[str, Any]
    published_at: datetime
    incidents: list[dict[str, Any]]
    stats: list[dict[str, Any]]
    prediction: dict[str, Any] | None
    past: Story | str


class MatchReader:
    """Reads matches; the newest of those looked at are held until something is published."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._held: OrderedDict[str, tuple[int, Told | str]] = OrderedDict()
        self._reading = asyncio.Lock()

    async def read(self, match_id: str) -> Told | str:
        """The match, or why it cannot be shown."""
        async with self._reading:
            publication = self._services.published.newest("soccer")
            if publication is None:
                return BEGIN["soccer"]
            held = self._held.get(match_id)
            if held is None or held[0] != publication.id:
                held = self._held[match_id] = publication.id, await asyncio.to_thread(self._read, match_id)
            self._held.move_to_end(match_id)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
            return held[1]

    def _read(self, match_id: str) -> Told | str:
        try:
            view = self._services.published.view("soccer", FlattenedMatches, Incidents, MatchStats, MatchPredictions)
        except Problem as problem:
            return nothing(self._services, "soccer", problem)
        found = plain_rows(_of(view[FlattenedMatches], match_id))
        if not found:
            return GONE
        said = plain_rows(_of(view[MatchPredictions], match_id))
        return Told(
            found[0],
            view.publication.published_at,
            plain_rows(_of(view[Incidents], match_id).sort_values("seq")),
            plain_rows(_of(view[MatchStats], match_id).sort_values("stat_type")),
            said[0] if said else None,
            self._past(view, found[0]),
        )

    def _past(self, view: View, match: dict[str, Any]) -> Story | str:
        settings, source = self._services.settings, view.publication.source
        longest_step_s = settings.alerts.stale_intervals * settings.interval_s("soccer")
        try:
            return story(History(settings.folder, source), match, longest_step_s)
        except StorageError as error:
            return f"{error.happened}. {error.to_do}"


def _of(frame: pd.DataFrame, match_id: str) -> pd.DataFrame:
    found: pd.DataFrame = frame[frame["match_id"] == match_id]
    return found
