"""Figures for Prometheus: a registry of its own for each app."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import current_app, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

if TYPE_CHECKING:
    from flask import Flask, Response

EXTENSION = "relaybook-metrics"
_CONVERTER = re.compile(r"<(?:[^:<>]*:)?([a-z_]+)>")
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Metrics:
    """What is counted and measured."""

    registry: CollectorRegistry
    requests: Counter
    durations: Histogram
    commands: Counter
    streams: Gauge


def make_metrics() -> Metrics:
    """Return figures that all stand at zero."""
    # The times at which series began are as many series again, and nobody asks for them.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types
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
        commands=Counter(
            "relaybook_commands", "Commands carried out.", ("command",), registry=registry
        ),
        streams=Gauge("relaybook_http_streams", "Open event streams.", registry=registry),
    )


def metrics() -> Metrics:
    """Return the current app's figures."""
    found: Metrics = current_app.extensions[EXTENSION]
    return found


def count_command(endpoint: str) -> None:
    """Count a command that was carried out."""
    metrics().commands.labels(command=endpoint.rpartition(".")[2]).inc()


def measure(app: Flask) -> None:
    """Count and time every request of an app; routes by their pattern, never by a tenant's ID."""
    app.extensions[EXTENSION] = make_metrics()
    app.before_request(_begin)
    app.after_request(_end)


def templated(rule: str) -> str:
    """Return a route as OpenAPI writes it: `/v1/events/{position}`."""
    return _CONVERTER.sub(r"{\1}", rule)


def _begin() -> None:
    g.began = time.perf_counter()


def _end(response: Response) -> Response:
    route = templated(request.url_rule.rule) if request.url_rule else "none"
    method = request.method if request.url_rule else "any"
    figures = metrics()
    figures.requests.labels(route=route, method=method, status=str(response.status_code)).inc()
    took = time.perf_counter() - g.get("began", time.perf_counter())
    figures.durations.labels(route=route, method=method).observe(took)
    return response
