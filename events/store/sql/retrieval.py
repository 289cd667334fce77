"""Reads of many at once, each by index, and where to look: names of streams.

What was just imported has no statistics yet: joins are written so that PostgreSQL looks at an index
once a name, instead of planning over all events.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Text, bindparam, column, func, literal_column, select, true
from sqlalchemy.dialects.postgresql import ARRAY

from events.envelope import RecordedEvent, names_in
from events.store.sql.failures import translated
from events.store.sql.lookup import Lookup
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
_upto_position = events.c.position + literal_column("0") <= bindparam("upto", type_=BigInteger)
_NAMED = (
    func.unnest(bindparam("names", type_=ARRAY(Text)))
    .table_valued(column("stream", Text))
    .render_derived()
)
_OF_NAMED = (  # its order keeps the planner from joining all events instead
    select(events)
    .where(events.c.stream == _NAMED.c.stream.collate("C"), _upto_position)
    .order_by(events.c.version)
    .lateral()
)
_OF_STREAMS = Lookup.of(
    select(_OF_NAMED).select_from(_NAMED.join(_OF_NAMED, true())).order_by(_OF_NAMED.c.version)
)
_OF_STREAMS_IN_SQLITE = (
    select(events)
    .where(events.c.stream.in_(bindparam("names", expanding=True)), _upto_position)
    .order_by(events.c.version)
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
    values = {"names": list(dict.fromkeys(names)), "upto": _upto(upto_position)}
    found: dict[str, list[RecordedEvent]] = {}
    for event in _events_of_streams(engine, values):
        found.setdefault(event.stream, []).append(event)
    return found


def _events_of_streams(engine: Engine, values: Mapping[str, Any]) -> list[RecordedEvent]:
    if engine.dialect.name == "postgresql":
        return [RecordedEvent.of_values(row) for row in _OF_STREAMS.rows(engine, values)]
    with translated(), engine.connect() as connection:
        return recorded(connection.execute(_OF_STREAMS_IN_SQLITE, values))


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
