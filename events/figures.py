"""Figures for Prometheus from processes that answer no HTTP otherwise: relay and tester."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)

if TYPE_CHECKING:
    from collections.abc import Callable


def exposed(own: CollectorRegistry) -> bytes:
    """Return a program's own figures and those of its process in Prometheus's text format."""
    return generate_latest(_both(own))


def serve_figures(host: str, port: int, own: CollectorRegistry) -> Callable[[], None]:
    """Answer Prometheus at an address from now on, in a thread of its own; raises OSError.

    Returns what ends that; the process's end does, too.
    """
    server, thread = start_http_server(port, host, registry=_both(own))

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close


def _both(own: CollectorRegistry) -> CollectorRegistry:
    # The times at which series began are as many series again, and nobody asks for them.
    disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types
    both = CollectorRegistry()
    both.register(own)
    both.register(REGISTRY)
    return both
