from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import ClassVar

import pytest

from events.bus.port import NotPublished, Outgoing
from events.bus.work import decode_work
from events.connection_test import ConnectionTestRequested
from events.messages import TestDispatched
from events.store.memory import MemoryCursors, MemoryEventStore
from services.config_api.application.relay.publishing import CURSOR, DutyLost, Publishing
from tests.support.events import NOON, a_cause, an_append, an_event
from tests.support.handlers import CountingWakeup
from tests.support.relaybook import eventually


@dataclass
class ShelfBus:
    """Keeps what is published; refuses while `away`."""

    system: ClassVar[str] = "shelf"
    pages: list[list[Outgoing]] = field(default_factory=list)
    away: bool = False
    closed: int = 0

    def publisher(self) -> ShelfBus:
        return self

    def publish(self, page: Sequence[Outgoing]) -> None:
        if self.away:
            raise NotPublished("away")
        self.pages.append(list(page))

    def close(self) -> None:
        self.closed += 1

    def keys(self) -> list[str]:
        return [one.routing_key for page in self.pages for one in page]


@dataclass
class Held:
    """A duty that is held until `lost`."""

    lost: bool = False

    def still_held(self) -> bool:
        return not self.lost

    def release(self) -> None:
        """Nobody waits for it."""


@dataclass
class Scene:
    store: MemoryEventStore = field(default_factory=MemoryEventStore)
    cursors: MemoryCursors = field(default_factory=MemoryCursors)
    bus: ShelfBus = field(default_factory=ShelfBus)
    holding: Held = field(default_factory=Held)

    def __post_init__(self) -> None:
        self.duty = Publishing(
            store=self.store,
            cursors=self.cursors,
            wakeup=CountingWakeup(),
            bus=self.bus,  # type: ignore[arg-type]  # a publisher is all that it is asked for
            clock=lambda: NOON,
        )

    def append(self, stream: str, *types: str) -> None:
        events = [an_event(type_) for type_ in types]
        self.store.append([an_append(stream, *events)], cause=a_cause(), at=NOON)

    def run_until(self, position: int) -> None:
        """Run the duty until its cursor has come to a position."""
        stop = Event()
        thread = Thread(target=self.duty.run, args=(self.holding, stop))
        thread.start()
        eventually(lambda: self.cursors.load(CURSOR) >= position)
        stop.set()
        thread.join()


def test_every_event_is_published_once_and_in_order() -> None:
    scene = Scene()
    scene.append("a-1", "a.one", "a.two")
    scene.append("a-2", "a.three")
    scene.run_until(3)
    assert scene.bus.keys() == ["a.one", "a.two", "a.three"]
    positions = [one.message.headers["ce-position"] for one in scene.bus.pages[0]]
    assert positions == ["1", "2", "3"]
    scene.append("a-3", "a.four")
    scene.run_until(4)
    assert scene.bus.keys()[3:] == ["a.four"]


def test_a_requested_test_is_dispatched_with_its_event_and_must_arrive() -> None:
    scene = Scene()
    scene.append("connection_test-t-1", ConnectionTestRequested.TYPE)
    scene.run_until(1)
    told, work = scene.bus.pages[0]
    assert (told.exchange, told.mandatory) == ("relaybook.events", False)
    assert (work.routing_key, work.mandatory) == ("relaybook.connection-tests", True)
    assert decode_work(work.message) == TestDispatched(test_id="t-1", attempt=1)


def test_the_cursor_waits_while_the_broker_is_away() -> None:
    scene = Scene()
    scene.append("a-1", "a.one")
    scene.bus.away = True
    with pytest.raises(NotPublished):
        scene.duty.run(scene.holding, Event())
    assert scene.cursors.load(CURSOR) == 0
    assert scene.bus.closed == 1
    scene.append("a-2", "a.two")
    scene.bus.away = False
    scene.run_until(2)
    assert scene.bus.keys() == ["a.one", "a.two"]


def test_a_lost_duty_publishes_nothing_more() -> None:
    scene = Scene(holding=Held(lost=True))
    scene.append("a-1", "a.one")
    with pytest.raises(DutyLost):
        scene.duty.run(scene.holding, Event())
    assert scene.bus.pages == []
    assert scene.cursors.load(CURSOR) == 0
