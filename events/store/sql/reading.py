"""Statements that read events, and the events that come of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, literal_column, select

from events.envelope import RecordedEvent
from events.store.port import EVERYTHING, Page
from events.store.sql.filtering import page_statement
from events.store.sql.lookup import Lookup
from events.store.sql.moments import last_position_at
from events.store.sql.postgresql.floor import safe_bound
from events.store.sql.raw import raw_rows
from events.store.sql.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, Engine, Row

    from events.store.port import EventFilter

_NEWEST = select(func.coalesce(func.max(events.c.position), 0))
_STREAM = (
    select(events)
    .where(events.c.stream == bindparam("of"), events.c.version >= bindparam("from"))
    .order_by(events.c.version)
)
_STREAM_NOW = Lookup.of(_STREAM)
_STREAM_THEN = Lookup.of(
    _STREAM.where(events.c.position + literal_column("0") <= bindparam("upto"))  # as in `retrieval`
)
_NAMES = tuple(column.name for column in events.columns)
_MOMENT = _NAMES.index("recorded_at")


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
    if only is EVERYTHING:
        found = _whole_log(connection, after=after, last=last, limit=limit)
    else:
        statement = page_statement(only, after=after, last=last, limit=limit)
        found = recorded(connection.execute(statement))
    is_full = len(found) == limit
    upto = found[-1].position if is_full else bound
    return Page(events=found, upto=upto, at_end=upto == bound)


def _whole_log(connection: Connection, *, after: int, last: int, limit: int) -> list[RecordedEvent]:
    """Return a page as followers read it, a hundred thousand events a second."""
    in_utc = _from_server if connection.dialect.name == "postgresql" else _from_text
    rows = raw_rows(connection, _NAMES, after=after, upto=last, limit=limit)
    return [
        RecordedEvent.of_values((*row[:_MOMENT], in_utc(row[_MOMENT]), *row[_MOMENT + 1 :]))
        for row in rows
    ]


def _from_server(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _from_text(moment: str) -> datetime:
    return datetime.fromisoformat(f"{moment}+00:00")


def read_one_stream(
    engine: Engine, stream: str, from_version: int, upto_position: int | None
) -> list[RecordedEvent]:
    """Return a stream's events in version order; `engine` is in autocommit."""
    values = {"of": stream, "from": from_version}
    if upto_position is None:
        rows = _STREAM_NOW.rows(engine, values)
    else:
        rows = _STREAM_THEN.rows(engine, {**values, "upto": upto_position})
    return [RecordedEvent.of_values(row) for row in rows]


def recorded(rows: Iterable[Row[Any]]) -> list[RecordedEvent]:
    """Return rows of the table `events` as events."""
    return [RecordedEvent.of_values(row) for row in rows]
