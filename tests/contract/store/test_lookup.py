"""Selects of few rows, as each database's driver carries them out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from events.store.sql.lookup import Lookup
from events.store.sql.tables import events
from tests.support.events import NOON, a_cause, an_append

if TYPE_CHECKING:
    from events.store.sql.opening import OpenedStore

OF_STREAM = Lookup.of(
    select(events.c.version, events.c.recorded_at, events.c.data)
    .where(events.c.stream == bindparam("of"))
    .order_by(events.c.version)
)


def test_rows_come_with_their_columns_in_order(opened_store: OpenedStore) -> None:
    store = opened_store.store
    store.append([an_append("a-1")], cause=a_cause(), at=NOON)
    (event,) = store.read_stream("a-1")
    ((version, recorded_at, data),) = OF_STREAM.rows(opened_store.read_engine, {"of": "a-1"})
    assert (version, recorded_at, data) == (1, NOON, event.data)
    assert recorded_at.utcoffset() == timedelta(0)
    assert OF_STREAM.rows(opened_store.read_engine, {"of": "a-none"}) == []
