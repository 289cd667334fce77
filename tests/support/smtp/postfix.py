"""Postfix with Dovecot's user database, as an instance of its own on loopback."""

from __future__ import annotations

import os
import pwd
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support.ports import free_port
from tests.support.smtp.certificates import HOST, Authority, Wanted
from tests.support.smtp.process import program, running_program

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.smtp.dovecot import Dovecot

_MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
myhostname = {host}
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks_style = host
mynetworks =
default_transport = smtp:[127.0.0.1]:9
defer_transports = smtp
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_sasl_type = dovecot
smtpd_sasl_path = {auth_socket}
smtpd_tls_auth_only = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_sender_login_maps = inline:{{ {{{user} = {user}}} {{boss@acme.example = boss@acme.example}} }}
smtpd_sender_restrictions = reject_authenticated_sender_login_mismatch
"""
_MASTER = """
127.0.0.1:{starttls_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=may -o smtpd_sasl_auth_enable=yes
127.0.0.1:{implicit_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
127.0.0.1:{plain_port} inet n - n - - smtpd
  -o smtpd_tls_auth_only=no -o smtpd_sasl_auth_enable=yes
127.0.0.1:{closed_port} inet n - n - - smtpd
  -o smtpd_delay_reject=no -o smtpd_client_restrictions=reject
127.0.0.1:{helo_port} inet n - n - - smtpd
  -o smtpd_delay_reject=no -o smtpd_helo_restrictions=reject
127.0.0.1:{busy_port} inet n - n - - smtpd
  -o smtpd_client_connection_rate_limit=1 -o smtpd_client_event_limit_exceptions=
127.0.0.1:{certificate_port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_tls_req_ccert=yes -o smtpd_tls_CAfile={certificate}
  -o smtpd_tls_session_cache_database=
127.0.0.1:{old_port} inet n - n - - smtpd
  -o smtpd_tls_security_level=may -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_protocols=TLSv1.2 -o smtpd_tls_mandatory_protocols=TLSv1.2
cleanup unix n - n - 0 cleanup
rewrite unix - - n - - trivial-rewrite
anvil unix - - n - 1 anvil
error unix - - n - - error
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""
_PORTS = (
    "starttls_port", "implicit_port", "plain_port", "closed_port", "helo_port", "busy_port",
    "certificate_port", "old_port",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Postfix:
    """Where it listens, whom it knows and whom its certificate comes from.

    `closed_port` admits nobody, `helo_port` no client's name, `busy_port` one connection a minute,
    `certificate_port` only clients with a certificate; `old_port` has TLS 1.2 alone.
    """

    starttls_port: int
    implicit_port: int
    plain_port: int
    closed_port: int
    helo_port: int
    busy_port: int
    certificate_port: int
    old_port: int
    authority: Authority
    user: str
    password: str
    host: str = HOST


@contextmanager
def running_postfix(folder: Path, dovecot: Dovecot) -> Iterator[Postfix]:
    """Run Postfix from a configuration in `folder`, with the users of a running Dovecot."""
    master = program("master", "postfix")
    authority = Authority.root()
    certificate, key = authority.issue(Wanted(names=(HOST, "127.0.0.1", "localhost"))).write(folder)
    ports: dict[str, Any] = {name: free_port() for name in _PORTS}
    _lay_out(folder)
    main = _MAIN.format(
        folder=folder,
        host=HOST,
        certificate=certificate,
        key=key,
        auth_socket=dovecot.auth_socket,
        user=dovecot.user,
    )
    (folder / "main.cf").write_text(main)
    (folder / "master.cf").write_text(_MASTER.format(certificate=certificate, **ports))
    command = (master, "-d", "-c", str(folder))
    with running_program(command, ports=list(ports.values()), log=folder / "start.log"):
        yield Postfix(authority=authority, user=dovecot.user, password=dovecot.password, **ports)


def _lay_out(folder: Path) -> None:
    """Make the queue and data directories as `postfix check` would."""
    owner = pwd.getpwnam("postfix").pw_uid
    names = (
        "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
        "maildrop", "pid", "private", "public", "saved", "trace",
    )  # fmt: skip
    for path in (folder / "data", *(folder / "queue" / name for name in names)):
        path.mkdir(parents=True)
        os.chown(path, owner, -1)
    os.chown(folder / "queue" / "pid", 0, -1)
    for shared in ("/etc/postfix/dynamicmaps.cf", "/etc/postfix/postfix-files"):
        if Path(shared).exists():
            shutil.copy(shared, folder)
