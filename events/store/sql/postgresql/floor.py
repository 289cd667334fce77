"""Up to where the log is complete, while writers commit in any order.

Before its first row every insert takes a shared advisory lock whose key holds the last position
given out by then: its floor. All its own positions are above it, and the lock goes only after its
rows are visible. So nothing can appear any more at or below the lowest floor that is held, nor at
or below the last position that was given out before the floors were looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

# A floor's lock key is 7 in the upper 16 bits and the position in the lower 48, as in the trigger.
_GIVEN_OUT = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM events_position_seq")
_LOWEST_FLOOR = text(
    "SELECT min(((classid::bigint & 65535) << 32) | objid::bigint) FROM pg_locks"
    " WHERE locktype = 'advisory' AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND classid::bigint >> 16 = 7"
)


def safe_bound(connection: Connection) -> int:
    """Return the position up to which nothing can appear any more; 0 for an empty log.

    `connection` must be in autocommit: each statement needs a snapshot of its own, in this order.
    """
    given_out: int = connection.execute(_GIVEN_OUT).scalar_one()
    floor: int | None = connection.execute(_LOWEST_FLOOR).scalar_one()
    return given_out if floor is None else min(given_out, floor)
