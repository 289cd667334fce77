"""Ordered reading of the log with a stored cursor, and the loop that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from events.store.port import EVERYTHING, CursorMoved, Page

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from events.envelope import RecordedEvent
    from events.store.port import Cursors, EventFilter, EventStore, Wakeup

_SHORTEST_SECONDS = 0.005
_LONGEST_SECONDS = 1.0
_IDLE_STRIDE = 1_000  # how far the stored cursor may lag behind where there was nothing to handle


class Subscription:
    """What one reader has not handled yet; for one thread of one process at a time."""

    def __init__(
        self,
        name: str,
        store: EventStore,
        cursors: Cursors,
        *,
        only: EventFilter = EVERYTHING,
        limit: int = 500,
    ) -> None:
        self.name = name
        self._store = store
        self._cursors = cursors
        self._only = only
        self._limit = limit
        self._stored: int | None = None
        self._read = 0

    def pending(self) -> Page:
        """Return the next events; the same ones again until `done` is called.

        Raises StoreUnavailable.
        """
        if self._stored is None:
            self._stored = self._read = self._cursors.load(self.name)
        return self._store.read_all(after=self._read, limit=self._limit, only=self._only)

    def done(self, page: Page) -> None:
        """Go on after a page of `pending`.

        Raises StoreUnavailable; CursorMoved, after which `pending` starts from the stored cursor.
        """
        stored = self._stored or 0
        if page.upto > stored and (page.events or page.upto - stored >= _IDLE_STRIDE):
            try:
                self._cursors.advance(self.name, old=stored, new=page.upto)
            except CursorMoved:
                self._stored = None
                raise
            self._stored = page.upto
        self._read = page.upto


def follow(
    subscription: Subscription,
    handle: Callable[[Sequence[RecordedEvent]], None],
    *,
    stop: threading.Event,
    wakeup: Wakeup | None = None,
) -> None:
    """Handle every event in order, at least once, until `stop` is set.

    At the end of the log it waits 5 ms, then ever longer up to a second; a signal of `wakeup` cuts
    that short. A page counts as handled when `handle` returns; what `handle` raises ends the loop
    with the cursor where it was.

    Raises what `handle`, `Subscription.pending` and `Subscription.done` raise.
    """
    pause = _SHORTEST_SECONDS
    while not stop.is_set():
        page = subscription.pending()
        if page.events:
            handle(page.events)
            pause = _SHORTEST_SECONDS
        subscription.done(page)
        if page.at_end:
            was_woken = stop.wait(pause) if wakeup is None else wakeup.wait(pause)
            pause = _SHORTEST_SECONDS if was_woken else min(pause * 2, _LONGEST_SECONDS)
