"""Waking by a touched row: SQLite tells cheaply whether another connection changed a file."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from events.store.sql.signalling import CoalescedSignal
from events.store.sql.sqlite.engine import driver

if TYPE_CHECKING:
    from pathlib import Path

_LOOK_SECONDS = 0.01
_BUSY_SECONDS = 5.0
_TABLE = "CREATE TABLE IF NOT EXISTS wakeup (id INTEGER PRIMARY KEY, touched INTEGER NOT NULL)"
_TOUCH = (
    "INSERT INTO wakeup (id, touched) VALUES (1, 1)"
    " ON CONFLICT (id) DO UPDATE SET touched = touched + 1"
)
_TOUCHED = "SELECT touched FROM wakeup WHERE id = 1"


class FileWakeup:
    """Keeps `Wakeup`'s promises for processes that share a file, such as the embedded bus's.

    It keeps a table of its own, `wakeup`, in that database, which is made where it is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._signal = CoalescedSignal(self._touch)
        self._touching: Any = None
        self._watching: Any = None
        self._seen: tuple[int, int] = (0, 0)
        self._closed = threading.Event()

    def signal(self) -> None:
        self._signal.request()

    def wait(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        while not self._closed.is_set():
            try:
                if self._was_touched():
                    return True
            except driver().Error:
                self._watching = None
            left = until - time.monotonic()
            if left <= 0:
                break
            self._closed.wait(min(left, _LOOK_SECONDS))
        return False

    def close(self) -> None:
        self._closed.set()
        self._signal.close()
        for connection in (self._touching, self._watching):
            if connection is not None:
                connection.close()

    def _touch(self) -> None:
        if self._touching is None:
            self._touching = self._connect()
        try:
            self._touching.execute(_TOUCH)
        except driver().Error:
            self._touching.close()
            self._touching = None
            raise

    def _was_touched(self) -> bool:
        if self._watching is None:
            self._watching = self._connect()
            self._seen = self._look()
            return False
        version = self._watching.execute("PRAGMA data_version").fetchone()[0]
        if version == self._seen[0]:  # nobody wrote to the file at all
            return False
        before, self._seen = self._seen, self._look()
        return before[1] != self._seen[1]

    def _look(self) -> tuple[int, int]:
        version: int = self._watching.execute("PRAGMA data_version").fetchone()[0]
        row: tuple[int] | None = self._watching.execute(_TOUCHED).fetchone()
        return version, row[0] if row else 0

    def _connect(self) -> Any:  # noqa: ANN401 -- the driver's connection
        connection = driver().connect(
            str(self._path), timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", _TABLE):
            connection.execute(statement)
        return connection
