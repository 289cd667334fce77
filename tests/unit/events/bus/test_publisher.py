"""A publisher between a broker that talks of other things and one that says nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from events.bus.broker.broker import Broker, Pace
from events.bus.broker.publisher import KombuPublisher
from events.bus.port import Message, NotPublished, Outgoing

OUTGOING = Outgoing(
    exchange="", routing_key="q", message=Message(id="m", body=b"{}"), mandatory=True
)


class Talking:
    """Connection and channel in one; each read brings what `says` returns."""

    def __init__(self, *, confirming: bool) -> None:
        self.events: dict[str, set[Any]] = defaultdict(set)
        self.published = 0
        self.collected = False
        self._confirming = confirming

    def channel(self) -> Talking:
        return self

    def confirm_select(self) -> None: ...

    def prepare_message(self, body: bytes, **_parts: object) -> bytes:
        return body

    def basic_publish(self, _message: bytes, **_options: object) -> None:
        self.published += 1

    def drain_events(self, timeout: float) -> None:
        """Read something: a confirm of everything, or news of no concern."""
        if self._confirming and timeout > 0:
            for callback in self.events["basic_ack"]:
                callback(self.published, True)

    def collect(self, socket_timeout: float) -> None:
        self.collected = True

    def release(self) -> None: ...


class OneConnection(Broker):
    """A broker that has one connection to give."""

    __slots__ = ()
    given: ClassVar[list[Talking]] = []

    def connect(self, *, heartbeat: bool) -> Any:
        return self.given.pop()


def _broker(connection: Talking, *, confirm: float = 5.0) -> Broker:
    OneConnection.given = [connection]
    return OneConnection(
        system="x", url="", wait=lambda *_: None, pace=replace(Pace(), confirm=confirm)
    )


def test_news_of_no_concern_keep_the_connection() -> None:
    connection = Talking(confirming=True)
    publisher = KombuPublisher(_broker(connection))
    publisher.publish([OUTGOING])
    publisher.publish([OUTGOING])
    assert connection.published == 2


def test_a_broker_that_talks_without_confirming_fails_the_page_in_time() -> None:
    connection = Talking(confirming=False)
    with pytest.raises(NotPublished, match="not confirmed in time"):
        KombuPublisher(_broker(connection, confirm=0.05)).publish([OUTGOING])
    assert connection.collected
