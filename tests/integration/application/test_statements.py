"""The usual command on PostgreSQL writes in one statement, whatever rows go with its event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from tests.support.asking import a_report, register, request_test
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from tests.support.relaybook import House

WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE)\b")


@contextmanager
def written(house: House) -> Iterator[list[str]]:
    """Give the statements that are sent meanwhile and write."""
    statements: list[str] = []
    engines = (house.relaybook.engine, house.relaybook.read_engine)

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if WRITES.search(statement):
            statements.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield statements
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def test_each_usual_command_is_one_statement(server_house: House) -> None:
    register(server_house)  # makes the tenant's key
    service = server_house.relaybook
    ctx = server_house.ctx
    with written(server_house) as statements:
        draft = a_draft(auth={"password": "battery"})
        service.smtp_settings.replace("acme", draft, 1, ctx())
        assert len(statements) == 1
        service.smtp_settings.patch("acme", {"x_mailer": "m"}, None, ctx())
        assert len(statements) == 2
        test_id = request_test(server_house, draft=a_draft())
        assert len(statements) == 3
        service.connection_tests.record(a_report(test_id), ctx())
        assert len(statements) == 4
        service.smtp_settings.delete("acme", 3, ctx())
        assert len(statements) == 5
    assert all(statement.startswith("WITH") for statement in statements)
