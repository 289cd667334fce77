"""Where in the log a moment is: order is by position, and clocks agree with it about."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from events.store.sql.tables import UtcDateTime, events

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

#: By how much a clock may have been set back, or differ from another one, and be seen through.
_STEP = timedelta(days=1)
_INSTANT = bindparam("instant", type_=UtcDateTime)
_NEWEST = select(func.max(events.c.recorded_at)).where(events.c.recorded_at <= _INSTANT)
# `+ 0`: for the greatest position alone PostgreSQL would walk back from the end of the log.
_LAST = select(func.max(events.c.position + 0)).where(
    events.c.recorded_at <= _INSTANT, events.c.recorded_at >= bindparam("begin", type_=UtcDateTime)
)


def last_position_at(connection: Connection, instant: datetime) -> int:
    """Return a position as `EventStore.position_at` does, from the index of times alone.

    It looks at the day before the newest event recorded by then, not at all that came after.
    """
    newest: datetime | None = connection.execute(_NEWEST, {"instant": instant}).scalar_one()
    if newest is None:
        return 0
    values = {"instant": instant, "begin": newest - _STEP}
    position: int = connection.execute(_LAST, values).scalar_one()
    return position
