"""Receives for as long as it is wanted, over one connection after the other."""

from __future__ import annotations

import logging
import time
from threading import Event
from typing import TYPE_CHECKING

from events.bus.broker.session import Session
from events.bus.broker.wake import Wake

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.bus.broker.broker import Broker
    from events.bus.broker.subscription import Subscription
    from events.bus.port import Delivery

logger = logging.getLogger(__name__)


class KombuConsumer:
    """A consumer that connects again, each time after a longer pause up to a bound."""

    def __init__(self, broker: Broker, subscription: Subscription) -> None:
        self._broker = broker
        self._subscription = subscription
        self._stopping = Event()
        self._wake: Wake | None = None

    def run(self, handle: Callable[[Delivery], None]) -> None:
        pause, longest = self._broker.pace.reconnect
        self._wake = wake = Wake()
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                self._attend(wake, handle)
                lasted = time.monotonic() - began
                if not self._stopping.is_set():
                    pause = self._broker.pace.reconnect[0] if lasted > longest else pause
                    self._stopping.wait(pause)
                    pause = min(2 * pause, longest)
        finally:
            wake.close()

    def stop(self) -> None:
        self._stopping.set()
        if self._wake is not None:
            self._wake.set()

    def _attend(self, wake: Wake, handle: Callable[[Delivery], None]) -> None:
        """Receive over one connection until it breaks or the consumer is stopped."""
        session: Session | None = None
        try:
            session = Session(self._broker, self._subscription, wake)
            while not self._stopping.is_set():
                session.step(handle)
            session.close()
        except Exception as error:  # noqa: BLE001 -- the loop must survive whatever a broker does
            logger.warning("receiving from %s broke off: %r", self._subscription.name, error)
            if session is not None:
                session.abandon()
