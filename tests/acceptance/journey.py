"""Follows one event the whole way: stored row, replay, bus message, and the rows made of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from events.bus.cloudevents import type_name
from events.bus.port import Message, Outgoing
from events.bus.topology import EVENTS, PROGRESS
from events.catalogue import CATALOGUE, decode
from events.envelope import RecordedEvent, subject_of
from events.store.sql.tables import events as stored_events
from services.config_api.read_model.rebuild import rebuild
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from events.bus.port import Delivery, Publisher
    from events.catalogue import Fact
    from tests.support.relaybook import House

_HELLO = "hello"


@dataclass
class Ear:
    """What a consumer of the bus has heard, by message id."""

    heard: dict[str, Message] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def take(self, delivery: Delivery) -> None:
        self.heard[delivery.message.id] = delivery.message
        self.keys[delivery.message.id] = delivery.routing_key
        self.order.append(delivery.message.id)


@contextmanager
def listening(house: House) -> Iterator[Ear]:
    """Listen to every event from when the queue is bound, as another service would."""
    ear = Ear()
    consumer = house.relaybook.bus.listener([(EVENTS, "#"), (PROGRESS, _HELLO)])
    thread = Thread(target=consumer.run, args=(ear.take,))
    thread.start()
    publisher = house.relaybook.bus.publisher()
    try:
        eventually(lambda: _hears(publisher, ear))
        yield ear
    finally:
        publisher.close()
        consumer.stop()
        thread.join()


def _hears(publisher: Publisher, ear: Ear) -> bool:
    hello = Outgoing(
        exchange=PROGRESS,
        routing_key=_HELLO,
        message=Message(id=_HELLO, body=b"{}"),
        mandatory=False,
    )
    publisher.publish([hello])
    return _HELLO in ear.heard


def newest(house: House, type_: str) -> RecordedEvent:
    """Return the newest event of a type, read from the table as it is stored."""
    wanted = (
        select(stored_events)
        .where(stored_events.c.type == type_)
        .order_by(stored_events.c.position.desc())
        .limit(1)
    )
    with house.relaybook.read_engine.connect() as connection:
        return RecordedEvent(**connection.execute(wanted).one()._asdict())


def followed(house: House, ear: Ear, type_: str) -> Fact:
    """Assert that the newest event of a type went the whole way, and return its fact.

    Stored as the catalogue has it, read the same by stream and by log, published in binary mode;
    and the rows that its command wrote are those that a rebuild makes of it.
    """
    event = newest(house, type_)
    assert event.schema_version == CATALOGUE[type_].SCHEMA_VERSION
    replayed = house.relaybook.store.read_stream(event.stream)
    assert replayed[event.version - 1] == event
    (logged,) = house.relaybook.store.read_all(after=event.position - 1, limit=1).events
    assert logged == event
    _assert_published(ear, event)
    assert rebuild(house.relaybook.engine, house.relaybook.store).differing == 0
    fact = decode(event)
    assert isinstance(fact, CATALOGUE[type_])
    return fact


def _assert_published(ear: Ear, event: RecordedEvent) -> None:
    message = eventually(lambda: ear.heard.get(event.id))
    told = message.headers
    assert ear.keys[event.id] == event.type
    assert message.body == event.data
    assert told["ce-type"] == type_name(event.type, event.schema_version)
    assert told["ce-source"] == "/relaybook"
    assert told["ce-subject"] == subject_of(event.stream)
    assert told["ce-position"] == str(event.position)
    assert told["ce-streamversion"] == str(event.version)
    assert told["ce-actor"] == event.actor
    assert told["ce-correlationid"] == event.correlation_id


@dataclass(frozen=True)
class Scene:
    """The service with its relay running, and somebody who listens on the bus."""

    house: House
    ear: Ear

    def followed(self, type_: str) -> Fact:
        return followed(self.house, self.ear, type_)

    def setting(self, setting_id: str) -> dict[str, Any] | None:
        """Return the document that readers get."""
        stored = self.house.relaybook.read_model.setting(setting_id)
        return None if stored is None else json.loads(stored.document)

    def test(self, test_id: str) -> dict[str, Any]:
        stored = self.house.relaybook.read_model.test(test_id)
        assert stored is not None
        return stored.document
