from __future__ import annotations

from contextlib import closing
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

import pytest

from events.envelope import Told
from events.store.port import EVERYTHING, EventFilter, Expected
from events.store.sql.opening import open_store
from tests.support.events import NOON, a_cause, an_append, an_event

if TYPE_CHECKING:
    from events.store.port import EventStore

CAUSE = a_cause()


def test_an_empty_store_has_nothing_to_read(store: EventStore) -> None:
    page = store.read_all(after=0, limit=10)
    assert (list(page.events), page.upto, page.at_end) == ([], 0, True)
    assert store.head() == 0
    assert store.read_stream("a-1") == []


def test_pages_follow_each_other_to_the_end(store: EventStore) -> None:
    store.append((an_append(f"a-{number}") for number in range(25)), cause=CAUSE, at=NOON)
    seen: list[str] = []
    ends: list[bool] = []
    after = 0
    while not (ends and ends[-1]):
        page = store.read_all(after=after, limit=10)
        seen += [event.stream for event in page.events]
        after = page.upto
        ends.append(page.at_end)
    assert seen == [f"a-{number}" for number in range(25)]
    assert ends == [False, False, True]
    assert after == store.head()


def test_followers_readers_of_some_events_and_of_a_stream_see_the_same(store: EventStore) -> None:
    store.append([an_append("a-1", an_event(), an_event(tenant=None))], cause=CAUSE, at=NOON)
    events = store.read_stream("a-1")
    assert list(store.read_all(after=0, limit=10).events) == events
    assert list(store.read_all(after=0, limit=10, only=EventFilter(stream="a-1")).events) == events
    assert {(event.recorded_at, event.recorded_at.tzinfo) for event in events} == {(NOON, UTC)}


def test_a_full_last_page_is_at_the_end(store: EventStore) -> None:
    store.append((an_append(f"a-{number}") for number in range(10)), cause=CAUSE, at=NOON)
    page = store.read_all(after=0, limit=10)
    assert len(page.events) == 10
    assert page.at_end


def test_a_reader_ahead_of_the_log_stays_where_it_is(store: EventStore) -> None:
    store.append([an_append()], cause=CAUSE, at=NOON)
    page = store.read_all(after=1_000, limit=10)
    assert (list(page.events), page.upto, page.at_end) == ([], 1_000, True)


def test_a_fold_is_told_of_every_event_what_states_remember(store: EventStore) -> None:
    store.append((an_append(f"a-{number}") for number in range(5)), cause=CAUSE, at=NOON)
    store.append([an_append("a-2", an_event(tenant=None), expected=1)], cause=CAUSE, at=NOON)
    told = list(store.scan())
    read = store.read_all(after=0, limit=10).events
    assert told == [
        Told(**{name: getattr(event, name) for name in Told.__struct_fields__}) for event in read
    ]
    assert {event.recorded_at.utcoffset() for event in told} == {timedelta(0)}


def test_instants_are_in_utc_whatever_the_zone_of_a_session(postgres_url: str) -> None:
    with closing(open_store(f"{postgres_url}?options=-c%20timezone%3DAsia/Tokyo")) as opened:
        store = opened.store
        store.append([an_append("a-1")], cause=CAUSE, at=NOON)
        page, filtered = (
            store.read_all(after=0, limit=10, only=only).events
            for only in (EVERYTHING, EventFilter(stream="a-1"))
        )
        read = [*page, *filtered, *store.read_stream("a-1")]
        instants = [event.recorded_at for event in (*read, *store.read_streams(["a-1"])["a-1"])]
        instants += [told.recorded_at for told in store.scan()]
    assert {(one, one.utcoffset()) for one in instants} == {(NOON, timedelta(0))}


def test_a_fold_of_an_empty_store_is_told_nothing(store: EventStore) -> None:
    assert list(store.scan()) == []


def test_a_stream_is_read_up_to_a_position(store: EventStore) -> None:
    middle = store.append([an_append("a-1")], cause=CAUSE, at=NOON).position
    store.append([an_append("b-1")], cause=CAUSE, at=NOON)
    store.append([an_append("a-1", expected=1)], cause=CAUSE, at=NOON)
    assert [event.version for event in store.read_stream("a-1", upto_position=middle)] == [1]
    assert [event.version for event in store.read_stream("a-1", upto_position=middle + 1)] == [1]
    assert store.read_stream("a-1", upto_position=middle - 1) == []


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (EventFilter(), [0, 1, 2, 3]),
        (EventFilter(types=frozenset({"test.left"})), [1, 2]),
        (EventFilter(types=frozenset({"test.left", "test.came"})), [0, 1, 2, 3]),
        (EventFilter(types=frozenset()), []),
        (EventFilter(stream="a-1"), [0, 1]),
        (EventFilter(actor="user:bob"), [2]),
        (EventFilter(tenants=frozenset({"acme"})), [0, 3]),
        (EventFilter(tenants=frozenset({"acme", "globex"})), [0, 1, 3]),
        (EventFilter(tenants=frozenset()), []),
        (EventFilter(correlation_id="story-2"), [2]),
        (EventFilter(since=NOON + SECOND), [1, 2, 3]),
        (EventFilter(until=NOON + SECOND), [0]),
        (EventFilter(since=NOON + SECOND, until=NOON + 3 * SECOND), [1, 2]),
        (EventFilter(types=frozenset({"test.left"}), actor="user:alice"), [1]),
    ],
)
def test_a_filter_passes_what_it_names(
    store: EventStore, only: EventFilter, found: list[int]
) -> None:
    bob = a_cause(actor="user:bob", correlation_id="story-2")
    new = [
        ("a-1", an_event("test.came"), CAUSE),
        ("a-1", an_event("test.left", tenant="globex"), CAUSE),
        ("b-1", an_event("test.left", tenant=None), bob),
        ("b-1", an_event("test.came"), CAUSE),
    ]
    for number, (stream, event, cause) in enumerate(new):
        one = an_append(stream, event, expected=Expected.ANY)
        store.append([one], cause=cause, at=NOON + number * SECOND)
    page = store.read_all(after=0, limit=10, only=only)
    assert [event.id for event in page.events] == [new[number][1].id for number in found]
    assert page.upto == store.head()
    assert page.at_end


def test_a_filtered_page_says_how_far_it_looked(store: EventStore) -> None:
    for number in range(6):
        one = an_append(f"a-{number}", an_event("test.odd" if number % 2 else "test.even"))
        store.append([one], cause=CAUSE, at=NOON)
    only = EventFilter(types=frozenset({"test.even"}))
    page = store.read_all(after=0, limit=2, only=only)
    assert [event.stream for event in page.events] == ["a-0", "a-2"]
    assert page.upto == page.events[-1].position
    assert not page.at_end
    rest = store.read_all(after=page.upto, limit=2, only=only)
    assert [event.stream for event in rest.events] == ["a-4"]
    assert rest.upto == store.head()


def test_a_stream_is_read_from_a_version_on(store: EventStore) -> None:
    store.append([an_append("a-1", *[an_event() for _ in range(3)])], cause=a_cause(), at=NOON)
    store.append([an_append("a-2")], cause=a_cause(), at=NOON)

    assert [event.version for event in store.read_stream("a-1", from_version=2)] == [2, 3]
    assert store.read_stream("a-1", from_version=4) == []
