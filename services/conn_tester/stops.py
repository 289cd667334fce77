"""Hears on the bus which tests somebody stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.bus.topology import EVENTS
from events.connection_test import ConnectionTestCancelled

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.bus.port import Bus, Consumer, Delivery

_SUBJECT: Final = "ce-subject"


class Stops:
    """Tells `stop_test` the id of each test that is cancelled from now on."""

    def __init__(self, bus: Bus, stop_test: Callable[[str], None]) -> None:
        self._consumer: Consumer = bus.listener([(EVENTS, ConnectionTestCancelled.TYPE)])
        self._stop_test = stop_test

    def run(self) -> None:
        """Listen until `stop`."""
        self._consumer.run(self._handle)

    def stop(self) -> None:
        """Make `run` return soon."""
        self._consumer.stop()

    def _handle(self, delivery: Delivery) -> None:
        _, _, test_id = delivery.message.headers.get(_SUBJECT, "").partition("/")
        self._stop_test(test_id)
