"""The transport that kombu finds under `relaybook+sqlite://`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from kombu.transport import virtual

from events.bus.embedded.channel import Channel
from events.bus.embedded.file import open_file
from events.bus.embedded.queues import Queues
from events.bus.embedded.sqlite import sqlite3

if TYPE_CHECKING:
    from events.bus.broker.wake import Wake

#: Seconds between two looks for another process's commit: short after one, longer in quiet times.
_SHORTEST_LOOK: Final = 0.001
_LONGEST_LOOK: Final = 0.020
_GROWTH: Final = 1.1


class Transport(virtual.Transport):  # type: ignore[misc]  # kombu has no types
    """A connection is one SQLite connection with its channels, for one thread."""

    Channel = Channel
    driver_type = "sqlite"
    driver_name = "relaybook"
    connection_errors = (*virtual.Transport.connection_errors, sqlite3.Error)
    polling_interval = None

    def __init__(self, client: Any, **options: Any) -> None:  # noqa: ANN401 -- kombu has no types
        super().__init__(client, **options)
        self.lease_seconds: float = client.transport_options["lease_seconds"]
        self.file: Any = None
        self._seen = -1

    def establish_connection(self) -> Transport:
        self.file = open_file(self.client.transport_options["path"])
        return super().establish_connection()  # type: ignore[no-any-return]  # kombu has no types

    def close_connection(self, connection: Transport) -> None:
        try:
            super().close_connection(connection)
        finally:
            self.file.close()

    def drain_events(self, connection: Transport, timeout: float | None = None) -> None:
        self._seen = Queues(self.file).data_version()
        super().drain_events(connection, timeout=timeout)

    def heartbeat_check(self, connection: Transport, rate: int = 2) -> None:
        del connection, rate
        for channel in list(self.channels):
            channel.keep_alive()

    def wait(self, wake: Wake, seconds: float) -> None:
        """Wait until another connection commits, `wake` is set, or the time is over."""
        queues = Queues(self.file)
        until = time.monotonic() + seconds
        look = _SHORTEST_LOOK
        while queues.data_version() == self._seen:
            left = until - time.monotonic()
            if left <= 0 or wake.is_set(min(look, left)):
                return
            look = min(look * _GROWTH, _LONGEST_LOOK)

    def _collect(self, connection: Transport) -> None:
        """Close without complaint; kombu asks for it after a failure."""
        if self.file is None:
            return
        try:
            self.close_connection(connection)
        except sqlite3.Error:
            return
