"""A domain on loopback to look for mail servers in: its zone, its servers, their certificates."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from events.diagnosis import EVIDENCE
from services.conn_tester.detect.order import Order
from services.conn_tester.detect.search import Ports, search
from tests.support.smtp.certificates import Authority, Wanted
from tests.support.smtp.name_server import running_name_server
from tests.support.smtp.peer import running_peer
from tests.support.smtp.probing import make_tools
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    import dns.rcode

    from events.detection import DetectionResult
    from events.smtp_setting import Security
    from tests.support.smtp.peer import Connection, Peer

DOMAIN = "acme.example"
SMTP = f"smtp.{DOMAIN}"
LOOPBACK = "127.0.0.0/8:*"


@dataclass
class Domain:
    """`zone` is what its name servers say; `usual` and `https` are the ports that are tried."""

    root: Authority = field(default_factory=Authority.root)
    zone: dict[tuple[str, str], Sequence[str] | dns.rcode.Rcode] = field(default_factory=dict)
    usual: list[tuple[int, Security]] = field(default_factory=list)
    https: int = 9

    def context(self, *names: str) -> ssl.SSLContext:
        """Return the context of a server with a good certificate for these names."""
        return self.root.issue(Wanted(names=names or (SMTP,))).context()

    def at_loopback(self, *names: str) -> None:
        """Give names an address where this machine listens."""
        for name in names:
            self.zone[name, "A"] = ["127.0.0.1"]

    def srv(self, service: str, *records: str) -> None:
        self.zone[f"_{service}._tcp.{DOMAIN}", "SRV"] = list(records)

    def mx(self, *records: str) -> None:
        self.zone[DOMAIN, "MX"] = list(records)

    @contextmanager
    def implicit_tls(self, *names: str, script: SmtpScript | None = None) -> Iterator[Peer]:
        with running_peer(script or SmtpScript(), tls=self.context(*names)) as peer:
            yield peer

    @contextmanager
    def starttls(self, *names: str) -> Iterator[Peer]:
        with running_peer(SmtpScript(starttls=self.context(*names))) as peer:
            yield peer

    @contextmanager
    def publishing(
        self, behave: Callable[[Connection], Awaitable[None]], *names: str
    ) -> Iterator[Peer]:
        """Answer https at this domain's places for the configuration of mail programs."""
        context = self.context(*(names or (f"autoconfig.{DOMAIN}", DOMAIN)))
        with running_peer(behave, tls=context) as peer:
            self.https = peer.port
            yield peer

    def searched(
        self, tmp_path: Path, *, allow: str = LOOPBACK, deadline_s: float = 20.0
    ) -> DetectionResult:
        """Run one search in it."""
        self.zone.setdefault((DOMAIN, "TXT"), ['"there"'])
        with running_name_server(self.zone) as server:
            tools = make_tools(
                tmp_path, hosts="", dns_servers=(server,), allow=allow,
                extra_ca_pem=self.root.pem,
            )  # fmt: skip
            order = Order(domain=DOMAIN, deadline_s=deadline_s)
            usual = tuple(self.usual)
            ports = Ports(usual=usual, of_exchangers=usual[:2], https=self.https)
            return asyncio.run(search(order, tools, ports=ports))


def found(result: DetectionResult) -> list[tuple[str, int, str]]:
    """Return where each proposal leads."""
    return [(one.host, one.port, one.security) for one in result.proposals]


def codes(result: DetectionResult, number: int = 0) -> list[str]:
    """Return what speaks for a proposal."""
    return [one.code for one in result.proposals[number].evidence]


def noted(result: DetectionResult) -> list[str]:
    return [one.code for one in result.notes]


def checked(result: DetectionResult) -> DetectionResult:
    """Assert that all evidence is of the catalogue, with the facts that its sentences show."""
    told = [*result.notes, *(one for each in result.proposals for one in each.evidence)]
    for one in told:
        assert EVIDENCE[one.code] == set(one.facts), one
    return result


def http(status: str, body: bytes, *headers: str) -> Callable[[Connection], Awaitable[None]]:
    """Return how a web server behaves that answers every request so."""

    async def behave(connection: Connection) -> None:
        while await connection.line():
            pass
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
        await connection.send("\r\n".join(head).encode() + body)

    return behave


def configuration(*servers: tuple[str, int, str]) -> bytes:
    """Return a file for mail programs with these outgoing servers."""
    outgoing = "".join(
        f'<outgoingServer type="smtp"><hostname>{host}</hostname><port>{port}</port>'
        f"<socketType>{kind}</socketType><username>%EMAILADDRESS%</username></outgoingServer>"
        for host, port, kind in servers
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><clientConfig version="1.1">'
        f'<emailProvider id="{DOMAIN}"><domain>{DOMAIN}</domain>{outgoing}</emailProvider>'
        "</clientConfig>"
    ).encode()
