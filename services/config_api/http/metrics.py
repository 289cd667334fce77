"""Figures for Prometheus: a registry of its own for each app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, request
from prometheus_client import CollectorRegistry, Gauge

from services.config_api.http.request_figures import RequestFigures
from services.config_api.http.routes import method_label, route_label
from services.config_api.http.trace import elapsed_s

if TYPE_CHECKING:
    from flask import Flask, Response

EXTENSION = "relaybook-metrics"
#: In the environ of a request that nobody sent: it is not counted.
UNCOUNTED = "relaybook.uncounted"


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """What is counted and measured."""

    registry: CollectorRegistry
    requests: RequestFigures
    streams: Gauge
    sealed: Gauge
    unsealed: Gauge
    refused: Gauge
    sealed_at: Gauge
    keeping: Gauge


def make_metrics() -> Metrics:
    """Return figures that all stand at zero."""
    registry, requests = CollectorRegistry(), RequestFigures()
    registry.register(requests)
    return Metrics(
        registry=registry,
        requests=requests,
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
        keeping=Gauge(
            "relaybook_reads_keeping", "1 while answers to reads are kept.", registry=registry
        ),
    )


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
    figures = metrics().requests.of(route_label(), method_label())
    figures.take(str(response.status_code), elapsed_s())
    return response
