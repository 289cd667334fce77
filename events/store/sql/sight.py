"""Until when a reader may answer with what it keeps: as long as it is sure to hear of changes."""

from __future__ import annotations

import logging
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, Protocol

from events.store.port import StoreError

if TYPE_CHECKING:
    from events.store.sql.board.board import Board

_log = logging.getLogger(__name__)
_EACH_SECONDS: Final = 0.5
_LASTS_SECONDS: Final = 3.0


class Sight(Protocol):
    """What a reader that keeps answers looks at."""

    board: Board
    #: Until when (monotonic clock) it may answer what it kept and the board says nothing of.
    until: float

    def start(self) -> None:
        """Begin to look."""
        ...

    def close(self) -> None:
        """End the thread; nothing that is kept is answered any more."""
        ...


class BoardSight:
    """Sees the changes of one host: while its thread finds the board in its place.

    A thread that is late makes readers ask the database.
    """

    def __init__(self, board: Board) -> None:
        self.board = board
        self.until = 0.0
        self._closed = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        self._thread = Thread(target=self._run, name="read-sight", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread is not None:
            self._thread.join()
        self.until = 0.0

    def _run(self) -> None:
        while not self._closed.is_set():
            try:
                self._look()
            except (OSError, StoreError):
                _log.warning("changes of settings cannot be seen", exc_info=True)
            self._pause()
        self._end()

    def _look(self) -> None:
        began = monotonic()
        if not self.board.file.is_in_place():
            self.until = 0.0
            self.board.open_again()
        self.board.sweep()
        self._prolong(began)

    def _prolong(self, began: float) -> None:
        """Let readers go on, as it is seen now that all was well at `began`."""
        self.until = began + _LASTS_SECONDS

    def _pause(self) -> None:
        self._closed.wait(_EACH_SECONDS)

    def _end(self) -> None:
        """Say that nobody reads here any more."""
