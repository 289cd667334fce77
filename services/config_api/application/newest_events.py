"""The event log from its end: pages of the newest events that a reader wants, newest first."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from events.envelope import RecordedEvent
from events.store.port import EventFilter, EventStore

_PAGE: Final = 500
_WIDEST: Final = 20_000
_WIDER: Final = 4
#: By how much the clocks of several hosts may differ: positions and times agree that well.
_CLOCKS: Final = timedelta(minutes=1)
_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewestEvents:
    """A page: its events, newest first, and the position that the next one lies before."""

    events: Sequence[RecordedEvent]
    next_before: int | None


def newest_events(
    store: EventStore, only: EventFilter, *, before: int | None, limit: int
) -> NewestEvents:
    """Return up to `limit` events before a position, or from the end; raises StoreUnavailable.

    The log is read upwards only, so that this reads one stretch after the other, each longer than
    the one above it, until the page is full: its price is that of the positions in between.
    """
    upper = _upper(store, only) if before is None else before
    floor = floor_of(store, only)
    found: list[RecordedEvent] = []
    width = 2 * limit
    while upper > floor + 1 and len(found) <= limit:
        lower = max(floor, upper - 1 - width)
        found += reversed(_between(store, lower, upper, only, most=limit + 1))
        upper, width = lower + 1, min(width * _WIDER, _WIDEST)
    page = found[:limit]
    return NewestEvents(events=page, next_before=page[-1].position if len(found) > limit else None)


def floor_of(store: EventStore, only: EventFilter) -> int:
    """Return a position behind which all that lies `since` is; raises StoreUnavailable."""
    if only.since is None or only.since - _EARLIEST < _CLOCKS:
        return 0
    return store.position_at(only.since - _CLOCKS)


def _upper(store: EventStore, only: EventFilter) -> int:
    return (store.head() if only.until is None else store.position_at(only.until)) + 1


def _between(
    store: EventStore, after: int, before: int, only: EventFilter, *, most: int
) -> Sequence[RecordedEvent]:
    """Return the last events behind one position and before another, oldest first."""
    found: deque[RecordedEvent] = deque(maxlen=most)
    while True:
        page = store.read_all(after=after, limit=_PAGE, only=only)
        found.extend(event for event in page.events if event.position < before)
        if page.at_end or page.upto >= before - 1:
            return found
        after = page.upto
