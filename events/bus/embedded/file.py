"""Opens the file of the embedded bus and groups what is done to it in transactions."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from events.bus.embedded.sqlite import sqlite3

if TYPE_CHECKING:
    from collections.abc import Iterator

#: How long another process may keep the file locked before that is an error.
_BUSY_SECONDS: Final = 5.0

_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS exchanges (name TEXT PRIMARY KEY) STRICT, WITHOUT ROWID",
    """
    CREATE TABLE IF NOT EXISTS queues (
        name TEXT PRIMARY KEY,
        alive_until REAL            -- a listener's queue goes with its owner; others stay
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE IF NOT EXISTS bindings (
        exchange TEXT NOT NULL REFERENCES exchanges (name) ON DELETE CASCADE,
        routing_key TEXT NOT NULL,
        queue TEXT NOT NULL REFERENCES queues (name) ON DELETE CASCADE,
        PRIMARY KEY (exchange, routing_key, queue)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX IF NOT EXISTS bindings_of_queue ON bindings (queue)",
    """
    CREATE TABLE IF NOT EXISTS messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL REFERENCES queues (name) ON DELETE CASCADE,
        exchange TEXT NOT NULL,
        routing_key TEXT NOT NULL,
        message_id TEXT NOT NULL,
        content_type TEXT NOT NULL,
        headers TEXT NOT NULL,      -- JSON object of texts
        body BLOB NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        holder TEXT,                -- the channel that has it now
        lease_until REAL NOT NULL DEFAULT 0
    ) STRICT
    """,
    "CREATE INDEX IF NOT EXISTS messages_of_queue ON messages (queue, id)",
    "CREATE INDEX IF NOT EXISTS messages_of_holder ON messages (holder) WHERE holder IS NOT NULL",
)


def open_file(path: str) -> Any:  # noqa: ANN401 -- one of two modules' connections
    """Return a connection to the bus in a file, made if it is not there; raises sqlite3.Error.

    WAL with `synchronous=FULL`: what was committed survives a power cut.
    """
    connection = sqlite3.connect(
        path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        _patiently(connection, "PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        with transaction(connection):
            for statement in _SCHEMA:
                connection.execute(statement)
    except Exception:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: Any) -> Iterator[None]:  # noqa: ANN401 -- as above
    """Hold the file's one write lock; commit at the end, roll back on an error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _patiently(connection: Any, statement: str) -> None:  # noqa: ANN401 -- as above
    """Run a statement for which SQLite does not wait by itself (the change to WAL)."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            connection.execute(statement)
        except sqlite3.OperationalError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return
