from __future__ import annotations

from typing import Any

from services.config_api.cli.conclusion import report_lines

FAILED: dict[str, Any] = {
    "verdict": "failed",
    "step": "tls",
    "code": "port_expects_plain",
    "title": "The port starts in plain text",
    "hint": "Use STARTTLS.",
    "fix": {"security": "starttls", "auth": {"mechanism": "PLAIN"}},
    "reply": {"code": 535, "enhanced": "5.7.8", "text": "5.7.8 no"},
    "warnings": [{"code": "cert_expires_soon", "title": "It ends soon.", "hint": "Renew it."}],
}
PASSED: dict[str, Any] = {
    "verdict": "passed",
    "step": "quit",
    "code": "ok",
    "title": "It works",
    "hint": None,
    "fix": None,
    "reply": None,
    "warnings": [],
}


def test_a_failed_test_says_why_and_what_to_change() -> None:
    assert list(report_lines(FAILED)) == [
        "FAILED at step tls: port_expects_plain",
        "The port starts in plain text",
        "Use STARTTLS.",
        "Change: security = starttls, auth.mechanism = PLAIN",
        "The server said: 535 5.7.8 no",
        "Warning cert_expires_soon: It ends soon. Renew it.",
    ]


def test_a_passed_test_is_two_lines() -> None:
    assert list(report_lines(PASSED)) == ["PASSED at step quit: ok", "It works"]


def test_the_servers_words_are_not_said_twice() -> None:
    told = FAILED | {"hint": "The server said “5.7.8 no”."}
    assert not [line for line in report_lines(told) if line.startswith("The server said:")]


def test_an_enhanced_code_that_the_text_lacks_is_put_before_it() -> None:
    told = FAILED | {"reply": {"code": 421, "enhanced": "4.7.0", "text": "later"}}
    assert "The server said: 421 4.7.0 later" in report_lines(told)
