"""The month's calls: counted, compared with what the provider says, and never planned beyond.

The provider counts calendar months in UTC and says with every answer how many calls are left. Each world keeps one
small file: the month, our own count of answers, and what the provider said last. What it said wins, for the key may be
in use elsewhere; our count stands in for it until it has spoken.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from football_assets.config import Settings, now_utc
from football_assets.errors import QuotaExceeded, SourceUnavailable, StorageError
from football_assets.ncaa.client import LISTS
from football_assets.shared_state import PREFIX, redis_client, redis_failures
from football_assets.states import Source
from football_assets.whole_files import write_whole

FREE_CALLS = 1000
DAILY_CALLS = 15
# A regular season of 16 weeks and the postseason: as many as a season has had.
WEEKS = 17
FILE = "college_football_calls.json"


@dataclass(frozen=True)
class Usage:
    """One month's calls: `counted` by us, `left` of `limit` as the provider said at `said_at` of its clock."""

    month: str
    counted: int
    limit: int
    left: int | None
    said_at: datetime
    noted_at: datetime

    @property
    def remaining(self) -> int:
        """Calls that may still be made this month."""
        return max(self.limit - self.counted, 0) if self.left is None else self.left

    @property
    def used(self) -> int:
        """Calls made this month, elsewhere with the same key included where the provider has spoken."""
        return max(self.limit - self.remaining, 0)

    @property
    def resets_at(self) -> datetime:
        """The first instant of the next month."""
        return next_month(self.said_at)

    def at(self, now: datetime) -> "Usage":
        """The same when `now` is in the same month, else a new month with nothing used."""
        month = month_of(now)
        return self if month <= self.month else Usage(month, 0, self.limit, None, now, self.noted_at)


class Ledger:
    """The count of one world: a file in its folder, or a key of the Redis `shared_url` where workers share it.

    It is written whole after each answer.
    """

    def __init__(self, folder: Path, shared_url: str | None = None) -> None:
        self._path = folder / FILE
        self._shared = None if shared_url is None else _SharedText(shared_url, f"calls:{folder.name}")

    def read(self) -> Usage | None:
        """What is known; None before the first answer. Raises StorageError when it cannot be read."""
        if self._shared is not None:
            return _usage(self._shared.read(), str(self._shared))
        try:
            return _usage(self._path.read_bytes(), str(self._path))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(str(self._path), error) from None

    def answered(self, at: datetime, left: int | None) -> None:
        """Count one call answered `at` of the provider's clock, which said that `left` are left."""

        def count(before: Usage) -> Usage:
            known = before.left - 1 if left is None and before.left else left
            if self._shared is not None and None not in (known, before.left):
                known = min(known or 0, before.left or 0)  # the answers of several workers come in any order
            return replace(before, counted=before.counted + 1, left=known, limit=max(before.limit, left or 0))

        self._change(at, count)

    def told(self, at: datetime, left: int, limit: int) -> None:
        """Note what the provider says about the account."""
        self._change(at, lambda before: replace(before, left=left, limit=limit))

    def _change(self, at: datetime, change: Callable[[Usage], Usage]) -> None:
        def changed(before: Usage | None) -> str:
            return json.dumps(asdict(change(_of_month(before, at))), default=datetime.isoformat)

        if self._shared is not None:
            self._shared.change(lambda text: changed(_usage(text, str(self._shared))))
            return
        try:
            write_whole(self._path, changed(self.read()), durable=False)
        except OSError as error:
            raise StorageError(f"writing {self._path}", str(error), "Free or mend the disk.") from error


class _SharedText:
    """A text in a Redis, changed by one at a time."""

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._key = f"{PREFIX}:{name}"

    def __str__(self) -> str:
        return f"the shared {self._key}"

    def read(self) -> bytes | None:
        with self._reaching("reading"):
            found: bytes | None = redis_client(self._url).get(self._key)
            return found

    def change(self, change: Callable[[bytes | None], str]) -> None:
        def put(pipe: Any) -> None:
            new = change(pipe.get(self._key))
            pipe.multi()
            pipe.set(self._key, new)

        with self._reaching("writing"):
            redis_client(self._url).transaction(put, self._key)

    @contextmanager
    def _reaching(self, doing: str) -> Iterator[None]:
        try:
            yield
        except redis_failures() as error:
            to_do = "Start the Redis of FOOTBALL_REDIS_URL."
            raise StorageError(f"{doing} {self}", type(error).__name__, to_do) from None


