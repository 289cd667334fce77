"""Statements that read events, and the events that come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from events.envelope import RecordedEvent
from events.store.port import EVERYTHING, Page
from events.store.sql.failures import translated
from events.store.sql.filtering import page_statement
from events.store.sql.moments import last_position_at
from events.store.sql.postgresql.floor import safe_bound
from events.store.sql.raw import LogSelect, made
from events.store.sql.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine, Row

    from events.store.port import EventFilter

_NEWEST = select(func.coalesce(func.max(events.c.position), 0))
#: Template of a page of the log.
IN_ORDER = (
    "SELECT {columns} FROM events WHERE position > :after AND position <= :upto"
    " ORDER BY position LIMIT :limit"
)
_PAGE = LogSelect.of(RecordedEvent, IN_ORDER)
_OF_STREAM = "SELECT {columns} FROM events WHERE stream = :of AND version >= :from"
_STREAM_NOW = LogSelect.of(RecordedEvent, f"{_OF_STREAM} ORDER BY version")
_STREAM_THEN = LogSelect.of(  # `+ 0` as in `retrieval`
    RecordedEvent, f"{_OF_STREAM} AND position + 0 <= :upto ORDER BY version"
)


def final_position(connection: Connection) -> int:
    """Return the position up to which nothing can appear any more; `connection` in autocommit."""
    if connection.dialect.name == "postgresql":
        return safe_bound(connection)
    newest: int = connection.execute(_NEWEST).scalar_one()  # one writer commits in order
    return newest


def read_page(engine: Engine, *, after: int, limit: int, only: EventFilter) -> Page:
    """Return a page as `EventStore.read_all` does; `engine` is in autocommit."""
    with translated(), engine.connect() as connection:
        bound = max(after, final_position(connection))
        last = bound if only.until is None else min(bound, last_position_at(connection, only.until))
        if last <= after:
            return Page(events=(), upto=bound, at_end=True)
        if only is not EVERYTHING:
            statement = page_statement(only, after=after, last=last, limit=limit)
            return _page(recorded(connection.execute(statement)), limit=limit, bound=bound)
    found = _PAGE.events(engine, {"after": after, "upto": last, "limit": limit})
    return _page(found, limit=limit, bound=bound)


def _page(found: list[RecordedEvent], *, limit: int, bound: int) -> Page:
    is_full = len(found) == limit
    upto = found[-1].position if is_full else bound
    return Page(events=found, upto=upto, at_end=upto == bound)


def read_one_stream(
    engine: Engine, stream: str, from_version: int, upto_position: int | None
) -> list[RecordedEvent]:
    """Return a stream's events in version order; `engine` is in autocommit."""
    values = {"of": stream, "from": from_version}
    if upto_position is None:
        return _STREAM_NOW.events(engine, values)
    return _STREAM_THEN.events(engine, {**values, "upto": upto_position})


def recorded(rows: Iterable[Row[Any]]) -> list[RecordedEvent]:
    """Return rows of the table `events` as events."""
    return made(RecordedEvent, [tuple(row) for row in rows])
