"""Runs the HTTP API under granian (`relaybook serve`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from services.config_api.http.incoming import MOST_BODIES
from services.config_api.http.streams import MOST_STREAMS

if TYPE_CHECKING:
    from services.config_api.settings import Settings

_TARGET = "services.config_api.http.wsgi:make_app"
_READERS = 16
_CONNECTIONS = 2048
_DRAIN_S = 5
_HEADERS_MS = 10_000
_HEADERS_BYTES = 64 * 1024


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: requests are finished, streams ended, within 5 seconds.

    One worker process, which builds its own app from the environment. Its threads are as many as
    there may be streams, bodies that arrive and, beside them, requests at work, so that neither
    streams nor slow senders take the place of other requests; idle ones end. A request's head
    must be there within 10 seconds, and so must the next one of a connection.
    """
    Granian(
        _TARGET,
        address=settings.bind.host,
        port=settings.bind.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=MOST_STREAMS + MOST_BODIES + _READERS,
        backpressure=_CONNECTIONS,
        backlog=_CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=_HEADERS_MS, max_buffer_size=_HEADERS_BYTES
        ),
        workers_kill_timeout=_DRAIN_S,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()
