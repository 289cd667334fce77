"""A store under test, and tables whose rows change together with its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    select,
)

from events.store.memory import MemoryCursors, MemoryEventStore
from events.store.sql.opening import OpenedStore, open_store
from events.store.sql.tables import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable

    from events.store.port import Cursors, EventStore

metadata = MetaData()

things = Table(
    "things",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", BigInteger),
    Column("position", BigInteger),
    Column("name", Text, unique=True),
    Column("document", JSON(none_as_null=True)),
    Column("sealed", LargeBinary),
    Column("made_at", UtcDateTime),
)

marks = Table("marks", metadata, Column("id", Text, primary_key=True))

pairs = Table(
    "pairs",
    metadata,
    Column("first", Text, primary_key=True),
    Column("second", Text, primary_key=True),
    Column("owner", Text),
    UniqueConstraint("owner"),
)


@dataclass(frozen=True, kw_only=True)
class Tested:
    """A store; `rows` reads a table of it, ordered by its primary key."""

    name: str
    store: EventStore
    cursors: Cursors
    rows: Callable[[Table], list[dict[str, Any]]]


def in_memory() -> Tested:
    store = MemoryEventStore()

    def rows(table: Table) -> list[dict[str, Any]]:
        keys = table.primary_key.columns.keys()
        return sorted(store.rows(table), key=lambda row: [row[key] for key in keys])

    return Tested(name="memory", store=store, cursors=MemoryCursors(), rows=rows)


def opened(url: str) -> OpenedStore:
    """Return the store at a migrated address, with the tables of this module."""
    store = open_store(url)
    with store.engine.begin() as connection:
        metadata.create_all(connection)
    return store


def on_database(store: OpenedStore) -> Tested:
    def rows(table: Table) -> list[dict[str, Any]]:
        with store.read_engine.connect() as connection:
            found = connection.execute(select(table).order_by(*table.primary_key))
            return [dict(row) for row in found.mappings()]

    return Tested(
        name=store.engine.dialect.name, store=store.store, cursors=store.cursors, rows=rows
    )
