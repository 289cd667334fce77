"""Builders of events and appends, for tests that care about one or two of their fields."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from events.codec import canonical_json
from events.envelope import Cause, NewEvent, RecordedEvent
from events.sealing.commitment import content_hash
from events.store.port import Expected, StreamAppend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.store.port import ExpectedVersion, RowWrite

NOON = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)


def a_cause(**changes: Any) -> Cause:
    fields: dict[str, Any] = {
        "actor": "user:alice",
        "source_ip": "192.0.2.1",
        "correlation_id": "story-1",
        "causation_id": None,
        "traceparent": None,
    }
    return Cause(**fields | changes)


def an_event(type_: str = "test.happened", **changes: Any) -> NewEvent:
    """Return a new event; `data` may be any JSON value."""
    data = canonical_json(changes.pop("data", {"n": 1}))
    fields: dict[str, Any] = {"type": type_, "schema_version": 1, "tenant": "acme", "data": data}
    return NewEvent(**fields | changes)


def an_append(
    stream: str = "test-1",
    *events: NewEvent,
    expected: ExpectedVersion = Expected.NO_STREAM,
    rows: Sequence[RowWrite] = (),
) -> StreamAppend:
    return StreamAppend(stream=stream, expected=expected, events=events or (an_event(),), rows=rows)


def a_recorded_event(**changes: Any) -> RecordedEvent:
    """Return a stored event with a fitting content hash, unless `changes` name another one."""
    fields: dict[str, Any] = {
        "stream": "test-1",
        "version": 1,
        "id": "8a7b5c9e-0000-4000-8000-000000000001",
        "type": "test.happened",
        "schema_version": 1,
        "tenant": "acme",
        "recorded_at": NOON,
        "actor": "user:alice",
        "source_ip": "192.0.2.1",
        "correlation_id": "story-1",
        "causation_id": None,
        "traceparent": None,
        "data": b'{"n":1}',
        "salt": bytes(16),
    } | {name: value for name, value in changes.items() if name not in ("position", "content_hash")}
    return RecordedEvent(
        position=changes.get("position", 1),
        content_hash=changes.get("content_hash", content_hash(fields)),
        **fields,
    )
