"""Tells open streams of events that the store has something new: one watcher for all of them."""

from __future__ import annotations

import logging
from threading import Condition, Thread
from typing import TYPE_CHECKING

from events.store.port import StoreError

if TYPE_CHECKING:
    from threading import Event

    from events.store.port import EventStore, Wakeup

EXTENSION = "relaybook-head"
_POLL_S = 1.0
_log = logging.getLogger(__name__)


class Head:
    """The store's newest readable position, watched while somebody waits for it."""

    def __init__(self, store: EventStore, wakeup: Wakeup, stopping: Event) -> None:
        self._store = store
        self._wakeup = wakeup
        self._stopping = stopping
        self._moved = Condition()
        self._position = 0
        self._waiting = 0
        self._watcher: Thread | None = None

    def wait_beyond(self, position: int, seconds: float) -> bool:
        """Wait at most so long until something stands behind a position; True if it does."""
        with self._moved:
            self._waiting += 1
            self._watch()
            try:
                self._moved.wait_for(lambda: self._is_beyond(position), seconds)
                return self._position > position
            finally:
                self._waiting -= 1

    def _is_beyond(self, position: int) -> bool:
        return self._position > position or self._stopping.is_set()

    def _watch(self) -> None:
        if self._watcher is None:
            self._watcher = Thread(target=self._follow, name="head", daemon=True)
            self._watcher.start()

    def _follow(self) -> None:
        while not self._stopping.is_set():
            try:
                position = self._store.head()
            except StoreError:
                _log.warning("the store's head cannot be read", exc_info=True)
                position = 0
            with self._moved:
                self._position = max(self._position, position)
                self._moved.notify_all()
                if not self._waiting:
                    self._watcher = None
                    return
            self._wakeup.wait(_POLL_S)
        with self._moved:
            self._moved.notify_all()
