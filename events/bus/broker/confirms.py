"""Which messages of a page the broker has answered for."""

from __future__ import annotations

from typing import Any


class Confirms:
    """Counts delivery tags as RabbitMQ's publisher confirms do: from 1, one a message."""

    def __init__(self, channel: Any) -> None:  # noqa: ANN401 -- kombu has no types
        self._last = 0
        self._open: set[int] = set()
        self._refused = 0
        self._unroutable: list[str] = []
        channel.confirm_select()
        channel.events["basic_ack"].add(self._on_ack)
        channel.events["basic_nack"].add(self._on_nack)
        channel.events["basic_return"].add(self._on_return)

    def begin(self) -> None:
        """Start a page."""
        self._open.clear()
        self._refused = 0
        self._unroutable = []

    def sent(self) -> None:
        """Count one more message as sent."""
        self._last += 1
        self._open.add(self._last)

    @property
    def waiting(self) -> int:
        """How many messages of the page have no answer yet."""
        return len(self._open)

    def failure(self) -> str | None:
        """Return why the answered page does not count, None if it does."""
        if self._unroutable:
            return f"no queue takes {', '.join(sorted(set(self._unroutable)))}"
        if self._refused:
            return f"the broker refused {self._refused} messages"
        return None

    def _on_ack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 -- py-amqp's signature
        self._close(tag, multiple=multiple)

    def _on_nack(self, tag: int, multiple: bool) -> None:  # noqa: FBT001 -- py-amqp's signature
        before = len(self._open)
        self._close(tag, multiple=multiple)
        self._refused += before - len(self._open)

    def _on_return(
        self, _error: Exception, _exchange: str, routing_key: str, _message: object
    ) -> None:
        self._unroutable.append(routing_key)

    def _close(self, tag: int, *, multiple: bool) -> None:
        if multiple:
            self._open = {other for other in self._open if other > tag}
        else:
            self._open.discard(tag)
