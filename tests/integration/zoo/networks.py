"""Situations about the setting itself, names, addresses, and the test as a whole."""

from __future__ import annotations

import asyncio
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import dns.rcode

from tests.integration.zoo.behaviours import say_nothing, script
from tests.integration.zoo.situation import Place, Situation, Zoo, nowhere, peer, real
from tests.support.smtp.certificates import HOST
from tests.support.smtp.name_server import running_name_server
from tests.support.smtp.peer import running_peer
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from tests.support.smtp.name_server import Zone
    from tests.support.smtp.peer import Connection

CONFIG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("no host", {"host": ""}, "host_missing"),
    ("a label of 70 letters", {"host": "a" * 70 + ".example"}, "host_invalid"),
    ("a host with a blank inside", {"host": "mail acme.example"}, "host_invalid"),
    ("an address in octal", {"host": "0177.0.0.1"}, "host_invalid"),
    ("an address as one number", {"host": "2130706433"}, "host_invalid"),
    ("port 0", {"port": 0}, "port_invalid"),
    ("port 70000", {"port": 70_000}, "port_invalid"),
    ("TLS 9", {"tls_protocols": ["TLSv9"]}, "protocol_unknown"),
    ("a password without a user", {"user": None}, "credentials_missing"),
    ("a line break in the user", {"user": "a\r\nMAIL"}, "control_characters"),
    ("a line break in the name for EHLO",
     {"properties": {"mail.smtp.localhost": "a\r\nMAIL"}}, "control_characters"),
)  # fmt: skip
OUTSIDE = ("127.0.0.1", "169.254.169.254", "::1", "224.0.0.1")


async def _late(connection: Connection, _line: str) -> None:
    await asyncio.sleep(1.5)
    await connection.send("250-mx\r\n250 AUTH PLAIN\r\n")


async def _greeting_late(connection: Connection) -> None:
    await asyncio.sleep(1.2)
    await SmtpScript(answers={"EHLO": _late, "AUTH": say_nothing})(connection)


def named(zone: Zone, host: str) -> Callable[[Zoo], AbstractContextManager[Place]]:
    """Open a name server with a zone, and a good server at the address that it may lead to."""

    @contextmanager
    def opened(_zoo: Zoo) -> Iterator[Place]:
        with running_name_server(zone) as address, running_peer(SmtpScript()) as running:
            yield Place(port=running.port, hosts="", asked={"host": host}, dns_servers=(address,))

    return opened


def _two_addresses(hosts: str) -> Callable[[Zoo], AbstractContextManager[Place]]:
    @contextmanager
    def opened(_zoo: Zoo) -> Iterator[Place]:
        with running_peer(SmtpScript()) as running:
            yield Place(port=running.port, hosts=hosts)

    return opened


@contextmanager
def _silent_name_server(_zoo: Zoo) -> Iterator[Place]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        yield Place(port=587, hosts="", dns_servers=(sock.getsockname(),))


@contextmanager
def _swallowing(_zoo: Zoo) -> Iterator[Place]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        with socket.create_connection(sock.getsockname()):  # the queue of one is full
            yield Place(port=sock.getsockname()[1])


NAMES: tuple[tuple[str, Zone, str, str], ...] = (
    ("the name does not exist", {}, "nothing.example", "host_not_found"),
    ("the alias leads nowhere", {("a.example", "CNAME"): ["gone.example."]}, "a.example",
     "host_not_found"),
    ("the name has no address", {("acme.example", "TXT"): ['"x"']}, "acme.example",
     "host_has_no_address"),
    ("the name server fails", {("acme.example", "A"): dns.rcode.SERVFAIL,
                               ("acme.example", "AAAA"): dns.rcode.SERVFAIL}, "acme.example",
     "dns_server_failure"),
    ("the name server refuses", {("acme.example", "A"): dns.rcode.REFUSED,
                                 ("acme.example", "AAAA"): dns.rcode.REFUSED}, "acme.example",
     "dns_server_failure"),
    ("the aliases go round", {("a.example", "CNAME"): ["b.example."],
                              ("b.example", "CNAME"): ["a.example."]}, "a.example",
     "dns_server_failure"),
)  # fmt: skip
NETWORKS = (
    *(
        Situation(title=f"the setting has {title}", opened=nowhere(), asked=asked, code=code,
                  step="config", server="none")
        for title, asked, code in CONFIG
    ),
    *(
        Situation(title=f"the policy forbids {address}", opened=nowhere(587), step="config",
                  asked={"host": address}, code="address_not_allowed", server="none",
                  tools={"allow": ""})
        for address in OUTSIDE
    ),
    *(
        Situation(title=title, server="name server", opened=named(zone, host), code=code,
                  step="dns")
        for title, zone, host, code in NAMES
    ),
    Situation(title="the name server is silent", opened=_silent_name_server, step="dns",
              server="name server", code="dns_timeout", asked={"deadline_ms": 1_500}),
    Situation(title="packets vanish", opened=_swallowing, code="connect_timeout", step="tcp",
              server="none", asked={"connection_timeout_ms": 300}),
    Situation(title="the machine has no network", opened=nowhere(587), code="unreachable",
              step="tcp", server="none", without_network=True),
    Situation(title="nothing listens", opened=nowhere(9), code="refused", step="tcp",
              server="none"),
    Situation(title="the address asked for is not on this machine", opened=peer(script()),
              asked={"properties": {"mail.smtp.localaddress": "192.0.2.1"}}, step="tcp",
              code="local_address_invalid"),
    Situation(title="the IPv6 address does not work", step="quit", code="ok",
              opened=_two_addresses(f"::1 {HOST}\n127.0.0.1 {HOST}\n"),
              warnings=frozenset({"ipv6_broken"})),
    Situation(title="one of two addresses does not work", step="quit", code="ok",
              opened=_two_addresses(f"127.0.0.99 {HOST}\n127.0.0.1 {HOST}\n"),
              warnings=frozenset({"address_failed"})),
    Situation(title="every answer is slow", step="ehlo", code="deadline_exceeded",
              opened=peer(_greeting_late),
              asked={"deadline_ms": 4_000}),
    *(
        Situation(title="the usual ports are swapped: implicit TLS at 587", server=server,
                  opened=real(name, "starttls_port"), asked={"security": "implicit_tls"},
                  code="port_expects_plain", step="tls", fix={"security": "starttls"})
        for server, name in (
            ("Postfix", "postfix"), ("Exim", "exim"), ("Dovecot", "dovecot"),
            ("OpenSMTPD", "opensmtpd"), ("nodemailer", "nodemailer"),
        )
    ),
    *(
        Situation(title="the usual ports are swapped: STARTTLS at 465", server=server,
                  opened=real(name, "implicit_port"), asked={"security": "starttls"},
                  code="port_expects_tls", step="banner", fix={"security": "implicit_tls"})
        for server, name in (
            ("Postfix", "postfix"), ("Exim", "exim"), ("Dovecot", "dovecot"),
            ("OpenSMTPD", "opensmtpd"), ("nodemailer", "nodemailer"),
        )
    ),
)  # fmt: skip
