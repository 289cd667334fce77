"""Figures for Prometheus: a registry of its own for each app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.config_api.http.routes import method_label, route_label
from services.config_api.http.trace import elapsed_s

if TYPE_CHECKING:
    from flask import Flask, Response

EXTENSION = "relaybook-metrics"
#: In the environ of a request that nobody sent: it is not counted.
UNCOUNTED = "relaybook.uncounted"
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """What is counted and measured."""

    registry: CollectorRegistry
    requests: Counter
    durations: Histogram
    streams: Gauge
    sealed: Gauge
    unsealed: Gauge
    refused: Gauge
    sealed_at: Gauge
    kept: Counter
    keeping: Gauge


def make_metrics() -> Metrics:
    """Return figures that all stand at zero."""
    registry = CollectorRegistry()
    return Metrics(
        registry=registry,
        requests=Counter(
            "relaybook_http_requests",
            "Requests answered.",
            ("route", "method", "status"),
            registry=registry,
        ),
        durations=Histogram(
            "relaybook_http_request_seconds",
            "Time until the answer began.",
            ("route", "method"),
            buckets=_BUCKETS,
            registry=registry,
        ),
        streams=Gauge("relaybook_http_streams", "Open event streams.", registry=registry),
        sealed=Gauge("relaybook_log_size", "Leaves of the newest checkpoint.", registry=registry),
        unsealed=Gauge(
            "relaybook_log_unsealed", "Positions behind the newest checkpoint.", registry=registry
        ),
        refused=Gauge(
            "relaybook_log_refused", "1 while nothing is sealed for a reason.", registry=registry
        ),
        sealed_at=Gauge(
            "relaybook_checkpoint_timestamp_seconds",
            "When the newest checkpoint was signed, in Unix time; 0 without one.",
            registry=registry,
        ),
        kept=_counter(registry, "reads_kept", "Reads answered from memory while nothing changed."),
        keeping=_gauge(registry, "reads_keeping", "1 while answers to reads are kept."),
    )


def _counter(registry: CollectorRegistry, name: str, about: str, *labels: str) -> Counter:
    return Counter(f"relaybook_{name}", about, labels, registry=registry)


def _gauge(registry: CollectorRegistry, name: str, about: str, *labels: str) -> Gauge:
    return Gauge(f"relaybook_{name}", about, labels, registry=registry)


class ReadFigures:
    """Counts and times the answers of one route that Flask has no part in."""

    def __init__(self, figures: Metrics, route: str) -> None:
        counted = figures.requests.labels
        self._found = counted(route=route, method="GET", status="200")
        self._unmodified = counted(route=route, method="GET", status="304")
        self._took = figures.durations.labels(route=route, method="GET")

    def found(self, seconds: float) -> None:
        """Count an answer."""
        self._found.inc()
        self._took.observe(seconds)

    def unmodified(self, seconds: float) -> None:
        """Count an answer that says that what the asker has is still so."""
        self._unmodified.inc()
        self._took.observe(seconds)


def metrics() -> Metrics:
    """Return the current app's figures."""
    found: Metrics = current_app.extensions[EXTENSION]
    return found


def measure(app: Flask) -> Metrics:
    """Count and time every request of an app; routes by their pattern, never by a tenant's ID."""
    figures = app.extensions[EXTENSION] = make_metrics()
    app.after_request(_end)
    return figures


def _end(response: Response) -> Response:
    if UNCOUNTED in request.environ:
        return response
    route, method = route_label(), method_label()
    figures = metrics()
    figures.requests.labels(route=route, method=method, status=str(response.status_code)).inc()
    figures.durations.labels(route=route, method=method).observe(elapsed_s())
    return response
