"""Shorthand for the commands that most tests of the application begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from events.connection_test import Step, TestResult
from events.messages import TestReported
from tests.support.settings import a_draft

if TYPE_CHECKING:
    from services.config_api.application.context import Answer
    from tests.support.relaybook import House


def register(house: House, setting_id: str = "acme", **changes: Any) -> Answer:
    """Register a setting with a password."""
    return house.relaybook.smtp_settings.register(setting_id, a_draft(**changes), house.ctx())


def request_test(house: House, setting_id: str | None = "acme", **changes: Any) -> str:
    """Ask for a test and return its id; `draft` and `depth` may be given."""
    asked: dict[str, Any] = {"draft": None, "depth": "auth", "mail_from": None, "rcpt_to": None}
    answer = house.relaybook.connection_tests.request(
        setting_id=setting_id, ctx=house.ctx(), **(asked | changes)
    )
    assert answer.document is not None
    test_id: str = answer.document["id"]
    return test_id


def a_result(**changes: Any) -> TestResult:
    """Return a result that passed."""
    fields: dict[str, Any] = {
        "verdict": "passed",
        "code": "ok",
        "step": "quit",
        "facts": {"host": "smtp.acme.example", "port": 587, "security": "starttls"},
        "steps": (Step(name="dns", state="passed", at_ms=0.0, duration_ms=1.5),),
    }
    return TestResult(**fields | changes)


def a_report(test_id: str, attempt: int = 1, **changes: Any) -> TestReported:
    """Return what a tester reports."""
    return TestReported(test_id=test_id, attempt=attempt, result=a_result(**changes))
