"""How a database finds what is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import event

from events.store.sql.postgresql.direct import Direct, directly

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine


def plan_of_last(engine: Engine, read: Callable[[], object]) -> str:
    """Return the database's plan of the last statement that `read` carries out by an engine."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        seen.append((statement, parameters))

    def note_direct(asked: Engine, direct: Direct, values: dict[str, Any]) -> Any:
        seen.append((direct.text.decode(), values))
        return directly(asked, direct, values)

    event.listen(engine, "before_cursor_execute", note)
    with patch("events.store.sql.lookup.directly", note_direct):
        read()
    event.remove(engine, "before_cursor_execute", note)
    statement, parameters = seen[-1]
    explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(f"{explain} {statement}", parameters).all()
    return "\n".join(str(row) for row in rows)
