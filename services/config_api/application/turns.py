"""Turns at a stream: the threads of one process do not overtake each other.

Without them a thread that waits for the only writer of SQLite holds a state that is old by then, so
that of n threads each costs the others a try. The expected version alone keeps processes apart.
"""

from __future__ import annotations

from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING
from zlib import crc32

from events.store.port import Overtaken

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCKS = 256
_PATIENCE_SECONDS = 5.0


class Turns:
    """As many locks as there may be commands at once and more; two streams may share one."""

    def __init__(self, *, patience: float = _PATIENCE_SECONDS) -> None:
        self._locks = tuple(RLock() for _ in range(_LOCKS))
        self._patience = patience

    @contextmanager
    def at(self, stream: str) -> Iterator[None]:
        """Hold the turn at a stream, which a thread may do twice.

        Raises Overtaken where it does not come within `patience` seconds.
        """
        lock = self._locks[crc32(stream.encode()) % _LOCKS]
        if not lock.acquire(timeout=self._patience):
            raise Overtaken(f"the turn at {stream} did not come in {self._patience} s")
        try:
            yield
        finally:
            lock.release()
