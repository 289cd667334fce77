"""Names to addresses: the hosts file, then name servers, with a limit."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.rdatatype
import dns.resolver

from services.conn_tester.reply import shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from services.conn_tester.hosts_file import HostsFile

_ROOT: Final = "."
_PATIENCE_S: Final = 2.0  # for the addresses of the other kind, where one kind is known
_SUBMISSION_SERVICES: Final = (
    ("_submissions._tcp", "implicit_tls"),
    ("_submission._tcp", "starttls"),
)
_USUAL_NAMES: Final = ("smtp", "mail")


class LookupFailed(Exception):
    """No address came of it; `alias` is where the name points, if it is an alias."""

    def __init__(self, reason: str = "", *, alias: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.alias = alias


class NoSuchName(LookupFailed):
    """The name, or the one behind its alias, does not exist."""


class NoAddress(LookupFailed):
    """The name exists without an address."""


class NameServersFailed(LookupFailed):
    """The name servers refused, failed or contradicted themselves."""


class NameServersSilent(LookupFailed):
    """No answer within the limit."""


_LEAST_CERTAIN_FIRST: Final = (NameServersSilent, NameServersFailed, NoAddress, NoSuchName)


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A mail server that the domain itself names; port and security only where it names them."""

    host: str
    port: int | None = None
    security: str | None = None


class Names:
    """Looks names up; `servers` are (address, port) pairs, none means the system's own."""

    def __init__(self, *, servers: Sequence[tuple[str, int]], hosts: HostsFile) -> None:
        self._hosts = hosts
        self._resolver = _configured(servers)

    async def addresses(self, host: str, *, limit_s: float) -> tuple[str, ...]:
        """Return all IPv6 and IPv4 addresses of a name, in no order; raises LookupFailed."""
        if listed := self._hosts.addresses(host):
            return listed
        outcomes = await self._both(host, limit_s)
        found = [text for outcome in outcomes if isinstance(outcome, list) for text in outcome]
        if found:
            return tuple(dict.fromkeys(found))
        raise min(
            (outcome for outcome in outcomes if isinstance(outcome, BaseException)), key=_certainty
        )

    async def _both(self, host: str, limit_s: float) -> list[list[str] | BaseException]:
        """Ask for AAAA and A at once; where one has come, the other is waited for a moment only.

        Some name servers never answer for AAAA (RFC 4074 4.1), others do so late (RFC 8305 3).
        """
        asked = [asyncio.create_task(self._ask(host, kind, limit_s)) for kind in ("AAAA", "A")]
        try:
            done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            if any(task.exception() is None for task in done):
                await asyncio.wait(asked, timeout=_PATIENCE_S)
            else:
                await asyncio.wait(asked)
        finally:
            for task in asked:
                task.cancel()
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
        return outcomes

    async def suggestion(self, domain: str, *, limit_s: float) -> Suggestion | None:
        """Return the mail server that a domain names by SRV (RFC 6186, 8314), MX or usual name."""
        for service, security in _SUBMISSION_SERVICES:
            for record in await self._records(f"{service}.{domain}", "SRV", limit_s):
                if (host := _text(record.target)) != _ROOT:
                    return Suggestion(host=host, port=record.port, security=security)
        for name in _USUAL_NAMES:
            if await self._records(f"{name}.{domain}", "A", limit_s):
                return Suggestion(host=f"{name}.{domain}")
        exchangers = await self._records(domain, "MX", limit_s)
        for record in sorted(exchangers, key=lambda record: record.preference):
            if (host := _text(record.exchange)) != _ROOT:
                return Suggestion(host=host)
        return None

    async def records(self, name: str, kind: str, *, limit_s: float) -> list[Any]:
        """Return the records of a kind that a name has, none where it has other ones only.

        Raises NoSuchName, NameServersFailed, NameServersSilent.
        """
        try:
            return await self._found(name + _ROOT, kind, limit_s, search=False)
        except NoAddress:
            return []

    async def _ask(self, host: str, kind: str, limit_s: float) -> list[str]:
        return [record.address for record in await self._found(host, kind, limit_s, search=True)]

    async def _found(self, name: str, kind: str, limit_s: float, *, search: bool) -> list[Any]:
        try:
            answer = await self._resolver.resolve(name, kind, lifetime=limit_s, search=search)
        except dns.resolver.NXDOMAIN as error:
            raise NoSuchName(alias=_alias_behind(error)) from None
        except dns.resolver.NoAnswer as error:
            raise NoAddress(alias=_alias_in(error)) from None
        except dns.resolver.LifetimeTimeout:
            raise NameServersSilent from None
        except dns.resolver.NoNameservers as error:
            raise NameServersFailed(_reason(error)) from None
        except (dns.exception.DNSException, OSError) as error:
            raise NameServersFailed(type(error).__name__) from None
        return list(answer)

    async def _records(self, name: str, kind: str, limit_s: float) -> list[Any]:
        try:
            answer = await self._resolver.resolve(name + _ROOT, kind, lifetime=limit_s)
        except (dns.exception.DNSException, OSError):
            return []  # a suggestion is a courtesy; the conclusion stands without it
        return list(answer)


def _configured(servers: Sequence[tuple[str, int]]) -> dns.asyncresolver.Resolver:
    if not servers:
        try:
            return dns.asyncresolver.Resolver()
        except dns.resolver.NoResolverConfiguration:
            pass  # the hosts file and addresses still work; every look-up fails as such
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.domain = dns.name.root
    resolver.nameservers = [
        dns.nameserver.Do53Nameserver(address, port) for address, port in servers
    ]
    return resolver


def _certainty(error: BaseException) -> int:
    kind = type(error)
    return _LEAST_CERTAIN_FIRST.index(kind) if kind in _LEAST_CERTAIN_FIRST else -1


def _text(name: dns.name.Name) -> str:
    return shown(name.to_text(omit_final_dot=True).lower())


def _alias_behind(error: dns.resolver.NXDOMAIN) -> str | None:
    canonical = error.canonical_name
    return None if canonical in error.kwargs["qnames"] else _text(canonical)


def _alias_in(error: dns.resolver.NoAnswer) -> str | None:
    response = error.kwargs.get("response")
    if response is None:
        return None
    canonical = response.resolve_chaining().canonical_name
    return None if canonical == response.question[0].name else _text(canonical)


def _reason(error: dns.resolver.NoNameservers) -> str:
    attempts = error.kwargs.get("errors") or ()
    return ", ".join(dict.fromkeys(filter(None, (_told(attempt) for attempt in attempts))))


def _told(attempt: Sequence[Any]) -> str:
    """Return what ended one try: a server's own word, or how it could not be reached."""
    _, by_tcp, port, what, *_ = attempt
    if isinstance(what, OSError):
        return f"{'TCP' if by_tcp else 'UDP'} port {port}: {os.strerror(what.errno or 0)}"
    return str(what)
