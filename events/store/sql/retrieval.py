"""Reads of many at once, each by index, and where to look: names of streams.

What was just imported has no statistics yet: joins are written so that PostgreSQL looks at an index
once a name, instead of planning over all events.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from events.envelope import RecordedEvent, names_in
from events.store.sql.raw import LogSelect
from events.store.sql.reading import recorded
from events.store.sql.tables import events, streams

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Engine, FromClause, Select

_LAST = 2**63 - 1  # no position is behind it

_begun_at = (
    select(events.c.position)
    .where(events.c.stream == streams.c.stream, events.c.version == 1)
    .correlate(streams)
    .scalar_subquery()
)
# `+ 0`: a stream is found by its name; PostgreSQL would look at all positions up to there as well.
_OF_STREAMS = LogSelect.of(  # the order inside keeps the planner from joining all events instead
    RecordedEvent,
    "SELECT {columns} FROM unnest(CAST(:names AS text[])) AS named (name) JOIN LATERAL"
    ' (SELECT {columns} FROM events WHERE stream = named.name COLLATE "C"'
    " AND position + 0 <= :upto ORDER BY version) AS found ON true ORDER BY version",
    sqlite="SELECT {columns} FROM events WHERE stream IN (SELECT value FROM json_each(:names))"
    " AND position + 0 <= :upto ORDER BY stream, version",
)
_ARRAYS = (
    func.unnest(
        bindparam("tenants", type_=ARRAY(Text)), bindparam("bounds", type_=ARRAY(BigInteger))
    )
    .table_valued(column("tenant", Text), column("upto", BigInteger))
    .render_derived()
)
_PAIRS = func.json_each(bindparam("pairs", type_=Text)).table_valued(column("value", Text))


def _last_events(
    pairs: FromClause, tenant: ColumnElement[str], upto: ColumnElement[int]
) -> Select[Any]:
    """Return the statement that looks once a tenant at the index of tenants and positions."""
    older = events.alias()
    last = (
        select(older.c.position)
        .where(older.c.tenant == tenant, older.c.type == bindparam("type"))
        .where(older.c.position <= upto)
        .order_by(older.c.position.desc())
        .limit(1)
        .correlate_except(older)
        .scalar_subquery()
    )
    return select(events).select_from(pairs.join(events, events.c.position == last))


_LAST_OF_TENANTS = {
    "postgresql": _last_events(_ARRAYS, _ARRAYS.c.tenant, _ARRAYS.c.upto),
    "sqlite": _last_events(
        _PAIRS,
        func.json_extract(_PAIRS.c.value, "$[0]"),
        func.json_extract(_PAIRS.c.value, "$[1]"),
    ),
}


def _upto(position: int | None) -> int:
    return _LAST if position is None else position


def names_of_streams(
    connection: Connection,
    category: str,
    *,
    after: str | None,
    limit: int,
    upto_position: int | None,
) -> list[str]:
    """Return names as `EventStore.stream_names` does."""
    first, end = names_in(category)
    statement = select(streams.c.stream).where(streams.c.stream < end)
    if after is None or after < first:
        statement = statement.where(streams.c.stream >= first)
    else:
        statement = statement.where(streams.c.stream > after)
    if upto_position is not None:
        statement = statement.where(_begun_at <= upto_position)
    ordered = statement.order_by(streams.c.stream).limit(limit)
    return list(connection.execute(ordered).scalars())


def read_several_streams(
    engine: Engine, names: Sequence[str], upto_position: int | None
) -> dict[str, list[RecordedEvent]]:
    """Return events as `EventStore.read_streams` does, by one statement; `engine` in autocommit."""
    different: Any = list(dict.fromkeys(names))
    if engine.dialect.name != "postgresql":
        different = json.dumps(different)
    found: dict[str, list[RecordedEvent]] = {}
    for event in _OF_STREAMS.events(engine, {"names": different, "upto": _upto(upto_position)}):
        found.setdefault(event.stream, []).append(event)
    return found


def last_events_of_tenants(
    connection: Connection, type_: str, upto: Mapping[str, int]
) -> dict[str, RecordedEvent]:
    """Return events as `EventStore.last_of_tenants` does, by one statement."""
    dialect = connection.dialect.name
    values: dict[str, Any] = {"type": type_}
    if dialect == "postgresql":
        values |= {"tenants": list(upto), "bounds": list(upto.values())}
    else:
        values["pairs"] = json.dumps(list(upto.items()))
    found = recorded(connection.execute(_LAST_OF_TENANTS[dialect], values))
    return {event.tenant: event for event in found if event.tenant is not None}
