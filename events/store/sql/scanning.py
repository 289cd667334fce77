"""Reads the whole log for a fold: only what states remember of an event, past SQLAlchemy's rows.

A fold takes a million events; making rows and then events of them costs more than the fold itself.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from events.envelope import Told
from events.store.sql.failures import translated
from events.store.sql.raw import raw_rows
from events.store.sql.reading import final_position

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Engine

_PAGE = 5_000


def scan(engine: Engine) -> Iterator[Told]:
    """Yield events as `EventStore.scan` does; no connection is held in between."""
    with translated(), engine.connect() as connection:
        upto = final_position(connection)
    after = 0
    while after < upto:
        with translated(), engine.connect() as connection:
            page = _read(connection, after, upto)
        yield from page
        after = page[-1].position if len(page) == _PAGE else upto


def _read(connection: Connection, after: int, upto: int) -> list[Told]:
    rows = raw_rows(connection, Told._fields, after=after, upto=upto, limit=_PAGE)
    return told(connection, rows)


def told(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> list[Told]:
    """Return the driver's rows of these columns as events."""
    if connection.dialect.name == "postgresql":
        return [Told._make(row) for row in rows]
    return [  # SQLite keeps a text, in UTC
        Told._make((*before, datetime.fromisoformat(f"{moment}+00:00"), actor, data))
        for *before, moment, actor, data in rows
    ]
