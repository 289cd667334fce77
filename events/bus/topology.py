"""The one place where exchanges and queues are declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from kombu import Exchange, Queue, binding

if TYPE_CHECKING:
    from collections.abc import Sequence

EVENTS: Final = "relaybook.events"
PROGRESS: Final = "relaybook.progress"
CONNECTION_TESTS: Final = "relaybook.connection-tests"
DETECTIONS: Final = "relaybook.detections"
CONNECTION_TEST_RESULTS: Final = "relaybook.connection-test-results"
DEAD_LETTERS: Final = "relaybook.dead-letters"
#: Detections report by the queue of the tests' results, too.
WORK_QUEUES: Final = (CONNECTION_TESTS, DETECTIONS, CONNECTION_TEST_RESULTS)

#: The exchange by which a message reaches the queue that its routing key names (AMQP 0-9-1).
DIRECT: Final = ""

#: How often a message of a work queue is delivered before it is parked.
DELIVERY_LIMIT: Final = 5

#: What a slow listener may be behind; older live messages are dropped for it.
_LISTENER_LENGTH = 10_000

#: Dead letters stay until somebody takes them, however often they were looked at.
_ENDLESS = 1_000_000_000

_EXCHANGES: dict[str, Any] = {
    name: Exchange(name, type="topic", durable=True) for name in (EVENTS, PROGRESS)
}


def _quorum_queue(name: str, arguments: dict[str, str | int]) -> Any:  # noqa: ANN401 -- kombu has no types
    return Queue(name, durable=True, queue_arguments={"x-queue-type": "quorum", **arguments})


def _work_queue(name: str) -> Any:  # noqa: ANN401 -- kombu has no types
    """Return a queue whose broker parks what kills every consumer before it could be parked."""
    return _quorum_queue(
        name,
        {
            "x-delivery-limit": DELIVERY_LIMIT,
            "x-dead-letter-exchange": DIRECT,
            "x-dead-letter-routing-key": DEAD_LETTERS,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        },
    )


_QUEUES: dict[str, Any] = {
    DEAD_LETTERS: _quorum_queue(DEAD_LETTERS, {"x-delivery-limit": _ENDLESS}),
    **{name: _work_queue(name) for name in WORK_QUEUES},
}


def declare(channel: Any) -> None:  # noqa: ANN401 -- kombu has no types
    """Declare every exchange and durable queue on a fresh connection's channel."""
    for entity in (*_EXCHANGES.values(), *_QUEUES.values()):
        entity(channel).declare()


def queue(name: str) -> Any:  # noqa: ANN401 -- kombu has no types
    """Return a durable queue as kombu entity; raises ValueError for a name that is not declared."""
    if name not in _QUEUES:
        raise ValueError(f"there is no queue {name}")
    return _QUEUES[name]


def listener_queue(bindings: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401 -- no types
    """Return a new queue of one connection, fed by (exchange, routing key pattern) pairs.

    Raises ValueError for an exchange that is not declared.
    """
    unknown = {exchange for exchange, _ in bindings} - set(_EXCHANGES)
    if unknown:
        raise ValueError(f"there is no exchange {', '.join(sorted(unknown))}")
    return Queue(
        f"relaybook.listener-{uuid4()}",
        bindings=[binding(_EXCHANGES[exchange], routing_key=key) for exchange, key in bindings],
        durable=False,
        exclusive=True,
        auto_delete=True,
        queue_arguments={"x-max-length": _LISTENER_LENGTH, "x-overflow": "drop-head"},
    )
