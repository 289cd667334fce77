"""Tells open streams of events that the store has something new: one watcher for all of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING

from flask import current_app

from events.store.port import StoreError
from services.config_api.http.auth import admission
from services.config_api.http.current import relaybook
from services.config_api.http.streams import QUIET_S, streams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from threading import Event

    from events.envelope import RecordedEvent
    from events.store.port import EventFilter, EventStore, Wakeup

EXTENSION = "relaybook-head"
_POLL_S = 1.0
_PAGE = 500
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Following:
    """Reads the store as it grows, outside of any request, for as long as who asked is admitted."""

    store: EventStore
    head: Head
    stopping: Event
    only: EventFilter
    admitted: Callable[[], bool]

    def pages(self, after: int) -> Iterator[Sequence[RecordedEvent]]:
        """Yield the events behind a position as they come, none of them after a quiet while.

        Whether the reader is still admitted is asked as often as that.
        """
        asked = monotonic()
        while not self.stopping.is_set():
            if monotonic() - asked >= QUIET_S:
                if not self.admitted():
                    return
                asked = monotonic()
            page = self.store.read_all(after=after, limit=_PAGE, only=self.only)
            if page.events:
                yield page.events
            after = page.upto
            if page.at_end and not self.head.wait_beyond(after, QUIET_S):
                yield ()


def following(only: EventFilter) -> Following:
    """Return what follows the current app's store."""
    return Following(
        store=relaybook().store,
        head=current_app.extensions[EXTENSION],
        stopping=streams().stopping,
        only=only,
        admitted=admission(),
    )
