"""Why a command ends early: each carries its exit code and what the user can do.

Failure
├── Refused         1   the answer is no; `problem` is the service's own document
├── WrongUsage      2   the command line or its environment cannot be used
├── NotReachable   69   the service did not answer
└── Internal       70   a fault that the user cannot mend
"""

from __future__ import annotations

from typing import Any, ClassVar


class Failure(Exception):
    """Ends the command; `advice` is one more line, in the language in use."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, advice: str = "", problem: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.problem = problem

    def is_about(self, slug: str) -> bool:
        """Tell whether the service's document names this kind of problem (contract §4)."""
        return (self.problem or {}).get("type") == f"urn:relaybook:problem:{slug}"


class Refused(Failure):
    """The service, or the user, said no."""


class ReaderGone(Exception):
    """What reads stdout has seen enough, as `head` does."""


class WrongUsage(Failure):
    """What was typed, read or configured cannot be used."""

    exit_code = 2


class NotReachable(Failure):
    """The service cannot be reached, or is not able to answer now."""

    exit_code = 69


class Internal(Failure):
    """Something broke inside."""

    exit_code = 70
