"""A database address becomes everything that a process needs of the event store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from events.store.sql.cursors import SqlCursors
from events.store.sql.engine import make_engine, make_read_engine
from events.store.sql.postgresql.duties import PostgresDuties
from events.store.sql.postgresql.wakeup import PostgresWakeup
from events.store.sql.sqlite.duties import FileDuties
from events.store.sql.sqlite.wakeup import FileWakeup
from events.store.sql.store import SqlEventStore

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

    from events.store.port import Cursors, Duties, EventStore, Wakeup


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedStore:
    """The event store and what goes with it; `engine` writes, `read_engine` only reads."""

    store: EventStore
    cursors: Cursors
    duties: Duties
    wakeup: Wakeup
    engine: Engine
    read_engine: Engine

    def close(self) -> None:
        """End its threads and connections."""
        self.wakeup.close()
        self.engine.dispose()
        self.read_engine.dispose()


def open_store(url: str | URL, bus_db: Path | None = None, *, pool_size: int = 10) -> OpenedStore:
    """Return the store at an address; nothing is connected before the first use.

    SQLite signals through the file `bus_db`, the embedded bus's database; without one through
    `wakeup.db` beside the main database. PostgreSQL signals by itself.

    Raises UnsupportedDatabase, also for SQLite in memory, and UnsafeSqlite.
    """
    address = make_url(url)
    engine = make_engine(address, pool_size=pool_size)
    read_engine = make_read_engine(address, pool_size=pool_size)
    duties, wakeup = (
        (PostgresDuties(engine), PostgresWakeup(engine))
        if engine.dialect.name == "postgresql"
        else _embedded(address, bus_db)
    )
    return OpenedStore(
        store=SqlEventStore(engine, read_engine),
        cursors=SqlCursors(engine, read_engine),
        duties=duties,
        wakeup=wakeup,
        engine=engine,
        read_engine=read_engine,
    )


def _embedded(address: URL, bus_db: Path | None) -> tuple[Duties, Wakeup]:
    database = Path(str(address.database))
    return FileDuties(database.parent), FileWakeup(bus_db or database.with_name("wakeup.db"))
