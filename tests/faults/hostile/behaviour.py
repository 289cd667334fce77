"""A way in which a server may behave badly, as data: what it does, what a test may conclude."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.smtp.script import PASSWORD, USER

if TYPE_CHECKING:
    from events.connection_test import Depth
    from events.smtp_setting import Security
    from tests.support.smtp.peer import Connection

Act = Callable[["Connection"], Awaitable[None]]
Fault = Callable[["Connection", str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """`act` is the whole of a connection; `codes` are the conclusions that are right.

    The other fields are the setting and the depth with which it is probed.
    """

    name: str
    codes: frozenset[str]
    act: Act
    security: Security = "none"
    depth: Depth = "auth"
    mechanism: str | None = None
    user: str = USER
    password: str = PASSWORD
    timeout_ms: int | None = 2_000
    deadline_ms: int = 12_000

    def changes(self) -> dict[str, Any]:
        """Return what its claim says, as `claim_answer` takes it."""
        with_envelope = self.depth in {"envelope", "send"}
        return {
            "security": self.security,
            "depth": self.depth,
            "mechanism": self.mechanism,
            "user": self.user,
            "password": self.password,
            "timeout_ms": self.timeout_ms,
            "deadline_ms": self.deadline_ms,
            "mail_from": "noreply@acme.example" if with_envelope else None,
            "rcpt_to": "boss@acme.example" if with_envelope else None,
        }


def codes(text: str) -> frozenset[str]:
    """Return the codes that blanks separate."""
    return frozenset(text.split())
