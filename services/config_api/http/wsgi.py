"""What the server loads in each of its workers: the app, built once there."""

from __future__ import annotations

import os
import signal
from multiprocessing import parent_process
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

from events.collector import spare_the_program
from events.tracing import recording
from events.tracing.configuring import configure_tracing
from services.config_api.bootstrap import build, configure_logging
from services.config_api.http.app import create_app
from services.config_api.http.incoming import EXTENSION as ARRIVALS
from services.config_api.http.reads.layer import ReadLayer
from services.config_api.http.slow_peers import SlowPeers
from services.config_api.http.streams import EXTENSION as STREAMS
from services.config_api.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.process import BaseProcess

    from _typeshed.wsgi import WSGIApplication
    from flask import Flask

    from services.config_api.http.streams import Streams

_AGAIN_S = 1.0
_MIB = 1024 * 1024
_STOPS = frozenset({signal.SIGTERM, signal.SIGINT})


def make_app() -> WSGIApplication:
    """Return the app of a worker, which ends its streams when the worker is asked to stop."""
    settings = read_settings(os.environ)
    configure_logging(settings.log_level, settings.log_format)
    configure_tracing(os.environ, service_name="relaybook-serve")
    service = build(settings)
    service.defaults.load()  # what is deleted later gives way to the defaults of this start
    service.live.listen()
    app = create_app(service)
    most = settings.read_cache_mib * _MIB
    # The layer writes neither spans nor lines of the log, which tells of reads at debug.
    is_told = recording() or settings.log_level == "debug"
    layer = None if is_told else ReadLayer(app, service, most)
    keeping = layer if most else None
    end_with_process(app, () if keeping is None else (keeping.close,))
    slow = SlowPeers(settings.bind.port, app.extensions[ARRIVALS])
    Thread(target=slow.run, name="slow-peers", daemon=True).start()
    spare_the_program()
    if keeping is not None:
        keeping.start()
    return layer or app


def end_with_process(app: Flask, closings: Sequence[Callable[[], None]] = ()) -> None:
    """End the app's streams on SIGTERM and SIGINT, and the worker when its parent is gone.

    Then `closings` are called.

    The server sets its own handlers after this. Python writes every signal's number to the wake-up
    descriptor before any handler runs, which tells of the stop without taking a handler's place.
    """
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    Thread(target=_stop_streams, args=(app, readable, closings), name="stop", daemon=True).start()
    if (parent := parent_process()) is not None:
        Thread(target=_end_with, args=(parent,), name="parent", daemon=True).start()


def _stop_streams(app: Flask, readable: int, closings: Sequence[Callable[[], None]]) -> None:
    places: Streams = app.extensions[STREAMS]
    while not _STOPS & set(os.read(readable, 64)):
        pass
    places.stopping.set()
    app.extensions["relaybook"].live.close()
    for close in closings:
        close()


def _end_with(parent: BaseProcess) -> None:
    # Its end is a pipe that closes, also where it was killed before this worker came so far.
    parent.join()
    while True:  # until the server's own handler is set, what it inherited swallows the signal
        os.kill(os.getpid(), signal.SIGTERM)
        sleep(_AGAIN_S)
