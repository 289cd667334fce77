"""The board's file: memory that all processes of a host see at once.

It begins with a head, then a counter for each topic, then places: one for each process that
writes, where it counts what it has under way. A counter is eight bytes at a multiple of eight,
which processors write and read as a whole.
"""

from __future__ import annotations

import os
import platform
import secrets
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_UN, flock
from functools import cache
from mmap import mmap
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from events.store.sql.board.topics import TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterator

PLACES: Final = 128
_MAGIC: Final = b"relaybook board2"
_NAME_AT: Final = len(_MAGIC)
_NAME_BYTES: Final = 16
_TAKEN_AT: Final = 4  # the word behind the name
_HEAD: Final = 64
_WORD: Final = 8
_PLACE: Final = TOPICS * 2
_PLACES_AT: Final = _HEAD + TOPICS * _WORD
_SIZE: Final = _PLACES_AT + PLACES * _PLACE
_MODE: Final = 0o600
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class BoardFile:
    """The mapped file; raises OSError where it cannot be opened or made."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._turn = Lock()  # the file's own lock keeps out other processes, not other threads
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        with self._alone():
            self._map = self._mapped()
        whole = memoryview(self._map)
        self._head = whole[:_HEAD].cast("Q")
        #: How often each topic was posted.
        self.counters = whole[_HEAD:_PLACES_AT].cast("Q")
        #: What the processes have under way: a count for each place and topic.
        self.under_way = whole[_PLACES_AT:_SIZE].cast("H")

    @property
    def name(self) -> str:
        """What tells this board from others, also from the same file as another host sees it."""
        own = self._map[_NAME_AT : _NAME_AT + _NAME_BYTES].hex()
        return f"{own}-{_host()}"

    @property
    def places(self) -> int:
        """How many places were ever taken; they are taken in their order."""
        return self._head[_TAKEN_AT]

    def take_notice(self, place: int) -> None:
        """Make readers look at a place from now on."""
        with self._alone():
            self._head[_TAKEN_AT] = max(self._head[_TAKEN_AT], place + 1)

    def post(self, topics: frozenset[int]) -> None:
        """Count a posting of these topics, also against other processes that do so now."""
        with self._alone():
            for topic in topics:
                self.counters[topic] += 1

    def is_in_place(self) -> bool:
        """Tell whether the path still leads to this file: whoever opens it now sees the same."""
        try:
            there = self._path.stat()
        except OSError:
            return False
        own = os.fstat(self._descriptor)
        return (there.st_dev, there.st_ino) == (own.st_dev, own.st_ino)

    def close(self) -> None:
        """Give the memory back."""
        self._head.release()
        self.counters.release()
        self.under_way.release()
        os.close(self._descriptor)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with self._turn:
            flock(self._descriptor, LOCK_EX)
            try:
                yield
            finally:
                flock(self._descriptor, LOCK_UN)

    def _mapped(self) -> mmap:
        if os.fstat(self._descriptor).st_size < _SIZE:
            os.ftruncate(self._descriptor, _SIZE)
        mapped = mmap(self._descriptor, _SIZE)
        if mapped[: len(_MAGIC)] != _MAGIC:
            mapped[_NAME_AT : _NAME_AT + _NAME_BYTES] = secrets.token_bytes(_NAME_BYTES)
            # What was kept by another board must not look as if it were of this one.
            mapped[_HEAD : _HEAD + _WORD // 2] = secrets.token_bytes(_WORD // 2)
            mapped[: len(_MAGIC)] = _MAGIC
        return mapped


@cache
def _host() -> str:
    """Return what differs between hosts: memory is not shared between them, though files may be."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return platform.node()
