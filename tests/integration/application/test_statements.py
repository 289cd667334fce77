"""What commands on PostgreSQL send: few reads, one statement that writes whatever goes together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import psycopg

from services.config_api.application.loading import load_setting
from tests.support.asking import a_report, register, request_test
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from tests.support.relaybook import House

WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE)\b")


QUERIES = re.compile(r"\bFROM (?!read_leases)|^WITH\b")


@contextmanager
def sent(which: re.Pattern[str]) -> Iterator[list[str]]:
    """Give the statements of a kind that are sent meanwhile, those by psycopg alone as well."""
    statements: list[str] = []

    def noting(send: Callable[..., Any]) -> Callable[..., Any]:
        def note(cursor: Any, statement: Any, *rest: Any, **more: Any) -> Any:
            text = statement.decode() if isinstance(statement, bytes) else str(statement)
            if which.search(text):
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
    with sent(WRITES) as statements:
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


def test_a_new_password_asks_for_the_stream_and_for_the_keys_then_writes(
    server_house: House,
) -> None:
    register(server_house)
    settings = server_house.relaybook.smtp_settings
    patch_ = {"auth": {"password": "battery"}}
    with sent(QUERIES) as statements:
        seen = settings.current("acme")
        settings.patch("acme", patch_, seen.version, server_house.ctx(), seen)
        assert len(statements) == 3
        seen = settings.current("acme")
        settings.patch("acme", patch_, seen.version, server_house.ctx(), seen)
        assert len(statements) == 5  # it is the one that is held
    assert settings.current("acme") == load_setting(server_house.relaybook.store, "acme")
