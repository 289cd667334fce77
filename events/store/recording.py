"""From what is asked of an append to the events as they are stored, the same in every store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.sealing.commitment import content_hash, new_salt
from events.store.port import LAST_POSITION, MOST_AT_ONCE, DropRow, Expected

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from events.envelope import Cause
    from events.store.port import RowWrite, StreamAppend

CHUNK_EVENTS = 1_000


def check_instant(at: datetime) -> None:
    """Raise ValueError for a naive datetime."""
    if at.tzinfo is None:
        raise ValueError("an instant needs its time zone")


def check_number(names: Collection[str]) -> None:
    """Raise ValueError for more streams or tenants than are read at once."""
    if len(names) > MOST_AT_ONCE:
        raise ValueError(f"at most {MOST_AT_ONCE} at once, not {len(names)}")


def check_append(append: StreamAppend) -> None:
    """Raise ValueError for an append without events or with an impossible expected version."""
    if not append.events:
        raise ValueError(f"no event for {append.stream}")
    if not isinstance(append.expected, Expected) and append.expected < 1:
        raise ValueError("versions count from 1; a stream without events is NO_STREAM")


def values_of(row: RowWrite) -> Mapping[str, Any]:
    """Return the columns that a row names.

    Raises ValueError for none, which in a DropRow would empty the table, and for a DropRow by the
    last position.
    """
    values = row.key if isinstance(row, DropRow) else row.values
    if not values:
        raise ValueError(f"a row of {row.table.name} without columns")
    if isinstance(row, DropRow) and LAST_POSITION in values.values():
        raise ValueError(f"no row of {row.table.name} can be at a position that is not known yet")
    return values


def placed_values(row: RowWrite, *, position: int) -> dict[str, Any]:
    """Return the columns that a row names with the last position filled in."""
    return {
        name: position if value is LAST_POSITION else value
        for name, value in values_of(row).items()
    }


def chunked(appends: Iterable[StreamAppend]) -> Iterator[list[StreamAppend]]:
    """Return the appends, checked, in lists of about CHUNK_EVENTS events.

    Raises ValueError for none at all, for a stream that occurs twice in one list and as
    `check_append` does. To refuse one that comes again in a later list is left to its expected
    version, as the names of a whole import would take memory without bound.
    """
    chunk: dict[str, StreamAppend] = {}
    size = 0
    is_first = True
    for append in appends:
        check_append(append)
        if append.stream in chunk:
            raise ValueError(f"{append.stream} occurs twice in one append")
        chunk[append.stream] = append
        size += len(append.events)
        if size >= CHUNK_EVENTS:
            yield list(chunk.values())
            chunk, size, is_first = {}, 0, False
    if chunk:
        yield list(chunk.values())
    elif is_first:
        raise ValueError("nothing to append")


def joined_versions(
    versions: Mapping[str, int] | None, more: Mapping[str, int]
) -> Mapping[str, int] | None:
    """Return the versions of both; None for more streams than `Appended` tells of."""
    if versions is None or len(versions) + len(more) > MOST_AT_ONCE:
        return None
    return {**versions, **more}


def recorded_fields(
    append: StreamAppend, *, head: int, cause: Cause, at: datetime
) -> list[dict[str, Any]]:
    """Return the fields of RecordedEvent but the position, for a stream that comes to `head`."""
    first = head - len(append.events) + 1
    rows: list[dict[str, Any]] = []
    for version, event in enumerate(append.events, first):
        row = {
            "stream": append.stream,
            "version": version,
            "id": event.id,
            "type": event.type,
            "schema_version": event.schema_version,
            "tenant": event.tenant,
            "recorded_at": at,
            "actor": cause.actor,
            "source_ip": cause.source_ip,
            "correlation_id": cause.correlation_id,
            "causation_id": cause.causation_id,
            "traceparent": cause.traceparent,
            "data": event.data,
            "salt": new_salt(),
        }
        row["content_hash"] = content_hash(row)
        rows.append(row)
    return rows
