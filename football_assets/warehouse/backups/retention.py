"""Which backups are kept: every one of the last days, and on request one a week and one a month beyond them."""

from collections.abc import Callable, Iterable
from datetime import datetime


def kept(made: Iterable[datetime], now: datetime, *, days: int, weeks: int = 0, months: int = 0) -> set[datetime]:
    """The instants whose backups stay, seen from `now`.

    A backup of the day `days` before today stays, one of the day before that does not. Of each of the newest `weeks`
    ISO weeks and `months` calendar months that have one, the newest stays; and the newest of all, however old.
    """
    newest_first = sorted(made, reverse=True)
    sons = {at for at in newest_first if (now.date() - at.date()).days <= days}
    fathers = _newest_of_each(newest_first, lambda at: at.isocalendar()[:2])[:weeks]
    grandfathers = _newest_of_each(newest_first, lambda at: (at.year, at.month))[:months]
    return {*newest_first[:1], *sons, *fathers, *grandfathers}


def _newest_of_each(newest_first: list[datetime], period: Callable[[datetime], tuple[int, int]]) -> list[datetime]:
    first: dict[tuple[int, int], datetime] = {}
    for at in newest_first:
        first.setdefault(period(at), at)
    return list(first.values())
