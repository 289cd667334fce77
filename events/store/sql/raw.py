"""Rows of the log as the driver makes them: SQLAlchemy's cost more than the reading itself."""

from __future__ import annotations

from contextlib import closing
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Any

from events.store.sql.failures import by_driver

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

_MARKS = {"postgresql": "%({name})s", "sqlite": ":{name}"}


def raw_rows(
    connection: Connection, names: tuple[str, ...], *, after: int, upto: int, limit: int
) -> Sequence[tuple[Any, ...]]:
    """Return these columns of the first events behind a position and up to another.

    Instants and errors are as in `driver_rows`.
    """
    values = {"after": after, "upto": upto, "limit": limit}
    return driver_rows(connection, _statement(names), values)


def driver_rows(
    connection: Connection, template: str, values: Mapping[str, Any]
) -> Sequence[tuple[Any, ...]]:
    """Return the rows of a statement whose values are named in braces.

    Instants are text in UTC on SQLite. Raises the database's errors as SQLAlchemy does.
    """
    dialect = connection.dialect.name
    statement = _marked(dialect, template)
    # Binary values are half as long and read twice as fast.
    options = {"binary": True} if dialect == "postgresql" else {}
    with (
        by_driver(connection, statement),
        closing(connection.connection.cursor(**options)) as cursor,
    ):
        cursor.execute(statement, values)
        return cursor.fetchall()


@lru_cache(maxsize=8)
def _statement(names: tuple[str, ...]) -> str:
    return (
        f"SELECT {', '.join(names)} FROM events"  # noqa: S608 -- names of our columns
        " WHERE position > {after} AND position <= {upto} ORDER BY position LIMIT {limit}"
    )


@lru_cache(maxsize=16)
def _marked(dialect: str, template: str) -> str:
    """Return a statement as the driver of a dialect takes it."""
    names = {name for _, name, _, _ in Formatter().parse(template) if name}
    return template.format(**{name: _MARKS[dialect].format(name=name) for name in names})
