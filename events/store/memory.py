"""An event store without a database, for the tests of what stands on one."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import PrimaryKeyConstraint, UniqueConstraint

from events.envelope import RecordedEvent, Told, names_in
from events.store.port import (
    EVERYTHING,
    Appended,
    CursorMoved,
    DropRow,
    Expected,
    Page,
    PutRow,
    RowExists,
    VersionConflict,
)
from events.store.recording import (
    check_instant,
    check_number,
    chunked,
    joined_versions,
    placed_values,
    recorded_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from sqlalchemy import Table

    from events.envelope import Cause
    from events.store.port import EventFilter, RowWrite, StreamAppend

Row = dict[str, Any]


class MemoryEventStore:
    """Keeps `EventStore`'s promises for the threads of one process; its events are lost with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._log: list[RecordedEvent] = []
        self._versions: dict[str, int] = {}
        self._rows: dict[str, list[Row]] = {}

    def append(
        self,
        appends: Iterable[StreamAppend],
        *,
        cause: Cause,
        at: datetime,
        rows: Sequence[RowWrite] = (),
    ) -> Appended:
        check_instant(at)
        with self._lock:
            draft = _Draft(self._log, self._versions, self._rows)
            for append in (one for chunk in chunked(appends) for one in chunk):
                draft.add(append, cause=cause, at=at)
            draft.write(rows)
            self._log, self._versions, self._rows = draft.log, draft.versions, draft.rows
        return Appended(
            position=len(draft.log),
            versions=joined_versions({}, {name: draft.versions[name] for name in draft.touched}),
        )

    def read_stream(
        self, stream: str, *, from_version: int = 1, upto_position: int | None = None
    ) -> list[RecordedEvent]:
        log = self._log if upto_position is None else self._log[:upto_position]
        return [event for event in log if event.stream == stream and event.version >= from_version]

    def read_streams(
        self, streams: Sequence[str], *, upto_position: int | None = None
    ) -> dict[str, list[RecordedEvent]]:
        check_number(streams)
        read = {name: self.read_stream(name, upto_position=upto_position) for name in streams}
        return {name: events for name, events in read.items() if events}

    def stream_names(
        self, category: str, *, after: str | None, limit: int, upto_position: int | None = None
    ) -> list[str]:
        first, end = names_in(category)
        log = self._log if upto_position is None else self._log[:upto_position]
        names = {event.stream for event in log if first <= event.stream < end}
        return sorted(name for name in names if after is None or name > after)[:limit]

    def newest_of_streams(self, category: str, *, after: str | None, limit: int) -> list[Told]:
        log = {event.stream: event for event in self._log}
        names = self.stream_names(category, after=after, limit=limit)
        return [_told(log[name]) for name in names]

    def position_at(self, instant: datetime) -> int:
        check_instant(instant)
        earlier = (event.position for event in self._log if event.recorded_at <= instant)
        return max(earlier, default=0)

    def read_all(self, *, after: int, limit: int, only: EventFilter = EVERYTHING) -> Page:
        log = self._log
        found = [event for event in log[after:] if _matches(event, only)][:limit]
        upto = found[-1].position if len(found) == limit else max(after, len(log))
        return Page(events=found, upto=upto, at_end=upto >= len(log))

    def scan(self) -> Iterator[Told]:
        return map(_told, self._log)

    def read_category(self, category: str, *, upto_position: int) -> Iterator[RecordedEvent]:
        first, end = names_in(category)
        found = [event for event in self._log[:upto_position] if first <= event.stream < end]
        yield from sorted(found, key=attrgetter("stream", "version"))

    def last_of_tenants(self, type_: str, upto: Mapping[str, int]) -> dict[str, RecordedEvent]:
        check_number(upto)
        return {
            event.tenant: event
            for event in self._log
            if event.tenant is not None
            and event.type == type_
            and event.position <= upto.get(event.tenant, 0)
        }

    def head(self) -> int:
        return len(self._log)

    def rows(self, table: Table) -> list[Row]:
        """Return copies of a table's rows; columns that were not written are None."""
        return [dict(row) for row in self._rows.get(table.name, [])]


