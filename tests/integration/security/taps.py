"""Listens to everything that goes over the bus."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final

from kombu import Connection, Exchange, Queue

from events.bus.embedded.file import open_file, transaction
from events.bus.embedded.queues import Queues
from events.bus.topology import EVENTS, PROGRESS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.integration.security.sinks import Place

_TAP: Final = "tap-of-the-sweep"
_MOST: Final = 100_000


@contextmanager
def rabbitmq_tap(url: str) -> Iterator[Callable[[], Iterator[Place]]]:
    """Copy whatever is published or delivered, by the broker's own tracing (its "firehose")."""
    with Connection(url) as connection:
        vhost = connection.virtual_host
        _trace("trace_on", vhost)
        try:
            with connection.channel() as channel:
                everything = Queue(_TAP, Exchange("amq.rabbitmq.trace", "topic", passive=True),
                                   routing_key="#", durable=False)(channel)  # fmt: skip
                everything.declare()
                yield lambda: _traced(everything)
                everything.delete()
        finally:
            _trace("trace_off", vhost)


def _traced(everything: Any) -> Iterator[Place]:
    contents: dict[str, list[bytes]] = {}
    while (message := everything.get(no_ack=True)) is not None:
        body = message.body if isinstance(message.body, bytes) else str(message.body).encode()
        head = json.dumps(message.headers, default=str, ensure_ascii=False).encode()
        name = f"message {' '.join(message.headers['routing_keys'])}"
        contents.setdefault(name, []).extend((head, body))
    for name, parts in contents.items():
        yield name, b"\n\0".join(parts)


def _trace(command: str, vhost: str) -> None:
    subprocess.run(
        ["rabbitmqctl", "--quiet", command, "-p", vhost],
        check=True,
        capture_output=True,
        timeout=60,
    )


@contextmanager
def embedded_tap(path: str) -> Iterator[Callable[[], Iterator[Place]]]:
    """Copy what is published to the exchanges; the file itself, searched too, holds the rest."""
    with closing(open_file(path)) as connection:
        queues = Queues(connection)
        with transaction(connection):
            queues.declare_queue(_TAP, alive_until=None)
            for exchange in (EVENTS, PROGRESS):
                queues.declare_exchange(exchange)
                queues.bind(_TAP, exchange, "#")
        yield lambda: _stored(connection)


def _stored(connection: Any) -> Iterator[Place]:
    asked = "SELECT routing_key, headers, body FROM messages WHERE queue = ?"
    contents: dict[str, list[bytes]] = {}
    for key, headers, body in connection.execute(asked, (_TAP,)):
        contents.setdefault(f"message {key}", []).extend((headers.encode(), bytes(body)))
    for name, parts in contents.items():
        yield name, b"\n\0".join(parts)
