"""What a channel holds of the leased messages, and what was decided about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.bus.embedded.file import transaction

if TYPE_CHECKING:
    from events.bus.embedded.channel import Channel

#: How many messages a channel holds where no prefetch was set.
_MOST: Final = 256


class Holding:
    """Kombu's quality of service; decisions are written in batches."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.prefetch_count = 0
        self.held: set[int] = set()
        self._done: list[int] = []
        self._released: list[int] = []

    def append(self, _message: object, delivery_tag: int) -> None:
        self.held.add(delivery_tag)

    def ack(self, delivery_tag: int) -> None:
        self.held.discard(delivery_tag)
        self._done.append(delivery_tag)

    def reject(self, delivery_tag: int, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 -- kombu's signature
        if not requeue:
            self.ack(delivery_tag)
            return
        self.held.discard(delivery_tag)
        self._released.append(delivery_tag)

    def free(self) -> int:
        """Return how many more messages the channel may hold."""
        return (self.prefetch_count or _MOST) - len(self.held)

    def decided(self) -> bool:
        """Tell whether something waits to be written."""
        return bool(self._done or self._released)

    def flush(self) -> None:
        """Write what was decided; the transaction is the caller's, who says `flushed` after it."""
        holder = self.channel.holder
        self.channel.queues.remove(self._done, holder=holder)
        self.channel.queues.release(self._released, holder=holder)

    def flushed(self) -> None:
        """Forget what is committed; others may have at once what was given back."""
        if self._released:
            self.channel.ring()
        self._done, self._released = [], []

    def restore_unacked_once(self) -> None:
        """Write what was decided and give back the rest, when the channel closes."""
        if not self.decided() and not self.held:
            return
        with transaction(self.channel.file):
            self.flush()
            self.channel.queues.release_all(self.channel.holder)
        self.flushed()
        self.held.clear()
        self.channel.ring()
