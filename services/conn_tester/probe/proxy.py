"""Step `proxy`: the connection by way of a proxy that the session properties name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from services.conn_tester.diagnosis.finding import Concluded, Finding
from services.conn_tester.diagnosis.network import judge_failures
from services.conn_tester.limits import in_ms
from services.conn_tester.names import LookupFailed
from services.conn_tester.probe.config import literal_address
from services.conn_tester.probe.connect import dial, race, take_up
from services.conn_tester.tunnel import Goal, TunnelRefused, answers_http, open_tunnel

if TYPE_CHECKING:
    import socket

    from services.conn_tester.behaviour import Proxy
    from services.conn_tester.probe.state import Probe


async def connect_by_proxy(probe: Probe, proxy: Proxy, detail: dict[str, Any]) -> None:
    """Connect to the proxy, whose address is judged as any other, and have it reach the server."""
    detail.update(kind=proxy.kind, proxy=proxy.shown)
    addresses = await _addresses(probe, proxy)
    failures: dict[str, OSError] = {}
    try:
        address, sock, _ = await race(probe, addresses, proxy.port, failures)
    except Concluded as conclusion:
        if conclusion.finding.code != _failed(probe, proxy, failures):
            raise  # it is about the tester's own end
        raise Concluded(_unreachable(proxy, conclusion.finding.code)) from None
    detail["address"] = address
    probe.proxy_address = address
    take_up(probe, probe.addresses[0] if probe.addresses else probe.target.host, sock)
    await _tunnelled(probe, proxy, sock, probe.target.port)


async def dial_by_proxy(probe: Probe, proxy: Proxy, port: int) -> socket.socket:
    """Return one more connection to the server, at any port; raises OSError, Concluded."""
    address = probe.proxy_address
    if address is None:
        raise OSError("the proxy was not reached yet")
    sock = await dial(probe, address, proxy.port)
    try:
        await _tunnelled(probe, proxy, sock, port)
    except BaseException:
        sock.close()
        raise
    return sock


def _failed(probe: Probe, proxy: Proxy, failures: dict[str, OSError]) -> str | None:
    if not failures:
        return None
    limit_ms = in_ms(probe.limits.connect_s)
    return judge_failures(failures, port=proxy.port, limit_ms=limit_ms).code


async def _addresses(probe: Probe, proxy: Proxy) -> tuple[str, ...]:
    literal = literal_address(proxy.host)
    try:
        addresses = (
            (literal,)
            if literal
            else await probe.tools.names.addresses(proxy.host, limit_s=probe.limits.dns_s)
        )
    except LookupFailed as error:
        raise Concluded(_unreachable(proxy, _reason(error))) from None
    if not all(probe.tools.policy.permits(address, proxy.port) for address in addresses):
        raise Concluded(Finding(code="address_not_allowed", step="config"))
    return addresses


def _reason(error: LookupFailed) -> str:
    return {"NoSuchName": "host_not_found", "NoAddress": "host_has_no_address"}.get(
        type(error).__name__, "dns_server_failure"
    )


def _unreachable(proxy: Proxy, reason: str) -> Finding:
    return Finding(code="proxy_unreachable", facts={"proxy": proxy.shown, "reason": reason})


async def _tunnelled(probe: Probe, proxy: Proxy, sock: socket.socket, port: int) -> None:
    """Ask for the server by the judged address where SOCKS wants one, else by its name."""
    host = literal_address(probe.target.host) or probe.target.host.rstrip(".")
    if proxy.kind == "socks" and probe.addresses:
        host = probe.addresses[0]
    facts: dict[str, Any] = {"proxy": proxy.shown}
    try:
        goal = Goal(host, port)
        await open_tunnel(sock, proxy, goal, limit_s=probe.limits.read_s)
    except TunnelRefused as refused:
        reply = probe.journal.scrub.clean(refused.reply) if refused.reply else None
        raise Concluded(Finding(code=refused.code, facts={**facts, "reply": reply})) from None
    except TimeoutError:
        raise Concluded(Finding(code=await _silent(probe, proxy), facts=facts)) from None
    except OSError:
        raise Concluded(Finding(code="proxy_protocol_error", facts=facts)) from None


async def _silent(probe: Probe, proxy: Proxy) -> str:
    """Tell a proxy that waits for the server from one that is none, by one more request."""
    if proxy.kind == "http" and probe.proxy_address is not None:
        try:
            sock = await dial(probe, probe.proxy_address, proxy.port)
        except (OSError, Concluded):
            return "proxy_protocol_error"
        try:
            async with asyncio.timeout(probe.limits.look_s):
                if await answers_http(sock):
                    return "proxy_target_unreachable"
        except OSError:
            pass  # a time limit is one, too
        finally:
            sock.close()
    return "proxy_protocol_error"