class _Draft:
    """What the store will be if the whole append succeeds."""

    def __init__(
        self,
        log: Sequence[RecordedEvent],
        versions: Mapping[str, int],
        rows: Mapping[str, list[Row]],
    ) -> None:
        self.log = list(log)
        self.versions = dict(versions)
        self.rows = {name: [dict(row) for row in kept] for name, kept in rows.items()}
        self.touched: list[str] = []
        self._ids = {event.id for event in log}

    def add(self, append: StreamAppend, *, cause: Cause, at: datetime) -> None:
        known = self.versions.get(append.stream, 0)
        expected = 0 if append.expected is Expected.NO_STREAM else append.expected
        if expected is not Expected.ANY and expected != known:
            raise VersionConflict(append.stream, append.expected)
        head = known + len(append.events)
        for fields in recorded_fields(append, head=head, cause=cause, at=at):
            if fields["id"] in self._ids:
                raise RowExists("events")
            self._ids.add(fields["id"])
            self.log.append(RecordedEvent(position=len(self.log) + 1, **fields))
        self.versions[append.stream] = head
        self.touched.append(append.stream)
        self.write(append.rows)

    def write(self, rows: Sequence[RowWrite]) -> None:
        for row in rows:
            kept = self.rows.setdefault(row.table.name, [])
            values = placed_values(row, position=len(self.log))
            if isinstance(row, DropRow):
                kept[:] = [old for old in kept if not _agree(old, values, values)]
            elif isinstance(row, PutRow):
                _put(kept, row, values)
            else:
                _add(kept, row.table, values)


def _told(event: RecordedEvent) -> Told:
    return Told(**{name: getattr(event, name) for name in Told.__struct_fields__})


def _put(kept: list[Row], row: PutRow, values: Row) -> None:
    for old in _agreeing(kept, values, row.table.primary_key.columns.keys()):
        if row.newer_by is None or old[row.newer_by] < values[row.newer_by]:
            old.update(values)
        return
    _add(kept, row.table, values)


def _add(kept: list[Row], table: Table, values: Row) -> None:
    new = {name: values.get(name) for name in table.columns.keys()}  # noqa: SIM118 -- iterating would give columns
    for key in _unique_keys(table):
        if None not in (new[name] for name in key) and _agreeing(kept, new, key):
            raise RowExists(table.name)
    kept.append(new)


def _unique_keys(table: Table) -> list[list[str]]:
    keys = [
        list(constraint.columns.keys())
        for constraint in table.constraints
        if isinstance(constraint, PrimaryKeyConstraint | UniqueConstraint)
    ]
    return keys + [list(index.columns.keys()) for index in table.indexes if index.unique]


def _agreeing(kept: list[Row], values: Row, names: Sequence[str]) -> list[Row]:
    """Return the rows that agree in these columns, the first of which tells most rows apart."""
    first, value = names[0], values[names[0]]
    return [row for row in kept if row[first] == value and _agree(row, values, names[1:])]


def _agree(row: Mapping[str, Any], other: Mapping[str, Any], names: Iterable[str]) -> bool:
    return all(row[name] == other[name] for name in names)


def _matches(event: RecordedEvent, only: EventFilter) -> bool:
    return (
        (only.types is None or event.type in only.types)
        and (only.stream is None or event.stream == only.stream)
        and (only.actor is None or event.actor == only.actor)
        and (only.tenants is None or event.tenant in only.tenants)
        and (only.correlation_id is None or event.correlation_id == only.correlation_id)
        and (only.since is None or event.recorded_at >= only.since)
        and (only.until is None or event.recorded_at < only.until)
    )


class MemoryCursors:
    """Keeps `Cursors`' promises for the threads of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._positions: dict[str, int] = {}

    def load(self, name: str) -> int:
        return self._positions.get(name, 0)

    def advance(self, name: str, *, old: int, new: int) -> None:
        with self._lock:
            if self._positions.get(name, 0) != old:
                raise CursorMoved(name)
            self._positions[name] = new
