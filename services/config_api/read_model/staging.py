"""Puts many rows into a temporary table beside a live one, as each database takes them fastest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Column, Connection, MetaData, Table, insert, text

from events.store.sql.failures import by_driver

Row = Mapping[str, Any]
_AT_ONCE: Final = 5_000


def stage(connection: Connection, live: Table, rows: Iterable[Row]) -> Table:
    """Return a temporary table with the columns and the key of the live one, and these rows."""
    columns = [
        Column(one.name, one.type, primary_key=one.primary_key, nullable=not one.primary_key)
        for one in live.columns
    ]
    new = Table(f"new_{live.name}", MetaData(), *columns, prefixes=["TEMPORARY"])
    new.create(connection)
    if connection.dialect.name == "postgresql":
        _copy(connection, new, rows)
        connection.execute(text(f'ANALYZE "{new.name}"'))
    else:
        remaining = iter(rows)
        while chunk := [dict(row) for row in islice(remaining, _AT_ONCE)]:
            connection.execute(insert(new), chunk)
    return new


def _copy(connection: Connection, new: Table, rows: Iterable[Row]) -> None:
    names = new.columns.keys()
    values = itemgetter(*names)
    told = ", ".join(f'"{name}"' for name in names)
    statement = f'COPY "{new.name}" ({told}) FROM STDIN'
    with (
        by_driver(connection, statement),
        closing(connection.connection.cursor()) as cursor,
        cursor.copy(statement) as copy,
    ):
        for row in rows:
            copy.write_row(values(row))
