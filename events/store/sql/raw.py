"""Selects of events as the drivers carry them out: SQLAlchemy's rows cost more than the reading."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from msgspec import convert

from events.envelope import RecordedEvent, Told
from events.store.sql.failures import by_driver, translated
from events.store.sql.postgresql.direct import Direct, directly

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Engine

E = TypeVar("E", RecordedEvent, Told)
_PARAMETER = re.compile(r":(\w+)")


@dataclass(frozen=True, slots=True)
class LogSelect(Generic[E]):
    """A select of events that is built once; all of its parameters have names."""

    shape: type[E]
    postgresql: Direct
    sqlite: str

    @classmethod
    def of(cls, shape: type[E], template: str, *, sqlite: str | None = None) -> LogSelect[E]:
        """Return the select that a template tells, and another one for SQLite.

        `{columns}` stands for those of the shape, `:name` for a parameter.
        """
        names = shape.__struct_fields__
        text = template.format(columns=", ".join(names))
        in_utc = (f"{name} || 'Z'" if name == "recorded_at" else name for name in names)
        return cls(
            shape=shape,
            postgresql=Direct(text=_PARAMETER.sub(r"%(\1)s", text).encode(), processors={}),
            sqlite=(sqlite or template).format(columns=", ".join(in_utc)),
        )

    def events(self, engine: Engine, values: Mapping[str, Any]) -> list[E]:
        """Return the events; `engine` is in autocommit. Raises StoreUnavailable."""
        with translated():
            if engine.dialect.name == "postgresql":
                return made(self.shape, directly(engine, self.postgresql, {**values}))
            return made(self.shape, self._rows_of_sqlite(engine, values))

    def _rows_of_sqlite(
        self, engine: Engine, values: Mapping[str, Any]
    ) -> Sequence[tuple[Any, ...]]:
        with (
            engine.connect() as connection,
            by_driver(connection, self.sqlite),
            closing(connection.connection.cursor()) as cursor,
        ):
            cursor.execute(self.sqlite, values)
            return cursor.fetchall()


def made(shape: type[E], rows: Sequence[tuple[Any, ...]]) -> list[E]:
    """Return events of their fields' values; an instant may be a text as RFC 3339 has it."""
    place = shape.__struct_fields__.index("recorded_at")
    if rows and getattr(rows[0][place], "tzinfo", UTC) is not UTC:  # the zone of a whole session
        rows = [_in_utc(row, place) for row in rows]
    events: list[E] = convert(rows, list[shape])  # type: ignore[valid-type]  # it holds a type
    return events


def _in_utc(row: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return (*row[:place], row[place].astimezone(UTC), *row[place + 1 :])
