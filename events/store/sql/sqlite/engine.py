"""SQLite as a database server would be: one writer at a time, every commit on the disk."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event

from events.store.sql.refused import UnsafeSqlite, UnsupportedDatabase, WeakDurability

try:
    import pysqlite3
except ImportError:  # no wheel for this platform
    pysqlite3 = None

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

_SAFE_SINCE = (3, 51, 3)  # the WAL-reset bug, https://sqlite.org/wal.html#walresetbug
_BUSY_SECONDS = 30.0
_SYNCHRONOUS_FULL = 2
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA journal_size_limit=67108864",
)


def driver() -> Any:  # noqa: ANN401 -- a DB-API module
    """Return the safe SQLite at hand; raises UnsafeSqlite where there is none."""
    for module in (pysqlite3, sqlite3):
        if module is not None and module.sqlite_version_info >= _SAFE_SINCE:
            return module
    raise UnsafeSqlite(sqlite3.sqlite_version)


def make_engine(url: URL) -> Engine:
    """Return the engine for writing; its only connection makes the threads of a process queue."""
    engine = _engine(url, pool_size=1)
    # A transaction that begins by reading could not become the writer while another one writes.
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def make_read_engine(url: URL, *, pool_size: int) -> Engine:
    """Return the engine for reading, which refuses to write."""
    engine = _engine(url, pool_size=pool_size, pool_reset_on_return=None)
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA query_only=ON"))
    return engine


def check_durability(connection: Connection) -> None:
    """Raise WeakDurability unless commits reach the disk."""
    journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if journal != "wal":
        raise WeakDurability("journal_mode", journal, "wal")
    synchronous = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
    if synchronous < _SYNCHRONOUS_FULL:
        raise WeakDurability("synchronous", str(synchronous), "FULL")


def _engine(url: URL, **options: Any) -> Engine:  # noqa: ANN401 -- passed on to SQLAlchemy
    if url.database in (None, "", ":memory:"):
        raise UnsupportedDatabase("SQLite in memory is not shared between connections: name a file")
    engine = create_engine(
        url.set(drivername="sqlite+pysqlite"),
        module=driver(),
        hide_parameters=True,  # errors are logged, and tell no values
        max_overflow=0,
        pool_timeout=_BUSY_SECONDS,
        # No isolation level: the driver begins nothing on its own.
        connect_args={"timeout": _BUSY_SECONDS, "isolation_level": None},
        **options,
    )
    event.listen(engine, "connect", _set_pragmas)
    return engine


def _set_pragmas(raw: Any, _: object) -> None:  # noqa: ANN401 -- the driver's connection
    for pragma in _PRAGMAS:
        raw.execute(pragma)
