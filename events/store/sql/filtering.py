"""The statement of a page of events that a reader wants, so that it looks into an index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, union_all

from events.store.sql.tables import events

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Select

    from events.store.port import EventFilter

#: So many types or tenants are looked for one by one; for more the log is walked.
_MOST: Final = 50


def page_statement(only: EventFilter, *, after: int, last: int, limit: int) -> Select[Any]:
    """Return what selects the first events behind a position and up to another."""
    position = events.c.position
    between = (position > after, position <= last)
    for name, wanted in (("type", only.types), ("tenant", only.tenants)):
        if wanted is not None and 1 < len(wanted) <= _MOST:
            rest = replace(only, **{f"{name}s": None})
            each = [(*between, events.c[name] == one, *_conditions(rest)) for one in sorted(wanted)]
            return _first_of(each, limit)
    found = select(events).where(*between, *_conditions(only))
    return found.order_by(position).limit(limit)


def _first_of(each: list[tuple[ColumnElement[bool], ...]], limit: int) -> Select[Any]:
    """Return what merges the first events of several indexed looks: SQLite would walk the log."""
    position = events.c.position
    firsts = [
        select(position).where(*one).order_by(position).limit(limit).subquery() for one in each
    ]
    merged = union_all(*(select(first.c.position) for first in firsts)).subquery()
    chosen = select(merged.c.position).order_by(merged.c.position).limit(limit)
    return select(events).where(position.in_(chosen)).order_by(position)


def _conditions(only: EventFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for name in ("stream", "actor", "correlation_id"):
        wanted = getattr(only, name)
        if wanted is not None:
            conditions.append(events.c[name] == wanted)
    if only.types is not None:
        conditions.append(_among(events.c.type, only.types))
    if only.tenants is not None:
        conditions.append(_among(events.c.tenant, only.tenants))
    if only.since is not None:
        conditions.append(events.c.recorded_at >= only.since)
    if only.until is not None:
        conditions.append(events.c.recorded_at < only.until)
    return conditions


def _among(column: ColumnElement[str], wanted: Collection[str]) -> ColumnElement[bool]:
    """Return that a column holds one of these; SQLite looks into an index for one alone."""
    if len(wanted) == 1:
        return column == next(iter(wanted))
    return column.in_(sorted(wanted))
