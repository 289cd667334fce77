"""Waking by NOTIFY, in a transaction of its own: inside an append it would serialise commits."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from events.store.sql.postgresql.session import take_session
from events.store.sql.signalling import CoalescedSignal

if TYPE_CHECKING:
    from sqlalchemy import Engine

_NOTIFY = text("NOTIFY relaybook_store")
_LISTEN = "LISTEN relaybook_store"
_SLICE_SECONDS = 0.25  # how soon a waiting thread sees that it was closed


class PostgresWakeup:
    """Keeps `Wakeup`'s promises; the waiting side has a connection beside the pool."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._signal = CoalescedSignal(self._notify)
        self._listening: psycopg.Connection[Any] | None = None
        self._closed = threading.Event()
        self._lock = threading.Lock()

    def signal(self) -> None:
        self._signal.request()

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0 and not self._closed.is_set():
            slice_ = min(left, _SLICE_SECONDS)
            with self._lock:
                try:
                    if self._heard(slice_):
                        return True
                except (SQLAlchemyError, psycopg.Error):
                    self._stop_listening()
                    self._closed.wait(slice_)
        return False

    def close(self) -> None:
        self._closed.set()
        self._signal.close()
        with self._lock:
            self._stop_listening()

    def _notify(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(_NOTIFY)

    def _heard(self, seconds: float) -> bool:
        if self._listening is None:
            self._listening = self._listen()
        # A signal may stand for several: take all that have come.
        return len(list(self._listening.notifies(timeout=seconds, stop_after=1))) > 0

    def _listen(self) -> psycopg.Connection[Any]:
        session = take_session(self._engine.raw_connection())
        session.execute(_LISTEN)
        return session

    def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None
