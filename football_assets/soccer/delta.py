"""A cycle that asks only what has changed since the previous one, and gives the rows that asking for all would give.

One `match/recent/list?time=` brings the schedule rows that changed. One `odds/live` brings the quotes of the last 60 s
and one `odds/update` the matches whose odds were repaired. A match's odds are carried on only when that proves them
whole: read no longer than `LOOKS_BACK_S` ago, all their quotes at hand, each change readable and newer than what is
there. Between cycles that are a minute apart somebody looks at both feeds (`odds_between`): then no stretch between two
answers may be longer than that. The others are read anew by `odds/history`: every match when nobody looked, or when the
plan has no `odds/live`. Where a feed fails, its matches are asked one by one.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from football_assets.errors import SourceError
from football_assets.soccer.client import Reading, TheSports, not_in_plan, refused_for_all
from football_assets.soccer.enrichment import Answers, Asking, KnownDetail, KnownOdds
from football_assets.soccer.join import SCHEDULE_COLUMNS, LastKnown
from football_assets.soccer.odds_between import Look
from football_assets.soccer.odds_feed import ODDS_LIVE, ODDS_UPDATE, OddsChanges, OddsUpdate
from football_assets.soccer.plan import Plan
from football_assets.soccer.quote_book import QuoteBook
from football_assets.states import DataState

# `odds/live` looks back 60 s. The rest is for clocks in whole seconds and for quotes published late.
LOOKS_BACK_S = 55.0
# A schedule row may show its change up to a minute after the instant it gives for it.
SCHEDULE_LAG = timedelta(seconds=60)


class Delta:
    """What changed since the cycle that `last` and `book` are of.

    Args:
        last: The previous cycle's matches.
        book: Its quotes.
        plan: Which endpoints the account may ask.
        companies: Bookmakers whose prices are chosen, preferred first.
        limit_s: The oldest detail that is brought up to date; an older one is read anew.
        now: The provider's clock of this cycle's live list.
        looks: What was seen of the odds feeds between that cycle and this one, oldest first.
    """

    name = "delta"

    def __init__(
        self,
        last: LastKnown,
        book: QuoteBook,
        plan: Plan,
        *,
        companies: Iterable[int],
        limit_s: float,
        now: datetime,
        looks: Sequence[Look] = (),
    ) -> None:
        self.last = last
        self.book = book
        self.plan = plan
        self.companies = tuple(companies)
        self.limit_s = limit_s
        self.now = now
        self.looks = looks

    async def read(self, api: TheSports, match_ids: Sequence[str], *, connections: int) -> Answers:
        """Ask for what has changed, and for what is not known."""
        return await _Asking(api, connections, self).read(match_ids)

    def detail_read_at(self, match_id: str) -> datetime | None:
        """When the detail at hand was read; None when there is none to go on from."""
        read_at: datetime | None = self.last.rows.get(match_id, {}).get("detail_fetched_at")
        if read_at is None or not 0 <= (self.now - read_at).total_seconds() <= self.limit_s:
            return None
        return read_at

    def odds_are_whole(self, match_id: str, served_at: datetime) -> bool:
        """Whether what was quoted since the odds at hand is all in the looks since and a feed served at `served_at`."""
        row = self.last.rows.get(match_id, {})
        read_at: datetime | None = row.get("odds_fetched_at")
        if read_at is None:
            return False
        between = [look.served_at for look in self.looks if read_at < look.served_at < served_at]
        steps = pairwise([read_at, *between, served_at])
        if not all(0 <= (later - earlier).total_seconds() <= LOOKS_BACK_S for earlier, later in steps):
            return False
        counted = (row["odds_quotes"] or 0, row["odds_companies"])
        return counted == (self.book.count(match_id), len(self.book.companies(match_id)))


class _Asking(Asking):
    """One cycle of asking for changes."""

    def __init__(self, api: TheSports, connections: int, delta: Delta) -> None:
        super().__init__(api, connections)
        self._delta = delta

    def _begin(self, match_ids: list[str], tasks: asyncio.TaskGroup) -> None:
        since = {match_id: read_at for match_id in match_ids if (read_at := self._delta.detail_read_at(match_id))}
        if since:
            tasks.create_task(self._changed_details(since, tasks))
        # The feeds may be served a little later than the live list; whoever is too old for that is too old for them.
        feeds = all(map(self._delta.plan.includes, (ODDS_LIVE, ODDS_UPDATE)))
        carried = [each for each in match_ids if feeds and self._delta.odds_are_whole(each, self._delta.now)]
        if carried:
            tasks.create_task(self._changed_odds(carried, tasks))
        for match_id in match_ids:
            if match_id not in since:
                tasks.create_task(self._detail(match_id, tasks))
        self._read_odds(set(match_ids) - set(carried), match_ids, tasks)
        self._answers.about |= {"known_details": len(since), "known_odds": 0}

    async def _changed_details(self, since: Mapping[str, datetime], tasks: asyncio.TaskGroup) -> None:
        """Details at hand with their changes."""
        begin = min(since.values()) - SCHEDULE_LAG
        outcome = await self._attempt("details", lambda: self._api.changed_matches(begin))
        for match_id in since:
            if isinstance(outcome, SourceError):
                if refused_for_all(outcome):
                    self._detailed(match_id, outcome, tasks)
                else:
                    tasks.create_task(self._detail(match_id, tasks))
            elif match_id in outcome.value.unreadable:
                tasks.create_task(self._detail(match_id, tasks))
            else:
                changed = outcome.value.details.get(match_id)
                value = changed or KnownDetail(self._columns(match_id))
                self._detailed(match_id, Reading(value, outcome.state, outcome.served_at, outcome.age_s), tasks)

    async def _changed_odds(self, match_ids: list[str], tasks: asyncio.TaskGroup) -> None:
        """Odds at hand with their changes; those that are not proven whole are read anew."""
        feeds = await self._feeds()
        if feeds is None:
            self._read_odds(set(match_ids), match_ids, tasks)
            return
        served_at = feeds.served_at
        whole = [each for each in match_ids if self._delta.odds_are_whole(each, served_at)]
        read_at = self._odds_read_at(whole)
        first = min(read_at.values(), default=served_at)
        changes, doubtful = OddsChanges(), set[str]()
        for look in (*(each for each in self._delta.looks if first < each.served_at < served_at), feeds):
            changes.add(look.changes)
            doubtful |= doubtful_matches(look.changes, look.updates, read_at, look.served_at)
        book, tangled = self._delta.book.updated([each for each in whole if each not in doubtful], changes.rows)
        carried = [each for each in whole if each not in doubtful | tangled]
        for match_id in carried:
            odds = book.odds(match_id, self._delta.companies)
            value = KnownOdds(odds, len(book.companies(match_id)), book.count(match_id))
            self._answers.odds[match_id] = Reading(value, DataState.LIVE, served_at, 0.0)
        self._answers.quotes = book.table
        self._answers.about["known_odds"] = len(carried)
        self._read_odds(set(match_ids) - set(carried), match_ids, tasks)

    async def _feeds(self) -> Look | None:
        """Both odds feeds, and the instant as of which they are; None when one cannot be had."""
        changes, updates = await asyncio.gather(
            self._attempt("feeds", self._api.odds_changes), self._attempt("feeds", self._api.odds_updates)
        )
        for endpoint, outcome in ((ODDS_LIVE, changes), (ODDS_UPDATE, updates)):
            if isinstance(outcome, SourceError) and not_in_plan(outcome):
                self._delta.plan.refused(endpoint)
        if isinstance(changes, SourceError) or isinstance(updates, SourceError):
            return None
        return Look(changes.served_at, changes.value, updates.value)

    def _read_odds(self, wanted: set[str], order: Iterable[str], tasks: asyncio.TaskGroup) -> None:
        for match_id in order:
            if match_id in wanted:
                tasks.create_task(self._odds(match_id))

    def _columns(self, match_id: str) -> Mapping[str, Any]:
        row = self._delta.last.rows[match_id]
        return {name: row[name] for name in SCHEDULE_COLUMNS}

    def _odds_read_at(self, match_ids: Iterable[str]) -> dict[str, datetime]:
        return {match_id: self._delta.last.rows[match_id]["odds_fetched_at"] for match_id in match_ids}


def doubtful_matches(
    changes: OddsChanges, updates: Iterable[OddsUpdate], read_at: Mapping[str, datetime], served_at: datetime
) -> set[str]:
    """The matches of `read_at` (match -> when its odds at hand were read) whose changes are not all known.

    Of them something could not be read, or they were updated since without showing a new quote: that is a repair of
    older ones. When entries name no match at all, every match updated since is doubtful.
    """
    found = changes.unclear & set(read_at)
    for update in updates:
        known_at = read_at.get(update.match_id)
        if known_at is None:
            continue
        since = known_at - timedelta(seconds=60 - LOOKS_BACK_S)
        new = since.timestamp() < update.update_time <= served_at.timestamp()
        if new and (changes.unnamed or update.company_id not in changes.companies(update.match_id)):
            found.add(update.match_id)
    return found
