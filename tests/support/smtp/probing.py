"""Runs the tester's probe against a server on loopback and holds its result to the catalogue."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from events.connection_test import Step, TestResult
from events.diagnosis import CODES, LANGUAGES, WARNINGS
from events.diagnosis.sentences import required_names_in
from events.reach import WEB_PORTS, ReachPolicy
from services.conn_tester.assignment import read_assignment
from services.conn_tester.attempt import run_attempt
from services.conn_tester.contexts import Contexts
from services.conn_tester.hosts_file import HostsFile
from services.conn_tester.names import Names
from services.conn_tester.tools import Tools
from tests.support.smtp.certificates import HOST
from tests.support.smtp.script import PASSWORD, USER

UNUSED_NAME_SERVER = (("127.0.0.1", 9),)


def claim_answer(port: int, /, **changes: Any) -> dict[str, Any]:
    """Return what the API answers to a claim, for a loopback server with a good sign-in.

    Changes name fields of the setting, or `password`, `depth`, `mail_from`, `rcpt_to`,
    `deadline_ms`, `properties`, `credential`, `token_failure`.
    """
    password = changes.pop("password", PASSWORD)
    properties = changes.pop("properties", {})
    auth = {
        "method": changes.pop("method", "password"),
        "user": changes.pop("user", USER),
        "mechanism": changes.pop("mechanism", None),
        "provider_id": changes.pop("provider_id", None),
    }
    answer = {
        "id": "t-1",
        "attempt": 1,
        "depth": changes.pop("depth", "auth"),
        "deadline_ms": changes.pop("deadline_ms", 20_000),
        "mail_from": changes.pop("mail_from", None),
        "rcpt_to": changes.pop("rcpt_to", None),
        "setting_id": "acme",
        "session_properties": {
            name: {"value": value, "source": "setting"} for name, value in properties.items()
        },
        "credential": changes.pop("credential", {"password": password} if password else None),
        "token_failure": changes.pop("token_failure", None),
        "secret_properties": {},
    }
    setting = {
        "host": HOST, "port": port, "security": "none", "tls_protocols": [], "ca_pem": None,
        "auth": auth, "x_mailer": None, "debug": False, "connection_timeout_ms": 2_000,
        "timeout_ms": 2_000, "session_properties": properties,
    }  # fmt: skip
    answer["setting"] = setting | changes
    return answer


def make_tools(
    tmp_path: Path, *, hosts: str = f"127.0.0.1 {HOST}\n", allow: str = "127.0.0.0/8:*,[::1]/128:*",
    dns_servers: tuple[tuple[str, int], ...] = UNUSED_NAME_SERVER,
    extra_ca_pem: str | None = None, contexts: Contexts | None = None,
) -> Tools:  # fmt: skip
    """Return tools with a hosts file of their own, so that no name leaves the machine."""
    hosts_file = tmp_path / "hosts"
    hosts_file.write_text(hosts)
    return Tools(
        policy=ReachPolicy.parse(allow, ""),
        web_policy=ReachPolicy.parse(allow, "", open_ports=WEB_PORTS),
        names=Names(servers=dns_servers, hosts=HostsFile(hosts_file)),
        contexts=contexts or Contexts(extra_ca_pem=extra_ca_pem),
        clock=time.monotonic,
        now=lambda: datetime.now(UTC),
        machine="tester.acme.example",
    )


def probed(
    answer: dict[str, Any], tools: Tools, *, told: list[tuple[Step, ...]] | None = None
) -> TestResult:
    """Run one attempt and return its result, after checks that every result must pass."""
    seen: list[tuple[Step, ...]] = [] if told is None else told
    result = asyncio.run(run_attempt(read_assignment(answer), tools, on_step=seen.append))
    check_result(result)
    return result


def step_of(result: TestResult, name: str) -> Step:
    """Return one step of a result."""
    return next(step for step in result.steps if step.name == name)


def check_result(result: TestResult) -> None:
    """Assert what every result keeps: known codes, all their facts, all thirteen steps."""
    assert len(result.steps) == 13
    assert CODES[result.code].verdict == result.verdict
    by_name = {step.name: step for step in result.steps}
    if result.code == "ok":
        assert all(step.state != "failed" for step in result.steps)
    elif result.code != "deadline_exceeded":  # this one names the slowest step
        assert by_name[result.step].state == "failed"
    for texts, _ in LANGUAGES.values():
        for template in texts[result.code]:
            assert required_names_in(template) <= set(result.facts), result
    for warning in result.warnings:
        assert WARNINGS[warning.code] <= set(warning.facts)
