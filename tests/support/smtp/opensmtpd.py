"""OpenSMTPD with users of its own, as an instance of its own on loopback.

Debian 12 links it with an OpenSSL in which its way of keeping private keys apart fails: it answers
every handshake with the alert “internal error”, which makes it a server with broken TLS.
"""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.ports import free_port
from tests.support.smtp.certificates import HOST, Authority, Wanted
from tests.support.smtp.process import running_program
from tests.support.smtp.script import PASSWORD, USER
from tests.support.smtp.unpacked import unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_USERS = ("opensmtpd", "opensmtpq")
_CONFIG = """
pki acme cert "{certificate}"
pki acme key "{key}"
table users {{ "{user}" = "{hashed}" }}
listen on 127.0.0.1 port {starttls_port} tls-require pki acme auth <users> hostname {host}
listen on 127.0.0.1 port {implicit_port} smtps pki acme auth <users> hostname {host}
listen on 127.0.0.1 port {plain_port} tls pki acme auth-optional <users> hostname {host}
action "relay" relay host smtp://127.0.0.1:9
match auth from any for any action "relay"
"""


@dataclass(frozen=True, kw_only=True)
class OpenSmtpd:
    """Where it listens and whom its certificate comes from; `plain_port` wants no TLS."""

    starttls_port: int
    implicit_port: int
    plain_port: int
    authority: Authority


@contextmanager
def running_opensmtpd(folder: Path) -> Iterator[OpenSmtpd]:
    """Run OpenSMTPD from a configuration in `folder`; its spool is in memory."""
    packages = unpacked("opensmtpd")
    authority = Authority.root()
    certificate, key = authority.issue(Wanted(names=(HOST, "127.0.0.1", "localhost"))).write(folder)
    ports = {name: free_port() for name in ("starttls_port", "implicit_port", "plain_port")}
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True,
        check=True,
    ).stdout.strip()  # fmt: skip
    config = folder / "smtpd.conf"
    config.write_text(
        _CONFIG.format(
            certificate=certificate, key=key, user=USER, hashed=hashed, host=HOST, **ports
        )
    )
    config.chmod(0o600)
    command = packages.command(
        folder,
        ("usr/sbin/smtpd", "-d", "-f", str(config)),
        users=_USERS,
        own_folders=(
            "/run",
            "/var/spool",
            "/var/spool/smtpd",
            "/var/lib",
            "/var/lib/opensmtpd/empty",
        ),
    )
    with running_program(command, ports=list(ports.values()), log=folder / "start.log"):
        yield OpenSmtpd(authority=authority, **ports)
