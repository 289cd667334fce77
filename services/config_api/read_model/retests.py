"""What the schedule of re-tests looks at: the settings in order, and what is known of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, bindparam, func, select

from events.store.sql.failures import translated
from services.config_api.read_model.operational_tables import retest_steps, test_work
from services.config_api.read_model.tables import connection_tests, last_tests, smtp_settings


@dataclass(frozen=True, kw_only=True, slots=True)
class RetestStep:
    """How far the schedule has come: the last setting that it passed, and when it was due."""

    number: int
    after_id: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Passed:
    """A setting that the schedule passes.

    `tested_at` and `tested_by` are those of its last completed test, None without one; `waits`
    tells of a test that has not ended.
    """

    id: str
    tested_at: datetime | None
    tested_by: str | None
    waits: bool


_NEWEST = select(retest_steps).order_by(retest_steps.c.number.desc()).limit(1)
_COUNT = select(func.count()).select_from(smtp_settings)
_NEXT = (
    select(smtp_settings.c.id, last_tests.c.finished_at, connection_tests.c.document)
    .select_from(
        smtp_settings.outerjoin(
            last_tests, last_tests.c.setting_id == smtp_settings.c.id
        ).outerjoin(connection_tests, connection_tests.c.id == last_tests.c.test_id)
    )
    .where(smtp_settings.c.id > bindparam("after_id"))
    .order_by(smtp_settings.c.id)
    .limit(bindparam("most"))
)
_WAITING = (
    select(connection_tests.c.setting_id)
    .select_from(test_work.join(connection_tests, connection_tests.c.id == test_work.c.test_id))
    .where(connection_tests.c.setting_id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RetestRows:
    """Reads them a page at a time; every method raises StoreUnavailable."""

    engine: Engine

    def newest_step(self) -> RetestStep | None:
        """Return how far the schedule has come, None before it began."""
        with translated(), self.engine.connect() as connection:
            row = connection.execute(_NEWEST).one_or_none()
        return None if row is None else RetestStep(**row._asdict())

    def count(self) -> int:
        """Return how many settings there are."""
        with translated(), self.engine.connect() as connection:
            number: int = connection.execute(_COUNT).scalar_one()
        return number

    def page(self, after_id: str, most: int) -> list[Passed]:
        """Return up to `most` settings behind an id, in code point order."""
        with translated(), self.engine.connect() as connection:
            rows = connection.execute(_NEXT, {"after_id": after_id, "most": most}).all()
            ids = [row.id for row in rows]
            waiting = set(connection.execute(_WAITING, {"ids": ids}).scalars()) if ids else set()
        return [
            Passed(
                id=row.id,
                tested_at=row.finished_at,
                tested_by=json.loads(row.document)["requested_by"] if row.document else None,
                waits=row.id in waiting,
            )
            for row in rows
        ]
