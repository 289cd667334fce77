"""Safeguards taken away on purpose: without each of them the same check must fail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from events import failpoints
from events.bus.broker.publisher import KombuPublisher
from events.store.sql.sqlite import engine
from tests.faults.crash import aftermath

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from events.envelope import RecordedEvent


def _normal() -> None:
    """SQLite commits without waiting for the disk, and the service starts nevertheless."""
    pragmas = [one.replace("synchronous=FULL", "synchronous=NORMAL") for one in engine._PRAGMAS]
    changed: Any = engine
    changed._PRAGMAS = tuple(pragmas)
    changed._SYNCHRONOUS_FULL = 1


def _no_confirms() -> None:
    """A page counts as published once it was handed to the connection, in what is to be killed."""
    changed: Any = KombuPublisher
    awaited = changed._await

    def not_awaited(*words: Any) -> None:
        if failpoints._armed is None:
            awaited(*words)

    changed._await = not_awaited


def _no_inbox() -> None:
    """The receiver does not compare what it gets with what it had."""
    examined = aftermath.unpublished

    def unpublished(events: Sequence[RecordedEvent], received: Sequence[str]) -> list[str]:
        again = len(received) - len(set(received))
        return [*examined(events, received), *[f"doubled: {again} effects"] * bool(again)]

    changed: Any = aftermath
    changed.unpublished = unpublished


CONTROLS: Final[dict[str, Callable[[], None]]] = {
    "normal": _normal,
    "no-confirms": _no_confirms,
    "no-inbox": _no_inbox,
}
