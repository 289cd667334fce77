"""Selects of few rows that somebody waits for, as the driver carries them out.

What SQLAlchemy does around such a select costs more processor time than psycopg takes for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from events.store.sql.failures import translated
from events.store.sql.postgresql.direct import DIALECT, Direct, directly

if TYPE_CHECKING:
    from sqlalchemy import Engine, Select

    Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Lookup:
    """A statement all of whose parameters have names and are given each time."""

    statement: Select[Any]
    direct: Direct
    processors: Sequence[tuple[int, Process]]

    @classmethod
    def of(cls, statement: Select[Any]) -> Lookup:
        """Return a select that is built once."""
        processors = (
            (place, column.type.dialect_impl(DIALECT).result_processor(DIALECT, None))
            for place, column in enumerate(statement.selected_columns)
        )
        return cls(
            statement=statement,
            direct=Direct.of(statement),
            processors=[(place, one) for place, one in processors if one is not None],
        )

    def rows(self, engine: Engine, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """Return the rows, each with its columns in their order; `engine` is in autocommit.

        Raises StoreUnavailable.
        """
        with translated():
            if engine.dialect.name == "postgresql":
                return [self._processed(row) for row in directly(engine, self.direct, {**values})]
            with engine.connect() as connection:
                return [*connection.execute(self.statement, values)]

    def _processed(self, row: tuple[Any, ...]) -> Sequence[Any]:
        columns = [*row]
        for place, process in self.processors:
            columns[place] = process(columns[place])
        return columns
