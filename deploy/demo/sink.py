"""The demo's SMTP server: takes every message of its one user and keeps none.

`python -m deploy.demo.sink FOLDER`, with a folder that `deploy.demo.arrangement` has filled. It
listens on loopback only and runs until SIGTERM.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import signal
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from deploy.demo.arrangement import HOST, Arrangement, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiosmtpd.smtp import Envelope, Session

_HOSTNAME: Final = "demo.relaybook.example"
_IDLE_S: Final = 60.0


@dataclass(kw_only=True)
class Counts:
    """All that the sink remembers."""

    logins: int = 0
    refused: int = 0
    messages: int = 0


class Sink:
    """Says yes to everything that follows a good login (aiosmtpd calls it by method name)."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts

    async def handle_MAIL(  # noqa: N802 -- aiosmtpd's name
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take a sender, from a user who has signed in."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802 -- aiosmtpd's name
        """Take a message and forget it."""
        self._counts.messages += 1
        return "250 2.0.0 Taken and forgotten"


def authenticator(demo: Arrangement, counts: Counts) -> Callable[..., AuthResult]:
    """Return the check of a login, as aiosmtpd calls it."""

    def check(
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        login: Any,  # noqa: ANN401 -- aiosmtpd's
    ) -> AuthResult:
        good = isinstance(login, LoginPassword) and _is(login, demo)
        counts.logins += good
        counts.refused += not good
        return AuthResult(success=good, handled=False)

    return check


def _is(login: LoginPassword, demo: Arrangement) -> bool:
    user = hmac.compare_digest(login.login, demo.user.encode())
    return hmac.compare_digest(login.password, demo.password.encode()) and user


def server_context(folder: Path) -> ssl.SSLContext:
    """Return the TLS side of the server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


async def run(demo: Arrangement, counts: Counts) -> None:
    """Listen on both ports until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    tls = server_context(demo.folder)

    def protocol(**kind: Any) -> SMTP:  # noqa: ANN401 -- passed on to aiosmtpd
        check = authenticator(demo, counts)
        return SMTP(Sink(counts), hostname=_HOSTNAME, ident="ESMTP Relaybook demo", loop=loop,
                    timeout=_IDLE_S, authenticator=check, **kind)  # fmt: skip

    # aiosmtpd takes only STARTTLS for encryption: under implicit TLS it must not ask for more.
    async with (
        await loop.create_server(
            lambda: protocol(tls_context=tls, require_starttls=False), HOST, demo.ports.starttls
        ),
        await loop.create_server(
            lambda: protocol(auth_require_tls=False), HOST, demo.ports.implicit_tls, ssl=tls
        ),
    ):
        await stop.wait()


def main() -> None:
    """Run the sink of the folder named on the command line."""
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # warns of what it does itself
    counts = Counts()
    asyncio.run(run(load(Path(sys.argv[1])), counts))
    print(
        f"demo SMTP server: {counts.messages} messages, {counts.logins} logins,"
        f" {counts.refused} refused",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
