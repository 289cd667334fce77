"""How far what follows the log is behind, for Prometheus: looked at twice a minute at most.

Everybody may ask for the figures, and the look goes through all rows and asks the broker.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import nan
from threading import Lock
from typing import TYPE_CHECKING, Final

from prometheus_client import Gauge

from events.bus.port import BusError
from events.bus.topology import DEAD_LETTERS, WORK_QUEUES
from events.store.port import StoreUnavailable
from services.config_api.application.relay.publishing import CURSOR
from services.config_api.read_model.rebuild import status

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

    from services.config_api.bootstrap import Relaybook

EXTENSION = "relaybook-lag-figures"
_APART: Final = timedelta(seconds=30)


class LagFigures:
    """Brings the gauges up to date where the last look is long enough ago."""

    def __init__(self, service: Relaybook, registry: CollectorRegistry) -> None:
        self._service = service
        self._looked_at: datetime | None = None
        self._looking = Lock()
        self._projections = Gauge(
            "relaybook_projection_lag_events",
            "Events that a projection's rows have not seen.",
            ("projection",),
            registry=registry,
        )
        self._relay = Gauge(
            "relaybook_relay_lag_events",
            "Positions of the log that the relay has not published yet.",
            registry=registry,
        )
        self._deliveries = Gauge(
            "relaybook_webhook_deliveries",
            "Messages for webhooks: pending, parked, and delivered within 30 days.",
            ("state",),
            registry=registry,
        )
        self._queues = Gauge(
            "relaybook_queue_messages",
            "Messages that wait in a queue, dead letters among them.",
            ("queue",),
            registry=registry,
        )
        self._bus = Gauge("relaybook_bus_up", "1 where the message bus answers.", registry=registry)

    def refresh(self) -> None:
        """Look, unless it was done just now; what does not answer has no figures."""
        now = self._service.clock()
        with self._looking:
            if self._looked_at is not None and abs(now - self._looked_at) < _APART:
                return
            self._looked_at = now
        self._look_at_store()
        self._look_at_bus()

    def _look_at_store(self) -> None:
        service = self._service
        try:
            behind = service.store.head() - service.cursors.load(CURSOR)
            found = status(service.read_engine, service.store)
            counts = service.webhooks.deliveries.counts()
        except StoreUnavailable:
            self._projections.clear()
            self._deliveries.clear()
            self._relay.set(nan)
            return
        self._relay.set(max(0, behind))
        for state, number in counts.items():
            self._deliveries.labels(state=state).set(number)
        for one in found:
            self._projections.labels(projection=one.name).set(one.lag)

    def _look_at_bus(self) -> None:
        try:
            for queue in (*WORK_QUEUES, DEAD_LETTERS):
                self._queues.labels(queue=queue).set(self._service.bus.depth(queue))
        except BusError:
            self._queues.clear()
            self._bus.set(0)
            return
        self._bus.set(1)
