"""What every bus promises to those who receive work."""

from __future__ import annotations

import threading
import time

import pytest

from events.bus.delivery import AlreadySettled
from events.bus.port import Bus, Delivery
from events.bus.topology import CONNECTION_TESTS, DEAD_LETTERS, DIRECT
from events.bus.wire import QUEUE_HEADER, REASON_HEADER, Parcel
from tests.contract.bus.kit import Inbox, eventually, keep, publish, receive, retry, running, work


def _raw(message_id: str, body: bytes, content_type: str = "application/json") -> Parcel:
    return Parcel(
        exchange=DIRECT,
        routing_key=CONNECTION_TESTS,
        message_id=message_id,
        headers={},
        content_type=content_type,
        body=body,
        mandatory=True,
        persistent=True,
    )


def test_a_message_may_be_acknowledged_from_another_thread(bus: Bus) -> None:
    publish(bus, *[work(number) for number in range(20)])

    def elsewhere(delivery: Delivery) -> None:
        threading.Thread(target=delivery.ack).start()

    inbox = Inbox(then=elsewhere)
    with running(bus.consumer(CONNECTION_TESTS, prefetch=2), inbox):
        eventually(lambda: len(inbox.came) == 20)
        time.sleep(0.2)
    assert bus.depth(CONNECTION_TESTS) == 0
    assert len(set(inbox.ids)) == 20


def test_a_consumer_holds_no_more_than_its_prefetch(bus: Bus) -> None:
    publish(bus, *[work(number) for number in range(10)])
    inbox = Inbox(then=keep)
    with running(bus.consumer(CONNECTION_TESTS, prefetch=3), inbox):
        eventually(lambda: len(inbox.came) == 3)
        time.sleep(0.3)
        assert inbox.ids == ["m0", "m1", "m2"]
        inbox.came[1].ack()
        eventually(lambda: len(inbox.came) == 4)
    assert inbox.ids[3] == "m3"


def test_what_a_stopped_consumer_held_comes_again(bus: Bus) -> None:
    publish(bus, work(1), work(2))
    held = receive(bus, CONNECTION_TESTS, 2, then=keep)
    assert not any(delivery.redelivered for delivery in held.came)
    again = receive(bus, CONNECTION_TESTS, 2)
    assert sorted(again.ids) == ["m1", "m2"]
    assert all(delivery.redelivered for delivery in again.came)


def test_an_outcome_that_comes_after_the_stop_is_dropped(bus: Bus) -> None:
    publish(bus, work(1))
    (late,) = receive(bus, CONNECTION_TESTS, 1, then=keep).came
    late.ack()
    assert receive(bus, CONNECTION_TESTS, 1).ids == ["m1"]


def test_a_retried_message_comes_five_times_and_is_then_parked(bus: Bus) -> None:
    publish(bus, work(1))
    inbox = Inbox(then=retry)
    with running(bus.consumer(CONNECTION_TESTS, prefetch=4), inbox):
        eventually(lambda: bus.depth(DEAD_LETTERS) == 1)
    assert inbox.ids == ["m1"] * 5
    assert [delivery.redelivered for delivery in inbox.came] == [False, True, True, True, True]
    assert bus.depth(CONNECTION_TESTS) == 0
    (letter,) = receive(bus, DEAD_LETTERS, 1).came
    assert letter.message.headers[REASON_HEADER] == "given up after 5 deliveries"


def test_a_message_that_no_consumer_survives_is_parked_at_the_sixth_delivery(bus: Bus) -> None:
    publish(bus, work(1))
    for _ in range(5):
        assert receive(bus, CONNECTION_TESTS, 1, then=keep).ids == ["m1"]
    inbox = Inbox()
    with running(bus.consumer(CONNECTION_TESTS, prefetch=1), inbox):
        eventually(lambda: bus.depth(DEAD_LETTERS) == 1)
    assert inbox.came == []


def test_a_parked_message_lies_among_the_dead_letters_with_its_reason(bus: Bus) -> None:
    publish(bus, work(1))
    receive(bus, CONNECTION_TESTS, 1, then=lambda delivery: delivery.park("nobody understands it"))
    assert bus.depth(CONNECTION_TESTS) == 0
    (letter,) = receive(bus, DEAD_LETTERS, 1).came
    assert letter.message.id == "m1"
    assert letter.message.body == work(1).message.body
    assert letter.message.headers[REASON_HEADER] == "nobody understands it"
    assert letter.message.headers[QUEUE_HEADER] == CONNECTION_TESTS


