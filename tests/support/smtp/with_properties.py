"""Probes with session properties, and what the tests look at in their results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.smtp.probing import claim_answer, probed

if TYPE_CHECKING:
    from events.connection_test import TestResult
    from services.conn_tester.tools import Tools


def outcome(
    tools: Tools,
    port: int,
    properties: dict[str, str],
    /,
    **changes: Any,
) -> TestResult:
    named = {
        name if name.startswith("mail.") else f"mail.smtp.{name}": value
        for name, value in properties.items()
    }
    return probed(claim_answer(port, properties=named, **changes), tools)


def warned(result: TestResult) -> set[str]:
    return {warning.code for warning in result.warnings}


def client_lines(result: TestResult) -> list[str]:
    return [line.text for line in result.transcript if line.sender == "client"]
