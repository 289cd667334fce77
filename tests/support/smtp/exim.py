"""Exim with users of its own, as an instance of its own on loopback."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.ports import free_port
from tests.support.smtp.certificates import HOST, Authority, Wanted
from tests.support.smtp.process import running_program
from tests.support.smtp.script import PASSWORD, USER
from tests.support.smtp.unpacked import own_id, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_USERS = ("Debian-exim",)
_CONFIG = r"""
primary_hostname = {host}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path =
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {starttls_port} : {implicit_port} : {plain_port} : {closed_port}
tls_on_connect_ports = {implicit_port}
tls_advertise_hosts = ${{if eq{{$received_port}}{{{plain_port}}}{{}}{{*}}}}
tls_certificate = {certificate}
tls_privatekey = {key}
auth_advertise_hosts = ${{if or{{ {{def:tls_in_cipher}} \
  {{eq{{$received_port}}{{{plain_port}}}}} }}{{*}}}}
host_lookup =
rfc1413_query_timeout = 0s
queue_only = true
message_size_limit = 100K
smtp_accept_max = 100
acl_smtp_connect = acl_connect
acl_smtp_helo = acl_helo
acl_smtp_mail = acl_mail
acl_smtp_rcpt = acl_rcpt
acl_smtp_data = accept
begin acl
acl_connect:
  deny condition = ${{if eq{{$received_port}}{{{closed_port}}}}}
       message = no service for you here
  accept
acl_helo:
  deny condition = ${{if match{{$sender_helo_name}}{{^refused}}}}
       message = EHLO from forged host
  accept
acl_mail:
  defer condition = ${{if match{{$sender_address}}{{^busy@}}}}
        message = Temporary local problem - please try later
  accept
acl_rcpt:
  deny condition = ${{if and{{ {{def:authenticated_id}} \
         {{!eq{{$sender_address}}{{$authenticated_id}}}} }}}}
       message = Sender address is not allowed for this account
  accept authenticated = *
         !domains = acme.example
  require message = relay not permitted
          domains = acme.example
  defer local_parts = grey
        message = Greylisted - please try again a little later.
  deny local_parts = full
       message = Mailbox quota exceeded
  accept local_parts = mailer
  deny message = Unrouteable address
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{{user}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{user}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{if eq{{$auth1}}{{{user}}}{{{password}}}fail}}
  server_set_id = $auth1
"""


@dataclass(frozen=True, kw_only=True)
class Exim:
    """Where it listens and whom its certificate comes from; `closed_port` admits nobody."""

    starttls_port: int
    implicit_port: int
    plain_port: int
    closed_port: int
    authority: Authority


@contextmanager
def running_exim(folder: Path) -> Iterator[Exim]:
    """Run Exim from a configuration in `folder`, which its own user must be able to enter."""
    packages = unpacked("exim4-daemon-light", "libidn12")
    authority = Authority.root()
    certificate, key = authority.issue(Wanted(names=(HOST, "127.0.0.1", "localhost"))).write(folder)
    owner = own_id(_USERS, "Debian-exim")
    for name in ("spool", "log"):
        (folder / name).mkdir()
        os.chown(folder / name, owner, owner)
    os.chown(key, owner, owner)
    names = ("starttls_port", "implicit_port", "plain_port", "closed_port")
    ports = {name: free_port() for name in names}
    config = folder / "exim.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            host=HOST,
            certificate=certificate,
            key=key,
            user=USER,
            password=PASSWORD,
            **ports,
        )
    )
    program = ("usr/sbin/exim4", "-bdf", "-C", str(config))
    command = packages.command(folder, program, users=_USERS)
    with running_program(command, ports=list(ports.values()), log=folder / "start.log"):
        yield Exim(authority=authority, **ports)
