"""Ages for people, the same on every screen and page, and instants that others count in seconds."""

from datetime import UTC, datetime


def age_words(seconds: float) -> str:
    """`90 s`, `45 min`, `3 h`, `12 days`."""
    whole = int(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7_200:
        return f"{whole // 60} min"
    return f"{whole // 3_600} h" if whole < 172_800 else f"{whole // 86_400} days"


def instant_of(seconds: float | None) -> datetime | None:
    """The instant of seconds since 1970 UTC; None of None."""
    return None if seconds is None else datetime.fromtimestamp(float(seconds), UTC)
