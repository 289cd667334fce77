"""What the API hands over when a test is claimed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast, get_args

from events.connection_test import Depth, Warned
from events.smtp_setting import AuthMethod, Security
from services.conn_tester.behaviour import Behaviour, read_behaviour
from services.conn_tester.properties import Honoured
from services.conn_tester.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Mapping

_DEPTHS = get_args(Depth)
_WITH_ENVELOPE = frozenset({"envelope", "send"})
_NOT_IN_PATHS = frozenset("<> ")
_PORTS = {"implicit_tls": 465, "starttls": 25, "none": 25}  # what Java takes without a port
_NOT_SPOKEN = frozenset({"SSLv2Hello", "SSLv3"})  # Java knows their names and refuses their use
_SSL_SOCKET_FACTORY = "javax.net.ssl.SSLSocketFactory"


class MalformedClaim(ValueError):
    """The API's answer does not have the agreed shape, or asks for what this tester cannot do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NoToken:
    """Why the API had no access token to give: a code of step `token`, and its facts."""

    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """How to sign in; `password` is None where the API had none to give.

    For the method `access_token` it is the token, which ends at `expires_at`; the grant behind it
    ends at `grant_ends_at`, as far as that is known.
    """

    method: AuthMethod
    user: str | None
    password: Secret | None
    mechanism: str | None
    provider_id: str | None
    expires_at: datetime | None = None
    grant_ends_at: datetime | None = None
    no_token: NoToken | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """The setting in force, as the probe needs it; limits are seconds, None means none of its own.

    Where a session property names another host, port or user, it is the one here. With `optional`
    STARTTLS is used where it is offered. `mechanisms` is the administrator's order of preference
    from the session properties, or empty. `by_property` holds, for fields of the setting that a
    property decides, the name of the property.
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
    behaviour: Behaviour
    optional: bool = False
    debug: bool = False
    by_property: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Envelope:
    """Sender and recipient, as they stand between the angle brackets of MAIL and RCPT.

    `author` stands in the message; the sender is another one where a session property says so.
    """

    sender: str
    recipient: str
    author: str

    @property
    def non_ascii(self) -> str | None:
        """The first address that only SMTPUTF8 (RFC 6531) can carry."""
        return next(
            (text for text in (self.sender, self.recipient, self.author) if not text.isascii()),
            None,
        )

    @property
    def needs_utf8(self) -> bool:
        """Whether one of the addresses is not ASCII."""
        return self.non_ascii is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Assignment:
    """One attempt of one test; `deadline_s` is the time for the whole of it.

    The depths `envelope` and `send` have an `envelope`, the others have none. `warnings` are those
    that the API has about the setting.
    """

    test_id: str
    attempt: int
    depth: Depth
    deadline_s: float
    target: Target
    envelope: Envelope | None = None
    warnings: tuple[Warned, ...] = ()


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
            warnings=tuple(
                Warned(code=told["code"], facts=told["facts"])
                for told in answer.get("warnings", ())
            ),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise MalformedClaim(f"{type(error).__name__}: {error}") from None


def _honoured(answer: Mapping[str, Any]) -> Honoured:
    return Honoured.read(answer["session_properties"], answer.get("secret_properties"))


def _target(answer: Mapping[str, Any]) -> Target:
    setting, honoured = answer["setting"], _honoured(answer)
    sign_in = _sign_in(setting["auth"], answer["credential"], answer.get("token_failure"))
    return Target(
        host=honoured.text("host") or setting["host"] or "",
        port=_port(honoured, setting),
        security=_security(honoured, setting["security"]),
        tls_protocols=_protocols(honoured) or tuple(setting["tls_protocols"]),
        ca_pem=setting["ca_pem"],
        connect_limit_s=honoured.limit("connectiontimeout", setting["connection_timeout_ms"]),
        read_limit_s=honoured.limit("timeout", setting["timeout_ms"]),
        ehlo_name=honoured.text("localhost") or honoured.text("localaddress"),
        local_address=honoured.text("localaddress"),
        mechanisms=tuple(name.upper() for name in honoured.words("auth.mechanisms")),
        x_mailer=setting["x_mailer"],
        sign_in=_asked_of(honoured, sign_in),
        behaviour=read_behaviour(honoured),
        optional=setting["security"] == "none" and honoured.flag("starttls.enable"),
        debug=bool(setting["debug"]) or honoured.session_flag("mail.debug"),
        by_property=_by_property(honoured),
    )


def _port(honoured: Honoured, setting: Mapping[str, Any]) -> int:
    """Return the port that Java takes; the old idiom for implicit TLS has one of its own."""
    usual = _PORTS[setting["security"]]
    port: int = setting["port"]
    if "port" in honoured.values:
        named = honoured.number("port")
        port = usual if named in (None, -1) else named
    if honoured.text("socketFactory.class") == _SSL_SOCKET_FACTORY:
        own = honoured.number("socketFactory.port")
        port = port if own in (None, -1) else own
    return port


def _security(honoured: Honoured, asked: Security) -> Security:
    """Return the security in force: a property may ask for more than the setting."""
    if asked == "none" and honoured.flag("starttls.required"):
        return "starttls"
    return asked


def _protocols(honoured: Honoured) -> tuple[str, ...]:
    listed = honoured.words("ssl.protocols")
    return tuple(name for name in listed if name not in _NOT_SPOKEN) or listed


def _asked_of(honoured: Honoured, sign_in: SignIn) -> SignIn:
    """Return how to sign in once the properties are heard; `auth` demands user and password."""
    method: AuthMethod = sign_in.method
    if method == "none" and honoured.flag("auth"):
        method = "password"
    return replace(
        sign_in,
        method=method,
        user=honoured.text("user") or sign_in.user,
        mechanism=None if honoured.words("auth.mechanisms") else sign_in.mechanism,
    )


def _by_property(honoured: Honoured) -> dict[str, str]:
    names = {"host": "host", "port": "port", "tls_protocols": "ssl.protocols"}
    return {
        field: honoured.prefix + name for field, name in names.items() if name in honoured.values
    }


def _envelope(answer: Mapping[str, Any]) -> Envelope:
    for name in ("mail_from", "rcpt_to"):
        if "@" not in answer[name] or _NOT_IN_PATHS & set(answer[name]):
            raise MalformedClaim(f"{name} is no address")
    named = _honoured(answer).text("from")
    sender = answer["mail_from"] if named is None else named.removeprefix("<").removesuffix(">")
    return Envelope(sender=sender, recipient=answer["rcpt_to"], author=answer["mail_from"])


def _sign_in(
    auth: Mapping[str, Any],
    credential: Mapping[str, Any] | None,
    failure: Mapping[str, Any] | None,
) -> SignIn:
    given = credential or {}
    password = given.get("access_token" if auth["method"] == "access_token" else "password")
    return SignIn(
        method=auth["method"],
        user=auth["user"],
        password=Secret(password) if password else None,
        mechanism=auth["mechanism"],
        provider_id=auth["provider_id"],
        expires_at=_instant(given.get("expires_at")),
        grant_ends_at=_instant(given.get("grant_ends_at")),
        no_token=NoToken(code=failure["code"], facts=failure["facts"]) if failure else None,
    )


def _instant(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise MalformedClaim("an instant that is none") from None
