"""What a database's error means to who asked: not available, a row that exists, or a mistake."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from events.store.port import RowExists, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

_UNIQUE_VIOLATION = "23505"
_SQLITE_UNIQUE = "UNIQUE constraint failed: "
# SQLSTATE classes (PostgreSQL, appendix A): connection lost, transaction rolled back by the server
# (deadlock), out of resources (disk full), lock not available, operator intervention, I/O error.
_PASSING_CLASSES = frozenset({"08", "40", "53", "55", "57", "58"})
_PASSING_STATES = frozenset({"25006", "25P03", "25P04"})  # read-only server, time-outs
# SQLite's primary result codes: busy, locked, out of memory, read-only, I/O error, corrupt, full,
# cannot open, locking protocol, not a database.
_PASSING_CODES = frozenset({5, 6, 7, 8, 10, 11, 13, 14, 15, 26})


@contextmanager
def translated() -> Iterator[None]:
    """Raise StoreUnavailable and RowExists for the database errors that mean so.

    Any other error is a mistake in the program and stays what it is.
    """
    try:
        yield
    except PoolTimeout as error:
        raise StoreUnavailable("no connection to the database became free") from error
    except IntegrityError as error:
        table = _doubled_table(error)
        if table is None:
            raise
        raise RowExists(table) from error
    except DBAPIError as error:
        if not _is_passing(error):
            raise
        raise StoreUnavailable(f"the database is not available: {error.orig}") from error


@contextmanager
def by_driver(connection: Connection, statement: str) -> Iterator[None]:
    """Raise the errors of a driver that is used directly as those of SQLAlchemy.

    The connection is not used again: whether it still holds is not known.
    """
    try:
        yield
    except connection.dialect.loaded_dbapi.Error as error:
        connection.invalidate()
        raise DBAPIError(statement, None, error) from error


def _doubled_table(error: IntegrityError) -> str | None:
    message = str(error.orig)
    if message.startswith(_SQLITE_UNIQUE):
        return message.removeprefix(_SQLITE_UNIQUE).split(".", 1)[0]
    if getattr(error.orig, "sqlstate", None) != _UNIQUE_VIOLATION:
        return None
    table: str | None = getattr(getattr(error.orig, "diag", None), "table_name", None)
    return table


def _is_passing(error: DBAPIError) -> bool:
    state: str | None = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return state[:2] in _PASSING_CLASSES or state in _PASSING_STATES
    code: int | None = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in _PASSING_CODES
    # Without a code nothing came back from a server: it was not reached, or was lost.
    return error.connection_invalidated or type(error.orig).__name__ == "OperationalError"
