"""What the server loads in each of its workers: the app, built once there."""

from __future__ import annotations

import os
import signal
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING

from services.config_api.bootstrap import build, configure_logging
from services.config_api.http.app import create_app
from services.config_api.http.streams import EXTENSION as STREAMS
from services.config_api.settings import read_settings

if TYPE_CHECKING:
    from flask import Flask

    from services.config_api.http.streams import Streams

_LOOK_S = 1.0
_STOPS = frozenset({signal.SIGTERM, signal.SIGINT})


def make_app() -> Flask:
    """Return the app of a worker, which ends its streams when the worker is asked to stop."""
    settings = read_settings(os.environ)
    configure_logging(settings.log_level, settings.log_format)
    service = build(settings)
    service.defaults.load()  # what is deleted later gives way to the defaults of this start
    app = create_app(service)
    end_with_process(app)
    return app


def end_with_process(app: Flask) -> None:
    """End the app's streams on SIGTERM and SIGINT, and the worker when its parent is gone.

    The server sets its own handlers after this. Python writes every signal's number to the wake-up
    descriptor before any handler runs, which tells of the stop without taking a handler's place.
    """
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    Thread(target=_stop_streams, args=(app, readable), name="stop", daemon=True).start()
    Thread(target=_follow_parent, args=(os.getppid(),), name="parent", daemon=True).start()


def _stop_streams(app: Flask, readable: int) -> None:
    places: Streams = app.extensions[STREAMS]
    while not _STOPS & set(os.read(readable, 64)):
        pass
    places.stopping.set()
    app.extensions["relaybook"].live.close()


def _follow_parent(parent: int) -> None:
    while os.getppid() == parent:
        sleep(_LOOK_S)
    os.kill(os.getpid(), signal.SIGTERM)
