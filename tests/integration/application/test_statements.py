"""The usual command on PostgreSQL writes in one statement, whatever rows go with its event."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg

from tests.support.asking import a_report, register, request_test
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from tests.support.relaybook import House

WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE)\b")


@contextmanager
def written() -> Iterator[list[str]]:
    """Give the statements that are sent meanwhile and write, those by psycopg alone as well."""
    statements: list[str] = []

    def noting(send: Callable[..., Any]) -> Callable[..., Any]:
        def note(cursor: Any, statement: Any, *rest: Any, **more: Any) -> Any:
            text = statement.decode() if isinstance(statement, bytes) else str(statement)
            if WRITES.search(text):
                statements.append(text)
            return send(cursor, statement, *rest, **more)

        return note

    with ExitStack() as stack:
        for name in ("execute", "executemany"):
            stack.enter_context(
                patch.object(psycopg.Cursor, name, noting(getattr(psycopg.Cursor, name)))
            )
        yield statements


def test_each_usual_command_is_one_statement(server_house: House) -> None:
    register(server_house)  # makes the tenant's key
    service = server_house.relaybook
    ctx = server_house.ctx
    with written() as statements:
        draft = a_draft(auth={"password": "battery"})
        service.smtp_settings.replace("acme", draft, 1, ctx())
        assert len(statements) == 1
        service.smtp_settings.patch("acme", {"x_mailer": "m"}, None, ctx())
        assert len(statements) == 2
        test_id = request_test(server_house, draft=a_draft())
        assert len(statements) == 4
        counted = statements.pop(2)  # against the rate, whether or not the test is asked for then
        assert "test_tries" in counted
        service.connection_tests.record(a_report(test_id), ctx())
        assert len(statements) == 4
        service.smtp_settings.delete("acme", 3, ctx())
        assert len(statements) == 5
    assert all(statement.startswith("WITH") for statement in statements)
