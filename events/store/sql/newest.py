"""The last events of many streams, each found by its stream's version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from events.envelope import Told, names_in
from events.store.sql.raw import driver_rows
from events.store.sql.scanning import told

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLUMNS: Final = ", ".join(f"events.{name}" for name in Told._fields)
_NAMED: Final = (
    "(SELECT stream, version FROM streams"
    " WHERE stream >= {begin} AND stream <> {after} AND stream < {end}"
    " ORDER BY stream LIMIT {limit}) AS named"
)
_OF_NAMED: Final = "events.stream = named.stream AND events.version = named.version"
_STATEMENTS: Final = {
    # What was just imported has no statistics yet: LIMIT keeps the planner from joining all events.
    "postgresql": f"SELECT events.* FROM {_NAMED} CROSS JOIN LATERAL"  # noqa: S608 -- names of our columns
    f" (SELECT {_COLUMNS} FROM events WHERE {_OF_NAMED} LIMIT 1) AS events ORDER BY named.stream",
    "sqlite": f"SELECT {_COLUMNS} FROM {_NAMED} CROSS JOIN events"  # noqa: S608 -- the same
    f" WHERE {_OF_NAMED} ORDER BY named.stream",
}


def newest_of_streams(
    connection: Connection, category: str, *, after: str | None, limit: int
) -> list[Told]:
    """Return events as `EventStore.newest_of_streams` does, by one statement."""
    first, end = names_in(category)
    after = after or ""
    values = {"begin": max(first, after), "after": after, "end": end, "limit": limit}
    rows = driver_rows(connection, _STATEMENTS[connection.dialect.name], values)
    return told(connection, rows)
