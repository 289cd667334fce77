"""Situations in which the host takes mail at another port than the one asked."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from tests.integration.zoo.behaviours import saying, script
from tests.integration.zoo.situation import Place, Situation, Zoo
from tests.support.smtp.certificates import HOST
from tests.support.smtp.peer import running_peer
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


def _at(
    address: str, asked: Any, *, starttls: bool = False, implicit: bool = False
) -> Callable[[Zoo], AbstractContextManager[Place]]:
    """Open the behaviour that is asked, if any, and servers at 587 and 465 of an address."""

    @contextmanager
    def opened(zoo: Zoo) -> Iterator[Place]:
        context = zoo.context()
        with ExitStack() as stack:
            port = 25
            if asked is not None:
                port = stack.enter_context(running_peer(asked, host=address)).port
            if starttls:
                peer = running_peer(SmtpScript(starttls=context), host=address, port=587)
                stack.enter_context(peer)
            if implicit:
                peer = running_peer(SmtpScript(), tls=context, host=address, port=465)
                stack.enter_context(peer)
            yield Place(port=port, ca_pem=zoo.authority.pem, hosts=f"{address} {HOST}\n")

    return opened


STARTTLS = {"security": "starttls"}
BOTH = {"starttls": True, "implicit": True}
OTHER_PORTS = (
    Situation(title="nothing listens at 25, both submission ports take mail", step="tcp",
              opened=_at("127.86.0.1", None, **BOTH), asked=STARTTLS, code="refused",
              fix={"port": 587}),
    Situation(title="nothing listens at 25, but TLS at 465", step="tcp", code="refused",
              opened=_at("127.86.0.2", None, implicit=True), asked=STARTTLS,
              fix={"port": 465, "security": "implicit_tls"}),
    Situation(title="IMAP at the port, mail at 465 and 587", step="banner", code="not_smtp_imap",
              opened=_at("127.86.0.3", saying("* OK ready\r\n"), **BOTH),
              asked=STARTTLS | {"timeout_ms": 500}, fix={"port": 587}),
    Situation(title="no STARTTLS at the port, but at 587", step="tls", code="starttls_not_offered",
              opened=_at("127.86.0.4", script(), starttls=True), asked=STARTTLS, fix={"port": 587}),
    Situation(title="no sign-in at the port, but at 587", step="auth", code="auth_not_offered",
              opened=_at("127.86.0.5", SmtpScript(extensions=("SIZE",)), starttls=True),
              fix={"port": 587, "security": "starttls"},
              warnings=frozenset({"java_skips_sign_in"})),
    Situation(title="the policy forbids the ports that would do", step="tcp", code="refused",
              opened=_at("127.86.0.6", None, **BOTH), asked=STARTTLS,
              tools={"allow": "127.86.0.6/32:25"}),
)  # fmt: skip
