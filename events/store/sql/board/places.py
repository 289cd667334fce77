"""A process's own place on the board: what it has under way, until it says otherwise or is dead."""

from __future__ import annotations

import os
from fcntl import LOCK_EX, LOCK_NB, flock
from threading import Lock
from typing import TYPE_CHECKING, Final

from events.store.port import StoreUnavailable
from events.store.sql.board.file import PLACES
from events.store.sql.board.topics import TOPICS

if TYPE_CHECKING:
    from pathlib import Path

    from events.store.sql.board.file import BoardFile

_MODE: Final = 0o600


class Place:
    """A place that this process holds; its lock ends with the process at the latest."""

    def __init__(self, file: BoardFile, number: int, lock: int) -> None:
        self.number = number
        self._counts = counts_of(file, number)
        self._lock = lock
        self._turn = Lock()

    def begin(self, topics: frozenset[int]) -> None:
        """Say that something of these topics is under way."""
        with self._turn:
            for topic in topics:
                self._counts[topic] += 1

    def end(self, topics: frozenset[int]) -> None:
        """Say that it is over."""
        with self._turn:
            for topic in topics:
                self._counts[topic] -= 1

    def leave(self) -> None:
        """Let another process have the place."""
        self._counts.release()
        os.close(self._lock)


def counts_of(file: BoardFile, number: int) -> memoryview[int]:
    """Return the counts of a place."""
    return file.under_way[number * TOPICS : (number + 1) * TOPICS]


def take_place(file: BoardFile, folder: Path) -> Place:
    """Return a place that nobody holds and where nothing is left under way.

    Raises StoreUnavailable where there is none.
    """
    for number in range(PLACES):
        lock = try_lock(folder, number)
        if lock is None:
            continue
        if not any_under_way(file, number):
            file.take_notice(number)
            return Place(file, number, lock)
        os.close(lock)
    raise StoreUnavailable(f"{PLACES} processes of this host write already")


def try_lock(folder: Path, number: int) -> int | None:
    """Return the descriptor that holds a place's lock, None where another holds it."""
    descriptor = os.open(folder / f"place-{number}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
    try:
        flock(descriptor, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def any_under_way(file: BoardFile, number: int) -> bool:
    """Tell whether a place counts something."""
    counts = counts_of(file, number)
    return bytes(counts).strip(b"\0") != b""
