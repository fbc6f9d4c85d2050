"""The wire: the one room that knows sessions, timeouts, retries, limits, breaker, cache, coalescing and redaction.

`open_transport` gives a `Transport`; its `get` returns an `Answer` or raises SourceUnavailable, SourceRejected or
SourceChanged. A request passes, from the outside in:

    coalescing ─► cache ─► retry ─► connections and limits ─► breaker ─► one HTTP try

What belongs elsewhere: what to ask, what an answer means, and everything Dagster.
"""

from football_assets.transport.answers import Answer, CachePolicy, Credentials
from football_assets.transport.breaker import breaker_file
from football_assets.transport.forms import JSON, TEXT, Form
from football_assets.transport.origin import probe_source
from football_assets.transport.problems import SourceProblem
from football_assets.transport.redaction import RedactingFilter, redact
from football_assets.transport.statistics import TransportStats
from football_assets.transport.transport import Transport, open_transport

__all__ = [
    "JSON",
    "TEXT",
    "Answer",
    "CachePolicy",
    "Credentials",
    "Form",
    "RedactingFilter",
    "SourceProblem",
    "Transport",
    "TransportStats",
    "breaker_file",
    "open_transport",
    "probe_source",
    "redact",
]
