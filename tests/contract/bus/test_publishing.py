"""What every bus promises to those who publish."""

from __future__ import annotations

import dataclasses

import pytest

from events.bus.port import Bus, NotPublished
from events.bus.topology import CONNECTION_TEST_RESULTS, CONNECTION_TESTS, EVENTS
from tests.contract.bus.kit import event, publish, receive, work


def test_a_page_is_received_once_each_in_order(bus: Bus) -> None:
    page = [work(number) for number in range(300)]
    publish(bus, *page)
    inbox = receive(bus, CONNECTION_TESTS, 300)
    assert inbox.ids == [outgoing.message.id for outgoing in page]
    assert bus.depth(CONNECTION_TESTS) == 0


def test_a_message_arrives_as_it_was_sent(bus: Bus) -> None:
    sent = work(1)
    headers = {"ce-id": "m1", "ce-actor": "user:太郎", "ce-type": "relaybook.x.v1"}
    message = dataclasses.replace(sent.message, headers=headers, body='{"k":"値"}'.encode())
    publish(bus, dataclasses.replace(sent, message=message))
    (delivery,) = receive(bus, CONNECTION_TESTS, 1).came
    assert delivery.message.id == "m1"
    assert headers.items() <= delivery.message.headers.items()
    assert delivery.message.body == message.body
    assert delivery.routing_key == CONNECTION_TESTS
    assert not delivery.redelivered


def test_each_message_reaches_the_queue_that_it_names(bus: Bus) -> None:
    publish(bus, work(1), work(2, queue=CONNECTION_TEST_RESULTS))
    assert receive(bus, CONNECTION_TEST_RESULTS, 1).ids == ["m2"]
    assert receive(bus, CONNECTION_TESTS, 1).ids == ["m1"]


def test_a_mandatory_message_without_a_queue_fails_its_page(bus: Bus) -> None:
    with pytest.raises(NotPublished, match="no-such-queue"):
        publish(bus, work(1), work(2, queue="relaybook.no-such-queue"))


def test_after_a_failed_page_the_next_one_is_published(bus: Bus) -> None:
    publisher = bus.publisher()
    with pytest.raises(NotPublished):
        publisher.publish([work(1, queue="relaybook.no-such-queue")])
    publisher.publish([work(2)])
    publisher.close()
    assert receive(bus, CONNECTION_TESTS, 1).ids == ["m2"]


def test_an_exchange_that_is_not_declared_fails_the_page_and_not_the_next(bus: Bus) -> None:
    publisher = bus.publisher()
    with pytest.raises(NotPublished):
        publisher.publish([event("lost", exchange="relaybook.no-such-exchange")])
    publisher.publish([work(3)])
    publisher.close()
    assert receive(bus, CONNECTION_TESTS, 1).ids == ["m3"]


def test_an_event_that_nobody_asked_for_is_published(bus: Bus) -> None:
    publish(bus, event("unheard"), event("unheard too"))
    assert bus.depth(CONNECTION_TESTS) == 0


def test_an_empty_page_is_published(bus: Bus) -> None:
    publish(bus)


def test_a_publisher_works_again_after_it_was_closed(bus: Bus) -> None:
    publisher = bus.publisher()
    publisher.publish([work(1)])
    publisher.close()
    publisher.close()
    publisher.publish([work(2)])
    publisher.close()
    assert receive(bus, CONNECTION_TESTS, 2).ids == ["m1", "m2"]


def test_depth_counts_what_waits(bus: Bus) -> None:
    publish(bus, work(1), work(2))
    assert bus.depth(CONNECTION_TESTS) == 2
    assert bus.depth(CONNECTION_TEST_RESULTS) == 0


@pytest.mark.parametrize("name", ["relaybook.no-such-queue", EVENTS])
def test_only_declared_queues_can_be_asked_for(bus: Bus, name: str) -> None:
    with pytest.raises(ValueError, match="no queue"):
        bus.depth(name)
    with pytest.raises(ValueError, match="no queue"):
        bus.consumer(name, prefetch=1)
