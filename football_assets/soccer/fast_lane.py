"""The fast lane: one request for the live list between the cycles, and what it says that was not known yet.

What was seen is entered into the change log, beside the cycles, and passed on to the serving processes.
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
from football_assets.errors import ConfigError, StorageError
from football_assets.providers import JUDGES, provider
from football_assets.soccer.changes import CLOCK, State, microseconds
from football_assets.soccer.client import Reading, TheSports
from football_assets.soccer.codes import is_in_play
from football_assets.soccer.corrections import corrections
from football_assets.soccer.day_files import history_folder
from football_assets.soccer.live import incident_rows, live_rows
from football_assets.soccer.look_keeping import Entered, append_look
from football_assets.soccer.looks import Listed, listed_of
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
        self._history = history_folder(settings.folder, self.world.value)
        self._last: _Listing | None = None
        self._observed_at: datetime | None = None

    def look(self) -> Observation | None:
        """Read the live list and enter what changed into both logs; None while the provider counts as down.

        Raises SourceError when it cannot be read or no room is left for the request, StorageError when a log cannot be
        kept. What the change log does not take is passed on all the same.
        """
        if Outage.kept(self._settings).is_open:
            return None
        reading = asyncio.run(self._read())
        if self._observed_at is not None and reading.served_at < self._observed_at:
            return None  # an older answer than the last one: some cache of theirs is behind
        listed = _Listing(reading.value[0], reading.served_at)
        entered, problem = self._entered(listed)
        seen = self._compared(listed, entered)
        self.log.append(seen, listed.rows)
        self._last, self._observed_at = listed, listed.at
        if problem is not None:
            raise problem
        return seen

    def _entered(self, listed: "_Listing") -> tuple[Entered | None, StorageError | None]:
        """What became of the look in the change log: None where it has no cycle yet over which the look lies."""
        try:
            return append_look(self._history, listed.for_log(), listed.at), None
        except StorageError as error:
            return None, error

    def _compared(self, listed: "_Listing", entered: Entered | None) -> Observation:
        if self._last is not None:
            before: Mapping[str, Row] = self._last.rows
        else:
            latest = self.log.latest()
            before = latest.rows if latest else {}
        taken_back = self._taken_back(listed) if entered is None else entered.corrections
        moved = {key: row for key, row in listed.rows.items() if _without_clock(before.get(key)) != _without_clock(row)}
        incidents = [_plain(row) for row in listed.incidents if row["match_id"] in moved]
        return Observation(listed.at, moved, [key for key in before if key not in listed.rows], taken_back, incidents)

    def _taken_back(self, listed: "_Listing") -> list[Row]:
        """Corrections since the look before, for want of a change log that holds the look against what was shown."""
        if self._last is None or listed.at - self._last.at > COMPARED_FOR:
            return []
        stamps = {"observed_at": microseconds(listed.at), "previous_at": microseconds(self._last.at)}
        return [{**found, **stamps} for found in corrections(self._last.state(), listed.state())]

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


class _Listing:
    """The live list at an instant: `rows` as they are served, by match, and the incidents."""

    def __init__(self, matches: list[LiveMatch], at: datetime) -> None:
        self.at = at
        self._matches = [{**row, "is_in_play": is_in_play(row.get("status_id"))} for row in live_rows(matches, at)]
        self.incidents = incident_rows(matches, at)
        self.rows = {row["match_id"]: _served(row) for row in self._matches}

    def for_log(self) -> Listed:
        """As the change log takes it."""
        return listed_of(self._matches, self.incidents)

    def state(self) -> State:
        """As corrections are found in it: unknown left out."""
        return {
            FlattenedMatches.table_name(): {row["match_id"]: _known(row) for row in self._matches},
            Incidents.table_name(): {f"{row['match_id']}/{row['seq']}": _known(row) for row in self.incidents},
        }


def _served(row: Mapping[str, Any]) -> Row:
    return _plain({name: row.get(name) for name in (*_COLUMNS, "is_in_play")})


def _known(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def _plain(row: Mapping[str, Any]) -> Row:
    return {name: f"{v:%Y-%m-%dT%H:%M:%S.%f}Z" if isinstance(v, datetime) else v for name, v in row.items()}


def _without_clock(row: Mapping[str, Any] | None) -> Row | None:
    return None if row is None else {name: value for name, value in row.items() if name != CLOCK}
