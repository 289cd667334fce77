"""Writers post what they are about to commit; readers keep answers only while nothing was posted.

A writer counts a topic as under way, posts it, commits, and takes the count back. A reader that is
about to read looks first: where something of its topics is under way it keeps nothing, otherwise
it remembers how often they were posted. As long as that is still so when it is asked again, no
commit can have come between, and what it keeps is what the database would answer.
"""

from __future__ import annotations

from collections import deque
from contextlib import contextmanager
from os import close
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.store.port import StoreError, StoreUnavailable
from events.store.sql.board.file import BoardFile
from events.store.sql.board.places import (
    any_under_way,
    counts_of,
    take_place,
    try_lock,
)
from events.store.sql.board.topics import EVERYTHING, TOPICS, topics_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from events.store.sql.board.places import Place

_FILE: Final = "board"
_MODE: Final = 0o700


class Board:
    """Keeps `Notices`' promises among the processes of one host that share a folder.

    Without a folder it is one of this object alone. `doubt_seconds` is how long after its client
    is gone a database may still commit what was under way: until then readers keep nothing of it.
    Nothing is opened before the first use.
    """

    def __init__(self, folder: Path | None, *, doubt_seconds: float) -> None:
        self._shared = folder
        self._private: TemporaryDirectory[str] | None = None
        self._doubt = doubt_seconds
        self._lock = Lock()
        self._file: BoardFile | None = None
        self._own: Place | None = None
        self._dead: dict[int, float] = {}
        self._doubtful: deque[tuple[float, frozenset[int]]] = deque()

    def changing(self, streams: Iterable[str] | None) -> AbstractContextManager[None]:
        return self.posted(topics_of(streams))

    @contextmanager
    def posted(self, topics: frozenset[int]) -> Iterator[None]:
        """Do what `changing` does, for topics."""
        if not topics:
            yield
            return
        file, place = self._at_hand()
        self._settle(place)
        place.begin(topics)
        file.post(topics)
        try:
            yield
        except BaseException as error:
            if self._doubt and not _is_certain(error):
                self._doubtful.append((monotonic() + self._doubt, topics))
            else:
                place.end(topics)
            raise
        place.end(topics)

    @property
    def file(self) -> BoardFile:
        """The opened file; raises StoreUnavailable where it cannot be opened."""
        file = self._file
        if file is None:
            with self._lock:
                file = self._file = self._file or self._opened()
        return file

    def look(self, topics: Sequence[int]) -> tuple[int, ...] | None:
        """Return how often everything and these topics were posted; None while one is under way."""
        file, topics = self.file, (EVERYTHING, *topics)
        posted = tuple(file.counters[topic] for topic in topics)
        under_way = file.under_way
        for place in range(file.places):
            first = place * TOPICS
            if any(under_way[first + topic] for topic in topics):
                return None
        return posted

    def sweep(self) -> None:
        """Take back what dead processes left under way, once it cannot be committed any more."""
        if self._own is not None:
            self._settle(self._own)
        for number in range(self.file.places):
            if self._own is None or number != self._own.number:
                self._sweep_place(number)

    def close(self) -> None:
        if self._own is not None:
            self._own.leave()
        if self._file is not None:
            self._file.close()
        self._own = self._file = None
        if self._private is not None:
            self._private.cleanup()
            self._private = None

    def open_again(self) -> None:
        """Open the file that is in place now; threads that use the one before may finish."""
        with self._lock:
            self._file = self._own = None

    def _at_hand(self) -> tuple[BoardFile, Place]:
        file = self.file
        if not file.is_in_place():
            self.open_again()
            file = self.file
        with self._lock:
            if self._own is None:
                self._own = self._taken(file)
            return file, self._own

    @property
    def folder(self) -> Path:
        """Where it is."""
        if self._shared is not None:
            return self._shared
        if self._private is None:
            self._private = TemporaryDirectory(prefix="relaybook-board-")
        return Path(self._private.name)

    def _taken(self, file: BoardFile) -> Place:
        try:
            return take_place(file, self.folder)
        except OSError as error:
            raise StoreUnavailable(f"there is no place on the board: {error}") from error

    def _opened(self) -> BoardFile:
        try:
            self.folder.mkdir(mode=_MODE, parents=True, exist_ok=True)
            return BoardFile(self.folder / _FILE)
        except OSError as error:
            raise StoreUnavailable(f"the board cannot be opened: {error}") from error

    def _settle(self, place: Place) -> None:
        """Take back what may have been committed by now, or never will be."""
        if not self._doubtful:
            return
        with self._lock:
            while self._doubtful and self._doubtful[0][0] <= monotonic():
                place.end(self._doubtful.popleft()[1])

    def _sweep_place(self, number: int) -> None:
        lock = try_lock(self.folder, number)
        if lock is None:
            self._dead.pop(number, None)
            return
        try:
            if any_under_way(self.file, number):
                since = self._dead.setdefault(number, monotonic())
                if monotonic() - since >= self._doubt:
                    counts = counts_of(self.file, number)
                    counts[:] = memoryview(bytes(counts.nbytes)).cast("H")
        finally:
            close(lock)


def _is_certain(error: BaseException) -> bool:
    """Tell whether an error says that nothing was committed."""
    if isinstance(error, StoreUnavailable) and error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, DBAPIError):
        return not error.connection_invalidated
    return isinstance(error, StoreError | ValueError | PoolTimeout)
