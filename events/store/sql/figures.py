"""How long appends take, as a figure for Prometheus and as a span."""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Final

from prometheus_client import Histogram

from events.store.port import RowExists, VersionConflict
from events.tracing import span

if TYPE_CHECKING:
    from collections.abc import Iterator

_BUCKETS: Final = (
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0
)  # fmt: skip
_SECONDS: Final = Histogram(
    "relaybook_append_seconds",
    "Time of an append, from its first statement to the end of its transaction.",
    ["outcome"],
    buckets=_BUCKETS,
)
_DONE, _CONFLICT, _FAILED = (
    _SECONDS.labels(outcome=outcome) for outcome in ("done", "conflict", "failed")
)


@contextmanager
def measured(system: str) -> Iterator[None]:
    """Measure an append on a database system as SQLAlchemy calls it, such as `postgresql`."""
    began, figure = perf_counter(), _DONE
    attributes = {
        "db.system.name": system,
        "db.operation.name": "append",
        "db.collection.name": "events",
    }
    try:
        with span("append events", kind="client", attributes=attributes):
            yield
    except (RowExists, VersionConflict):
        figure = _CONFLICT
        raise
    except BaseException:
        figure = _FAILED
        raise
    finally:
        figure.observe(perf_counter() - began)
