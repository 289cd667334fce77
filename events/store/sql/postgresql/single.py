"""The usual command in one statement: stream, events and rows, in one round trip.

Every part selects from the one before it: nothing is written unless the expected version holds,
the events of a stream get their positions in the order of their versions, and a conflict leaves no
aborted transaction behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from events.store.port import Appended, DropRow, Expected, VersionConflict
from events.store.recording import placed_values, recorded_fields
from events.store.sql.postgresql.direct import Direct, directly
from events.store.sql.rows import RowShape, drop_statement, shape_of, upserting
from events.store.sql.tables import events, streams

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy import CTE, Engine, Select

    from events.envelope import Cause
    from events.store.port import RowWrite, StreamAppend

_MOST_EVENTS = 8
_MOST_ROWS = 16
_SHARED = ("stream", "recorded_at", "actor", "source_ip", "correlation_id", "causation_id",
           "traceparent")  # fmt: skip
_OWN = ("version", "id", "type", "schema_version", "tenant", "data", "salt", "content_hash")


def fits(append: StreamAppend, rows: Sequence[RowWrite]) -> bool:
    """Return whether an append can be one statement.

    The content hash needs the version, so ANY cannot; and one statement cannot touch a row twice.
    """
    if append.expected is Expected.ANY:
        return False
    if len(append.events) > _MOST_EVENTS or len(rows) > _MOST_ROWS:
        return False
    return _touch_different_rows(rows)


def _touch_different_rows(rows: Sequence[RowWrite]) -> bool:
    tables = [row.table for row in rows]
    if len(set(tables)) == len(tables):
        return True
    if any(isinstance(row, DropRow) and tables.count(row.table) > 1 for row in rows):
        return False
    keys = {
        (row.table, *(row.values[column.key] for column in row.table.primary_key))
        for row in rows
        if not isinstance(row, DropRow)
    }
    return len(keys) + sum(isinstance(row, DropRow) for row in rows) == len(rows)


def append_at_once(
    engine: Engine,
    append: StreamAppend,
    *,
    cause: Cause,
    at: datetime,
    rows: Sequence[RowWrite],
) -> Appended:
    """Append to one stream; `engine` is in autocommit.

    Raises VersionConflict and the database's own errors.
    """
    known = 0 if isinstance(append.expected, Expected) else append.expected
    head = known + len(append.events)
    shape = _Shape(
        is_new=append.expected is Expected.NO_STREAM,
        events=len(append.events),
        rows=tuple(shape_of(row) for row in rows),
    )
    fields = recorded_fields(append, head=head, cause=cause, at=at)
    # No name of a parameter is that of a column: SQLAlchemy would take it for a new value of it.
    values: dict[str, Any] = {f"s_{name}": fields[0][name] for name in _SHARED}
    values |= {"s_head": head} if shape.is_new else {"s_head": head, "s_expected": known}
    for number, event in enumerate(fields):
        values |= {f"e{number}_{name}": event[name] for name in _OWN}
    for number, row in enumerate(rows):
        values |= _parameters(number, row, shape.rows[number])
    found = directly(engine, _direct(shape), values)
    if not found:
        raise VersionConflict(append.stream, append.expected)
    return Appended(position=found[0][0], versions={append.stream: head})


def _parameters(number: int, row: RowWrite, shape: RowShape) -> dict[str, Any]:
    unused = shape.positions | shape.nulls
    values = placed_values(row, position=0)
    return {f"r{number}_{name}": value for name, value in values.items() if name not in unused}


@dataclass(frozen=True, slots=True)
class _Shape:
    is_new: bool
    events: int
    rows: tuple[RowShape, ...]


@lru_cache(maxsize=512)
def _direct(shape: _Shape) -> Direct:
    return Direct.of(_statement(shape))


def _statement(shape: _Shape) -> Select[int]:
    before = _claiming(is_new=shape.is_new)
    for number in range(shape.events):
        before = _recording(number, before)
    parts = (_writing(number, row, before) for number, row in enumerate(shape.rows))
    return select(before.c.position).add_cte(*parts)


def _claiming(*, is_new: bool) -> CTE:
    stream = bindparam("s_stream", type_=streams.c.stream.type)
    head = bindparam("s_head", type_=streams.c.version.type)
    if is_new:
        begin = insert(streams).values(stream=stream, version=head).on_conflict_do_nothing()
        return begin.returning(streams.c.stream).cte("claimed")
    return (
        update(streams)
        .where(
            streams.c.stream == stream,
            streams.c.version == bindparam("s_expected", type_=streams.c.version.type),
        )
        .values(version=head)
        .returning(streams.c.stream)
        .cte("claimed")
    )


def _recording(number: int, before: CTE) -> CTE:
    names = {name: f"s_{name}" for name in _SHARED}
    names |= {name: f"e{number}_{name}" for name in _OWN}
    values = [bindparam(bound, type_=events.c[name].type) for name, bound in names.items()]
    return (
        insert(events)
        .from_select(list(names), select(*values).select_from(before))
        .returning(events.c.position)
        .cte(f"event_{number}")
    )


def _writing(number: int, shape: RowShape, last: CTE) -> CTE:
    prefix = f"r{number}_"
    if shape.kind is DropRow:
        return drop_statement(shape, prefix=prefix).where(exists(select(last))).cte(f"row_{number}")
    values = [
        last.c.position.label(name)
        if name in shape.positions
        else bindparam(prefix + name, type_=shape.table.c[name].type)
        for name in shape.columns
    ]
    source = select(*values).select_from(last)
    into = insert(shape.table).from_select(list(shape.columns), source)
    return upserting(into, shape).cte(f"row_{number}")
