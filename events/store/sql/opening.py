"""A database address becomes everything that a process needs of the event store."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import make_url

from events.store.sql.board.board import Board
from events.store.sql.cursors import SqlCursors
from events.store.sql.engine import make_engine, make_read_engine
from events.store.sql.postgresql.duties import PostgresDuties
from events.store.sql.postgresql.hosts import HostsNotices
from events.store.sql.postgresql.lease_sight import LeaseSight
from events.store.sql.postgresql.leases import Leases
from events.store.sql.postgresql.wakeup import PostgresWakeup
from events.store.sql.sight import BoardSight
from events.store.sql.sqlite.duties import FileDuties
from events.store.sql.sqlite.wakeup import FileWakeup
from events.store.sql.store import SqlEventStore

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

    from events.store.notices import Notices
    from events.store.port import Cursors, Duties, EventStore, Wakeup
    from events.store.sql.sight import Sight

#: A statement of a client that is gone may wait for locks, and then be carried out.
_DOUBT_SECONDS: Final = 120.0


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenedStore:
    """The event store and what goes with it; `engine` writes, `read_engine` only reads."""

    store: EventStore
    cursors: Cursors
    duties: Duties
    wakeup: Wakeup
    notices: Notices
    sight: Sight
    engine: Engine
    read_engine: Engine

    def close(self) -> None:
        """End its threads and connections."""
        self.wakeup.close()
        self.sight.close()
        self.notices.close()
        self.engine.dispose()
        self.read_engine.dispose()


def open_store(
    url: str | URL,
    *,
    board: Path | None = None,
    pool_size: int = 10,
) -> OpenedStore:
    """Return the store at an address; nothing is connected before the first use.

    Processes of one host that share the folder `board` see each other's changes there; without one
    it is a folder beside the SQLite database, and on PostgreSQL one of this store alone.

    SQLite signals through a bell beside the main database. PostgreSQL signals by itself.

    Raises UnsupportedDatabase, also for SQLite in memory, and UnsafeSqlite.
    """
    address = make_url(url)
    engine = make_engine(address, pool_size=pool_size)
    read_engine = make_read_engine(address, pool_size=pool_size)
    duties, wakeup, notices, sight = (
        _served(engine, read_engine, board)
        if engine.dialect.name == "postgresql"
        else _embedded(address)
    )
    return OpenedStore(
        store=SqlEventStore(engine, read_engine, notices),
        cursors=SqlCursors(engine, read_engine),
        duties=duties,
        wakeup=wakeup,
        notices=notices,
        sight=sight,
        engine=engine,
        read_engine=read_engine,
    )


def _served(
    engine: Engine, read_engine: Engine, folder: Path | None
) -> tuple[Duties, Wakeup, Notices, Sight]:
    board = Board(folder, doubt_seconds=_DOUBT_SECONDS)
    leases = Leases(engine=read_engine)
    sight = LeaseSight(board, leases, engine)
    notices = HostsNotices(board, leases, engine)
    return PostgresDuties(engine), PostgresWakeup(engine), notices, sight


def _embedded(address: URL) -> tuple[Duties, Wakeup, Notices, Sight]:
    database = Path(str(address.database))
    board = Board(database.with_name(f"{database.name}-board"), doubt_seconds=0)
    return FileDuties(database.parent), FileWakeup(database), board, BoardSight(board)
