"""Step `dns`: the name's addresses, each of them judged before any packet goes there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from services.conn_tester.diagnosis.finding import Concluded, Finding, conclude
from services.conn_tester.limits import in_ms
from services.conn_tester.names import (
    LookupFailed,
    NameServersFailed,
    NameServersSilent,
    NoAddress,
)
from services.conn_tester.probe.config import literal_address

if TYPE_CHECKING:
    from services.conn_tester.names import Suggestion
    from services.conn_tester.probe.state import Probe


async def resolve(probe: Probe, detail: dict[str, Any]) -> None:
    """Find and judge the addresses; the name is not looked up again in this attempt."""
    host = probe.target.host
    literal = literal_address(host)
    addresses = (literal,) if literal else await _looked_up(probe, host)
    allowed = all(probe.tools.policy.permits(address, probe.target.port) for address in addresses)
    if not allowed:
        raise Concluded(Finding(code="address_not_allowed", step="config"))
    probe.addresses = addresses
    detail["addresses"] = list(addresses)


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
        raise conclude("host_not_found", alias=error.alias) from None


async def _without_address(probe: Probe, host: str, alias: str | None) -> Concluded:
    found = await probe.tools.names.suggestion(host, limit_s=probe.limits.look_s)
    facts = {"alias": alias, "suggestion": found.host if found else None}
    return Concluded(
        Finding(code="host_has_no_address", facts=facts, fix=_fix(found) if found else None)
    )


def _fix(found: Suggestion) -> dict[str, Any]:
    if found.port is None:
        return {"host": found.host}
    return {"host": found.host, "port": found.port, "security": found.security}
