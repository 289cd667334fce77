"""What an event store promises; one contract suite holds every implementation to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Final, Protocol

from sqlalchemy import Table

from events.envelope import Cause, NewEvent, RecordedEvent, Told


class Expected(Enum):
    """What an append expects of a stream where it does not name the version that it knows."""

    NO_STREAM = "no_stream"
    ANY = "any"


ExpectedVersion = int | Expected


class Placeholder(Enum):
    """Stands in a row's values for what is known only while appending.

    In the rows of a stream it is the position of that stream's last event, in the rows of the
    whole append that of the last event of all.
    """

    LAST_POSITION = "last_position"


LAST_POSITION: Final = Placeholder.LAST_POSITION


@dataclass(frozen=True, kw_only=True, slots=True)
class PutRow:
    """Insert a row, or replace the one with the same primary key.

    With `newer_by` an existing row is replaced only where its value in that column is smaller.
    """

    table: Table
    values: Mapping[str, Any]
    newer_by: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AddRow:
    """Insert a row; one with the same unique key refuses the whole append (`RowExists`)."""

    table: Table
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class DropRow:
    """Delete the rows whose columns have these values, if there are any."""

    table: Table
    key: Mapping[str, Any]


RowWrite = PutRow | AddRow | DropRow


@dataclass(frozen=True, kw_only=True, slots=True)
class StreamAppend:
    """Events for one stream, and the rows that must change together with them."""

    stream: str
    expected: ExpectedVersion
    events: Sequence[NewEvent]
    rows: Sequence[RowWrite] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EventFilter:
    """Which events a reader wants; every field that is not None must hold.

    `types` are whole wire names; `tenants` a limited reader's tenants; `since` is inclusive and
    `until` exclusive, both by `recorded_at`; of events whose clock was a day behind see
    `EventStore.position_at`.
    """

    types: frozenset[str] | None = None
    stream: str | None = None
    actor: str | None = None
    tenants: frozenset[str] | None = None
    correlation_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING: Final = EventFilter()
MOST_AT_ONCE: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Events in position order and how far the reader has now seen.

    `upto` is the position up to which everything that will ever be there has been read (holes and
    filtered events included): the next page is read after it. `at_end` is true where nothing more
    was readable at that moment.
    """

    events: Sequence[RecordedEvent]
    upto: int
    at_end: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Appended:
    """Where an append went: the last position, and the new version of each stream.

    `versions` is None for more than MOST_AT_ONCE streams, whose names nobody should have to hold.
    """

    position: int
    versions: Mapping[str, int] | None = field(default_factory=dict)


class StoreError(Exception):
    """The store did not do what was asked; nothing was written."""


class VersionConflict(StoreError):
    """A stream is not at the version that the append expected."""

    def __init__(self, stream: str, expected: ExpectedVersion) -> None:
        super().__init__(f"{stream} is not at the expected version {expected}")
        self.stream = stream
        self.expected = expected


class RowExists(StoreError):
    """A row that had to be new is there already, such as the answer of an idempotency key."""

    def __init__(self, table: str) -> None:
        super().__init__(f"a row with the same key is in {table} already")
        self.table = table


class StoreUnavailable(StoreError):
    """The database cannot be reached or cannot write; it is not known that nothing was written.

    Only the idempotency key of the command tells whether a lost commit took place.
    """


class Overtaken(StoreUnavailable):
    """Others appended first each time that a command was decided anew; nothing was written."""


class EventStore(Protocol):
    """Append-only streams of events with one global order."""

    def append(
        self,
        appends: Iterable[StreamAppend],
        *,
        cause: Cause,
        at: datetime,
        rows: Sequence[RowWrite] = (),
    ) -> Appended:
        """Append to one or more streams, and write the rows, in one transaction.

        `appends` may be a generator of any length: it is consumed in chunks of bounded memory. A
        stream occurs once in it: twice in a chunk is a ValueError, in two chunks the expected
        version no longer holds. `at` becomes the events' `recorded_at` (an aware datetime).

        Raises VersionConflict, RowExists, StoreUnavailable; ValueError for no event at all.
        """
        ...

    def read_stream(
        self, stream: str, *, from_version: int = 1, upto_position: int | None = None
    ) -> list[RecordedEvent]:
        """Return a stream's events in version order.

        Only those from a version on, and up to a position where one is given.
        """
        ...

    def read_streams(
        self, streams: Sequence[str], *, upto_position: int | None = None
    ) -> dict[str, list[RecordedEvent]]:
        """Return the events of up to 1,000 streams as `read_stream` does, by stream.

        A stream that has none is not among them. Raises ValueError for more streams.
        """
        ...

    def stream_names(
        self, category: str, *, after: str | None, limit: int, upto_position: int | None = None
    ) -> list[str]:
        """Return up to `limit` streams of a category behind a stream, ordered by code point.

        With a position only those that had an event by then.
        """
        ...

    def newest_of_streams(self, category: str, *, after: str | None, limit: int) -> list[Told]:
        """Return the last event of each of up to `limit` streams as `stream_names` finds them.

        Its price does not depend on how long their histories are.
        """
        ...

    def position_at(self, instant: datetime) -> int:
        """Return the greatest position of an event recorded at or before an instant; 0: none.

        An event whose clock was a day or more behind that of another one need not be found.
        Raises ValueError for a naive datetime.
        """
        ...

    def read_all(self, *, after: int, limit: int, only: EventFilter = EVERYTHING) -> Page:
        """Return up to `limit` events after a position, never past one that may still appear."""
        ...

    def scan(self) -> Iterator[Told]:
        """Yield what a fold needs of every event up to the head at the first, in bounded memory."""
        ...

    def read_category(self, category: str, *, upto_position: int) -> Iterator[RecordedEvent]:
        """Yield a category's events stream by stream, ordered by code point, in bounded memory."""
        ...

    def last_of_tenants(self, type_: str, upto: Mapping[str, int]) -> dict[str, RecordedEvent]:
        """Return the last event of a type of each of up to 1,000 tenants, at or below a position.

        `upto` has a position for each tenant. A tenant that has none is not among them. Raises
        ValueError for more tenants.
        """
        ...

    def head(self) -> int:
        """Return the position up to which all that will ever be there can be read; 0: none."""
        ...


class Cursors(Protocol):
    """How far each subscription has got."""

    def load(self, name: str) -> int:
        """Return the last position handled; 0 where the subscription is new."""
        ...

    def advance(self, name: str, *, old: int, new: int) -> None:
        """Move a cursor from the position `load` answered; raises CursorMoved."""
        ...


class CursorMoved(StoreError):
    """Another process advanced this subscription meanwhile; it must start over from `load`."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the cursor of {name} was moved by another process")
        self.name = name


class Duties(Protocol):
    """Who holds a duty that only one process may do at a time."""

    def try_hold(self, name: str) -> Holding | None:
        """Return the duty if nobody holds it; it ends with the process at the latest."""
        ...


class Holding(Protocol):
    """A duty that is held now."""

    def still_held(self) -> bool:
        """Return False once it was lost (its connection broke); work must then stop."""
        ...

    def release(self) -> None:
        """Let another process have it."""
        ...


class Wakeup(Protocol):
    """Tells other processes that the store has something new; a lost signal only costs time."""

    def signal(self) -> None:
        """Say so, soon and coalesced; never blocks the caller and never raises."""
        ...

    def wait(self, seconds: float) -> bool:
        """Wait for a signal at most so long; True if one came. For one waiting thread at a time."""
        ...

    def close(self) -> None:
        """End its thread and connection."""
        ...
