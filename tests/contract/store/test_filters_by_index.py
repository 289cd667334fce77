"""Who looks for few events among many does not walk the whole log."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from events.store.port import EventFilter, Expected, StreamAppend
from tests.support.events import NOON, a_cause, an_event
from tests.support.plans import plan_of_last

if TYPE_CHECKING:
    from events.store.sql.opening import OpenedStore

COUNT = 3_000
FILTERS = [
    ("ix_events_type_position", EventFilter(types=frozenset({"test.rare"}))),
    ("ix_events_actor_position", EventFilter(actor="user:rare")),
    ("ix_events_correlation_id_position", EventFilter(correlation_id="rare")),
    ("ix_events_tenant_position", EventFilter(tenants=frozenset({"rare"}))),
    ("uq_events_stream_version", EventFilter(stream="rare-1")),
    ("ix_events_type_position", EventFilter(types=frozenset({"test.rare", "test.never"}))),
    ("ix_events_tenant_position", EventFilter(tenants=frozenset({"rare", "nobody"}))),
]


@pytest.fixture
def opened_store(opened_store: OpenedStore) -> OpenedStore:
    """A log of many events, and one that is rare in every respect."""
    many = [an_event(data={"n": number}) for number in range(COUNT)]
    append = StreamAppend(stream="usual-1", expected=Expected.NO_STREAM, events=many)
    opened_store.store.append([append], cause=a_cause(), at=NOON)
    rare = an_event("test.rare", tenant="rare")
    append = StreamAppend(stream="rare-1", expected=Expected.NO_STREAM, events=[rare])
    cause = a_cause(actor="user:rare", correlation_id="rare")
    opened_store.store.append([append], cause=cause, at=NOON)
    with opened_store.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    return opened_store


def plan(opened: OpenedStore, only: EventFilter) -> str:
    """Return the database's plan of the statement that looked for events."""

    def read() -> None:
        page = opened.store.read_all(after=0, limit=50, only=only)
        assert [one.type for one in page.events] == ["test.rare"]

    return plan_of_last(opened.read_engine, read)


@pytest.mark.parametrize(("index", "only"), FILTERS)
def test_a_filter_looks_into_its_index(
    opened_store: OpenedStore, index: str, only: EventFilter
) -> None:
    found = plan(opened_store, only)
    if opened_store.engine.dialect.name == "sqlite" and index.startswith("uq"):
        index = "sqlite_autoindex_events"
    assert index in found, found


def test_what_was_recorded_before_a_moment_is_read_without_what_came_after(
    opened_store: OpenedStore,
) -> None:
    store = opened_store.store
    only = EventFilter(until=NOON + timedelta(days=3))
    later = [an_event(data={"n": number}) for number in range(COUNT)]
    append = StreamAppend(stream="late-1", expected=Expected.NO_STREAM, events=later)
    store.append([append], cause=a_cause(), at=NOON + timedelta(days=5))
    back = StreamAppend(stream="set-back", expected=Expected.NO_STREAM, events=[an_event()])
    store.append([back], cause=a_cause(), at=NOON + timedelta(days=2, hours=23))
    seen: list[str] = []
    after, at_end = 0, False
    while not at_end:
        page = store.read_all(after=after, limit=COUNT, only=only)
        seen += [one.stream for one in page.events]
        after, at_end = page.upto, page.at_end
    assert seen == ["usual-1"] * COUNT + ["rare-1", "set-back"]
    assert after == store.head()
    assert store.position_at(NOON + timedelta(hours=1)) == COUNT + 1


def test_a_moment_is_found_by_the_index_of_times(opened_store: OpenedStore) -> None:
    for day in range(1, 61):
        append = StreamAppend(
            stream=f"daily-{day}",
            expected=Expected.NO_STREAM,
            events=[an_event(data={"n": number}) for number in range(50)],
        )
        opened_store.store.append([append], cause=a_cause(), at=NOON + timedelta(days=day))
    with opened_store.engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    asked = partial(opened_store.store.position_at, NOON + timedelta(days=20, hours=1))
    assert asked() == COUNT + 1 + 20 * 50
    found = plan_of_last(opened_store.read_engine, asked)
    assert "ix_events_recorded_at_position" in found
    assert "pk_events" not in found
