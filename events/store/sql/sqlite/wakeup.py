"""Waking by a bell beside the file: SQLite tells nobody that another process wrote."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING, Final

from events.bell import Bell, Ear

if TYPE_CHECKING:
    from pathlib import Path

_STORE: Final = ("store",)
_AGAIN_SECONDS: Final = 0.1

_log = logging.getLogger(__name__)


class FileWakeup:
    """Keeps `Wakeup`'s promises for processes that share a file; the bell stands beside it."""

    def __init__(self, path: Path) -> None:
        self._path = f"{path}-bell"
        self._ringing = threading.Lock()
        self._waiting = threading.Lock()
        self._bell: Bell | None = None
        self._ear: Ear | None = None
        self._heard: list[int] = []
        self._closed = threading.Event()

    def signal(self) -> None:
        with self._ringing:
            if self._closed.is_set():
                return
            try:
                self._opened().ring(_STORE)
            except OSError:
                _log.warning("store.signal_lost", exc_info=True)

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self._closed.is_set():
            left = max(0.0, until - time.monotonic())
            try:
                if self._was_rung(left):
                    return True
            except OSError:
                self._closed.wait(min(left, _AGAIN_SECONDS))
            if not left:
                break
        return False

    def close(self) -> None:
        self._closed.set()
        with self._waiting, self._ringing:
            for one in (self._bell, self._ear):
                if one is not None:
                    one.close()
            self._bell = self._ear = None

    def _was_rung(self, seconds: float) -> bool:
        """Tell whether there was a ring, waiting for it a moment and at most so long."""
        with self._waiting:
            if self._closed.is_set():
                return False
            before = self._heard
            ear = self._listening()
            ear.forget()
            self._heard = self._last()
            if not before or self._heard != before:
                return bool(before)
            ear.wait(seconds)
        return False

    def _last(self) -> list[int]:
        with self._ringing:
            return self._opened().last(_STORE)

    def _listening(self) -> Ear:
        if self._ear is None:
            self._last()  # the bell makes the file
            self._ear = Ear(self._path)
        return self._ear

    def _opened(self) -> Bell:
        if self._bell is None:
            self._bell = Bell(self._path)
        return self._bell