def test_a_dead_letter_is_not_parked_again(bus: Bus) -> None:
    publish(bus, work(1))
    receive(bus, CONNECTION_TESTS, 1, then=lambda delivery: delivery.park("first"))
    receive(bus, DEAD_LETTERS, 1, then=lambda delivery: delivery.park("second"))
    (letter,) = receive(bus, DEAD_LETTERS, 1).came
    assert letter.message.headers[REASON_HEADER] == "first"


def test_dead_letters_outlast_many_looks(bus: Bus) -> None:
    publish(bus, work(1))
    receive(bus, CONNECTION_TESTS, 1, then=lambda delivery: delivery.park("why"))
    for _ in range(7):
        receive(bus, DEAD_LETTERS, 1, then=keep)
    eventually(lambda: bus.depth(DEAD_LETTERS) == 1)


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        (_raw("p", b"{not json"), "not JSON"),
        (_raw("p", b'{"n":NaN}'), "not JSON"),
        (_raw("p", b"\xff\xfe"), "not JSON"),
        (_raw("p", b"[" * 100_000), "not JSON"),
        (_raw("p", b"cos\nsystem\n", "application/x-python-serialize"), "content type"),
        (_raw("", b"{}"), "no id"),
    ],
    ids=["syntax", "nan", "not utf-8", "too deep", "pickle", "no id"],
)
def test_poison_is_parked_while_others_go_on(bus: Bus, poison: Parcel, reason: str) -> None:
    publisher = bus.publisher()
    publisher.publish([work(1)])
    publisher.send([poison])  # type: ignore[attr-defined]  # only our publishers send raw parcels
    publisher.publish([work(2)])
    publisher.close()
    assert receive(bus, CONNECTION_TESTS, 2).ids == ["m1", "m2"]
    eventually(lambda: bus.depth(CONNECTION_TESTS) == 0)
    (letter,) = receive(bus, DEAD_LETTERS, 1).came
    assert reason in letter.message.headers[REASON_HEADER]
    assert letter.message.body == poison.body


def test_a_handler_that_fails_gets_the_message_again(bus: Bus) -> None:
    publish(bus, work(1), work(2))

    def stumble(delivery: Delivery) -> None:
        if delivery.message.id == "m1" and not delivery.redelivered:
            raise ValueError("stumbled")
        delivery.ack()

    inbox = Inbox(then=stumble)
    with running(bus.consumer(CONNECTION_TESTS, prefetch=2), inbox):
        eventually(lambda: len(inbox.came) == 3)
    assert sorted(inbox.ids) == ["m1", "m1", "m2"]


def test_a_handler_may_fail_after_it_has_settled(bus: Bus) -> None:
    publish(bus, work(1), work(2))

    def settle_and_fail(delivery: Delivery) -> None:
        delivery.ack()
        raise ValueError("too late")

    inbox = Inbox(then=settle_and_fail)
    with running(bus.consumer(CONNECTION_TESTS, prefetch=2), inbox):
        eventually(lambda: len(inbox.came) == 2)
    assert bus.depth(CONNECTION_TESTS) == 0


def test_a_delivery_is_settled_only_once(bus: Bus) -> None:
    publish(bus, work(1))
    (delivery,) = receive(bus, CONNECTION_TESTS, 1).came
    with pytest.raises(AlreadySettled):
        delivery.retry()


def test_an_idle_consumer_stops_at_once(bus: Bus) -> None:
    consumer = bus.consumer(CONNECTION_TESTS, prefetch=1)
    thread = threading.Thread(target=consumer.run, args=(keep,), daemon=True)
    thread.start()
    time.sleep(0.5)
    began = time.monotonic()
    consumer.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert time.monotonic() - began < 1.0


def test_a_consumer_stopped_before_it_runs_receives_nothing(bus: Bus) -> None:
    publish(bus, work(1))
    inbox = Inbox()
    consumer = bus.consumer(CONNECTION_TESTS, prefetch=1)
    consumer.stop()
    consumer.run(inbox)
    assert inbox.came == []
    assert bus.depth(CONNECTION_TESTS) == 1
