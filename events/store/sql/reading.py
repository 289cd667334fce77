"""Statements that read events, and the events that come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select

from events.envelope import RecordedEvent
from events.store.port import Page
from events.store.sql.filtering import page_statement
from events.store.sql.moments import last_position_at
from events.store.sql.postgresql.floor import safe_bound
from events.store.sql.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Row

    from events.store.port import EventFilter

_NEWEST = select(func.coalesce(func.max(events.c.position), 0))
_STREAM = (
    select(events)
    .where(events.c.stream == bindparam("of"), events.c.version >= bindparam("from"))
    .order_by(events.c.version)
)
_NAMES = tuple(column.name for column in events.columns)


def final_position(connection: Connection) -> int:
    """Return the position up to which nothing can appear any more; `connection` in autocommit."""
    if connection.dialect.name == "postgresql":
        return safe_bound(connection)
    newest: int = connection.execute(_NEWEST).scalar_one()  # one writer commits in order
    return newest


def read_page(connection: Connection, *, after: int, limit: int, only: EventFilter) -> Page:
    """Return a page as `EventStore.read_all` does; `connection` in autocommit."""
    bound = max(after, final_position(connection))
    last = bound if only.until is None else min(bound, last_position_at(connection, only.until))
    if last <= after:
        return Page(events=(), upto=bound, at_end=True)
    found = recorded(connection.execute(page_statement(only, after=after, last=last, limit=limit)))
    is_full = len(found) == limit
    upto = found[-1].position if is_full else bound
    return Page(events=found, upto=upto, at_end=upto == bound)


def read_one_stream(
    connection: Connection, stream: str, from_version: int, upto_position: int | None
) -> list[RecordedEvent]:
    """Return a stream's events in version order."""
    statement, values = _STREAM, {"of": stream, "from": from_version}
    if upto_position is not None:
        statement = statement.where(events.c.position + 0 <= upto_position)  # as in `retrieval`
    return recorded(connection.execute(statement, values))


def recorded(rows: Iterable[Row[Any]]) -> list[RecordedEvent]:
    """Return rows of the table `events` as events."""
    return [RecordedEvent(**dict(zip(_NAMES, row, strict=True))) for row in rows]
