"""Which attempt of which test or detection is due: rows that testers take by compare-and-set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast

from sqlalchemy import Column, Engine, RowMapping, Table, Update, bindparam, case, select, update

from events.connection_test import Depth
from events.store.port import AddRow, DropRow, RowWrite
from events.store.sql.failures import translated
from services.config_api.read_model.operational_tables import detection_work, test_work

UNCLAIMED_LIMIT = timedelta(minutes=15)
REDISPATCH_AFTER = timedelta(seconds=30)
GRACE = timedelta(seconds=10)
#: Nothing is due later, give or take how hosts' clocks differ; what seems so was noted before the
#: clock was set back.
FARTHEST = UNCLAIMED_LIMIT + REDISPATCH_AFTER
_PAGE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """The attempt of a test or detection that is at hand; `claimed` tells whether it is taken.

    `depth` is None for a detection.
    """

    work_id: str
    depth: Depth | None
    number: int
    claimed: bool
    dispatched_at: datetime
    due_at: datetime

    def overdue(self, at: datetime) -> bool:
        """Tell whether its time is over: nobody claimed it, or no result came.

        How long somebody has worked on it is not known once the clock was set back: long enough.
        """
        return self.due_at <= at or (self.claimed and self.due_at > at + FARTHEST)


class Work:
    """The statements on one table of attempts, whose `key` is the id of the test or detection."""

    def __init__(self, table: Table, key: Column[str]) -> None:
        columns = table.c
        of_attempt = (key == bindparam("of_work"), columns.attempt == bindparam("of_attempt"))
        unclaimed = columns.claimed_at.is_(None)
        self.key = key
        self.claim = (
            update(table)
            .where(*of_attempt, unclaimed)
            .values(claimed_at=bindparam("at"), due_at=bindparam("due"))
        )
        latest = bindparam("latest", type_=columns.due_at.type)
        due = case((columns.due_at > latest, latest), else_=columns.due_at)
        self.dispatched = (
            update(table)
            .where(*of_attempt, unclaimed)
            .values(dispatched_at=bindparam("at"), due_at=due)
        )
        self.next = (
            update(table)
            .where(*of_attempt, columns.claimed_at.is_not(None))
            .values(
                attempt=columns.attempt + 1,
                claimed_at=None,
                dispatched_at=bindparam("at"),
                due_at=bindparam("due"),
            )
        )
        self.waiting = (
            select(table)
            .where(
                (columns.due_at <= bindparam("at"))
                | (columns.due_at > bindparam("farthest"))
                | (unclaimed & (columns.dispatched_at <= bindparam("stale")))
            )
            .order_by(columns.due_at, key)
            .limit(_PAGE)
        )


TESTS: Final = Work(test_work, test_work.c.test_id)
DETECTIONS: Final = Work(detection_work, detection_work.c.detection_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """The attempts of what has not ended; `engine` writes, `read_engine` reads."""

    engine: Engine
    read_engine: Engine
    work: Work = TESTS

    def claim(self, work_id: str, number: int, *, at: datetime, deadline: timedelta) -> bool:
        """Take an attempt; False where another tester has it or it is not the one at hand."""
        return self._one(self.work.claim, work_id, number, at=at, due=at + deadline + GRACE)

    def dispatched_again(self, work_id: str, number: int, *, at: datetime) -> bool:
        """Note that the work message of an unclaimed attempt was sent once more."""
        latest = at + UNCLAIMED_LIMIT  # of a clock that was set back since
        return self._one(self.work.dispatched, work_id, number, at=at, latest=latest)

    def next_attempt(self, work_id: str, number: int, *, at: datetime) -> bool:
        """Give up a claimed attempt for the one after it; False where it is not at hand."""
        return self._one(self.work.next, work_id, number, at=at, due=at + UNCLAIMED_LIMIT)

    def waiting(self, at: datetime) -> list[Attempt]:
        """Return attempts that are overdue or whose message may be lost, the oldest first."""
        with translated(), self.read_engine.connect() as connection:
            moments = {"at": at, "stale": at - REDISPATCH_AFTER, "farthest": at + FARTHEST}
            found = connection.execute(self.work.waiting, moments)
            return [self._attempt(row._mapping) for row in found]  # noqa: SLF001 -- SQLAlchemy's public name for it

    def _attempt(self, row: RowMapping) -> Attempt:
        return Attempt(
            work_id=row[self.work.key],
            depth=cast("Depth | None", row.get("depth")),
            number=row["attempt"],
            claimed=row["claimed_at"] is not None,
            dispatched_at=row["dispatched_at"],
            due_at=row["due_at"],
        )

    def _one(self, statement: Update, work_id: str, number: int, **moments: datetime) -> bool:
        values = {"of_work": work_id, "of_attempt": number, **moments}
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


def first_search(detection_id: str, at: datetime) -> RowWrite:
    """Return the row of a detection that was just asked for."""
    return AddRow(
        table=detection_work,
        values={
            "detection_id": detection_id,
            "attempt": 1,
            "dispatched_at": at,
            "claimed_at": None,
            "due_at": at + UNCLAIMED_LIMIT,
        },
    )


def no_search(detection_id: str) -> RowWrite:
    """Return the deletion of an ended detection's row."""
    return DropRow(table=detection_work, key={"detection_id": detection_id})
