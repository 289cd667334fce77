"""Probes of servers on loopback by way of a proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.support.smtp.probing import claim_answer, probed

if TYPE_CHECKING:
    from events.connection_test import TestResult
    from services.conn_tester.tools import Tools

QUICK = {"timeout_ms": 500, "connection_timeout_ms": 500}


def by_proxy(port: int, kind: str = "proxy") -> dict[str, str]:
    return {f"mail.smtp.{kind}.host": "127.0.0.1", f"mail.smtp.{kind}.port": str(port)}


def outcome(
    tools: Tools, port: int, properties: dict[str, str], secrets: dict[str, str] | None = None,
    /, **changes: Any,
) -> TestResult:  # fmt: skip
    answer = claim_answer(port, host="127.0.0.1", properties=properties, **(QUICK | changes))
    return probed(answer | {"secret_properties": secrets or {}}, tools)


def concluded(result: TestResult) -> tuple[str, str, str | None]:
    return result.code, result.step, result.facts.get("reply")
