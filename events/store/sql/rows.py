"""Rows that change together with events: one statement a shape, built once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from events.store.port import LAST_POSITION, DropRow, PutRow, StoreError
from events.store.recording import placed_values, values_of
from events.store.sql.postgresql.unnested import array_statement, insert_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Delete

    from events.store.port import RowWrite
    from events.store.sql.postgresql.unnested import Statement

    UpsertInsert = postgresql.Insert | sqlite.Insert


class LostWrite(StoreError):
    """The database wrote fewer rows than it was given, and did not say why; nothing is kept."""

    def __init__(self, table: str, *, sent: int, written: int) -> None:
        super().__init__(f"{written} of {sent} rows were written to {table}")
        self.table = table
        self.sent = sent
        self.written = written


@dataclass(frozen=True, slots=True)
class RowShape:
    """What two writes must have in common to share a statement.

    `positions` are the columns that take the last position; `nulls` the key columns of a DropRow
    that must be null.
    """

    kind: type[RowWrite]
    table: Table
    columns: tuple[str, ...]
    newer_by: str | None
    positions: frozenset[str]
    nulls: frozenset[str]


def shape_of(row: RowWrite) -> RowShape:
    """Return the shape of a write; raises ValueError as `values_of` does."""
    values = values_of(row)
    return RowShape(
        kind=type(row),
        table=row.table,
        columns=tuple(values),
        newer_by=row.newer_by if isinstance(row, PutRow) else None,
        positions=frozenset(name for name, value in values.items() if value is LAST_POSITION),
        nulls=frozenset(name for name, value in values.items() if value is None)
        if isinstance(row, DropRow)
        else frozenset(),
    )


def upserting(insert: UpsertInsert, shape: RowShape) -> UpsertInsert:
    """Return `insert` so that a PutRow replaces the row that is there, where it is newer."""
    if shape.kind is not PutRow:
        return insert
    keys = shape.table.primary_key.columns.keys()
    changed = {
        name: insert.excluded[name]
        for name in shape.columns
        if name not in keys or set(shape.columns) <= set(keys)  # something has to be set
    }
    newer = (
        None
        if shape.newer_by is None
        else shape.table.c[shape.newer_by] < insert.excluded[shape.newer_by]
    )
    return insert.on_conflict_do_update(index_elements=keys, set_=changed, where=newer)


def drop_statement(shape: RowShape, *, prefix: str) -> Delete:
    """Return the DELETE of a DropRow's shape; its parameters are named `prefix` + column."""
    return delete(shape.table).where(
        *(
            shape.table.c[name].is_(None)
            if name in shape.nulls
            else shape.table.c[name] == bindparam(prefix + name, type_=shape.table.c[name].type)
            for name in shape.columns
        )
    )


def write_rows(connection: Connection, rows: Iterable[tuple[RowWrite, int]]) -> None:
    """Write rows, each with its last position, in as few statements as their order allows.

    Raises LostWrite; unique violations come as the database's own error.
    """
    for shape, values in _grouped(rows):
        if connection.dialect.name == "postgresql" and _are_different(shape, values):
            columns = _columns(shape, values)
            written = insert_arrays(connection, _statement_of_many(shape), columns)
        else:
            statement = _statement(shape, connection.dialect.name)
            written = connection.execute(statement, values).rowcount
        if shape.kind is DropRow or shape.newer_by is not None:
            continue
        if written != len(values):
            raise LostWrite(shape.table.name, sent=len(values), written=written)


@dataclass(frozen=True, kw_only=True, slots=True)
class Insert:
    """A statement for many rows of a table, as psycopg takes it, and how many it must write.

    `rows` is None where newer ones that are there already stay.
    """

    statement: Statement
    table: str
    rows: int | None


def inserts_of(rows: Iterable[RowWrite]) -> list[Insert] | None:
    """Return the statements that write rows in PostgreSQL.

    None where one of them deletes, writes a row alone, or does not know its position yet.
    """
    groups = _grouped((row, 0) for row in rows)
    if any(shape.positions or not _are_different(shape, values) for shape, values in groups):
        return None
    return [
        Insert(
            statement=array_statement(_statement_of_many(shape), _columns(shape, values)),
            table=shape.table.name,
            rows=None if shape.newer_by is not None else len(values),
        )
        for shape, values in groups
    ]


def _columns(shape: RowShape, values: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in values] for name in shape.columns}


def insert_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert rows with the same columns, but for those whose key is there; return how many."""
    columns = tuple(rows[0])
    if connection.dialect.name == "postgresql":
        arrays = {name: [row[name] for row in rows] for name in columns}
        return insert_arrays(connection, _missing_of_many(table, columns), arrays)
    counted = sqlite.insert(table).on_conflict_do_nothing()
    return connection.execute(counted, rows, execution_options={"preserve_rowcount": True}).rowcount


def _grouped(
    rows: Iterable[tuple[RowWrite, int]],
) -> list[tuple[RowShape, list[Mapping[str, Any]]]]:
    """Return the writes by shape; two of one table keep their order if their shapes differ."""
    groups: list[tuple[RowShape, list[Mapping[str, Any]]]] = []
    newest: dict[Table, int] = {}
    for row, position in rows:
        at = newest.get(row.table)
        if at is None or not _is_like(row, groups[at][0]):
            shape = shape_of(row)
            if at is None or groups[at][0] != shape:
                at = newest[row.table] = len(groups)
                groups.append((shape, []))
        values = placed_values(row, position=position)
        if isinstance(row, DropRow):
            values = {_DROP + name: value for name, value in values.items()}
        groups[at][1].append(values)
    return groups


def _is_like(row: RowWrite, shape: RowShape) -> bool:
    """Tell at a glance whether a row has a shape; False says nothing."""
    if type(row) is not shape.kind or isinstance(row, DropRow) or shape.positions:
        return False
    return (
        (row.newer_by if isinstance(row, PutRow) else None) == shape.newer_by
        and tuple(row.values) == shape.columns
        and LAST_POSITION not in row.values.values()
    )


_DROP = "key_"


def _are_different(shape: RowShape, values: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether rows can go in one statement, which may not touch a row twice."""
    if shape.kind is DropRow or len(values) == 1:
        return False
    keys = [column.key for column in shape.table.primary_key]
    return len({tuple(row[key] for key in keys) for row in values}) == len(values)


@lru_cache(maxsize=256)
def _statement_of_many(shape: RowShape) -> UpsertInsert:
    """Return what writes many rows at once: an array a column, in the order of the rows."""
    return upserting(_insert_of_many(shape.table, shape.columns), shape)


@lru_cache(maxsize=64)
def _missing_of_many(table: Table, columns: tuple[str, ...]) -> postgresql.Insert:
    return _insert_of_many(table, columns).on_conflict_do_nothing()


def _insert_of_many(table: Table, columns: tuple[str, ...]) -> postgresql.Insert:
    arrays = (
        func.unnest(bindparam(name, type_=postgresql.ARRAY(table.c[name].type))).label(name)
        for name in columns
    )
    return postgresql.insert(table).from_select(list(columns), select(*arrays))


@lru_cache(maxsize=256)
def _statement(shape: RowShape, dialect: str) -> UpsertInsert | Delete:
    if shape.kind is DropRow:
        return drop_statement(shape, prefix=_DROP)
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(shape.table)
    return upserting(insert, shape).execution_options(preserve_rowcount=True)
