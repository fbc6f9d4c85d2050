"""Looks at the odds feeds between two cycles, so that cycles a minute apart know every quote that came in between.

`odds/live` tells the last 60 s. Of two answers a minute apart nobody can say that they join; with a look in between
each overlaps the next by far. What a look saw is kept in a small file from which the next cycle goes on. A look that
failed is missing there, and the cycle reads those odds anew.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from football_assets.config import Settings
from football_assets.errors import ConfigError, SourceError
from football_assets.providers import provider, run_async
from football_assets.soccer.client import TheSports, not_in_plan
from football_assets.soccer.fast_lane import one_try
from football_assets.soccer.odds_feed import ODDS_LIVE, ODDS_UPDATE, OddsChanges, OddsUpdate
from football_assets.soccer.outage import Outage
from football_assets.soccer.plan import Plan
from football_assets.soccer.schemas import EnrichedMatches
from football_assets.states import Source
from football_assets.warehouse.lake import Lake
from football_assets.whole_files import write_whole

LOG = logging.getLogger(__name__)

Read = TypeVar("Read")

FILE = "odds-between.json"
INTERVAL_S, LIMIT_S = 30, 10.0
KEPT_FOR = timedelta(minutes=5)
# Of the 55 s that two readings may lie apart; the rest is for a daemon and a cycle that come late.
STRETCH_S = 45


@dataclass(frozen=True)
class Look:
    """Both odds feeds as of one instant of the provider's clock."""

    served_at: datetime
    changes: OddsChanges
    updates: list[OddsUpdate]


_LOOKS = TypeAdapter(list[Look])


def kept_looks(folder: Path, address: str) -> list[Look]:
    """The looks kept in a folder, oldest first; none of another address, none when they cannot be read."""
    try:
        kept = json.loads((folder / FILE).read_bytes())
        found = _LOOKS.validate_python(kept["looks"]) if kept["address"] == address else []
        return found if all(look.served_at.tzinfo is not None for look in found) else []
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        LOG.warning("What was seen of odds between cycles is unreadable in %s: %s.", folder / FILE, error)
        return []


def keep_look(folder: Path, address: str, look: Look) -> None:
    """Keep a look beside those of the minutes before it. A clock that went back makes a new beginning."""
    before = kept_looks(folder, address)
    known = before if all(each.served_at <= look.served_at for each in before) else []
    young = [each for each in known if look.served_at - each.served_at <= KEPT_FOR]
    looks = _LOOKS.dump_python([*young, look], mode="json")
    write_whole(folder / FILE, json.dumps({"address": address, "looks": looks}), durable=False)


async def look_at(api: TheSports, plan: Plan) -> Look:
    """One look. Raises SourceError; what the plan does not include is remembered there."""
    changes, updates = await asyncio.gather(
        _answer(api.odds_changes(), ODDS_LIVE, plan), _answer(api.odds_updates(), ODDS_UPDATE, plan)
    )
    # The older of both answers: nothing after it is claimed to be known.
    return Look(min(changes.served_at, updates.served_at), changes.value, updates.value)


async def _answer(asking: Awaitable[Read], endpoint: str, plan: Plan) -> Read:
    try:
        return await asking
    except SourceError as error:
        if not_in_plan(error):
            plan.refused(endpoint)
        raise


def wanted(latest: datetime | None, interval_s: int, now: datetime) -> bool:
    """Whether a look now is needed: without it the readings around it, looks or cycles, would lie too far apart.

    Cycles of whole minutes begin on the minute (UTC). Without this each minute would have two looks, one of them
    beside the cycle, which asks the same.

    Args:
        latest: The look before, if any.
        interval_s: From cycle to cycle.
        now: The instant of the look in question.
    """
    cycle = datetime.fromtimestamp(now.timestamp() // interval_s * interval_s, UTC)
    before = cycle if latest is None else max(cycle, latest)
    after = min(now + timedelta(seconds=INTERVAL_S), cycle + timedelta(seconds=interval_s))
    return after - before > timedelta(seconds=STRETCH_S)


def looked_at(settings: Settings) -> datetime | None:
    """When the latest look was kept (UTC); None when none is."""
    try:
        kept = _folder(settings, provider("soccer", settings).source()) / FILE
        return datetime.fromtimestamp(kept.stat().st_mtime, UTC)
    except OSError:
        return None


def look_between(settings: Settings) -> str:
    """Look once and keep it, where the next cycle can go on from it. Says what came of it, also why nobody looked."""
    chosen = provider("soccer", settings)
    if settings.live.strategy == "full":
        return "no cycle goes on from the odds feeds"
    if Outage.kept(settings).is_open:
        return f"{chosen.name} counts as down"
    try:
        chosen.require_credentials()
        world = chosen.source()
        lake = Lake(settings.folder, world)
        folder = _folder(settings, world)
        plan = Plan(folder / "plan.json", chosen.url)
        if not lake.path(EnrichedMatches).exists():
            return "no cycle has run yet"
        if not all(map(plan.includes, (ODDS_LIVE, ODDS_UPDATE))):
            return "the odds feeds are not in the plan"
        look = run_async(_looked(settings, world, plan))
    except (SourceError, ConfigError) as error:
        return str(error)
    keep_look(folder, chosen.url, look)
    return f"odds of {len(look.changes.rows)} matches changed in the 60 s before {look.served_at:%H:%M:%S} UTC"


def _folder(settings: Settings, world: Source) -> Path:
    return settings.folder / world.value / "cache" / "soccer"


async def _looked(settings: Settings, world: Source, plan: Plan) -> Look:
    async with one_try(settings, world, LIMIT_S) as transport:
        return await look_at(TheSports(transport), plan)
