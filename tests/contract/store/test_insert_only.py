"""What was said stays said: also for somebody with the application's own connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.events import NOON, a_cause, an_append

if TYPE_CHECKING:
    from events.store.sql.opening import OpenedStore

CAUSE = a_cause()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET actor = 'user:mallory'",
        "UPDATE events SET data = data WHERE position = 1",
        "DELETE FROM events WHERE version = 1",
    ],
)
def test_a_stored_event_is_not_changed(opened_store: OpenedStore, statement: str) -> None:
    opened_store.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    before = opened_store.store.read_stream("a-1")
    with (
        pytest.raises(DBAPIError, match="insert-only"),
        opened_store.engine.begin() as connection,
    ):
        connection.execute(text(statement))
    assert opened_store.store.read_stream("a-1") == before


def test_the_events_are_not_truncated(postgres: OpenedStore) -> None:
    postgres.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    with pytest.raises(DBAPIError, match="insert-only"), postgres.engine.begin() as connection:
        connection.execute(text("TRUNCATE events"))
    assert postgres.store.read_stream("a-1")


@pytest.mark.parametrize("key", ["position", "id", "stream and version"])
def test_sqlite_does_not_replace_an_event_by_inserting_it(sqlite: OpenedStore, key: str) -> None:
    sqlite.store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    (event,) = sqlite.store.read_stream("a-1")
    values = {
        "position": event.position if key == "position" else event.position + 1,
        "id": event.id if key == "id" else "another",
        "stream": event.stream if key == "stream and version" else "another-1",
    }
    with (
        pytest.raises(DBAPIError, match="UNIQUE constraint failed"),
        sqlite.engine.begin() as connection,
    ):
        connection.execute(
            text(
                "INSERT OR REPLACE INTO events SELECT :position, :stream, version, :id, type,"
                " schema_version, tenant, recorded_at, 'user:mallory', source_ip, correlation_id,"
                " causation_id, traceparent, data, salt, content_hash FROM events"
            ),
            values,
        )
    assert sqlite.store.read_stream("a-1") == [event]


def test_the_engine_for_reading_does_not_write_on_sqlite(sqlite: OpenedStore) -> None:
    with pytest.raises(DBAPIError, match="readonly"), sqlite.read_engine.connect() as connection:
        connection.execute(text("DELETE FROM streams"))
