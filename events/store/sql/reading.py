"""Statements that read events, and the events that come of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from events.envelope import RecordedEvent
from events.store.port import EVERYTHING, Page
from events.store.sql.postgresql.floor import safe_bound
from events.store.sql.tables import events

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Row

    from events.store.port import EventFilter

_NEWEST = select(func.coalesce(func.max(events.c.position), 0))
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
    if bound == after:
        return Page(events=(), upto=after, at_end=True)
    statement = (
        select(events)
        .where(events.c.position > after, events.c.position <= bound, *_conditions(only))
        .order_by(events.c.position)
        .limit(limit)
    )
    found = recorded(connection.execute(statement))
    is_full = len(found) == limit
    upto = found[-1].position if is_full else bound
    return Page(events=found, upto=upto, at_end=upto == bound)


def read_one_stream(
    connection: Connection, stream: str, upto_position: int | None
) -> list[RecordedEvent]:
    """Return a stream's events in version order."""
    statement = select(events).where(events.c.stream == stream).order_by(events.c.version)
    if upto_position is not None:
        statement = statement.where(events.c.position <= upto_position)
    return recorded(connection.execute(statement))


def recorded(rows: Iterable[Row[Any]]) -> list[RecordedEvent]:
    """Return rows of the table `events` as events."""
    return [RecordedEvent(**dict(zip(_NAMES, row, strict=True))) for row in rows]


def _conditions(only: EventFilter) -> Sequence[ColumnElement[bool]]:
    if only is EVERYTHING:
        return ()
    conditions: list[ColumnElement[bool]] = []
    for name in ("stream", "actor", "correlation_id"):
        wanted = getattr(only, name)
        if wanted is not None:
            conditions.append(events.c[name] == wanted)
    if only.types is not None:
        conditions.append(events.c.type.in_(sorted(only.types)))
    if only.tenants is not None:
        conditions.append(events.c.tenant.in_(sorted(only.tenants)))
    if only.since is not None:
        conditions.append(events.c.recorded_at >= only.since)
    if only.until is not None:
        conditions.append(events.c.recorded_at < only.until)
    return conditions
