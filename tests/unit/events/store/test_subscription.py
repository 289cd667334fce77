from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from events.store.memory import MemoryCursors, MemoryEventStore
from events.store.port import CursorMoved, EventFilter, Expected
from events.store.subscription import Subscription, follow
from tests.support.events import NOON, a_cause, an_append, an_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from events.envelope import RecordedEvent


class RecordingWakeup:
    """Notes the seconds of each wait; answers from `answers`, then sets `stop`."""

    def __init__(self, stop: threading.Event, answers: Sequence[bool]) -> None:
        self.waits: list[float] = []
        self._answers = list(answers)
        self._stop = stop

    def signal(self) -> None:
        raise AssertionError("nobody signals here")

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        answer = self._answers.pop(0)
        if not self._answers:
            self._stop.set()
        return answer

    def close(self) -> None:
        raise AssertionError("nobody closes here")


def a_store(count: int, type_: str = "test.happened") -> MemoryEventStore:
    store = MemoryEventStore()
    for _ in range(count):
        one = an_append("a-1", an_event(type_), expected=Expected.ANY)
        store.append([one], cause=a_cause(), at=NOON)
    return store


def versions(events: Sequence[RecordedEvent]) -> list[int]:
    return [event.version for event in events]


def test_pending_answers_the_same_until_done() -> None:
    cursors = MemoryCursors()
    subscription = Subscription("relay", a_store(5), cursors, limit=2)
    assert versions(subscription.pending().events) == [1, 2]
    page = subscription.pending()
    assert versions(page.events) == [1, 2]
    subscription.done(page)
    assert cursors.load("relay") == 2
    assert versions(subscription.pending().events) == [3, 4]


def test_another_process_goes_on_at_the_cursor() -> None:
    store, cursors = a_store(5), MemoryCursors()
    first = Subscription("relay", store, cursors, limit=3)
    first.done(first.pending())
    second = Subscription("relay", store, cursors, limit=3)
    assert versions(second.pending().events) == [4, 5]


def test_a_cursor_moved_meanwhile_starts_over_from_it() -> None:
    store, cursors = a_store(5), MemoryCursors()
    slow = Subscription("relay", store, cursors, limit=2)
    page = slow.pending()
    cursors.advance("relay", old=0, new=4)
    with pytest.raises(CursorMoved):
        slow.done(page)
    assert versions(slow.pending().events) == [5]


def test_a_filtered_subscription_stores_its_cursor_with_what_it_handled() -> None:
    store, cursors = a_store(30, "test.other"), MemoryCursors()
    only = EventFilter(types=frozenset({"test.wanted"}))
    subscription = Subscription("relay", store, cursors, only=only)
    subscription.done(subscription.pending())
    assert cursors.load("relay") == 0  # nothing to handle is nothing to write
    assert subscription.pending().upto == 30
    one = an_append("a-1", an_event("test.wanted"), expected=Expected.ANY)
    store.append([one], cause=a_cause(), at=NOON)
    page = subscription.pending()
    assert versions(page.events) == [31]
    subscription.done(page)
    assert cursors.load("relay") == 31


def test_a_long_way_without_anything_to_handle_is_stored() -> None:
    store, cursors = MemoryEventStore(), MemoryCursors()
    store.append((an_append(f"a-{n}") for n in range(1_000)), cause=a_cause(), at=NOON)
    only = EventFilter(types=frozenset({"test.wanted"}))
    subscription = Subscription("relay", store, cursors, only=only)
    subscription.done(subscription.pending())
    assert cursors.load("relay") == 1_000


def test_following_handles_every_page_in_order() -> None:
    stop = threading.Event()
    cursors = MemoryCursors()
    seen: list[int] = []

    def handle(events: Sequence[RecordedEvent]) -> None:
        seen.extend(versions(events))
        if len(seen) == 5:
            stop.set()

    follow(Subscription("relay", a_store(5), cursors, limit=2), handle, stop=stop)
    assert seen == [1, 2, 3, 4, 5]
    assert cursors.load("relay") == 5


def test_what_handling_raises_ends_the_loop_with_the_cursor_where_it_was() -> None:
    cursors = MemoryCursors()

    def handle(events: Sequence[RecordedEvent]) -> None:
        if versions(events) == [3, 4]:
            raise ConnectionError("the broker is away")

    subscription = Subscription("relay", a_store(5), cursors, limit=2)
    with pytest.raises(ConnectionError):
        follow(subscription, handle, stop=threading.Event())
    assert cursors.load("relay") == 2
    assert versions(subscription.pending().events) == [3, 4]


def test_an_idle_follower_waits_longer_and_longer_up_to_a_second() -> None:
    stop = threading.Event()
    wakeup = RecordingWakeup(stop, [False] * 11)
    subscription = Subscription("relay", a_store(0), MemoryCursors())
    follow(subscription, lambda _: None, stop=stop, wakeup=wakeup)
    expected = [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0, 1.0]
    assert wakeup.waits == pytest.approx(expected)


def test_a_signal_makes_a_follower_quick_again() -> None:
    stop = threading.Event()
    wakeup = RecordingWakeup(stop, [False, False, True, False])
    subscription = Subscription("relay", a_store(0), MemoryCursors())
    follow(subscription, lambda _: None, stop=stop, wakeup=wakeup)
    assert wakeup.waits == pytest.approx([0.005, 0.01, 0.02, 0.005])


def test_a_stopped_follower_handles_nothing() -> None:
    stop = threading.Event()
    stop.set()
    seen: list[int] = []
    subscription = Subscription("relay", a_store(1), MemoryCursors())
    follow(subscription, lambda events: seen.extend(versions(events)), stop=stop)
    assert seen == []
