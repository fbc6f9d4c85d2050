"""The provider without a wire: a source of matches answers as its emulator does, at an instant that tests move."""

import functools
from collections import Counter
from datetime import datetime, timedelta

from football_assets.emulators.thesports import rows_since
from football_assets.soccer.client import TheSports, judge
from football_assets.soccer.cycle import enrich
from football_assets.soccer.flatten import flatten
from football_assets.soccer.live import live_rows
from football_assets.soccer.schemas import EnrichedMatches, LiveMatches, OddsQuotes
from football_assets.states import DataState
from football_assets.tables import from_rows
from football_assets.transport import Answer, TransportStats

NOT_IN_PLAN = {"err": "URL is not authorized to access, please contact our business staff."}
REFERENCE = {
    "team/additional/list": "team",
    "competition/additional/list": "competition",
    "country/list": "country",
}


class Moment:
    """What a source says at one instant, each thing worked out once."""

    def __init__(self, source, at):
        self.live = source.live(at)
        self.recent = {row["id"]: row for row in source.recent(at)}
        self.changes = source.odds_changes(at - timedelta(seconds=60), at)
        self.named = {path: {r["id"]: r for r in source.reference(kind, at)} for path, kind in REFERENCE.items()}
        self.odds = functools.cache(lambda match_id: source.odds(match_id, at))


@functools.lru_cache(maxsize=2)
def moment(source, at):
    """Both strategies read the same instant, one after the other."""
    return Moment(source, at)


class Feed:
    """Stands where the transport does. `broken` maps a path to a body, or to a function of (params, good body)."""

    def __init__(self, source, at: datetime, broken=None):
        self.source = source
        self.at = at
        self.broken = dict(broken or {})
        self.stats = TransportStats()
        self.asked = Counter()

    async def get(self, path, *, doing, params=None, cache=None):
        params = dict(params or {})
        self.asked[path] += 1
        self.stats.started(path)
        self.stats.ended()
        body = self._body(path, params)
        if path in self.broken:
            change = self.broken[path]
            body = change(params, body) if callable(change) else change
        problem = judge(200, body)
        if problem is not None:
            raise problem.as_error("TheSports", doing)
        return Answer(body, DataState.LIVE, self.at, 0.0, {})

    def _body(self, path, params):
        now = moment(self.source, self.at)
        if path == "odds/history":
            return {"code": 0, "results": now.odds(params["uuid"])}
        if path == "odds/live":
            return {"code": 0, "results": now.changes}
        if path == "odds/update":
            return {"code": 0, "results": updates_of(now.changes)}
        if path == "match/detail_live":
            return {"code": 0, "results": now.live}
        rows = now.recent if path == "match/recent/list" else now.named[path]
        if "time" in params:
            return {"code": 0, "results": rows_since(rows.values(), int(params["time"]))}
        if "uuid" in params:
            return {"code": 0, "results": [rows[params["uuid"]]] if params["uuid"] in rows else []}
        return {"code": 0, "results": list(rows.values())}


def updates_of(changes):
    """What `odds/update` says of these changes."""
    return [
        {"id": entry[0], "company_id": int(company), "update_time": entry[2][0]}
        for company, entries in changes.items()
        for entry in entries
    ]


async def cycle(feed, lake, settings):
    """One cycle against `lake`, its files written: (flattened, enriched, quotes, what is told of the reading)."""
    reading = await TheSports(feed).live()
    live = from_rows(LiveMatches, live_rows(reading.value[0], reading.served_at))
    found = await enrich(feed, live, lake, settings)
    for table, frame in ((EnrichedMatches, found.matches), (OddsQuotes, found.quotes)):
        lake.write(table, frame)
    return flatten(live, found.matches), found.matches, found.quotes, found.about


def ordered(frame):
    """Rows in the order of their key: that of enrichment is the order in which answers came."""
    key = [name for name in ("match_id", "company_id", "market", "seq") if name in frame]
    return frame.sort_values(key).reset_index(drop=True)
