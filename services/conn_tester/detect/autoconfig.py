"""The file by which a domain configures mail programs (Mozilla's autoconfig, version 1.1)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from events.detection import Evidence
from services.conn_tester.detect.candidates import Candidate, Source, is_name, is_port
from services.conn_tester.detect.fetch import fetch

if TYPE_CHECKING:
    from events.smtp_setting import Security
    from services.conn_tester.tools import Tools

_SECURITY: Final[dict[str, Security]] = {
    "SSL": "implicit_tls",
    "STARTTLS": "starttls",
    "plain": "none",
}
_MOST_SERVERS: Final = 4
_LONGEST_PORT: Final = 5


async def ask_autoconfig(
    domain: str, tools: Tools, *, port: int, limit_s: float
) -> tuple[Candidate, ...]:
    """Return the servers in the first such file that the domain has, none without one."""
    places = (
        (f"autoconfig.{domain}", "/mail/config-v1.1.xml"),
        (domain, "/.well-known/autoconfig/mail/config-v1.1.xml"),
    )
    files = await asyncio.gather(
        *(fetch(host, path, tools, port=port, limit_s=limit_s) for host, path in places)
    )
    for (host, path), data in zip(places, files, strict=True):
        if data is not None and (found := read_config(data, domain, f"https://{host}{path}")):
            return found
    return ()


def read_config(data: bytes, domain: str, url: str) -> tuple[Candidate, ...]:
    """Return the outgoing servers in a file, in its order, none of one that cannot be trusted."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return ()  # LookupError: an encoding that nobody knows
    if root.tag != "clientConfig":
        return ()
    servers = root.findall("./emailProvider/outgoingServer[@type='smtp']")
    found = (_candidate(server, domain, url) for server in servers)
    return tuple(one for one in found if one is not None)[:_MOST_SERVERS]


def _candidate(server: Element, domain: str, url: str) -> Candidate | None:
    host = _text(server, "hostname").replace("%EMAILDOMAIN%", domain).lower()
    digits = _text(server, "port")
    security = _SECURITY.get(_text(server, "socketType"))
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_PORT):
        return None
    if security is None or not is_name(host) or not is_port(int(digits)):
        return None
    return Candidate(
        host=host,
        port=int(digits),
        security=security,
        source=Source.AUTOCONFIG,
        evidence=Evidence(code="autoconfig", facts={"url": url}),
    )


def _text(server: Element, tag: str) -> str:
    return (server.findtext(tag) or "").strip()
