from __future__ import annotations

from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from events.sealing.commitment import is_intact
from events.store.port import Expected, RowExists, StreamAppend, VersionConflict
from tests.support.events import NOON, a_cause, an_append, an_event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.store.port import EventStore, ExpectedVersion

CAUSE = a_cause()


def log(store: EventStore) -> list[tuple[str, int]]:
    page = store.read_all(after=0, limit=10_000)
    return [(event.stream, event.version) for event in page.events]


def test_a_new_stream_begins_at_version_1(store: EventStore) -> None:
    appended = store.append([an_append("a-1")], cause=CAUSE, at=NOON)
    assert appended.versions == {"a-1": 1}
    (event,) = store.read_stream("a-1")
    assert (event.version, event.position) == (1, appended.position)


def test_an_event_is_read_as_it_was_appended(store: EventStore) -> None:
    cause = a_cause(actor="token:ü", causation_id="cause-1", traceparent="00-aa-bb-01")
    new = an_event("test.said", data={"text": "\u0000 ü 😀"}, tenant=None, schema_version=3)
    store.append([an_append("a-1", new)], cause=cause, at=NOON)
    (event,) = store.read_stream("a-1")
    for name in ("id", "type", "schema_version", "tenant", "data"):
        assert getattr(event, name) == getattr(new, name)
    for name in ("actor", "source_ip", "correlation_id", "causation_id", "traceparent"):
        assert getattr(event, name) == getattr(cause, name)
    assert event.recorded_at == NOON
    assert event.recorded_at.tzinfo is not None
    assert is_intact(event)


def test_every_event_has_a_salt_of_its_own(store: EventStore) -> None:
    store.append([an_append("a-1", an_event(), an_event())], cause=CAUSE, at=NOON)
    first, second = store.read_stream("a-1")
    assert first.salt != second.salt
    assert is_intact(second)


@pytest.mark.parametrize("count", [2, 8, 9, 25])
def test_events_of_one_append_follow_each_other(store: EventStore, count: int) -> None:
    new = [an_event(data={"n": number}) for number in range(count)]
    appended = store.append([an_append("a-1", *new)], cause=CAUSE, at=NOON)
    events = store.read_stream("a-1")
    assert [event.id for event in events] == [event.id for event in new]
    assert [event.version for event in events] == list(range(1, count + 1))
    assert [event.position for event in events] == sorted(event.position for event in events)
    assert appended.position == events[-1].position
    assert appended.versions == {"a-1": count}


def test_the_expected_version_goes_on(store: EventStore) -> None:
    store.append([an_append("a-1", an_event(), an_event())], cause=CAUSE, at=NOON)
    appended = store.append([an_append("a-1", expected=2)], cause=CAUSE, at=NOON)
    assert appended.versions == {"a-1": 3}


@pytest.mark.parametrize("expected", [1, 3, Expected.NO_STREAM])
def test_a_stale_version_is_refused(store: EventStore, expected: ExpectedVersion) -> None:
    store.append([an_append("a-1", an_event(), an_event())], cause=CAUSE, at=NOON)
    with pytest.raises(VersionConflict) as caught:
        store.append([an_append("a-1", expected=expected)], cause=CAUSE, at=NOON)
    assert (caught.value.stream, caught.value.expected) == ("a-1", expected)
    assert log(store) == [("a-1", 1), ("a-1", 2)]
    store.append([an_append("a-1", expected=2)], cause=CAUSE, at=NOON)


def test_a_version_of_a_missing_stream_is_refused(store: EventStore) -> None:
    with pytest.raises(VersionConflict):
        store.append([an_append("a-1", expected=1)], cause=CAUSE, at=NOON)
    assert log(store) == []


def test_any_version_continues_or_begins_a_stream(store: EventStore) -> None:
    for count in (1, 2, 3):
        any_version = an_append("a-1", an_event(), expected=Expected.ANY)
        appended = store.append([any_version], cause=CAUSE, at=NOON)
        assert appended.versions == {"a-1": count}
    assert all(is_intact(event) for event in store.read_stream("a-1"))


def test_several_streams_are_appended_together(store: EventStore) -> None:
    store.append([an_append("b-1"), an_append("c-1")], cause=CAUSE, at=NOON)
    appended = store.append(
        [
            an_append("c-1", an_event(), an_event(), expected=1),
            an_append("a-1"),
            an_append("b-1", expected=Expected.ANY),
        ],
        cause=CAUSE,
        at=NOON,
    )
    assert appended.versions == {"c-1": 3, "a-1": 1, "b-1": 2}
    assert appended.position == store.head()
    assert log(store)[2:] == [("c-1", 2), ("c-1", 3), ("a-1", 1), ("b-1", 2)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("b-1", Expected.NO_STREAM), ("b-1", 2), ("missing-1", 1)],
)
def test_one_stale_stream_refuses_all(
    store: EventStore, name: str, expected: ExpectedVersion
) -> None:
    store.append([an_append("b-1"), an_append("c-1")], cause=CAUSE, at=NOON)
    appends = [an_append("a-1"), an_append("c-1", expected=1), an_append(name, expected=expected)]
    with pytest.raises(VersionConflict) as caught:
        store.append(appends, cause=CAUSE, at=NOON)
    assert caught.value.stream == name
    assert log(store) == [("b-1", 1), ("c-1", 1)]


