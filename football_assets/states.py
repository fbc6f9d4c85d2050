"""Where data comes from and how fresh it is: two small vocabularies used everywhere."""

from enum import StrEnum


class Source(StrEnum):
    """Which world a value belongs to. Worlds have separate stores and never mix."""

    REAL = "real"
    RECORDED = "recorded"
    SIMULATED = "simulated"


class DataState(StrEnum):
    """How fresh a value is."""

    LIVE = "live"  # read in this cycle
    CACHED = "cached"  # within its time to live
    STALE = "stale"  # last known value, older than it should be; always shown with its age
    MISSING = "missing"  # not known; always shown with the reason