def ledger_of(settings: Settings, source: Source) -> Ledger:
    """The count of a world, as configured."""
    return Ledger(settings.folder / source.value, settings.shared_url)


def _usage(text: bytes | None, place: str) -> Usage | None:
    if text is None:
        return None
    try:
        about = json.loads(text)
        about |= {name: datetime.fromisoformat(about[name]) for name in ("said_at", "noted_at")}
        return Usage(**about)
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable(place, error) from None


def _unreadable(place: str, error: Exception) -> StorageError:
    return StorageError(f"reading {place}", f"it cannot be read ({error})", "Remove it: the provider knows the count.")


def _of_month(before: Usage | None, at: datetime) -> Usage:
    month, limit = month_of(at), before.limit if before else FREE_CALLS
    if before is None or before.month != month:
        before = Usage(month, 0, limit, None, at, at)
    return replace(before, said_at=at, noted_at=now_utc())


def month_of(at: datetime) -> str:
    """The calendar month in UTC: `2026-11`."""
    return f"{at.astimezone(UTC):%Y-%m}"


def next_month(at: datetime) -> datetime:
    """The first instant of the month after `at`."""
    at = at.astimezone(UTC)
    return datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Season:
    """What is known of a season before it is collected: its weeks with box scores, and what is already kept."""

    year: int
    weeks: int = WEEKS
    is_kept: bool = False
    is_running: bool = False


def calls_of(season: Season, tables: Iterable[str]) -> int:
    """Most calls that collecting these tables of a season makes.

    Of a season that is over and kept only games and lines are asked again; of the running one at most `DAILY_CALLS`.
    """
    wanted = set(tables)
    if season.is_kept and not season.is_running:
        return len(wanted & {"games", "lines"})
    whole = len(wanted & {"games", "lines"})
    whole += season.weeks * len(wanted & {"team_stats", "player_stats"})
    whole += sum(len(lists) for name, lists in LISTS.items() if name in wanted)
    return min(whole, DAILY_CALLS) if season.is_kept else whole


def require(usage: Usage, seasons: Iterable[Season], tables: Iterable[str]) -> int:
    """The calls that collecting takes at most. Raises QuotaExceeded, with how long it takes, when they do not fit."""
    tables = set(tables)
    costs = {season.year: calls_of(season, tables) for season in seasons}
    needed = sum(costs.values())
    if needed > usage.remaining:
        doing = f"collecting {_named(list(costs))} by about {needed:,} calls{_plan(costs, usage)}"
        raise QuotaExceeded(doing, used=usage.used, limit=usage.limit, resets_at=usage.resets_at)
    return needed


def refused(error: SourceUnavailable, ledger: Ledger) -> QuotaExceeded | None:
    """The error to raise when the provider says that the month's calls are used up; None when it says another thing."""
    if not error.happened.startswith("HTTP 429") or "quota" not in error.happened.lower():
        return None
    usage = ledger.read() or Usage(month_of(now_utc()), 0, FREE_CALLS, 0, now_utc(), now_utc())
    return QuotaExceeded(error.doing, used=usage.limit, limit=usage.limit, resets_at=usage.resets_at)


def days_to_wait(calls: int, usage: Usage) -> int:
    """Days until the last of so many calls can be made, beginning now and using every month whole."""
    beyond = calls - usage.remaining
    if beyond <= 0:
        return 0
    day = usage.said_at
    for _ in range(math.ceil(beyond / max(usage.limit, 1))):
        day = next_month(day)
    return math.ceil((day - usage.said_at) / timedelta(days=1))


def _plan(costs: Mapping[int, int], usage: Usage) -> str:
    """How much fits now, newest seasons first, and how long the whole takes."""
    fitting, left = [], usage.remaining
    for year in sorted(costs, reverse=True):
        if costs[year] > left:
            break
        fitting.append(year)
        left -= costs[year]
    now = f"{_named(fitting)} now" if fitting else "none now"
    return f", which takes {days_to_wait(sum(costs.values()), usage)} days ({now}, the rest after the reset)"


def _named(years: list[int]) -> str:
    if len(years) == 1:
        return f"the season {years[0]}"
    return f"the seasons {min(years)}-{max(years)}"