def test_a_generator_of_many_streams_is_appended_as_one(store: EventStore) -> None:
    many = (an_append(f"a-{number}") for number in range(2_500))
    appended = store.append(many, cause=CAUSE, at=NOON)
    assert appended.versions is None
    assert appended.position == store.head()
    assert log(store) == [(f"a-{number}", 1) for number in range(2_500)]


def test_chunks_of_many_mebibytes_are_appended_whole(store: EventStore) -> None:
    large = {"text": "x" * 100_000}
    many = (an_append(f"a-{number}", an_event(data=large)) for number in range(300))
    store.append(many, cause=CAUSE, at=NOON)
    sizes = {len(event.data) for event in store.read_all(after=0, limit=300).events}
    assert store.head() >= 300
    assert min(sizes) > 100_000


def test_the_versions_of_up_to_a_thousand_streams_are_told(store: EventStore) -> None:
    names = [f"a-{number}" for number in range(1_000)]
    appended = store.append(map(an_append, names), cause=CAUSE, at=NOON)
    assert appended.versions == dict.fromkeys(names, 1)
    one_more = (an_append(f"b-{number}") for number in range(1_001))
    assert store.append(one_more, cause=CAUSE, at=NOON).versions is None


@pytest.mark.parametrize("expected", [Expected.NO_STREAM, 2])
def test_a_stream_that_comes_again_after_many_is_refused(
    store: EventStore, expected: ExpectedVersion
) -> None:
    names = [f"a-{number}" for number in range(1_500)]
    again = [an_append("a-0", expected=expected)]
    with pytest.raises(VersionConflict) as caught:
        store.append(chain(map(an_append, names), again), cause=CAUSE, at=NOON)
    assert caught.value.stream == "a-0"
    assert log(store) == []


def test_new_and_known_streams_alternate_in_one_append(store: EventStore) -> None:
    known = [f"a-{number}" for number in range(1_000)]
    store.append(map(an_append, known), cause=CAUSE, at=NOON)
    before, behind = ([f"{place}-{number}" for number in range(1_500)] for place in "bc")
    appended = store.append(
        chain(
            map(an_append, before),
            (an_append(name, expected=1) for name in known),
            map(an_append, behind),
        ),
        cause=CAUSE,
        at=NOON,
    )
    assert appended.position == store.head()
    assert [stream for stream, _ in log(store)] == [*known, *before, *known, *behind]


def test_the_last_of_many_can_refuse_all(store: EventStore) -> None:
    store.append([an_append("a-2499")], cause=CAUSE, at=NOON)
    with pytest.raises(VersionConflict) as caught:
        store.append((an_append(f"a-{n}") for n in range(2_500)), cause=CAUSE, at=NOON)
    assert caught.value.stream == "a-2499"
    assert log(store) == [("a-2499", 1)]


def test_a_generator_that_fails_leaves_nothing(store: EventStore) -> None:
    def failing() -> Iterator[StreamAppend]:
        yield from (an_append(f"a-{number}") for number in range(1_500))
        raise RuntimeError("line 1501 is broken")

    with pytest.raises(RuntimeError, match="line 1501"):
        store.append(failing(), cause=CAUSE, at=NOON)
    assert log(store) == []
    store.append([an_append("a-1")], cause=CAUSE, at=NOON)


def test_an_event_id_is_taken_once(store: EventStore) -> None:
    event = an_event()
    store.append([an_append("a-1", event)], cause=CAUSE, at=NOON)
    with pytest.raises(RowExists) as caught:
        store.append([an_append("b-1", event)], cause=CAUSE, at=NOON)
    assert caught.value.table == "events"
    assert log(store) == [("a-1", 1)]


@pytest.mark.parametrize("expected", [0, -1])
def test_versions_below_1_are_a_mistake(store: EventStore, expected: int) -> None:
    with pytest.raises(ValueError, match="NO_STREAM"):
        store.append([an_append("a-1", expected=expected)], cause=CAUSE, at=NOON)


@pytest.mark.parametrize(
    ("appends", "message"),
    [
        ([], "nothing"),
        (iter([]), "nothing"),
        ([StreamAppend(stream="a-1", expected=Expected.NO_STREAM, events=[])], "no event for a-1"),
        ([an_append("a-1"), an_append("a-1", expected=1)], "occurs twice"),
    ],
)
def test_an_append_without_sense_is_a_mistake(
    store: EventStore, appends: list[StreamAppend], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        store.append(appends, cause=CAUSE, at=NOON)
    assert log(store) == []


def test_an_instant_without_a_zone_is_a_mistake(store: EventStore) -> None:
    with pytest.raises(ValueError, match="time zone"):
        store.append([an_append()], cause=CAUSE, at=datetime(2026, 3, 1))  # noqa: DTZ001 -- the mistake
