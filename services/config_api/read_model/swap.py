"""Puts rows that were folded from the log in the place of the live ones, while commands go on.

The new rows stand in a temporary table. Then the live table is locked against writers, which wait
for well under a second; rows that commands changed since the fold are folded again from their own
streams, and what differs is exchanged in the same transaction. Readers see all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
)

from events.envelope import stream_name
from events.failpoints import reach
from events.store.sql.tables import streams
from services.config_api.read_model.staging import Row, stage

#: Answers the row of a key as the committed events tell it now; None where there is none.
Refold = Callable[[str, Row | None, Row | None], Row | None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How the rows of one table are brought up to date before they are exchanged.

    `version` is the column that grows with each change of a row; rows at another version than the
    live ones are folded again by `refold`, and so are those of the keys in `again`. Where a row is
    one a stream, `category` is the streams' category: a row at its stream's version is up to date.
    """

    live: Table
    version: str
    refold: Refold
    again: AbstractSet[str] = frozenset()
    category: str | None = None


def swap(connection: Connection, rows: Iterable[Row], plan: Plan) -> int:
    """Make the live table hold `rows`, brought up to date; returns how many rows differed.

    `connection` is in a transaction.
    """
    live, refold = plan.live, plan.refold
    new = stage(connection, live, rows)
    reach("rebuild.staged")
    _lock(connection, live)
    for key in {*_moved(connection, new, plan), *plan.again}:
        _refold(connection, live, new, key, refold)
    wrong = _exchange(connection, live, new)
    new.drop(connection)
    reach("rebuild.exchanged")
    return wrong


def _lock(connection: Connection, live: Table) -> None:
    """Keep writers out until the commit; SQLite's transaction has done so from its beginning."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f'LOCK TABLE "{live.name}" IN SHARE ROW EXCLUSIVE MODE'))


def _moved(connection: Connection, new: Table, plan: Plan) -> list[str]:
    """Return the keys that the live rows and the new ones know at different versions."""
    live, version = plan.live, plan.version
    (key,), (new_key,) = live.primary_key.columns, new.primary_key.columns
    both = live.outerjoin(new, key == new_key)
    there = select(key).select_from(both)
    there = there.where(or_(new_key.is_(None), live.c[version] != new.c[version]))
    gone = select(new_key).where(~exists().where(key == new_key))
    if plan.category is not None:
        stream = literal(stream_name(plan.category, "")) + new_key
        fresh = exists().where(streams.c.stream == stream, streams.c.version == new.c[version])
        there, gone = there.where(~fresh), gone.where(~fresh)
    return [row[0] for row in connection.execute(there.union_all(gone))]


def _refold(connection: Connection, live: Table, new: Table, key: str, refold: Refold) -> None:
    row = refold(key, _row(connection, live, key), _row(connection, new, key))
    connection.execute(delete(new).where(_is(new, key)))
    if row is not None:
        connection.execute(insert(new), [dict(row)])


def _exchange(connection: Connection, live: Table, new: Table) -> int:
    (key,), (new_key,) = live.primary_key.columns, new.primary_key.columns
    others = [one.name for one in live.columns if not one.primary_key]
    differs = or_(*(live.c[name].is_distinct_from(new.c[name]) for name in others))
    same = exists().where(key == new_key, ~differs)
    missing = ~exists().where(key == new_key)
    lost = select(func.count()).select_from(new).where(missing)
    count: int = connection.execute(lost).scalar_one()
    count += connection.execute(delete(live).where(~same)).rowcount
    names = [one.name for one in live.columns]
    connection.execute(insert(live).from_select(names, select(new).where(missing)))
    return count


def _row(connection: Connection, table: Table, key: str) -> Row | None:
    found = connection.execute(select(table).where(_is(table, key))).mappings().one_or_none()
    return None if found is None else dict(found)


def _is(table: Table, key: str) -> ColumnElement[bool]:
    (column,) = table.primary_key.columns
    return column == key
