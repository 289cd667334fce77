"""What a consumer receives, and how carefully."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from events.bus import topology
from events.bus.topology import DEAD_LETTERS


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscription:
    """A queue to receive from.

    `make_queue` gives the kombu queue of a new connection. `settled` messages are acknowledged one
    by one; others are gone when they are handed over. `examined` ones are JSON or are parked.
    """

    name: str
    make_queue: Callable[[], Any]
    prefetch: int
    settled: bool
    examined: bool


def work_subscription(queue: str, *, prefetch: int) -> Subscription:
    """Return the subscription to a durable queue; raises ValueError for an unknown one.

    Dead letters are shown as they are: whatever was wrong with them, they are not parked again.
    """
    entity = topology.queue(queue)
    return Subscription(
        name=queue,
        make_queue=lambda: entity,
        prefetch=prefetch,
        settled=True,
        examined=queue != DEAD_LETTERS,
    )


def listener_subscription(bindings: tuple[tuple[str, str], ...]) -> Subscription:
    """Return the subscription of a listener, a new queue for each connection.

    Raises ValueError for an exchange that is not declared.
    """
    topology.listener_queue(bindings)
    return Subscription(
        name="listener",
        make_queue=lambda: topology.listener_queue(bindings),
        prefetch=0,
        settled=False,
        examined=True,
    )
