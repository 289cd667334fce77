"""Any append in one transaction, in chunks: the way of imports, and of SQLite for all of them."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from events.failpoints import reach
from events.store.port import Appended, Expected, VersionConflict
from events.store.recording import chunked, joined_versions, recorded_fields
from events.store.sql.postgresql.ahead import sent_ahead
from events.store.sql.postgresql.unnested import begin_streams, insert_in_order
from events.store.sql.rows import LostWrite, write_rows
from events.store.sql.tables import events, streams

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy.sql.dml import ReturningInsert

    from events.envelope import Cause
    from events.store.port import RowWrite, StreamAppend
    from events.store.sql.postgresql.ahead import Ahead

_ADVANCE = (
    update(streams)
    .where(streams.c.stream == bindparam("of"), streams.c.version == bindparam("expected"))
    .values(version=bindparam("head"))
)
_LOCK = (
    select(streams.c.stream, streams.c.version)
    .where(streams.c.stream.in_(bindparam("names", expanding=True)))
    .order_by(streams.c.stream)
    .with_for_update(key_share=True)
)
_RECORD = events.insert().returning(
    events.c.stream, events.c.position, sort_by_parameter_order=True
)
_BEGIN_IN_SQLITE = sqlite.insert(streams).on_conflict_do_nothing().returning(streams.c.stream)


def _continuing(insert: postgresql.Insert | sqlite.Insert) -> ReturningInsert[str, int]:
    head = streams.c.version + insert.excluded.version
    return insert.on_conflict_do_update(
        index_elements=[streams.c.stream], set_={"version": head}
    ).returning(streams.c.stream, streams.c.version)


_CONTINUE = {
    "postgresql": _continuing(postgresql.insert(streams)),
    "sqlite": _continuing(sqlite.insert(streams)),
}


def append_in_chunks(
    connection: Connection,
    appends: Iterable[StreamAppend],
    *,
    cause: Cause,
    at: datetime,
    rows: Sequence[RowWrite],
) -> Appended:
    """Append within the transaction of `connection`; memory is bounded by a chunk.

    Raises VersionConflict, ValueError, LostWrite and the database's own errors.
    """
    versions: Mapping[str, int] | None = {}
    position = 0
    with _ahead(connection) as ahead:
        for chunk in chunked(appends):
            heads = ahead.send(chunk, cause=cause, at=at) if ahead else None
            if heads is None:
                if ahead:
                    ahead.settled()
                heads, position = _write(connection, chunk, cause=cause, at=at)
            versions = joined_versions(versions, heads)
            reach("append.chunk")
        if ahead:
            position = max(position, ahead.settled())
    write_rows(connection, ((row, position) for row in rows))
    return Appended(position=position, versions=versions)


def _ahead(connection: Connection) -> AbstractContextManager[Ahead | None]:
    return sent_ahead(connection) if connection.dialect.name == "postgresql" else nullcontext()


def _write(
    connection: Connection, chunk: Sequence[StreamAppend], *, cause: Cause, at: datetime
) -> tuple[Mapping[str, int], int]:
    """Write any chunk; return the new version of each stream, and the last position."""
    heads = _claim(connection, chunk)
    last = _record(connection, chunk, heads, cause=cause, at=at)
    write_rows(connection, ((row, last[append.stream]) for append in chunk for row in append.rows))
    return heads, max(last.values())


def _claim(connection: Connection, chunk: Sequence[StreamAppend]) -> dict[str, int]:
    """Return the new version of each stream, each now locked until the end of the transaction."""
    # Always in the order of their names, so that two imports wait for each other in one order.
    ordered = sorted(chunk, key=lambda append: append.stream)
    new = [append for append in ordered if append.expected is Expected.NO_STREAM]
    whatever = [append for append in ordered if append.expected is Expected.ANY]
    known = [append for append in ordered if not isinstance(append.expected, Expected)]
    heads: dict[str, int] = {}
    if known:
        heads |= _advance(connection, known)
    if new:
        heads |= _begin(connection, new)
    if whatever:
        statement = _CONTINUE[connection.dialect.name]
        heads |= {
            row.stream: row.version for row in connection.execute(statement, _sizes(whatever))
        }
    return heads


def _advance(connection: Connection, appends: Sequence[StreamAppend]) -> dict[str, int]:
    moves: list[dict[str, Any]] = [
        {"of": one.stream, "expected": one.expected, "head": one.expected + len(one.events)}
        for one in appends
        if isinstance(one.expected, int)
    ]
    if len(moves) > 1:  # tell which one is stale before any has moved
        _compare(connection, appends)
    if connection.execute(_ADVANCE, moves).rowcount != len(moves):
        raise VersionConflict(appends[0].stream, appends[0].expected)
    return {move["of"]: move["head"] for move in moves}


def _compare(connection: Connection, appends: Sequence[StreamAppend]) -> None:
    names = [append.stream for append in appends]
    found = {row.stream: row.version for row in connection.execute(_LOCK, {"names": names})}
    for append in appends:
        if found.get(append.stream) != append.expected:
            raise VersionConflict(append.stream, append.expected)


def _begin(connection: Connection, appends: Sequence[StreamAppend]) -> dict[str, int]:
    heads = {append.stream: len(append.events) for append in appends}
    if connection.dialect.name == "postgresql":
        begun = begin_streams(connection, heads)
    else:
        begun = set(connection.execute(_BEGIN_IN_SQLITE, _sizes(appends)).scalars())
    for append in appends:
        if append.stream not in begun:
            raise VersionConflict(append.stream, append.expected)
    return heads


def _sizes(appends: Sequence[StreamAppend]) -> list[dict[str, Any]]:
    return [{"stream": append.stream, "version": len(append.events)} for append in appends]


def _record(
    connection: Connection,
    chunk: Sequence[StreamAppend],
    heads: dict[str, int],
    *,
    cause: Cause,
    at: datetime,
) -> dict[str, int]:
    """Insert the events of a chunk and return the last position of each stream."""
    fields = [
        row
        for append in chunk
        for row in recorded_fields(append, head=heads[append.stream], cause=cause, at=at)
    ]
    if connection.dialect.name == "postgresql":
        placed = insert_in_order(connection, fields)
    else:
        placed = connection.execute(_RECORD, fields).all()
    if len(placed) != len(fields):
        raise LostWrite(events.name, sent=len(fields), written=len(placed))
    return {row.stream: row.position for row in placed}
