"""A process for tests: publishes, or receives and prints the ids until its input ends."""

from __future__ import annotations

import sys
import threading
import time
from typing import TYPE_CHECKING

from events.bus.embedded.bus import SCHEME, embedded_bus
from events.bus.rabbitmq import rabbitmq_bus
from events.bus.topology import CONNECTION_TESTS
from tests.contract.bus.kit import work

if TYPE_CHECKING:
    from events.bus.port import Bus, Consumer, Delivery


def _bus(url: str) -> Bus:
    return embedded_bus(url, lease_seconds=1.0) if url.startswith(SCHEME) else rabbitmq_bus(url)


def _publish(bus: Bus, count: int) -> None:
    publisher = bus.publisher()
    for first in range(0, count, 50):
        publisher.publish([work(number) for number in range(first, min(first + 50, count))])
    publisher.close()


def _receive(bus: Bus, *, acknowledge: bool) -> None:
    def handle(delivery: Delivery) -> None:
        sys.stdout.write(f"{delivery.message.id}\n")
        sys.stdout.flush()
        if acknowledge:
            time.sleep(0.001)  # nobody is through before the others have started
            delivery.ack()

    consumer = bus.consumer(CONNECTION_TESTS, prefetch=16)
    threading.Thread(target=_stop_at_end_of_input, args=(consumer,), daemon=True).start()
    consumer.run(handle)


def _stop_at_end_of_input(consumer: Consumer) -> None:
    sys.stdin.read()
    consumer.stop()


def main(action: str, url: str, count: str = "0") -> None:
    bus = _bus(url)
    if action == "publish":
        _publish(bus, int(count))
    else:
        _receive(bus, acknowledge=action == "receive")


if __name__ == "__main__":
    main(*sys.argv[1:])
