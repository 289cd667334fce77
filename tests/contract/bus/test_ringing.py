"""A message on the embedded bus is heard at once, and a while later where nobody was told."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from events import bell
from events.bus.topology import CONNECTION_TESTS
from tests.contract.bus.kit import Inbox, eventually, publish, receive, running, work

if TYPE_CHECKING:
    import pytest

    from tests.contract.bus.conftest import Tested


def test_where_the_system_tells_of_no_ring_messages_come_all_the_same(
    embedded: Tested, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "_watching", lambda _path: None)
    inbox = Inbox()
    with running(embedded.bus.consumer(CONNECTION_TESTS, prefetch=1), inbox):
        publish(embedded.bus, work(1))
        eventually(lambda: inbox.ids == ["m1"])
        time.sleep(2 * bell._DEAF)
        publish(embedded.bus, work(2))
        eventually(lambda: inbox.ids == ["m1", "m2"])


def test_a_publisher_that_dies_before_it_rings_is_heard_in_a_while(
    embedded: Tested, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = Inbox()
    with running(embedded.bus.consumer(CONNECTION_TESTS, prefetch=1), inbox):
        time.sleep(0.2)
        monkeypatch.setattr(bell.Bell, "ring", lambda *_: None)
        publish(embedded.bus, work(1))
        eventually(lambda: inbox.ids == ["m1"])


def test_a_ring_that_fails_takes_nothing_back(
    embedded: Tested, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(bell.Bell, "ring", refuse)
    publish(embedded.bus, work(1))
    assert "bus.ring_lost" in caplog.text
    assert receive(embedded.bus, CONNECTION_TESTS, 1).ids == ["m1"]
    assert embedded.bus.depth(CONNECTION_TESTS) == 0
