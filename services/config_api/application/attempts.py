"""Which attempt of which test is due: rows that testers take by compare-and-set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Engine, Row, Update, bindparam, select, update

from events.connection_test import Depth
from events.store.port import AddRow, DropRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.read_model.operational_tables import test_work

UNCLAIMED_LIMIT = timedelta(minutes=15)
REDISPATCH_AFTER = timedelta(seconds=30)
GRACE = timedelta(seconds=10)
_PAGE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """The attempt of a test that is at hand; `claimed` tells whether a tester has it."""

    test_id: str
    depth: Depth
    number: int
    claimed: bool
    dispatched_at: datetime
    due_at: datetime

    def overdue(self, at: datetime) -> bool:
        """Tell whether its time is over: nobody claimed it, or no result came."""
        return self.due_at <= at


_of_attempt = (
    test_work.c.test_id == bindparam("of_test"),
    test_work.c.attempt == bindparam("of_attempt"),
)
_CLAIM = (
    update(test_work)
    .where(*_of_attempt, test_work.c.claimed_at.is_(None))
    .values(claimed_at=bindparam("at"), due_at=bindparam("due"))
)
_DISPATCHED = (
    update(test_work)
    .where(*_of_attempt, test_work.c.claimed_at.is_(None))
    .values(dispatched_at=bindparam("at"))
)
_NEXT = (
    update(test_work)
    .where(*_of_attempt, test_work.c.claimed_at.is_not(None))
    .values(
        attempt=test_work.c.attempt + 1,
        claimed_at=None,
        dispatched_at=bindparam("at"),
        due_at=bindparam("due"),
    )
)
_WAITING = (
    select(test_work)
    .where(
        (test_work.c.due_at <= bindparam("at"))
        | (test_work.c.claimed_at.is_(None) & (test_work.c.dispatched_at <= bindparam("stale")))
    )
    .order_by(test_work.c.due_at, test_work.c.test_id)
    .limit(_PAGE)
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """The attempts of tests that have not ended; `engine` writes, `read_engine` reads."""

    engine: Engine
    read_engine: Engine

    def claim(self, test_id: str, number: int, *, at: datetime, deadline: timedelta) -> bool:
        """Take an attempt; False where another tester has it or it is not the one at hand."""
        return self._one(_CLAIM, test_id, number, at=at, due=at + deadline + GRACE)

    def dispatched_again(self, test_id: str, number: int, *, at: datetime) -> bool:
        """Note that the work message of an unclaimed attempt was sent once more."""
        return self._one(_DISPATCHED, test_id, number, at=at)

    def next_attempt(self, test_id: str, number: int, *, at: datetime) -> bool:
        """Give up a claimed attempt for the one after it; False where it is not at hand."""
        return self._one(_NEXT, test_id, number, at=at, due=at + UNCLAIMED_LIMIT)

    def waiting(self, at: datetime) -> list[Attempt]:
        """Return attempts that are overdue or whose message may be lost, the oldest first."""
        with translated(), self.read_engine.connect() as connection:
            found = connection.execute(_WAITING, {"at": at, "stale": at - REDISPATCH_AFTER})
            return [_attempt(row) for row in found]

    def _one(self, statement: Update, test_id: str, number: int, **moments: datetime) -> bool:
        values = {"of_test": test_id, "of_attempt": number, **moments}
        with translated(), self.engine.begin() as connection:
            return connection.execute(statement, values).rowcount == 1


def first_attempt(test_id: str, depth: Depth, at: datetime) -> RowWrite:
    """Return the row of a test that was just asked for."""
    return AddRow(
        table=test_work,
        values={
            "test_id": test_id,
            "depth": depth,
            "attempt": 1,
            "dispatched_at": at,
            "claimed_at": None,
            "due_at": at + UNCLAIMED_LIMIT,
        },
    )


def no_attempt(test_id: str) -> RowWrite:
    """Return the deletion of an ended test's row."""
    return DropRow(table=test_work, key={"test_id": test_id})


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        test_id=row.test_id,
        depth=cast("Depth", row.depth),
        number=row.attempt,
        claimed=row.claimed_at is not None,
        dispatched_at=row.dispatched_at,
        due_at=row.due_at,
    )
