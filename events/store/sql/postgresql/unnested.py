"""Many events in one short statement: arrays, where a row of parameters each would be parsed."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from events.store.sql.postgresql.direct import Direct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection, Insert, Row

    #: A text as psycopg takes it, and its values.
    Statement = tuple[bytes, dict[str, Any]]

_OWN = {
    "stream": "text",
    "version": "bigint",
    "id": "text",
    "type": "text",
    "schema_version": "smallint",
    "tenant": "text",
    "data": "bytea",
    "salt": "bytea",
    "content_hash": "bytea",
}
_SHARED = {
    "recorded_at": "timestamptz",
    "actor": "text",
    "source_ip": "text",
    "correlation_id": "text",
    "causation_id": "text",
    "traceparent": "text",
}
#: Binary parameters: each element of an array of text would be searched for what needs a quote.
_INSERT = (
    f"INSERT INTO events ({', '.join([*_OWN, *_SHARED])})"  # noqa: S608 -- names from above
    f" SELECT {', '.join([*_OWN, *(f'%({name})b::{kind}' for name, kind in _SHARED.items())])}"
    f" FROM unnest({', '.join(f'%({name})b::{kind}[]' for name, kind in _OWN.items())})"
    f" WITH ORDINALITY AS given ({', '.join(_OWN)}, place)"
    " ORDER BY place RETURNING stream, position"
).encode()


_BEGIN = (
    b"INSERT INTO streams (stream, version)"
    b" SELECT * FROM unnest(%(stream)b::text[], %(version)b::bigint[])"
    b" ON CONFLICT DO NOTHING RETURNING stream"
)


def begin_streams(connection: Connection, heads: Mapping[str, int]) -> set[str]:
    """Begin streams in their order; return those that were not there."""
    text, values = begin_statement(heads)
    return set(connection.exec_driver_sql(text.decode(), values).scalars())


def begin_statement(heads: Mapping[str, int]) -> Statement:
    """Return what begins streams in their order and returns those that were not there."""
    return _BEGIN, {"stream": list(heads), "version": list(heads.values())}


def insert_in_order(connection: Connection, fields: Sequence[dict[str, Any]]) -> Sequence[Row[Any]]:
    """Insert the events of one append and return `stream` and `position` of each, in order."""
    text, values = insert_statement(fields)
    return connection.exec_driver_sql(text.decode(), values).all()


def insert_statement(fields: Sequence[dict[str, Any]]) -> Statement:
    """Return what inserts events and returns `stream` and `position` of each, in order."""
    values: dict[str, Any] = {name: [event[name] for event in fields] for name in _OWN}
    return _INSERT, values | {name: fields[0][name] for name in _SHARED}


def insert_arrays(connection: Connection, statement: Insert, arrays: dict[str, list[Any]]) -> int:
    """Execute an insert whose parameters are arrays; return how many rows it wrote."""
    text, values = array_statement(statement, arrays)
    done = connection.exec_driver_sql(
        text.decode(), values, execution_options={"preserve_rowcount": True}
    )
    return done.rowcount


def array_statement(statement: Insert, arrays: dict[str, list[Any]]) -> Statement:
    """Return an insert whose parameters are arrays as psycopg takes it."""
    direct = _binary(statement)
    return direct.text, {
        name: direct.processors[name](array) if name in direct.processors else array
        for name, array in arrays.items()
    }


@lru_cache(maxsize=256)
def _binary(statement: Insert) -> Direct:
    direct = Direct.of(statement)
    return Direct(text=direct.text.replace(b")s::", b")b::"), processors=direct.processors)
