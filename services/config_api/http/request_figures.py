"""Requests by route, counted and timed, for Prometheus.

A read that is kept takes ten microseconds; the library's counters and histogram would be three.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Final

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS: Final = tuple(map(floatToGoString, (*_BUCKETS, inf)))


class RouteFigures:
    """What became of the requests with one method of one route."""

    __slots__ = ("_lock", "_seconds", "_statuses", "_within", "kept")

    def __init__(self) -> None:
        self._lock = Lock()
        self._statuses = defaultdict[str, int](int)
        self._within = [0] * len(_BOUNDS)
        self._seconds = 0.0
        #: Answers from memory.
        self.kept = 0

    def take(self, status: str, seconds: float, kept: int = 0) -> None:
        """Count an answer that began after so many seconds; `kept` is 1 if it was kept."""
        with self._lock:
            self._statuses[status] += 1
            self._within[bisect_left(_BUCKETS, seconds)] += 1
            self._seconds += seconds
            self.kept += kept

    def tell(self, labels: tuple[str, str], requests: CounterMetricFamily,
             durations: HistogramMetricFamily) -> None:  # fmt: skip
        """Add what was counted to the figures of all routes."""
        with self._lock:
            statuses, within, seconds = dict(self._statuses), tuple(self._within), self._seconds
        for status, number in statuses.items():
            requests.add_metric((*labels, status), number)
        buckets = tuple(zip(_BOUNDS, accumulate(within), strict=True))
        durations.add_metric(labels, buckets, seconds)


class RequestFigures(Collector):
    """The figures of all routes, by route and method."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, str], RouteFigures] = {}

    def of(self, route: str, method: str) -> RouteFigures:
        """Return the figures of one route and method, which stay the same object."""
        found = self._of.get((route, method))
        return found or self._of.setdefault((route, method), RouteFigures())

    def collect(self) -> Iterator[Metric]:
        """Yield what Prometheus asks for."""
        requests = CounterMetricFamily(
            "relaybook_http_requests", "Requests answered.", labels=("route", "method", "status")
        )
        durations = HistogramMetricFamily(
            "relaybook_http_request_seconds",
            "Time until the answer began.",
            labels=("route", "method"),
        )
        routes = tuple(self._of.items())
        for labels, figures in routes:
            figures.tell(labels, requests, durations)
        yield requests
        yield durations
        yield CounterMetricFamily(
            "relaybook_reads_kept",
            "Reads answered from memory while nothing changed.",
            value=sum(figures.kept for _, figures in routes),
        )
