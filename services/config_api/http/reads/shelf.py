"""Answers that are kept within bounds of memory, each with what the board told before it."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final, Generic, TypeVar

if TYPE_CHECKING:
    from services.config_api.http.reads.asked import Asked
    from services.config_api.http.reads.heads import Heads

_Key = TypeVar("_Key")
#: What an answer takes beside its body, as measured: path, tag, itself, a place in the table.
_BESIDE: Final = 720


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """An answer; `posted` is what the board told of everything and of its topics.

    `source` is the setting that it was made from, at `version`; a page has none, and no tag, but
    the `link` to the next one.
    """

    asked: Asked
    heads: Heads
    body: bytes
    posted: tuple[int, ...]
    tag: str = ""
    link: str = ""
    source: str = ""
    version: int = 0


class Shelf(Generic[_Key]):
    """Answers by what was asked; the oldest give way once all take more than `most_bytes`."""

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._taken = 0
        self._lock = Lock()
        self._kept: dict[_Key, Kept] = {}
        #: Looks an answer up; what it finds may be out of date.
        self.find = self._kept.get

    def put(self, key: _Key, kept: Kept) -> None:
        """Keep an answer, in the place of an older one."""
        with self._lock:
            self._drop(key)
            self._kept[key] = kept
            self._taken += _size(kept)
            while self._taken > self._most:
                self._drop(next(iter(self._kept)))

    def drop_older(self, key: _Key, source: str, version: int) -> None:
        """Forget an answer if it is not of this version of this setting, or newer."""
        kept = self._kept.get(key)
        if kept is not None and (kept.source != source or kept.version < version):
            with self._lock:
                self._drop(key)

    def drop_older_of(self, source: str, version: int) -> None:
        """Forget what was made from older versions of a setting."""
        with self._lock:
            for key, kept in tuple(self._kept.items()):
                if kept.source == source and kept.version < version:
                    self._drop(key)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._taken = 0

    def __len__(self) -> int:
        return len(self._kept)

    def _drop(self, key: _Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._taken -= _size(kept)


def _size(kept: Kept) -> int:
    # A page's link repeats the query that it is found by.
    return len(kept.body) + 2 * len(kept.link) + _BESIDE
