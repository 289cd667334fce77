"""Wakes who waits in another process of this host, without asking a database again and again.

A ring is a hint and no more: who waits looks for itself from time to time, rung or not.
"""

from __future__ import annotations

import ctypes
import os
import select
import time
from contextlib import suppress
from functools import cache
from mmap import PROT_READ, mmap
from typing import TYPE_CHECKING, Final
from zlib import crc32

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Names share words: who is rung for another's looks once in vain.
_WORDS: Final = 512
_WORD: Final = 8
_SIZE: Final = _WORDS * _WORD
_MODE: Final = 0o600

_IN_MODIFY: Final = 0x2  # inotify(7)
_SOME_EVENTS: Final = 4096
#: Seconds between two looks where the system tells of a ring, and where it does not.
_HEARING: Final = 0.1
_DEAF: Final = 0.01


class Bell:
    """A word for each name in a file, which is made where it is missing.

    Raises OSError where the file cannot be opened, made or written.
    """

    def __init__(self, path: str) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, _MODE)
        try:
            os.ftruncate(self._descriptor, _SIZE)
            self._give(path)
            self._words = memoryview(mmap(self._descriptor, _SIZE, prot=PROT_READ)).cast("Q")
        except OSError:
            os.close(self._descriptor)
            raise

    def _give(self, path: str) -> None:
        """Let the owner of the folder have the file that root made, as SQLite does with its own."""
        owner = os.stat(os.path.dirname(path) or ".")  # noqa: PTH116, PTH120 -- a text as SQLite's
        with suppress(PermissionError):
            os.fchown(self._descriptor, owner.st_uid, owner.st_gid)

    def ring(self, names: Iterable[str]) -> None:
        """Tell who waits for one of the names, once what came for it is committed."""
        now = time.monotonic_ns().to_bytes(_WORD, "little")  # another process writes another
        for name in names:
            os.pwrite(self._descriptor, now, _place(name) * _WORD)

    def last(self, names: Iterable[str]) -> list[int]:
        """Return what differs after a ring for one of the names."""
        return [self._words[_place(name)] for name in names]

    def close(self) -> None:
        """Give memory and file back."""
        self._words.release()
        os.close(self._descriptor)


class Ear:
    """Ends a wait as soon as a bell is rung, for whatever name.

    `descriptor` is readable then, until `forget`; it is None where the system cannot tell.
    """

    def __init__(self, path: str) -> None:
        self.descriptor = _watching(path)

    def patience(self, seconds: float) -> float:
        """Return how long to wait at most before the next look."""
        return min(seconds, _DEAF if self.descriptor is None else _HEARING)

    def forget(self) -> None:
        """Forget the rings so far."""
        if self.descriptor is not None:
            with suppress(BlockingIOError):
                os.read(self.descriptor, _SOME_EVENTS)

    def wait(self, seconds: float) -> None:
        """Wait for a ring, at most until the next look or so long."""
        poller = select.poll()
        if self.descriptor is not None:
            poller.register(self.descriptor, select.POLLIN)
        poller.poll(self.patience(seconds) * 1000)

    def close(self) -> None:
        """Stop listening."""
        if self.descriptor is not None:
            os.close(self.descriptor)


@cache
def _place(name: str) -> int:
    return crc32(name.encode()) % _WORDS


def _watching(path: str) -> int | None:
    """Return a descriptor that is readable once a file was written to (inotify), if there is one.

    Each user has some of them, 128 as a rule.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "inotify_init1"):
        return None
    descriptor: int = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0:
        return None
    if library.inotify_add_watch(descriptor, os.fsencode(path), _IN_MODIFY) < 0:
        os.close(descriptor)
        return None
    return descriptor
