"""aiosmtpd with one user, by STARTTLS and by implicit TLS, on loopback."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink
from aiosmtpd.smtp import AuthResult

from tests.support.ports import free_port
from tests.support.smtp.certificates import HOST, Authority, Wanted
from tests.support.smtp.script import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class PythonServer:
    """Where it listens and whom its certificate comes from."""

    starttls_port: int
    implicit_port: int
    authority: Authority


@contextmanager
def running_python_server(_folder: Path) -> Iterator[PythonServer]:
    """Run both servers in threads until the block ends."""
    authority = Authority.root()
    context = authority.issue(Wanted(names=(HOST, "127.0.0.1", "localhost"))).context()
    by_security: tuple[dict[str, Any], ...] = (
        {"tls_context": context, "require_starttls": True},
        {"ssl_context": context, "auth_require_tls": False},
    )
    controllers = [
        Controller(Sink(), hostname="127.0.0.1", port=free_port(), authenticator=_check, **secured)
        for secured in by_security
    ]
    for controller in controllers:
        controller.start()
    try:
        yield PythonServer(
            starttls_port=controllers[0].port,
            implicit_port=controllers[1].port,
            authority=authority,
        )
    finally:
        for controller in controllers:
            controller.stop()


def _check(
    _server: object, _session: object, _envelope: object, _mechanism: str, data: object
) -> AuthResult:
    given = (getattr(data, "login", b"").decode(), getattr(data, "password", b"").decode())
    return AuthResult(success=given == (USER, PASSWORD), handled=False)
