"""What every bus promises to those who listen."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from events.bus.topology import CONNECTION_TESTS, DEAD_LETTERS, EVENTS, PROGRESS, WORK_QUEUES
from events.bus.wire import parcel_of
from tests.contract.bus.kit import Inbox, event, eventually, keep, listening, publish

if TYPE_CHECKING:
    from events.bus.port import Bus
    from tests.contract.bus.conftest import Tested


def test_a_listener_hears_what_is_published_from_now_on(bus: Bus) -> None:
    publish(bus, event("before"))
    inbox = Inbox(then=keep)
    with listening(bus, [(EVENTS, "#")], inbox):
        publish(bus, event("one"), event("two"))
        eventually(lambda: len(inbox.came) == 2)
    assert inbox.ids == ["one", "two"]
    assert inbox.came[0].routing_key == "smtp_setting.updated"


def test_every_listener_hears_everything(bus: Bus) -> None:
    first, second = Inbox(then=keep), Inbox(then=keep)
    with listening(bus, [(EVENTS, "#")], first), listening(bus, [(EVENTS, "#")], second):
        first.came.clear()
        publish(bus, event("one"), event("two"))
        eventually(lambda: len(first.came) == len(second.came) == 2)
    assert first.ids == second.ids == ["one", "two"]


def test_a_listener_hears_only_the_routing_keys_that_it_named(bus: Bus) -> None:
    inbox = Inbox(then=keep)
    bindings = [(EVENTS, "connection_test.*"), (PROGRESS, "#"), (EVENTS, "*.completed")]
    with listening(bus, bindings, inbox):
        publish(
            bus,
            event("no", routing_key="smtp_setting.updated"),
            event("both", routing_key="connection_test.completed"),
            event("first", routing_key="connection_test.cancelled"),
            event("third", routing_key="import.completed"),
            event("step", routing_key="connection_test.progressed", exchange=PROGRESS),
        )
        eventually(lambda: len(inbox.came) >= 4)
        time.sleep(0.2)
    assert inbox.ids == ["both", "first", "third", "step"]


def test_a_listener_needs_no_acknowledgement_and_none_does_harm(bus: Bus) -> None:
    inbox = Inbox()
    with listening(bus, [(EVENTS, "#")], inbox):
        publish(bus, event("acknowledged"))
        eventually(lambda: len(inbox.came) == 1)
        publish(bus, *[event(f"e{number}") for number in range(500)])
        eventually(lambda: len(inbox.came) == 501)
    assert bus.depth(CONNECTION_TESTS) == 0


def test_a_listener_leaves_no_queue_behind(tested: Tested) -> None:
    inbox = Inbox(then=keep)
    with listening(tested.bus, [(EVENTS, "#")], inbox):
        assert len(tested.queues()) == len(WORK_QUEUES) + 2  # dead letters, and its own
    eventually(lambda: tested.queues() == sorted([*WORK_QUEUES, DEAD_LETTERS]))


def test_only_declared_exchanges_can_be_listened_to(bus: Bus) -> None:
    with pytest.raises(ValueError, match="no exchange"):
        bus.listener([("relaybook.no-such-exchange", "#")])


def test_poison_is_dropped_for_a_listener_while_others_go_on(bus: Bus) -> None:
    inbox = Inbox(then=keep)
    with listening(bus, [(EVENTS, "#")], inbox):
        publisher = bus.publisher()
        poison = replace(parcel_of(event("poison")), body=b"{not json")
        publisher.send([poison])  # type: ignore[attr-defined]  # only our publishers send raw parcels
        publisher.publish([event("sound")])
        publisher.close()
        eventually(lambda: inbox.ids == ["sound"])
    assert bus.depth(DEAD_LETTERS) == 0
