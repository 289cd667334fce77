"""A mail server on loopback that takes every login and message, and keeps both."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.support.ports import free_port
from tests.support.smtp.certificates import Authority, Wanted

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

HOST = "127.0.0.1"


@dataclass
class Sink:
    """What came: names of clients, (mechanism, user, password), and envelopes."""

    port: int
    authority: Authority
    names: list[str] = field(default_factory=list)
    logins: list[tuple[str, str, str]] = field(default_factory=list)
    envelopes: list[Any] = field(default_factory=list)

    async def handle_EHLO(  # noqa: N802 -- the name that aiosmtpd looks for
        self, _server: object, session: Any, _envelope: object, name: str, responses: list[str]
    ) -> list[str]:
        self.names.append(name)
        session.host_name = name
        return responses

    async def handle_DATA(  # noqa: N802 -- the same
        self, _server: object, _session: object, envelope: Any
    ) -> str:
        self.envelopes.append(envelope)
        return "250 OK"

    def take_login(
        self, _server: object, _session: object, _envelope: object, mechanism: str, data: Any
    ) -> AuthResult:
        self.logins.append((mechanism, data.login.decode(), data.password.decode()))
        return AuthResult(success=True)


@contextmanager
def running_sink(security: str) -> Iterator[Sink]:
    """Run a sink with `starttls` (required), `implicit_tls` or `none` until the block ends."""
    authority = Authority.root()
    context = authority.issue(Wanted(names=(HOST,))).context()
    sink = Sink(port=free_port(), authority=authority)
    controller = Controller(
        sink,
        hostname=HOST,
        port=sink.port,
        authenticator=sink.take_login,
        auth_require_tls=False,
        **_secured(security, context),
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def _secured(security: str, context: ssl.SSLContext) -> dict[str, Any]:
    secured: dict[str, dict[str, Any]] = {
        "none": {},
        "starttls": {"tls_context": context, "require_starttls": True},
        "implicit_tls": {"ssl_context": context},
    }
    return secured[security]
