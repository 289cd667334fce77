"""Dovecot's submission service and user database, as an instance of its own on loopback."""

from __future__ import annotations

import os
import pwd
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.ports import free_port
from tests.support.smtp.certificates import HOST, Authority, Wanted
from tests.support.smtp.process import program, running_program
from tests.support.smtp.script import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Dovecot takes no address beyond ASCII as a user name, but passwords of any kind.
UTF8_USER = "umlaut@acme.example"
UTF8_PASSWORD = "pässwörd パスワード"
_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
instance_name = {name}
protocols = submission
listen = 127.0.0.1
hostname = {host}
default_login_user = dovenull
default_internal_user = dovecot
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%u
}}
service submission-login {{
  inet_listener submission {{
    address = 127.0.0.1
    port = {starttls_port}
  }}
  inet_listener submissions {{
    address = 127.0.0.1
    port = {implicit_port}
    ssl = yes
  }}
}}
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {folder}/auth-smtpd {{
    mode = 0666
  }}
}}
"""


@dataclass(frozen=True, kw_only=True)
class Dovecot:
    """Where it listens, whom it knows and whom its certificate comes from."""

    starttls_port: int
    implicit_port: int
    authority: Authority
    user: str
    password: str
    auth_socket: Path
    host: str = HOST


@contextmanager
def running_dovecot(folder: Path, *, relay_port: int = 9) -> Iterator[Dovecot]:
    """Run Dovecot from a configuration in `folder`, which its own users must be able to enter.

    `relay_port` is where it hands mail on; its default is a port where nothing listens.
    """
    executable = program("dovecot", "dovecot-submissiond")
    authority = Authority.root()
    certificate, key = authority.issue(Wanted(names=(HOST, "127.0.0.1", "localhost"))).write(folder)
    starttls_port, implicit_port = free_port(), free_port()
    mail_user = _lay_out(folder)
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            name=folder.name,
            host=HOST,
            certificate=certificate,
            key=key,
            relay_port=relay_port,
            uid=mail_user.pw_uid,
            gid=mail_user.pw_gid,
            starttls_port=starttls_port,
            implicit_port=implicit_port,
        )
    )
    command = (executable, "-F", "-c", str(config))
    ports = (starttls_port, implicit_port)
    with running_program(command, ports=ports, log=folder / "start.log"):
        yield Dovecot(
            starttls_port=starttls_port,
            implicit_port=implicit_port,
            authority=authority,
            user=USER,
            password=PASSWORD,
            auth_socket=folder / "auth-smtpd",
        )


def _lay_out(folder: Path) -> pwd.struct_passwd:
    """Make directories and the users' file; return who owns the mail."""
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    users = f"{USER}:{PASSWORD}\n{UTF8_USER}:{UTF8_PASSWORD}\n"
    (folder / "users").write_text(users, encoding="utf-8")
    (folder / "users").chmod(0o644)
    mail_user = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    os.chown(folder / "mail", mail_user.pw_uid, -1)
    return mail_user
