"""The transport that kombu finds under `relaybook+sqlite://`."""

from __future__ import annotations

import logging
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from kombu.transport import virtual

from events.bell import Bell, Ear
from events.bus.embedded.channel import Channel
from events.bus.embedded.file import open_file
from events.bus.embedded.sqlite import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterable

    from events.bus.broker.wake import Wake

_log = logging.getLogger(__name__)


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
        self.bell: Any = None
        self.ear: Any = None
        self.consumed: list[str] = []
        self._heard: list[int] = []

    def establish_connection(self) -> Transport:
        with ExitStack() as opened:
            bell = Bell(self._bell_path)
            opened.callback(bell.close)
            self.file = open_file(self.client.transport_options["path"])
            self.bell = bell
            opened.pop_all()
        return super().establish_connection()  # type: ignore[no-any-return]  # kombu has no types

    def close_connection(self, connection: Transport) -> None:
        try:
            super().close_connection(connection)
        finally:
            self.file.close()
            self.bell.close()
            if self.ear is not None:
                self.ear.close()

    def drain_events(self, connection: Transport, timeout: float | None = None) -> None:
        self._heard = self.bell.last(self.consumed)
        super().drain_events(connection, timeout=timeout)

    def heartbeat_check(self, connection: Transport, rate: int = 2) -> None:
        del connection, rate
        for channel in list(self.channels):
            channel.keep_alive()

    def ring(self, queues: Iterable[str]) -> None:
        """Wake who consumes from queues; what was committed stays so, rung or not."""
        try:
            self.bell.ring(queues)
        except OSError:
            _log.warning("bus.ring_lost", exc_info=True)

    def wait(self, wake: Wake, seconds: float) -> None:
        """Wait until a message may have come, `wake` is set, or the time is over."""
        if self.ear is None:
            self.ear = Ear(self._bell_path)
        until = time.monotonic() + seconds
        while True:
            self.ear.forget()
            left = until - time.monotonic()
            if left <= 0 or self.bell.last(self.consumed) != self._heard:
                return
            if wake.wait(self.ear.patience(left), beside=self.ear.descriptor):
                return

    @property
    def _bell_path(self) -> str:
        return f"{self.client.transport_options['path']}-bell"

    def _collect(self, connection: Transport) -> None:
        """Close without complaint; kombu asks for it after a failure."""
        if self.file is None:
            return
        try:
            self.close_connection(connection)
        except sqlite3.Error:
            return
