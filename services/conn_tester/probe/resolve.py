"""Step `dns`: the name's addresses, each of them judged before any packet goes there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from services.conn_tester.diagnosis.finding import Concluded, Finding, conclude
from services.conn_tester.limits import in_ms
from services.conn_tester.names import (
    LookupFailed,
    NameServersFailed,
    NameServersSilent,
    NoAddress,
    Suggestion,
)
from services.conn_tester.probe.config import literal_address
from services.conn_tester.providers import similar_provider

if TYPE_CHECKING:
    from services.conn_tester.probe.state import Probe


async def resolve(probe: Probe, detail: dict[str, Any]) -> None:
    """Find and judge the addresses; the name is not looked up again in this attempt."""
    host = probe.target.host
    literal = literal_address(host)
    if literal:
        addresses: tuple[str, ...] = (literal,)
    elif probe.target.behaviour.proxy is not None:
        addresses = await _known_here(probe, host, detail)
    else:
        addresses = await _looked_up(probe, host)
    allowed = all(probe.tools.policy.permits(address, probe.target.port) for address in addresses)
    if not allowed:
        raise Concluded(Finding(code="address_not_allowed", step="config"))
    probe.addresses = addresses
    detail["addresses"] = list(addresses)


async def _known_here(probe: Probe, host: str, detail: dict[str, Any]) -> tuple[str, ...]:
    """Look up a name that the proxy may know better: without an address it is left to it."""
    try:
        return await probe.tools.names.addresses(host, limit_s=probe.limits.look_s)
    except LookupFailed:
        detail["left_to"] = "proxy"
        return ()


async def _looked_up(probe: Probe, host: str) -> tuple[str, ...]:
    limit_s = probe.limits.dns_s
    try:
        return await probe.tools.names.addresses(host, limit_s=limit_s)
    except NameServersSilent:
        raise conclude("dns_timeout", limit_ms=in_ms(limit_s)) from None
    except NameServersFailed as error:
        raise conclude("dns_server_failure", answer=error.reason) from None
    except NoAddress as error:
        raise await _without_address(probe, host, error.alias) from None
    except LookupFailed as error:
        raise await _not_found(probe, host, error.alias) from None


async def _without_address(probe: Probe, host: str, alias: str | None) -> Concluded:
    found = await _announced(probe, host)
    return _concluded("host_has_no_address", alias, found)


async def _not_found(probe: Probe, host: str, alias: str | None) -> Concluded:
    """Look for what was meant: a known provider's name, or what the domain itself announces."""
    name = host.lower().rstrip(".")
    meant = similar_provider(name)
    if meant is not None:
        return _concluded("host_not_found", alias, Suggestion(host=meant))
    _, _, domain = name.partition(".")
    found = await _announced(probe, domain) if "." in domain else None
    return _concluded("host_not_found", alias, found)


async def _announced(probe: Probe, domain: str) -> Suggestion | None:
    try:
        async with asyncio.timeout(probe.limits.look_s):
            return await probe.tools.names.suggestion(domain, limit_s=probe.limits.look_s)
    except TimeoutError:
        return None  # the conclusion stands without it


def _concluded(code: str, alias: str | None, found: Suggestion | None) -> Concluded:
    facts = {"alias": alias, "suggestion": found.host if found else None}
    return Concluded(Finding(code=code, facts=facts, fix=_fix(found) if found else None))


def _fix(found: Suggestion) -> dict[str, Any]:
    if found.port is None:
        return {"host": found.host}
    return {"host": found.host, "port": found.port, "security": found.security}
