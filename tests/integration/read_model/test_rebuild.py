from __future__ import annotations

import gc
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, insert, select, update

from services.config_api.application.users import NewUser
from services.config_api.domain.secret import Secret
from services.config_api.read_model.folding import fold_all
from services.config_api.read_model.rebuild import rebuild, status
from services.config_api.read_model.tables import (
    connection_tests,
    last_tests,
    smtp_settings,
    tokens,
    users,
)
from tests.support.asking import a_report, register, request_test
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from services.config_api.read_model.rebuild import RebuildReport
    from tests.support.relaybook import House

TABLES = (smtp_settings, connection_tests, last_tests, tokens, users)


def history(house: House) -> None:
    """Make something of every kind, changed and deleted again."""
    service = house.relaybook
    properties = {"mail.smtp.localhost": "l", "mail.smtp.ehlo": "true", "mail.mime.charset": "x"}
    for name in ("acme", "globex", "hooli"):
        register(house, name, session_properties=properties)
        house.watch.forward(seconds=1)
    service.smtp_settings.replace("acme", a_draft(x_mailer="m"), 1, house.ctx())
    service.smtp_settings.delete("hooli", 1, house.ctx())
    for verdict in ("passed", "failed"):
        test_id = request_test(house)
        service.connection_tests.record(a_report(test_id, verdict=verdict), house.ctx())
    service.connection_tests.cancel(request_test(house, "globex"), house.ctx())
    request_test(house, None, draft=a_draft())
    made = [
        service.access.create_token(
            name=name, roles=["reader"], tenants=["acme"], days=3, ctx=house.ctx()
        )[0]
        for name in ("one", "two")
    ]
    assert made[-1].document is not None
    service.access.revoke_token(made[-1].document["id"], house.ctx())
    alice = NewUser(name="alice", password=Secret("correct horse"), roles=["reader"])
    bob = NewUser(name="bob", password=Secret("correct horse"), roles=["admin"], tenants=["acme"])
    for new in (alice, bob):
        service.users.create(new, house.ctx())
    service.users.revoke("alice", house.ctx())


def rows(house: House) -> dict[str, list[dict[str, Any]]]:
    found = {}
    with house.relaybook.read_engine.connect() as connection:
        for table in TABLES:
            ordered = select(table).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(ordered).mappings()]
    return found


def rebuilt(house: House) -> RebuildReport:
    return rebuild(house.relaybook.engine, house.relaybook.store)


def execute(house: House, *statements: Any) -> None:
    with house.relaybook.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_rebuild_equals_the_live_rows(house: House) -> None:
    history(house)
    before = rows(house)
    report = rebuilt(house)
    assert report.differing == 0
    assert report.rows == sum(map(len, before.values())) == 2 + 4 + 1 + 2 + 2
    assert rows(house) == before


def test_a_rebuild_twice_equals_once(house: House) -> None:
    history(house)
    execute(house, *(delete(table) for table in TABLES))
    rebuilt(house)
    once = rows(house)
    assert rebuilt(house).differing == 0
    assert rows(house) == once


def test_an_empty_read_model_is_refilled(house: House) -> None:
    history(house)
    before = rows(house)
    execute(house, *(delete(table) for table in TABLES))
    assert rebuilt(house).differing == 11
    assert rows(house) == before


def test_altered_rows_are_repaired_and_counted(house: House) -> None:
    history(house)
    before = rows(house)
    execute(
        house,
        update(smtp_settings).where(smtp_settings.c.id == "acme").values(document="{}"),
        update(smtp_settings).where(smtp_settings.c.id == "globex").values(version=99),
        insert(smtp_settings).values(
            id="ghost", version=1, is_default=False, search="", document="{}"
        ),
        update(last_tests).values(test_id="no-such-test", position=999),
        update(tokens).values(roles='["admin"]'),
        delete(connection_tests).where(connection_tests.c.setting_id == "globex"),
    )
    assert rebuilt(house).differing == 3 + 1 + 2 + 1
    assert rows(house) == before


def test_an_empty_log_leaves_an_empty_read_model(house: House) -> None:
    assert rebuilt(house).rows == 0


def test_folding_leaves_nothing_for_the_collector_that_it_pauses(house: House) -> None:
    history(house)
    fold_all(house.relaybook.store.scan())  # what is made once is made now
    gc.collect()
    gc.disable()
    try:
        for _ in range(20):
            fold_all(house.relaybook.store.scan())
        assert gc.collect() < 20  # else memory would grow with the pages of the log
    finally:
        gc.enable()


def test_commands_during_a_rebuild_are_not_lost(house: House) -> None:
    for number in range(20):
        register(house, f"t{number}")
    stop = Event()

    def change() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            service = house.relaybook.smtp_settings
            service.replace(f"t{number % 20}", a_draft(x_mailer=f"m{number}"), None, house.ctx())
            register(house, f"new{number}")
            if number % 3 == 0:
                service.delete(f"new{number}", None, house.ctx())

    writer = Thread(target=change)
    writer.start()
    reports = [rebuilt(house) for _ in range(5)]
    stop.set()
    writer.join()
    assert [report.differing for report in reports] == [0] * 5
    assert rebuilt(house).differing == 0


def test_a_status_tells_rows_and_lag(house: House) -> None:
    history(house)
    told = status(house.relaybook.engine, house.relaybook.store)
    found = {one.name: (one.rows, one.lag) for one in told}
    assert found == {
        "smtp_settings": (2, 0),
        "connection_tests": (4, 0),
        "detections": (0, 0),
        "tokens": (2, 0),
        "users": (2, 0),
        "oauth_providers": (0, 0),
        "webhooks": (0, 0),
    }
    execute(house, update(smtp_settings).where(smtp_settings.c.id == "acme").values(version=1))
    behind = {one.name: one.lag for one in status(house.relaybook.engine, house.relaybook.store)}
    assert behind["smtp_settings"] == 1
