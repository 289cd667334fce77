"""Statements that psycopg carries out itself, on a connection from SQLAlchemy's pool.

SQLAlchemy builds them once. What it does around each execution costs more processor time than the
statement: for an append three times as much as psycopg takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError

from events.store.sql.postgresql.session import session_of

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Insert, PoolProxiedConnection, Select

DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]  # it has no types


@dataclass(frozen=True, slots=True)
class Direct:
    """A statement's text, and what makes of some parameters the values that psycopg takes."""

    text: bytes
    processors: Mapping[str, Callable[[Any], Any]]

    @classmethod
    def of(cls, statement: Select[Any] | Insert) -> Direct:
        """Return a statement all of whose parameters have names and are given each time."""
        compiled = statement.compile(dialect=DIALECT)
        processors = {
            name: bound.type.dialect_impl(DIALECT).bind_processor(DIALECT)
            for name, bound in compiled.binds.items()
        }
        return cls(
            text=str(compiled).encode(),
            processors={name: one for name, one in processors.items() if one is not None},
        )


def directly(engine: Engine, direct: Direct, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Carry out a statement in a transaction of its own; return its rows.

    `engine` is in autocommit. Raises what SQLAlchemy would raise.
    """
    for name, process in direct.processors.items():
        values[name] = process(values[name])
    pooled: PoolProxiedConnection | None = None
    try:
        pooled = engine.raw_connection()
        return session_of(pooled).execute(direct.text, values, binary=True).fetchall()
    except psycopg.Error as error:
        is_lost = pooled is not None and session_of(pooled).closed
        if pooled is not None and is_lost:  # with the others, which are lost as well
            pooled.invalidate(error)
            engine.dispose()
        raise _as_usual(error, engine, is_lost=is_lost) from error
    finally:
        if pooled is not None:
            pooled.close()


@contextmanager
def as_usual(connection: Connection) -> Iterator[None]:
    """Raise what psycopg raises on a connection as SQLAlchemy would."""
    pooled = connection.connection
    try:
        yield
    except psycopg.Error as error:
        is_lost = session_of(pooled).closed
        if is_lost:
            connection.invalidate(error)
            connection.engine.dispose()
        raise _as_usual(error, connection.engine, is_lost=is_lost) from error


def _as_usual(error: psycopg.Error, engine: Engine, *, is_lost: bool) -> BaseException:
    """Return an error as SQLAlchemy raises it."""
    return DBAPIError.instance(
        None,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=engine.dialect,
    )
