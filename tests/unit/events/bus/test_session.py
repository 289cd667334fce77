"""A connection on which nothing can be consumed is not kept."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import kombu
import pytest

from events.bus.broker.session import Session
from events.bus.broker.subscription import work_subscription
from events.bus.broker.wake import Wake
from events.bus.embedded.bus import embedded_bus, embedded_url
from events.bus.topology import CONNECTION_TESTS

if TYPE_CHECKING:
    from pathlib import Path


def test_a_session_that_cannot_consume_leaves_no_connection_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[kombu.Connection] = []
    collect = kombu.Connection.collect

    def refuse(self: kombu.Consumer, **_options: object) -> None:
        raise ConnectionError("not allowed")

    def remember(self: Any, socket_timeout: float | None = None) -> None:
        collected.append(self)
        collect(self, socket_timeout)

    monkeypatch.setattr(kombu.Consumer, "consume", refuse)
    monkeypatch.setattr(kombu.Connection, "collect", remember)
    broker = embedded_bus(embedded_url(tmp_path / "bus.db")).broker
    with contextlib.closing(Wake()) as wake, pytest.raises(ConnectionError, match="not allowed"):
        Session(broker, work_subscription(CONNECTION_TESTS, prefetch=1), wake)
    assert len(collected) == 1
    assert not collected[0].connected
