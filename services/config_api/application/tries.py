"""Counts what somebody does within a time, in the database for all processes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine, Table, delete, insert, select

from events.envelope import new_id
from events.store.sql.failures import translated


@dataclass(frozen=True, kw_only=True, slots=True)
class Tries:
    """Rows of (`id`, `subject`, `at`) in a table, one for each subject of a try."""

    engine: Engine
    table: Table

    def begin(
        self, limits: Mapping[str, int], *, window: timedelta, at: datetime
    ) -> tuple[str, int]:
        """Count a try and return its id, and the seconds to wait where a subject tried too often.

        `limits` are the tries of each subject within the window. A try that has to wait is not
        counted. The try is committed before the tries are counted: of many at once, in any number
        of processes, no more than the limit can pass.
        """
        try_id = new_id()
        rows = [{"id": try_id, "subject": subject, "at": at} for subject in limits]
        with translated(), self.engine.begin() as connection:
            connection.execute(insert(self.table), rows)
        waits = [self._seconds(subject, most, window, at) for subject, most in limits.items()]
        wait = max(waits)
        if wait:
            self.end(try_id)
        return try_id, wait

    def end(self, try_id: str) -> None:
        """Forget a try."""
        with translated(), self.engine.begin() as connection:
            connection.execute(delete(self.table).where(self.table.c.id == try_id))

    def forget_before(self, at: datetime) -> None:
        """Delete the tries of that time and before."""
        with translated(), self.engine.begin() as connection:
            connection.execute(delete(self.table).where(self.table.c.at <= at))

    def _seconds(self, subject: str, most: int, window: timedelta, at: datetime) -> int:
        own = self.table.c
        statement = select(own.at).where(own.subject == subject, own.at > at - window)
        with translated(), self.engine.begin() as connection:
            found: Sequence[datetime] = (
                connection.execute(statement.order_by(own.at)).scalars().all()
            )
        if len(found) <= most:
            return 0
        # The newest is this try itself; a place is free when the one before `most` others is old.
        free_at = found[-most - 1] + window
        return max(1, math.ceil((free_at - at).total_seconds()))
