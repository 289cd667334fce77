"""What every mechanism has in common: an initial response, answers to challenges, an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from services.conn_tester.secret import Secret


class BadChallenge(Exception):
    """The server sent a challenge that the mechanism does not know at this place."""


class SignatureWrong(Exception):
    """The server could not prove that it knows the password itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Login:
    """Whom to sign in, at which host and port; `authorized_as` is whom to act for, if another.

    `binding` is the TLS channel's `tls-server-end-point` (RFC 5929), None where there is none;
    `binding_unoffered` tells that it could be used but the server does not offer it.
    """

    user: str
    password: Secret
    authorized_as: str | None = None
    host: str
    port: int
    binding: bytes | None = None
    binding_unoffered: bool = False


def saslname(text: str) -> str:
    """Return a name as it stands in a GS2 header (RFC 5801 4)."""
    return text.replace("=", "=3D").replace(",", "=2C")


class Exchange(Protocol):
    """One login; `complete` tells whether the server may say yes now."""

    @property
    def complete(self) -> bool: ...

    def initial(self) -> bytes | None:
        """Return the initial response, None where the server speaks first."""

    def answer(self, challenge: bytes) -> bytes:
        """Return the answer to a challenge; raises BadChallenge and SignatureWrong."""
