"""Reads of the read model: one statement each, on connections that need no transaction."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from sqlalchemy import ColumnElement, Engine, Row, Select, bindparam, select

from events.connection_test import Verdict
from events.store.sql.failures import translated
from events.store.sql.lookup import Lookup
from services.config_api.read_model.detections import StoredDetections
from services.config_api.read_model.documents import with_attempt
from services.config_api.read_model.listed import (
    LastTest,
    ListedSetting,
    SettingsPage,
    SettingsQuery,
)
from services.config_api.read_model.listing import (
    count_statement,
    kind_of,
    page_lookup,
    page_statement,
    values_of,
)
from services.config_api.read_model.operational_tables import test_work
from services.config_api.read_model.tables import connection_tests, last_tests, smtp_settings
from services.config_api.read_model.tokens import StoredToken, Tokens
from services.config_api.read_model.users import StoredUser, StoredUsers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredDocument:
    """A setting's finished JSON document (contract §3) and its version."""

    document: str
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredTest:
    """A test's document (contract §5) without its sentences; `position` is that of its request."""

    id: str
    position: int
    setting_id: str | None
    document: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class TestsQuery:
    """Which tests; every field that is not None must hold."""

    __test__: ClassVar[bool] = False

    setting_id: str | None = None
    verdict: Verdict | None = None
    tenants: frozenset[str] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TestsPage:
    """Tests, newest first; `next_position` is the `before` of the next page or None."""

    __test__: ClassVar[bool] = False

    items: list[StoredTest]
    next_position: int | None


_SETTING = Lookup.of(
    select(smtp_settings.c.document, smtp_settings.c.version).where(
        smtp_settings.c.id == bindparam("wanted")
    )
)
_LAST_TEST = select(
    last_tests.c.test_id,
    last_tests.c.verdict,
    last_tests.c.setting_version,
    last_tests.c.finished_at,
).where(last_tests.c.setting_id == bindparam("wanted"))
_TESTS = select(
    connection_tests.c.id,
    connection_tests.c.position,
    connection_tests.c.setting_id,
    connection_tests.c.document,
    test_work.c.claimed_at,
    test_work.c.attempt,
).select_from(connection_tests.outerjoin(test_work, test_work.c.test_id == connection_tests.c.id))


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadModel:
    """The read side; raises StoreUnavailable where the database is away."""

    engine: Engine

    def setting(self, setting_id: str) -> StoredDocument | None:
        """Return one setting: one select by primary key, no serialisation."""
        for document, version in _SETTING.rows(self.engine, {"wanted": setting_id}):
            return StoredDocument(document=document, version=version)
        return None

    def last_test(self, setting_id: str) -> LastTest | None:
        """Return the last completed test of a setting."""
        for row in self._rows(_LAST_TEST, {"wanted": setting_id}):
            return _last_test(row)
        return None

    def settings_page(
        self, query: SettingsQuery, *, after_id: str | None, limit: int
    ) -> SettingsPage:
        """Return up to `limit` settings behind an id."""
        rows = self._page(query, "after", after_id, limit + 1)
        items = [_listed(row) for row in rows[:limit]]
        return SettingsPage(items=items, next_id=items[-1].id if len(rows) > limit else None)

    def settings_page_before(
        self, query: SettingsQuery, *, before_id: str, limit: int
    ) -> tuple[SettingsPage, bool]:
        """Return up to `limit` settings in front of an id, and whether there are more before."""
        rows = self._page(query, "before", before_id, limit + 1)
        items = [_listed(row) for row in reversed(rows[:limit])]
        next_id = items[-1].id if items else None
        return SettingsPage(items=items, next_id=next_id), len(rows) > limit

    def settings_count(self, query: SettingsQuery) -> int:
        """Return how many settings a query finds."""
        count: int = self._rows(count_statement(kind_of(query)), values_of(query))[0][0]
        return count

    def test(self, test_id: str) -> StoredTest | None:
        """Return one test, `running` while an attempt is claimed."""
        rows = self._rows(_TESTS.where(connection_tests.c.id == test_id))
        return _stored_test(rows[0]) if rows else None

    def tests_page(self, query: TestsQuery, *, before: int | None, limit: int) -> TestsPage:
        """Return up to `limit` tests requested before a position."""
        newest_first = connection_tests.c.position.desc()
        statement = _TESTS.where(*_tests_conditions(query)).order_by(newest_first)
        if before is not None:
            statement = statement.where(connection_tests.c.position < before)
        rows = self._rows(statement.limit(limit + 1))
        items = [_stored_test(row) for row in rows[:limit]]
        return TestsPage(
            items=items, next_position=items[-1].position if len(rows) > limit else None
        )

    def detection(self, detection_id: str) -> dict[str, Any] | None:
        """Return one detection without its sentences, `running` while an attempt is claimed."""
        return StoredDetections(engine=self.engine).by_id(detection_id)

    def tokens(self) -> list[StoredToken]:
        """Return all tokens, oldest first."""
        return Tokens(engine=self.engine).all()

    def users(self) -> list[StoredUser]:
        """Return all users, by name."""
        return StoredUsers(engine=self.engine).all()

    def _page(
        self, query: SettingsQuery, place: Literal["after", "before"], of_id: str | None, most: int
    ) -> Sequence[Sequence[Any]]:
        """Return rows from a place on, from the first one on where it has no ID."""
        kind, values = kind_of(query), values_of(query)
        at = None if of_id is None else place
        if of_id is not None:
            values[place] = of_id
        if kind.tenants:
            return self._rows(page_statement(kind, at, most), values)
        return page_lookup(kind, at, most).rows(self.engine, values)

    def _rows(
        self, statement: Select[Any], values: Mapping[str, Any] | None = None
    ) -> list[Row[Any]]:
        with translated(), self.engine.connect() as connection:
            return list(connection.execute(statement, values))


def _tests_conditions(query: TestsQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.setting_id is not None:
        conditions.append(connection_tests.c.setting_id == query.setting_id)
    if query.verdict is not None:
        conditions.append(connection_tests.c.verdict == query.verdict)
    if query.tenants is not None:
        conditions.append(connection_tests.c.setting_id.in_(sorted(query.tenants)))
    return conditions


def _listed(row: Sequence[Any]) -> ListedSetting:
    setting_id, document, version, test_id, *_ = row
    last_test = None if test_id is None else _last_test(row[3:])
    return ListedSetting(setting_id, document, version, last_test)


def _last_test(columns: Sequence[Any]) -> LastTest:
    test_id, verdict, version, finished_at = columns
    return LastTest(id=test_id, verdict=verdict, version=version, finished_at=finished_at)


def _stored_test(row: Row[Any]) -> StoredTest:
    claimed = row.claimed_at is not None
    document = with_attempt(json.loads(row.document), row.attempt, claimed=claimed)
    return StoredTest(
        id=row.id, position=row.position, setting_id=row.setting_id, document=document
    )
