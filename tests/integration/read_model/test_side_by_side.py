"""A later release runs beside this one on the same database: neither harms the other's rows."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import select

from events.catalogue import UnknownEvent, decode
from events.codec import canonical_json
from events.envelope import NewEvent
from events.store.port import PutRow, VersionConflict
from events.store.sql.opening import open_store
from services.config_api.application.relay.publishing import CURSOR as PUBLISHED
from services.config_api.read_model.rebuild import rebuild, status
from services.config_api.read_model.tables import connection_tests, last_tests, smtp_settings
from tests.support.asking import a_report, register, request_test
from tests.support.events import a_cause, an_append
from tests.support.relaybook import eventually
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from sqlalchemy import Table

    from tests.support.relaybook import House

#: What the later release writes about a setting: a type of its own, and a newer shape.
OF_TOMORROW: Final = {"smtp_setting.blessed": 1, "smtp_setting.updated": 2}
DATA: Final = {"setting_id": "acme", "blessing": "福", "values": {"host": ["one", "two"]}}


def row(house: House, table: Table, key: str) -> dict[str, Any]:
    (column,) = table.primary_key.columns
    with house.relaybook.engine.connect() as connection:
        found = connection.execute(select(table).where(column == key)).mappings().one()
        return dict(found)


def written_by_a_later_release(
    house: House, stream: str, event: NewEvent, *rows: PutRow, expected: int
) -> int:
    """Append an event with the rows that its release makes of it; returns its position."""
    with closing(open_store(house.relaybook.settings.database_url)) as later:
        append = an_append(stream, event, expected=expected, rows=rows)
        return later.store.append([append], cause=a_cause(), at=house.watch()).position


def blessed(house: House, type_: str) -> int:
    """Let the later release change acme, which is at version 1."""
    known = row(house, smtp_settings, "acme")
    document = {**json.loads(known["document"]), "blessing": "福", "version": 2}
    values = known | {"version": 2, "document": json.dumps(document, ensure_ascii=False)}
    event = NewEvent(
        type=type_,
        schema_version=OF_TOMORROW[type_],
        tenant="acme",
        data=canonical_json(DATA),
    )
    put = PutRow(table=smtp_settings, values=values, newer_by="version")
    return written_by_a_later_release(house, "smtp_setting-acme", event, put, expected=1)


@pytest.mark.parametrize("type_", OF_TOMORROW)
def test_the_rows_of_a_later_release_outlive_a_rebuild(house: House, type_: str) -> None:
    register(house)
    register(house, "globex")
    blessed(house, type_)
    newer = row(house, smtp_settings, "acme")
    with house.relaybook.engine.begin() as connection:
        connection.execute(smtp_settings.update().where(smtp_settings.c.id == "globex")
                           .values(document="{}"))  # fmt: skip
    report = rebuild(house.relaybook.engine, house.relaybook.store)
    assert (report.differing, report.later) == (1, 1)  # what this release knows is mended
    assert row(house, smtp_settings, "acme") == newer
    assert json.loads(newer["document"])["blessing"] == "福"
    lags = {one.name: one.lag for one in status(house.relaybook.engine, house.relaybook.store)}
    assert set(lags.values()) == {0}


@pytest.mark.parametrize("type_", OF_TOMORROW)
def test_this_release_goes_on_behind_a_later_one(house: House, type_: str) -> None:
    register(house)
    service = house.relaybook
    (first,) = service.store.read_stream("smtp_setting-acme")
    again = NewEvent(type=first.type, schema_version=1, tenant="acme", data=first.data)
    late = an_append(first.stream, again, expected=1)
    position = blessed(house, type_)
    with house.relay():
        eventually(lambda: service.cursors.load(PUBLISHED) >= position)
        with pytest.raises(VersionConflict):  # decided from what was known before
            service.store.append([late], cause=a_cause(), at=house.watch())
        service.smtp_settings.replace("acme", a_draft(x_mailer="m"), 2, house.ctx())
        register(house, "hooli")
        eventually(lambda: service.cursors.load(PUBLISHED) >= service.store.head())
    _, unknown, known = service.store.read_stream("smtp_setting-acme")
    assert unknown.data == canonical_json(DATA)
    told = decode(unknown)
    assert told == UnknownEvent(type=type_, schema_version=OF_TOMORROW[type_], data=DATA)
    assert (known.version, row(house, smtp_settings, "acme")["version"]) == (3, 3)


def test_a_late_write_of_this_release_does_not_replace_a_newer_row(house: House) -> None:
    register(house)
    old = row(house, smtp_settings, "acme")
    blessed(house, "smtp_setting.blessed")
    newer = row(house, smtp_settings, "acme")
    put = PutRow(table=smtp_settings, values=old | {"search": "old"}, newer_by="version")
    append = an_append("late-1", NewEvent(type="late.written", schema_version=1, tenant=None,
                                          data=b"{}"), rows=[put])  # fmt: skip
    house.relaybook.store.append([append], cause=a_cause(), at=house.watch())
    assert row(house, smtp_settings, "acme") == newer


def test_the_last_test_of_a_later_release_stays_the_last(house: House) -> None:
    register(house)
    first = request_test(house)
    house.relaybook.connection_tests.record(a_report(first), house.ctx())
    second = request_test(house)
    event = NewEvent(
        type="connection_test.completed",
        schema_version=2,
        tenant="acme",
        data=canonical_json({"outcome": {"verdict": "failed"}}),
    )
    last = row(house, last_tests, "acme")
    ended = row(house, connection_tests, second) | {"version": 2, "document": '{"later":true}'}
    position = house.relaybook.store.head() + 1
    written_by_a_later_release(
        house,
        f"connection_test-{second}",
        event,
        PutRow(table=connection_tests, values=ended, newer_by="version"),
        PutRow(
            table=last_tests,
            values=last | {"test_id": second, "position": position, "verdict": "failed"},
            newer_by="position",
        ),
        expected=1,
    )
    rows = row(house, last_tests, "acme"), row(house, connection_tests, second)
    assert rows[0]["test_id"] == second
    report = rebuild(house.relaybook.engine, house.relaybook.store)
    assert (report.differing, report.later) == (0, 1)
    assert (row(house, last_tests, "acme"), row(house, connection_tests, second)) == rows
