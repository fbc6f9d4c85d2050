"""What Prometheus reads, gathered when it asks: requests, cache, stream, tables, runs."""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from football_assets.config import now_utc
from football_assets.rooms import installed
from football_assets.serving.guard import Requests
from football_assets.serving.operations_metrics import Operations, families
from football_assets.serving.services import Services

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Collector:
    """Reads the parts of one serving process, beside what was read of the whole platform; holds nothing itself."""

    def __init__(self, services: Services, operations: Operations) -> None:
        self._services = services
        self._operations = operations

    def collect(self) -> Iterator[Metric]:
        """All metrics now."""
        yield from _requests(self._services.requests)
        yield from self._cache()
        yield from self._stream()
        yield from self._tables()
        yield from families(self._operations)

    def _cache(self) -> Iterator[Metric]:
        about = self._services.cache.about()
        reads = CounterMetricFamily("football_cache_reads", "Cache reads by outcome", labels=["outcome"])
        for name in ("hits", "redis_hits", "coalesced", "misses"):
            reads.add_metric([name], about[name])
        yield reads
        yield GaugeMetricFamily("football_cache_entries", "Answers kept in memory", value=about["entries"])

    def _stream(self) -> Iterator[Metric]:
        hub = self._services.hub
        yield GaugeMetricFamily("football_stream_clients", "Connections to the stream", value=len(hub.clients))
        yield CounterMetricFamily("football_stream_messages", "Messages handed to clients", value=hub.sent)
        waiting = hub.longest_queue()
        yield GaugeMetricFamily("football_stream_longest_queue", "Messages waiting for the slowest", value=waiting)
        lag = GaugeMetricFamily("football_loop_lag_seconds", "How late the event loop was when last looked at")
        lag.add_metric([], self._services.loop_lag_s)
        yield lag

    def _tables(self) -> Iterator[Metric]:
        labels = ["pipeline", "world"]
        age = GaugeMetricFamily("football_publication_age_seconds", "Age of the newest publication", labels=labels)
        number = GaugeMetricFamily("football_publication_id", "The newest publication", labels=labels)
        stale = GaugeMetricFamily("football_stale", "1 when the newest is older than it may be", labels=labels)
        for name in installed():
            publication = self._services.published.newest(name)
            if publication is None:
                continue
            where = [name, publication.source.value]
            freshness = self._services.published.freshness(publication)
            age.add_metric(where, (now_utc() - publication.published_at).total_seconds())
            number.add_metric(where, publication.id)
            stale.add_metric(where, float(freshness.state == "stale"))
        yield from (age, number, stale)


def _requests(requests: Requests) -> Iterable[Metric]:
    outcomes = CounterMetricFamily("football_http_requests", "Requests", labels=["method", "path", "status"])
    for (method, path, status), count in sorted(requests.outcomes.items()):
        outcomes.add_metric([method, path, str(status)], count)
    took = HistogramMetricFamily("football_http_request_seconds", "How long requests took", labels=["path"])
    for path, buckets in sorted(requests.buckets.items()):
        counted, below = [], 0
        for bound, count in zip([*map(str, Requests.BOUNDS_S), "+Inf"], buckets, strict=True):
            below += count
            counted.append((bound, below))
        took.add_metric([path], counted, sum_value=requests.seconds[path])
    return outcomes, took


def exposition(services: Services, operations: Operations) -> bytes:
    """The metrics as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(Collector(services, operations))
    return generate_latest(registry)


def figures(services: Services) -> dict[str, Any]:
    """The same for people: requests, mean time, event loop, stream and cache."""
    requests = services.requests
    count = sum(requests.outcomes.values())
    failed = sum(number for (_, _, status), number in requests.outcomes.items() if status >= 500)
    mean_ms = 1000 * sum(requests.seconds.values()) / count if count else None
    return {
        "requests": count,
        "failed": failed,
        "mean_ms": None if mean_ms is None else round(mean_ms, 3),
        "loop_lag_ms": round(1000 * services.loop_lag_s, 3),
        "stream_clients": len(services.hub.clients),
        "cache": services.cache.about(),
    }
