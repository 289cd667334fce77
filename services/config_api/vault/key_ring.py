"""The master keys of a process: the first wraps, all unwrap; a file of them is read again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Final

from services.config_api.vault.errors import MalformedMasterKey, NoMasterKey, WrongMasterKey
from services.config_api.vault.master_key import MasterKey

_NEVER_SEEN: Final = (0, 0, 0)


class KeyRing:
    """Master keys by their ids; safe for threads. One whose key is lost is empty.

    A key that a file does not hold any more still unwraps in the processes that knew it: rows
    that they had read by then stay readable.
    """

    def __init__(self, keys: Sequence[MasterKey], *, file: Path | None = None) -> None:
        self.file: Final = file
        self._lock = Lock()
        self._seen = _NEVER_SEEN  # the file may have changed since its keys were read
        self._order = tuple(keys)
        self._known = {key.id: key for key in keys}

    @classmethod
    def from_text(cls, text: str, *, file: Path | None = None) -> KeyRing:
        """Return the ring from keys parted by white space; raises MalformedMasterKey."""
        keys = [MasterKey.from_text(one) for one in text.split()]
        if not keys:
            raise MalformedMasterKey("there is no master key")
        return cls(keys, file=file)

    @classmethod
    def from_file(cls, path: Path) -> KeyRing:
        """Return the ring of a file, an empty one where that is missing, until it is back.

        Raises MalformedMasterKey, OSError.
        """
        try:
            return cls.from_text(_text_of(path), file=path)
        except FileNotFoundError:
            return cls([], file=path)

    @property
    def newest(self) -> MasterKey:
        """The key that wraps; raises NoMasterKey."""
        if not self._order:
            self.read_again()
        if not self._order:
            raise NoMasterKey("there is no master key")
        return self._order[0]

    @property
    def is_empty(self) -> bool:
        """True where the key is lost."""
        return not self._order

    @property
    def keys(self) -> Sequence[MasterKey]:
        """All keys as they are configured, the one that wraps first."""
        return self._order

    def unwrap(self, master: str, wrapped: bytes, bound_to: bytes) -> bytes:
        """Return what the key of this id wrapped; raises WrongMasterKey."""
        return self.named(master).unwrap(wrapped, bound_to)

    def named(self, master: str) -> MasterKey:
        """Return the key of an id, which the file may have got meanwhile; raises WrongMasterKey."""
        if master not in self._known:
            self.read_again()
        try:
            return self._known[master]
        except KeyError:
            raise WrongMasterKey(f"the master key {master} is not at hand") from None

    def read_again(self) -> None:
        """Take the keys of the file where it has changed.

        A file that cannot be read, or holds something else, leaves everything as it is.
        """
        if self.file is None:
            return
        with self._lock, suppress(OSError, MalformedMasterKey):
            signature = _signature(self.file)
            if signature != self._seen:
                self._take(KeyRing.from_text(_text_of(self.file)).keys)
                self._seen = signature

    def _take(self, keys: Sequence[MasterKey]) -> None:
        self._known = self._known | {key.id: key for key in keys}
        self._order = tuple(keys)


def _text_of(path: Path) -> str:
    return path.read_bytes().decode("ascii", "replace")


def _signature(path: Path) -> tuple[int, int, int]:
    """Return what differs between two files that were put in the same place."""
    there = path.stat()
    return there.st_ino, there.st_mtime_ns, there.st_size
