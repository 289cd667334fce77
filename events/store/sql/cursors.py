"""How far each subscription has got, on a database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from events.failpoints import reach
from events.store.port import CursorMoved
from events.store.sql.failures import translated
from events.store.sql.tables import cursors

if TYPE_CHECKING:
    from sqlalchemy import Engine

_LOAD = select(cursors.c.position).where(cursors.c.name == bindparam("of"))
_MOVE = (
    update(cursors)
    .where(cursors.c.name == bindparam("of"), cursors.c.position == bindparam("old"))
    .values(position=bindparam("new"), updated_at=func.current_timestamp())
)
_BEGIN = {
    "postgresql": postgresql.insert(cursors).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(cursors).on_conflict_do_nothing(),
}


class SqlCursors:
    """Keeps `Cursors`' promises; a move is durable when `advance` returns."""

    def __init__(self, engine: Engine, read_engine: Engine) -> None:
        self._engine = engine
        self._read_engine = read_engine

    def load(self, name: str) -> int:
        with translated(), self._read_engine.connect() as connection:
            return connection.execute(_LOAD, {"of": name}).scalar_one_or_none() or 0

    def advance(self, name: str, *, old: int, new: int) -> None:
        begin = _BEGIN[self._engine.dialect.name]
        with translated(), self._engine.begin() as connection:
            if old == 0:
                connection.execute(begin, {"name": name, "position": 0})
            moved = connection.execute(_MOVE, {"of": name, "old": old, "new": new})
            if moved.rowcount != 1:
                raise CursorMoved(name)
            reach("cursor.moving")
        reach("cursor.moved")
