"""Runs the HTTP API under granian (`relaybook serve`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from services.config_api.http.streams import MOST_STREAMS

if TYPE_CHECKING:
    from services.config_api.settings import Settings

_TARGET = "services.config_api.http.wsgi:make_app"
_READERS = 16
_CONNECTIONS = 2048
_DRAIN_S = 5
_HEADERS_MS = 10_000


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: requests are finished, streams ended, within 5 seconds.

    One worker process, which builds its own app from the environment. Its threads are as many as
    there may be streams and, beside them, requests at work, so that streams never take the
    place of requests; idle ones end.
    """
    Granian(
        _TARGET,
        address=settings.bind.host,
        port=settings.bind.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=MOST_STREAMS + _READERS,
        backpressure=_CONNECTIONS,
        backlog=_CONNECTIONS,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADERS_MS),
        workers_kill_timeout=_DRAIN_S,
        websockets=False,
        log_level=LogLevels.error,
    ).serve()
