"""What a message bus promises; one contract suite holds every implementation to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """A CloudEvent in binary mode, or its body alone for live steps; the body is JSON.

    `headers` are transport headers with string values; `id` is what receivers deduplicate by.
    """

    id: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message and where it goes.

    `mandatory` messages must reach a queue, otherwise the page fails (`NotPublished`).
    """

    exchange: str
    routing_key: str
    message: Message
    mandatory: bool


class BusError(Exception):
    """The bus did not do what was asked."""


class NotPublished(BusError):
    """The broker did not take the whole page in time: nothing of it counts, publish it again."""


class Delivery(Protocol):
    """A received message; exactly one of the three is called, from any thread."""

    message: Message
    routing_key: str
    redelivered: bool

    def ack(self) -> None:
        """Done: it never comes again."""
        ...

    def retry(self) -> None:
        """Not now: it comes again, at most 5 times in all, then it is parked."""
        ...

    def park(self, reason: str) -> None:
        """Never: put it among the dead letters with its reason."""
        ...


class Publisher(Protocol):
    """For one thread; it opens its connection again after a failure."""

    def publish(self, page: Sequence[Outgoing]) -> None:
        """Publish a page and return when the broker has confirmed all of it.

        Raises NotPublished after its time limit (seconds, not minutes).
        """
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class Consumer(Protocol):
    """Receives from one work queue, or from an exchange by a queue of its own."""

    def run(self, handle: Callable[[Delivery], None]) -> None:
        """Receive until `stop` is called, reconnecting with back-off; `handle` must be short."""
        ...

    def stop(self) -> None:
        """Make `run` return soon; what is not acknowledged comes again elsewhere. Any thread."""
        ...


class Bus(Protocol):
    """Makes publishers and consumers for one broker; no connection before the first use.

    `system` is what OpenTelemetry's `messaging.system` calls it.
    """

    @property
    def system(self) -> str:
        """`rabbitmq`, or one of our own."""
        ...

    def publisher(self) -> Publisher:
        """Return a publisher for one thread."""
        ...

    def consumer(self, queue: str, *, prefetch: int) -> Consumer:
        """Return a consumer of a durable work queue, `prefetch` messages at a time."""
        ...

    def listener(self, bindings: Sequence[tuple[str, str]]) -> Consumer:
        """Return a consumer of what exchanges publish from now on, for (exchange, routing key).

        Its queue is its own and goes with it; deliveries need no acknowledgement.
        """
        ...

    def depth(self, queue: str) -> int:
        """Return how many messages wait in a work queue; raises BusError if unreachable."""
        ...
