"""A situation: a server, what is asked of it, and what the test must conclude."""

from __future__ import annotations

import ctypes
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support.smtp.certificates import Authority, Wanted
from tests.support.smtp.peer import running_peer
from tests.support.smtp.probing import claim_answer, make_tools, probed

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    from events.connection_test import TestResult
    from services.conn_tester.contexts import Contexts
    from tests.support.smtp.peer import Connection

PEER = "scripted"
NOBODY = "none"
_CLONE_NEWNET = 0x40000000
USUAL_WARNINGS = frozenset({"not_encrypted", "password_without_tls"})


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a server listens, its certificate's private authority, and how it is asked for."""

    port: int
    ca_pem: str | None = None
    hosts: str | None = None
    dns_servers: tuple[tuple[str, int], ...] | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(kw_only=True)
class Zoo:
    """The real servers that run, an authority for scripted ones, and shared TLS contexts."""

    authority: Authority
    servers: Mapping[str, Any]
    contexts: Contexts

    def context(self, **wanted: Any) -> ssl.SSLContext:
        """Return the context of a server with a certificate of the authority."""
        return self.authority.issue(Wanted(**wanted)).context()


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What is so (`title`, `server`), how to come there, and the conclusion.

    `asked` are the changes of `claim_answer`; with `trusted` the server's authority stands in the
    setting. `claim` is what the API says besides. `warnings` are those beyond the two of a password
    without TLS.
    """

    title: str
    code: str
    step: str
    opened: Callable[[Zoo], AbstractContextManager[Place]]
    server: str = PEER
    asked: Mapping[str, Any] = field(default_factory=dict)
    trusted: bool = True
    fix: Mapping[str, Any] | None = None
    warnings: frozenset[str] = frozenset()
    tools: Mapping[str, Any] = field(default_factory=dict)
    claim: Mapping[str, Any] = field(default_factory=dict)
    without_network: bool = False

    @property
    def name(self) -> str:
        """How it is told from all others."""
        return f"{self.server}: {self.title}"


def meet(situation: Situation, zoo: Zoo, folder: Path) -> TestResult:
    """Run one attempt against the situation's server."""
    with situation.opened(zoo) as place:
        changes = {"timeout_ms": 2_000} | dict(place.asked) | dict(situation.asked)
        if situation.trusted:
            changes.setdefault("ca_pem", place.ca_pem)
        port = changes.pop("port", place.port)
        options = dict(situation.tools)
        told = {"hosts": place.hosts, "dns_servers": place.dns_servers}
        options |= {name: value for name, value in told.items() if value is not None}
        tools = make_tools(folder, contexts=zoo.contexts, **options)
        attempt = partial(probed, claim_answer(port, **changes) | dict(situation.claim), tools)
        return _without_network(attempt) if situation.without_network else attempt()


def _without_network(attempt: Callable[[], TestResult]) -> TestResult:
    """Run an attempt in a thread of its own whose network namespace has no interface up."""

    def run() -> TestResult:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "unshare")
        return attempt()

    with ThreadPoolExecutor(1) as alone:
        return alone.submit(run).result()


def peer(
    behave: Callable[[Connection], Awaitable[None]] | Callable[[Zoo], Any],
    *,
    tls: Callable[[Zoo], ssl.SSLContext] | None = None,
    made: bool = False,
) -> Callable[[Zoo], AbstractContextManager[Place]]:
    """Open a scripted peer; with `made` the behaviour is made for the zoo."""

    @contextmanager
    def opened(zoo: Zoo) -> Iterator[Place]:
        own: Any = behave(zoo) if made else behave  # type: ignore[arg-type]  # by `made`
        with running_peer(own, tls=tls(zoo) if tls else None) as running:
            yield Place(port=running.port, ca_pem=zoo.authority.pem)

    return opened


def real(name: str, port: str) -> Callable[[Zoo], AbstractContextManager[Place]]:
    """Open nothing: a real server runs as long as the zoo does."""

    @contextmanager
    def opened(zoo: Zoo) -> Iterator[Place]:
        server = zoo.servers[name]
        yield Place(port=getattr(server, port), ca_pem=server.authority.pem)

    return opened


def nowhere(port: int = 9) -> Callable[[Zoo], AbstractContextManager[Place]]:
    """Open nothing at all."""

    @contextmanager
    def opened(_zoo: Zoo) -> Iterator[Place]:
        yield Place(port=port)

    return opened
