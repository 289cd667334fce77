"""Many streams at once, the names of streams, and the position of a moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest

from deploy.migrations import migrate
from events.store.port import MOST_AT_ONCE, Expected
from events.store.sql.opening import open_store
from tests.support.events import NOON, a_cause, an_append, an_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.envelope import Told
    from events.store.port import EventStore
    from events.store.sql.opening import OpenedStore
    from tests.support.services import PostgresServer

CAUSE = a_cause()
SECOND = timedelta(seconds=1)
UNORDERED = ["a-b", "a-B", "a-é", "a-_", "a-a.b", "a-a", "a-\U0001f4e7", "a-10", "a-9", "a-\uff5e"]


def begin(store: EventStore, *streams: str) -> None:
    for stream in streams:
        store.append([an_append(stream)], cause=CAUSE, at=NOON)


def go_on(store: EventStore, stream: str) -> int:
    one = an_append(stream, expected=Expected.ANY)
    return store.append([one], cause=CAUSE, at=NOON).position


def test_several_streams_are_read_at_once(store: EventStore) -> None:
    begin(store, "a-1", "b-1", "a-2", "a-3")
    go_on(store, "a-1")
    read = store.read_streams(["a-2", "a-1", "a-none"])
    assert read == {name: store.read_stream(name) for name in ("a-1", "a-2")}
    assert [event.version for event in read["a-1"]] == [1, 2]


def test_several_streams_are_read_up_to_a_position(store: EventStore) -> None:
    begin(store, "a-1", "a-2")
    middle = go_on(store, "a-1")
    go_on(store, "a-1")
    begin(store, "a-3")
    read = store.read_streams(["a-1", "a-2", "a-3"], upto_position=middle)
    assert {name: len(events) for name, events in read.items()} == {"a-1": 2, "a-2": 1}
    assert store.read_streams(["a-1", "a-2"], upto_position=0) == {}


def test_a_category_is_read_stream_by_stream(store: EventStore) -> None:
    begin(store, *UNORDERED, "ab-1", "A-1", "a", "b-1")
    go_on(store, "a-9")
    found = list(store.read_category("a", upto_position=store.head()))
    named = [stream for stream in sorted(UNORDERED) for _ in store.read_stream(stream)]
    assert [event.stream for event in found] == named
    assert [event.version for event in found if event.stream == "a-9"] == [1, 2]
    assert found[0] == store.read_stream(named[0])[0]


def test_a_category_is_read_up_to_a_position(store: EventStore) -> None:
    begin(store, "a-1", "a-2")
    middle = go_on(store, "a-1")
    go_on(store, "a-1")
    begin(store, "a-3")
    found = store.read_category("a", upto_position=middle)
    assert [(event.stream, event.version) for event in found] == [
        ("a-1", 1), ("a-1", 2), ("a-2", 1),
    ]  # fmt: skip
    assert list(store.read_category("a", upto_position=0)) == []


def test_a_category_of_more_events_than_are_read_at_once_is_read_whole(store: EventStore) -> None:
    events = [an_event() for _ in range(1_500)]
    store.append([an_append("a-2", *events), an_append("a-1")], cause=CAUSE, at=NOON)
    found = store.read_category("a", upto_position=store.head())
    assert [(event.stream, event.version) for event in found] == [
        ("a-1", 1), *(("a-2", version) for version in range(1, 1_501)),
    ]  # fmt: skip


def test_a_stream_that_is_named_twice_is_read_once(store: EventStore) -> None:
    begin(store, "a-1")
    assert [len(events) for events in store.read_streams(["a-1", "a-1"]).values()] == [1]


def test_no_stream_is_read_as_nothing(store: EventStore) -> None:
    begin(store, "a-1")
    assert store.read_streams([]) == {}


def test_a_thousand_streams_are_read_at_once_and_no_more(store: EventStore) -> None:
    names = [f"a-{number}" for number in range(MOST_AT_ONCE)]
    store.append((an_append(name) for name in names), cause=CAUSE, at=NOON)
    assert set(store.read_streams(names)) == set(names)
    with pytest.raises(ValueError, match="at most 1000"):
        store.read_streams([*names, "a-more"])


def test_the_streams_of_a_category_are_listed_by_code_point(store: EventStore) -> None:
    begin(store, *UNORDERED, "ab-1", "A-1", "a.b-1", "a", "-", "b-1")
    assert store.stream_names("a", after=None, limit=100) == sorted(UNORDERED)


def test_streams_are_listed_in_pages(store: EventStore) -> None:
    begin(store, *UNORDERED)
    pages: list[str] = []
    after = None
    while page := store.stream_names("a", after=after, limit=3):
        assert len(page) <= 3
        pages += page
        after = page[-1]
    assert pages == sorted(UNORDERED)


def test_the_newest_events_of_a_category_come_by_stream(store: EventStore) -> None:
    begin(store, *UNORDERED, "ab-1", "A-1", "a.b-1", "a", "-", "b-1")
    for stream in UNORDERED[::2]:
        go_on(store, stream)
    newest: list[Told] = []
    after = None
    while page := store.newest_of_streams("a", after=after, limit=3):
        assert len(page) <= 3
        newest += page
        after = page[-1].stream
    assert [one.stream for one in newest] == sorted(UNORDERED)
    assert {one.stream for one in newest if one.version == 2} == set(UNORDERED[::2])
    assert sorted(newest, key=attrgetter("position")) == [
        one for one in store.scan() if one in newest
    ]


def test_the_newest_events_lie_within_a_category(store: EventStore) -> None:
    begin(store, "a-1", "a-2")
    pages = {
        after: [one.stream for one in store.newest_of_streams("a", after=after, limit=10)]
        for after in ("", "a-1", "b")
    }
    assert pages == {"": ["a-1", "a-2"], "a-1": ["a-2"], "b": []}
    assert store.newest_of_streams("none", after=None, limit=10) == []


def test_what_lies_before_or_behind_a_category_bounds_nothing(store: EventStore) -> None:
    begin(store, "a-1", "a-2")
    assert store.stream_names("a", after="", limit=10) == ["a-1", "a-2"]
    assert store.stream_names("a", after="a-1", limit=10) == ["a-2"]
    assert store.stream_names("a", after="b", limit=10) == []
    assert store.stream_names("none", after=None, limit=10) == []


def test_a_stream_is_listed_from_its_first_event_on(store: EventStore) -> None:
    begin(store, "a-2", "a-1")
    middle = go_on(store, "b-1")
    begin(store, "a-0")
    go_on(store, "a-2")
    listed = {
        upto: store.stream_names("a", after=None, limit=10, upto_position=upto)
        for upto in (0, 1, middle, 1_000_000)
    }
    assert listed == {
        0: [],
        1: ["a-2"],
        middle: ["a-1", "a-2"],
        1_000_000: ["a-0", "a-1", "a-2"],
    }


def test_the_last_event_of_each_tenant_is_found(store: EventStore) -> None:
    for number, (tenant, type_) in enumerate(
        [
            ("acme", "test.came"),
            ("globex", "test.came"),
            ("acme", "test.left"),
            ("acme", "test.came"),
            (None, "test.came"),
            ("hooli", "test.left"),
        ]
    ):
        event = an_event(type_, tenant=tenant)
        store.append([an_append(f"a-{number}", event)], cause=CAUSE, at=NOON)
    newest = store.head()

    def found(**upto: int) -> dict[str, str]:
        return {
            tenant: event.stream
            for tenant, event in store.last_of_tenants("test.came", upto).items()
        }

    assert found(acme=newest, globex=newest, hooli=newest, nobody=newest) == {
        "acme": "a-3",
        "globex": "a-1",
    }
    assert found(acme=newest - 3, globex=newest + 1_000) == {"acme": "a-0", "globex": "a-1"}
    assert found(acme=0, globex=newest - 5) == {}
    assert found() == {}


def test_a_tenant_may_have_any_name(store: EventStore) -> None:
    names = ['"', "'", "[1]", "\\", "é", "{a,b}", ""]
    for number, name in enumerate(names):
        store.append([an_append(f"a-{number}", an_event(tenant=name))], cause=CAUSE, at=NOON)
    found = store.last_of_tenants("test.happened", dict.fromkeys(names, store.head()))
    assert {tenant: event.tenant for tenant, event in found.items()} == {one: one for one in names}


def test_more_than_a_thousand_tenants_are_refused(store: EventStore) -> None:
    names = dict.fromkeys(map(str, range(MOST_AT_ONCE)), 1)
    assert store.last_of_tenants("test.happened", names) == {}
    with pytest.raises(ValueError, match="at most 1000"):
        store.last_of_tenants("test.happened", names | {"more": 1})


def test_an_instant_is_at_the_last_position_recorded_by_then(store: EventStore) -> None:
    positions = [
        store.append([an_append(f"a-{number}")], cause=CAUSE, at=NOON + number * SECOND).position
        for number in range(3)
    ]
    half = SECOND / 2
    asked = [NOON - half, NOON, NOON + half, NOON + 2 * SECOND, NOON + timedelta(days=9_000)]
    expected = [0, positions[0], positions[0], positions[2], positions[2]]
    assert [store.position_at(instant) for instant in asked] == expected


def test_an_instant_is_at_the_last_position_also_where_clocks_differ(store: EventStore) -> None:
    for number, seconds in enumerate((5, 1, 3)):
        at = NOON + seconds * SECOND
        store.append([an_append(f"a-{number}")], cause=CAUSE, at=at)
    newest = store.head()
    asked = [NOON + seconds * SECOND for seconds in (0, 1, 2, 3, 4, 5)]
    expected = [0, newest - 1, newest - 1, newest, newest, newest]
    assert [store.position_at(instant) for instant in asked] == expected


def test_an_empty_store_was_at_no_position(store: EventStore) -> None:
    assert store.position_at(NOON) == 0


def test_an_instant_needs_its_time_zone(store: EventStore) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.position_at(datetime(2026, 3, 1, 12, 0))  # noqa: DTZ001 -- what is refused


@pytest.fixture
def linguistic(postgres_server: PostgresServer) -> Iterator[OpenedStore]:
    """A store in a database that sorts text as English dictionaries do."""
    options = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' ENCODING 'UTF8'"
    url = postgres_server.create_like(options)
    migrate(url)
    store = open_store(url)
    yield store
    store.close()
    postgres_server.drop(url)


def test_streams_are_in_the_order_of_code_points_whatever_the_database_sorts_by(
    linguistic: OpenedStore,
) -> None:
    begin(linguistic.store, *UNORDERED, "ab-1", "A-1", "a", "b-1")
    with linguistic.read_engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT 'a' < 'B'").scalar_one()
    assert linguistic.store.stream_names("a", after=None, limit=100) == sorted(UNORDERED)
    assert set(linguistic.store.read_streams(UNORDERED)) == set(UNORDERED)
    whole = linguistic.store.read_category("a", upto_position=100)
    assert [event.stream for event in whole] == sorted(UNORDERED)
