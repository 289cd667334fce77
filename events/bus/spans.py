"""Messages as spans (OpenTelemetry's messaging conventions): nobody does it for kombu.

A work message carries the place of the span that sent it, so that the receiver's span is its child.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from events.tracing import Place, begin, place_of, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.bus.port import Message
    from events.tracing import Span

TRACE_HEADER: Final = "ce-traceparent"


class Sendings:
    """The spans of one page, which end together: once the broker has confirmed it, or failed."""

    def __init__(self, system: str) -> None:
        self._system = system
        self._spans: list[Span] = []

    def begin(self, destination: str, message_id: str, parent: Place | None) -> Place | None:
        """Begin to send a message; return its place. What belongs to no trace begins none."""
        if parent is None:
            return None
        attributes = _attributes("send", self._system, destination, message_id)
        begun = begin(f"send {destination}", kind="producer", parent=parent, attributes=attributes)
        self._spans.append(begun)
        return begun.place

    def fail(self, kind: str) -> None:
        """Say that the page was not sent."""
        for one in self._spans:
            one.fail(kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.fail(kind.__name__)
        for one in self._spans:
            one.end()


@contextmanager
def received(message: Message, *, system: str, queue: str) -> Iterator[Span]:
    """Work on a message within the trace that it carries."""
    attributes = _attributes("process", system, queue, message.id)
    parent = place_of(message.headers.get(TRACE_HEADER))
    with span(f"process {queue}", kind="consumer", parent=parent, attributes=attributes) as begun:
        yield begun


def _attributes(operation: str, system: str, place: str, message_id: str) -> dict[str, str]:
    return {
        "messaging.system": system,
        "messaging.operation.type": operation,
        "messaging.destination.name": place,
        "messaging.message.id": message_id,
    }
