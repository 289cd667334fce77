"""Writes rows that come without an event: kept refusals, sessions, links."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from events.store.port import RowWrite
from events.store.sql.failures import translated
from events.store.sql.rows import write_rows as write_in_transaction

NO_POSITION = 0


def write_rows(engine: Engine, rows: Sequence[RowWrite]) -> None:
    """Write rows in a transaction of their own; none of them holds a position.

    Raises RowExists, StoreUnavailable.
    """
    if not rows:
        return
    with translated(), engine.begin() as connection:
        write_in_transaction(connection, ((row, NO_POSITION) for row in rows))
