"""The fast lane: one request for the live list between the cycles, and what it says that was not known yet.

Its requests go through the transport that the cycles use: the same windows of requests, the same breakers, kept in
the same files. They are tried once, given up before the next is due, and not made at all while the cycles' own
breaker says that the provider is down.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Any

from football_assets.config import Settings
from football_assets.errors import ConfigError
from football_assets.providers import JUDGES, provider
from football_assets.soccer.changes import CLOCK, State, microseconds
from football_assets.soccer.client import Reading, TheSports
from football_assets.soccer.codes import is_in_play
from football_assets.soccer.corrections import corrections
from football_assets.soccer.live import incident_rows, live_rows
from football_assets.soccer.models import LiveMatch
from football_assets.soccer.observations import Observation, ObservationLog, Row
from football_assets.soccer.outage import Outage
from football_assets.soccer.schemas import FlattenedMatches, Incidents, LiveMatches
from football_assets.states import Source
from football_assets.tables import columns
from football_assets.transport import Transport, open_transport

LIVE_PATH = "match/detail_live"
# What a look is compared with must be young: what was taken back since may otherwise have happened long ago.
COMPARED_FOR = timedelta(seconds=120)
CYCLES_SHARE = 0.5
MINUTE_S = 60.0
_COLUMNS = tuple(c.name for c in columns(LiveMatches))


class FastLane:
    """Looks at the live list, one look after the other, from one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._provider = provider("soccer", settings)
        self._provider.require_credentials()
        self.world: Source = self._provider.source()
        self.log = ObservationLog(settings.folder, self.world.value)
        self.interval_s = _interval_s(settings)
        self._rows: dict[str, Row] | None = None
        self._state: State = {}
        self._observed_at: datetime | None = None

    def look(self) -> Observation | None:
        """Read the live list and enter what changed into the log; None while the provider counts as down.

        Raises SourceError when it cannot be read or no room is left for the request, StorageError when the log cannot
        be kept.
        """
        if Outage.kept(self._settings).is_open:
            return None
        reading = asyncio.run(self._read())
        rows, state = _seen(reading.value[0], reading.served_at)
        if self._observed_at is not None and reading.served_at < self._observed_at:
            return None  # an older answer than the last one: some cache of theirs is behind
        seen = self._compared(reading.served_at, rows, state)
        self.log.append(seen, rows)
        self._rows, self._state, self._observed_at = rows, state, reading.served_at
        return seen

    def _compared(self, at: datetime, rows: dict[str, Row], state: State) -> Observation:
        before, taken_back = self._rows, []
        if before is None or self._observed_at is None:
            latest = self.log.latest()
            before = dict(latest.rows) if latest else {}
        elif at - self._observed_at <= COMPARED_FOR:
            stamps = {"observed_at": microseconds(at), "previous_at": microseconds(self._observed_at)}
            taken_back = [{**found, **stamps} for found in corrections(self._state, state)]
        moved = {key: row for key, row in rows.items() if _without_clock(before.get(key)) != _without_clock(row)}
        incidents = [_plain(row) for row in state["incidents"].values() if row["match_id"] in moved]
        return Observation(at, moved, [key for key in before if key not in rows], taken_back, incidents)

    async def _read(self) -> Reading[tuple[list[LiveMatch], int]]:
        async with one_try(self._settings, self.world, self.interval_s) as transport:
            return await TheSports(transport).live()


def one_try(settings: Settings, world: Source, limit_s: float) -> AbstractAsyncContextManager[Transport]:
    """The cycles' own windows and breakers for requests that are tried once and given up after `limit_s`."""
    chosen = provider("soccer", settings)
    service = chosen.service.model_copy(update={"tries": 1, "timeout_s": min(chosen.service.timeout_s, limit_s)})
    return open_transport(
        chosen.name,
        chosen.url,
        service,
        credentials=chosen.require_credentials(),
        judge=JUDGES.get("soccer"),
        cache_dir=settings.folder / world.value / "cache" / "soccer",
        shared_url=settings.shared_url,
        expect_source=world,
        deadline_s=limit_s,
    )


def _interval_s(settings: Settings) -> float:
    """Start to start of two looks: as set, or longer where the plan's minute would not leave half to the cycles."""
    wanted = float(settings.fast_lane.interval_s)
    limit = settings.thesports.per_minute_by_path.get(LIVE_PATH)
    if limit is None:
        return wanted
    ours = limit * CYCLES_SHARE
    if ours < 1:
        allowed = f"2 or more on {LIVE_PATH} a minute, or fast_lane.enabled: false"
        raise ConfigError("thesports.per_minute_by_path", value=limit, allowed=allowed, origin="the settings")
    return max(wanted, MINUTE_S / ours)


def _seen(matches: list[LiveMatch], at: datetime) -> tuple[dict[str, Row], State]:
    """The rows as they are served, and as corrections are found in them: unknown left out."""
    listed = {row["match_id"]: row for row in live_rows(matches, at)}
    rows = {key: _served(row) for key, row in listed.items()}
    state: State = {
        FlattenedMatches.table_name(): {key: _known(row) for key, row in listed.items()},
        Incidents.table_name(): {f"{row['match_id']}/{row['seq']}": _known(row) for row in incident_rows(matches, at)},
    }
    return rows, state


def _served(row: Mapping[str, Any]) -> Row:
    whole = {name: row.get(name) for name in _COLUMNS}
    return _plain({**whole, "is_in_play": is_in_play(row.get("status_id"))})


def _known(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def _plain(row: Mapping[str, Any]) -> Row:
    return {name: f"{v:%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(v, datetime) else v for name, v in row.items()}


def _without_clock(row: Mapping[str, Any] | None) -> Row | None:
    return None if row is None else {name: value for name, value in row.items() if name != CLOCK}
