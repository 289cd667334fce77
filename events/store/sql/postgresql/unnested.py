"""Many events in one short statement: arrays, where a row of parameters each would be parsed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row

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
)


def insert_in_order(connection: Connection, fields: Sequence[dict[str, Any]]) -> Sequence[Row[Any]]:
    """Insert the events of one append and return `stream` and `position` of each, in order."""
    values: dict[str, Any] = {name: [event[name] for event in fields] for name in _OWN}
    values |= {name: fields[0][name] for name in _SHARED}
    return connection.exec_driver_sql(_INSERT, values).all()
