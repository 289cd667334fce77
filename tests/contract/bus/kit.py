"""The buses under test, and the few words that their tests are written in."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from events.bus.port import Bus, Consumer, Delivery, Message, Outgoing
from events.bus.topology import CONNECTION_TESTS, DIRECT, EVENTS

PATIENCE = 40.0


def work(number: int, *, queue: str = CONNECTION_TESTS) -> Outgoing:
    """Return a small message for a work queue."""
    message = Message(id=f"m{number}", headers={"ce-id": f"m{number}"}, body=b'{"n":%d}' % number)
    return Outgoing(exchange=DIRECT, routing_key=queue, message=message, mandatory=True)


def event(
    name: str, *, routing_key: str = "smtp_setting.updated", exchange: str = EVENTS
) -> Outgoing:
    """Return a small message for whoever listens."""
    return Outgoing(
        exchange=exchange,
        routing_key=routing_key,
        message=Message(id=name, body=b"{}"),
        mandatory=False,
    )


def eventually(condition: Callable[[], bool], *, within: float = PATIENCE) -> None:
    """Wait until a condition holds; fails the test if it never does."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def acknowledge(delivery: Delivery) -> None:
    delivery.ack()


def retry(delivery: Delivery) -> None:
    delivery.retry()


def keep(_delivery: Delivery) -> None:
    """Settle nothing."""


@dataclass
class Inbox:
    """A handler that keeps what came and does with it what the test says."""

    then: Callable[[Delivery], None] = acknowledge
    came: list[Delivery] = field(default_factory=list)

    def __call__(self, delivery: Delivery) -> None:
        self.came.append(delivery)
        self.then(delivery)

    @property
    def ids(self) -> list[str]:
        return [delivery.message.id for delivery in self.came]


@contextmanager
def running(consumer: Consumer, inbox: Callable[[Delivery], None]) -> Iterator[threading.Thread]:
    """Run a consumer in a thread of its own and stop it afterwards."""
    thread = threading.Thread(target=consumer.run, args=(inbox,), daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        consumer.stop()
        thread.join(5)
        assert not thread.is_alive(), "the consumer did not stop"


def publish(bus: Bus, *page: Outgoing) -> None:
    """Publish one page with a publisher of its own."""
    publisher = bus.publisher()
    try:
        publisher.publish(page)
    finally:
        publisher.close()


def receive(
    bus: Bus, queue: str, count: int, *, then: Callable[[Delivery], None] = acknowledge
) -> Inbox:
    """Take `count` messages of a queue, in order, and stop."""
    inbox = Inbox(then=then)
    consumer = bus.consumer(queue, prefetch=max(1, count))
    with running(consumer, inbox):
        eventually(lambda: len(inbox.came) >= count)
    return inbox


def child(*words: str) -> subprocess.Popen[str]:
    """Start a process that uses a bus (see `child.py`)."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.contract.bus.child", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def listening(bus: Bus, bindings: Sequence[tuple[str, str]], inbox: Inbox) -> Iterator[None]:
    """Listen, and begin only when the listener is known to hear."""
    exchange, pattern = bindings[0]
    probe = event(
        "probe", exchange=exchange, routing_key=pattern.replace("#", "x").replace("*", "x")
    )
    with running(bus.listener(bindings), inbox):
        publisher = bus.publisher()

        def heard() -> bool:
            publisher.publish([probe])
            time.sleep(0.05)
            return bool(inbox.came)

        eventually(heard)
        publisher.close()
        settled = -1
        while settled != len(inbox.came):
            settled = len(inbox.came)
            time.sleep(0.2)
        inbox.came.clear()
        yield
