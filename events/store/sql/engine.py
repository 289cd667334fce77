"""Engines that keep what they acknowledged: the choice of database and what is set on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import make_url

from events.store.sql import postgresql, sqlite
from events.store.sql.failures import translated
from events.store.sql.refused import UnsupportedDatabase

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine


def make_engine(url: str | URL, *, pool_size: int = 10) -> Engine:
    """Return the engine for writing: transactions, full durability. No connection is made.

    `pool_size` is the number of connections on PostgreSQL; SQLite has one writer.

    Raises UnsupportedDatabase; UnsafeSqlite where the only SQLite at hand has the WAL-reset bug.
    """
    address = make_url(url)
    match address.get_backend_name():
        case "postgresql":
            return postgresql.make_engine(address, pool_size=pool_size)
        case "sqlite":
            return sqlite.make_engine(address)
        case name:
            raise UnsupportedDatabase(f"{name} is not supported: use PostgreSQL or SQLite")


def make_read_engine(url: str | URL, *, pool_size: int = 10) -> Engine:
    """Return the engine for reading: every statement on its own, nothing sent between them.

    Raises UnsupportedDatabase and UnsafeSqlite.
    """
    address = make_url(url)
    match address.get_backend_name():
        case "postgresql":
            return postgresql.make_read_engine(address, pool_size=pool_size)
        case "sqlite":
            return sqlite.make_read_engine(address, pool_size=pool_size)
        case name:
            raise UnsupportedDatabase(f"{name} is not supported: use PostgreSQL or SQLite")


def check_durability(engine: Engine) -> None:
    """Refuse a database that may forget what it acknowledged.

    Raises WeakDurability, StoreUnavailable.
    """
    with translated(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            postgresql.check_durability(connection)
        else:
            sqlite.check_durability(connection)
