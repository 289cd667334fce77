"""Facts about one connection test; stream `connection_test-<test id>`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from events.smtp_setting import SettingValues

CATEGORY = "connection_test"

Depth = Literal["connect", "auth", "envelope", "send"]
Verdict = Literal["passed", "failed", "inconclusive"]
StepName = Literal[
    "config", "dns", "tcp", "proxy", "banner", "ehlo", "tls", "token", "auth",
    "mail", "rcpt", "data", "quit",
]  # fmt: skip
StepState = Literal["passed", "failed", "skipped", "warned"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a test; times are milliseconds since the attempt began and of the step."""

    name: StepName
    state: StepState
    at_ms: float | None = None
    duration_ms: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """The server's reply that decided: RFC 5321 code, RFC 3463 enhanced code, escaped text."""

    code: int
    enhanced: str | None
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Warned:
    """Something beside the verdict that is worth mending; `facts` fill its sentence."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One line of the dialogue, secrets replaced and control characters escaped."""

    sender: Literal["client", "server"]
    text: str
    at_ms: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TestResult:
    """What a connection test concludes; codes and facts are those of `events.diagnosis`."""

    __test__: ClassVar[bool] = False  # its name begins like a pytest class

    verdict: Verdict
    code: str
    step: StepName
    facts: dict[str, Any] = field(default_factory=dict)
    fix: dict[str, Any] | None = None
    reply: Reply | None = None
    warnings: tuple[Warned, ...] = ()
    steps: tuple[Step, ...] = ()
    server: dict[str, Any] | None = None
    tls: dict[str, Any] | None = None
    transcript: tuple[Line, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionTestRequested:
    """Somebody asked for a test of a stored setting or of a draft.

    `setting_id` may be None only for a draft. `setting_version` is the version in force at the
    request, None for an ID without a setting. `draft` is what stands on the form; its secrets are
    sealed under the test's id. `mail_from` and `rcpt_to` go with the depths `envelope` and `send`.
    """

    TYPE: ClassVar[str] = "connection_test.requested"
    SCHEMA_VERSION: ClassVar[int] = 1

    test_id: str
    setting_id: str | None
    setting_version: int | None
    draft: SettingValues | None
    depth: Depth
    mail_from: str | None = None
    rcpt_to: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionTestCompleted:
    """A test ended with a result, its own or that nobody could test; `attempts` were claimed."""

    TYPE: ClassVar[str] = "connection_test.completed"
    SCHEMA_VERSION: ClassVar[int] = 1

    test_id: str
    attempts: int
    result: TestResult


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectionTestCancelled:
    """Somebody stopped a test before it ended; it counts as inconclusive, `cancelled`."""

    TYPE: ClassVar[str] = "connection_test.cancelled"
    SCHEMA_VERSION: ClassVar[int] = 1

    test_id: str


ConnectionTestEvent = ConnectionTestRequested | ConnectionTestCompleted | ConnectionTestCancelled
