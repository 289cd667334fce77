from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest

from events.bus.cloudevents import to_outgoing
from events.bus.memory.bus import MemoryBus
from events.bus.port import Message, Outgoing
from events.bus.topology import PROGRESS
from events.bus.work import work_outgoing
from events.connection_test import ConnectionTestCancelled, ConnectionTestCompleted, Step
from events.messages import TestProgressed
from events.store.port import StoreUnavailable
from services.config_api.application import live as module
from services.config_api.application.live import Glimpse, LiveTests
from tests.support.events import NOON, a_recorded_event
from tests.support.relaybook import eventually

DNS = Step(name="dns", state="passed", at_ms=0.0, duration_ms=1.0)
TCP = Step(name="tcp", state="passed", at_ms=1.0, duration_ms=2.0)


class Scene:
    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.ended: set[str] = set()
        self.live = LiveTests(self.bus, self.ended.__contains__)

    def progress(self, *steps: Step, test_id: str = "t-1", attempt: int = 1) -> None:
        message = TestProgressed(test_id=test_id, attempt=attempt, steps=steps)
        self.bus.publisher().publish([work_outgoing(message, at=NOON)])

    def end(self, type_: str, test_id: str = "t-1") -> None:
        event = a_recorded_event(type=type_, stream=f"connection_test-{test_id}")
        self.bus.publisher().publish([to_outgoing(event)])

    def watcher(self, test_id: str = "t-1") -> tuple[list[Glimpse], Thread]:
        """Watch in a thread from when the listener is bound."""
        seen: list[Glimpse] = []
        thread = Thread(target=lambda: seen.extend(self.live.watch(test_id)))
        thread.start()
        eventually(lambda: bool(self.bus._broker.bindings[PROGRESS]))
        return seen, thread


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    scene.live.close()


@pytest.mark.parametrize("end", [ConnectionTestCompleted.TYPE, ConnectionTestCancelled.TYPE])
def test_a_watcher_sees_steps_and_the_end(scene: Scene, end: str) -> None:
    seen, thread = scene.watcher()
    scene.progress(DNS)
    eventually(lambda: scene.live._tests.get("t-1"))
    scene.progress(DNS, TCP)
    scene.end(end)
    thread.join(10)
    assert seen[-1] == Glimpse(kind="ended")
    assert Glimpse(kind="steps", steps=(DNS, TCP)) in seen


def test_who_comes_late_sees_what_is_known(scene: Scene) -> None:
    _, first = scene.watcher()
    scene.progress(DNS, TCP)
    eventually(lambda: scene.live._tests.get("t-1"))
    assert next(iter(scene.live.watch("t-1"))) == Glimpse(kind="steps", steps=(DNS, TCP))
    scene.end(ConnectionTestCompleted.TYPE)
    first.join(10)


def test_the_steps_of_another_test_are_not_shown(scene: Scene) -> None:
    seen, thread = scene.watcher()
    scene.progress(DNS, test_id="t-2")
    scene.end(ConnectionTestCompleted.TYPE)
    thread.join(10)
    assert seen == [Glimpse(kind="ended")]


def test_an_older_message_does_not_take_steps_away(scene: Scene) -> None:
    _, thread = scene.watcher()
    scene.progress(DNS, TCP)
    scene.progress(DNS)
    scene.progress(DNS, attempt=2)
    eventually(lambda: scene.live._tests["t-1"].attempt == 2 if scene.live._tests else None)
    assert scene.live._tests["t-1"].steps == (DNS,)
    scene.end(ConnectionTestCompleted.TYPE)
    thread.join(10)


def test_a_test_whose_end_was_not_heard_ends_all_the_same(scene: Scene) -> None:
    seen, thread = scene.watcher()
    scene.ended.add("t-1")
    thread.join(10)
    assert seen == [Glimpse(kind="ended")]


def test_a_message_that_cannot_be_read_is_passed_over(scene: Scene) -> None:
    seen, thread = scene.watcher()
    broken = Message(id="m", headers={}, body=b"{}")
    outgoing = Outgoing(exchange=PROGRESS, routing_key="x", message=broken, mandatory=False)
    scene.bus.publisher().publish([outgoing])
    scene.end(ConnectionTestCompleted.TYPE)
    thread.join(10)
    assert seen == [Glimpse(kind="ended")]


def test_silence_is_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.1)
    glimpses = iter(scene.live.watch("t-1"))
    assert next(glimpses) == Glimpse(kind="quiet")


def test_a_database_that_is_away_does_not_end_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def has_ended(test_id: str) -> bool:
        asked.append(test_id)
        if len(asked) == 1:
            raise StoreUnavailable("away")
        return True

    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.05)
    live = LiveTests(MemoryBus(), has_ended)
    assert list(live.watch("t-1")) == [Glimpse(kind="ended")]
    live.close()


def test_closing_ends_every_watcher(scene: Scene) -> None:
    seen, thread = scene.watcher()
    scene.live.close()
    thread.join(10)
    assert not thread.is_alive()
    assert seen == []
    assert list(scene.live.watch("t-1")) == []


def test_only_the_newest_tests_are_kept(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_TESTS", 2)
    _, thread = scene.watcher("t-3")
    for test_id in ("t-1", "t-2", "t-3"):
        scene.progress(DNS, test_id=test_id)
    eventually(lambda: "t-3" in scene.live._tests)
    assert list(scene.live._tests) == ["t-2", "t-3"]
    scene.end(ConnectionTestCompleted.TYPE, "t-3")
    thread.join(10)
