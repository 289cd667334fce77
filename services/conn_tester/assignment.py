"""What the API hands over when a test is claimed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from events.connection_test import Depth
from events.smtp_setting import AuthMethod, Security
from services.conn_tester.properties import Honoured
from services.conn_tester.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTHS = get_args(Depth)
_WITH_ENVELOPE = frozenset({"envelope", "send"})
_NOT_IN_PATHS = frozenset("<> ")


class MalformedClaim(ValueError):
    """The API's answer does not have the agreed shape, or asks for what this tester cannot do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """How to sign in; `password` is None where the API had none to give."""

    method: AuthMethod
    user: str | None
    password: Secret | None
    mechanism: str | None
    provider_id: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The setting in force, as the probe needs it; limits are seconds, None means none of its own.

    `mechanisms` is the administrator's order of preference from the session properties, or empty.
    """

    host: str
    port: int
    security: Security
    tls_protocols: tuple[str, ...]
    ca_pem: str | None
    connect_limit_s: float | None
    read_limit_s: float | None
    ehlo_name: str | None
    local_address: str | None
    mechanisms: tuple[str, ...]
    x_mailer: str | None
    sign_in: SignIn


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """Sender and recipient, as they stand between the angle brackets of MAIL and RCPT."""

    sender: str
    recipient: str

    @property
    def non_ascii(self) -> str | None:
        """The first address that only SMTPUTF8 (RFC 6531) can carry."""
        return next((text for text in (self.sender, self.recipient) if not text.isascii()), None)

    @property
    def needs_utf8(self) -> bool:
        """Whether one of the addresses is not ASCII."""
        return self.non_ascii is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """One attempt of one test; `deadline_s` is the time for the whole of it.

    The depths `envelope` and `send` have an `envelope`, the others have none.
    """

    test_id: str
    attempt: int
    depth: Depth
    deadline_s: float
    target: Target
    envelope: Envelope | None = None


def read_assignment(answer: Mapping[str, Any]) -> Assignment:
    """Return the assignment in a claim's JSON answer; raises MalformedClaim."""
    try:
        if answer["depth"] not in _DEPTHS:
            raise MalformedClaim(f"depth {answer['depth']!r}")
        return Assignment(
            test_id=str(answer["id"]),
            attempt=int(answer["attempt"]),
            depth=cast("Depth", answer["depth"]),
            deadline_s=int(answer["deadline_ms"]) / 1000,
            target=_target(answer),
            envelope=_envelope(answer) if answer["depth"] in _WITH_ENVELOPE else None,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedClaim(f"{type(error).__name__}: {error}") from None


def _target(answer: Mapping[str, Any]) -> Target:
    setting = answer["setting"]
    honoured = Honoured.read(answer["session_properties"])
    return Target(
        host=setting["host"] or "",
        port=setting["port"],
        security=setting["security"],
        tls_protocols=honoured.tls_protocols or tuple(setting["tls_protocols"]),
        ca_pem=setting["ca_pem"],
        connect_limit_s=honoured.limit("connectiontimeout", setting["connection_timeout_ms"]),
        read_limit_s=honoured.limit("timeout", setting["timeout_ms"]),
        ehlo_name=honoured.text("localhost"),
        local_address=honoured.text("localaddress"),
        mechanisms=honoured.mechanisms,
        x_mailer=setting["x_mailer"],
        sign_in=_sign_in(setting["auth"], answer["credential"]),
    )


def _envelope(answer: Mapping[str, Any]) -> Envelope:
    for name in ("mail_from", "rcpt_to"):
        if "@" not in answer[name] or _NOT_IN_PATHS & set(answer[name]):
            raise MalformedClaim(f"{name} is no address")
    return Envelope(sender=answer["mail_from"], recipient=answer["rcpt_to"])


def _sign_in(auth: Mapping[str, Any], credential: Mapping[str, Any] | None) -> SignIn:
    given = credential or {}
    if "access_token" in given:
        raise MalformedClaim("an access token, which this version cannot use")
    password = given.get("password")
    return SignIn(
        method=auth["method"],
        user=auth["user"],
        password=Secret(password) if password else None,
        mechanism=auth["mechanism"],
        provider_id=auth["provider_id"],
    )
