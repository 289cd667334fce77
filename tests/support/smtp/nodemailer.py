"""nodemailer's smtp-server with users of its own, on loopback."""

from __future__ import annotations

import json
import shlex
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.npm import FOLDER
from tests.support.ports import free_port
from tests.support.smtp.certificates import HOST, Authority, Wanted
from tests.support.smtp.process import running_program
from tests.support.smtp.script import PASSWORD, USER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "ya29.the-right-token"


@dataclass(frozen=True, kw_only=True)
class Nodemailer:
    """Where it listens and whom its certificate comes from."""

    starttls_port: int
    implicit_port: int
    plain_port: int
    authority: Authority


@contextmanager
def running_nodemailer(folder: Path) -> Iterator[Nodemailer]:
    """Run smtp-server; `npm_packages` must be installed."""
    authority = Authority.root()
    certificate, key = authority.issue(Wanted(names=(HOST, "127.0.0.1", "localhost"))).write(folder)
    ports = {name: free_port() for name in ("starttls_port", "implicit_port", "plain_port")}
    given = folder / "given.json"
    given.write_text(
        json.dumps(
            {
                "certificate": str(certificate),
                "key": str(key),
                "user": USER,
                "password": PASSWORD,
                "token": TOKEN,
                **ports,
            }
        )
    )
    server = shlex.quote(str(FOLDER / "smtp_server.js"))
    command = ("sh", "-c", f"exec node {server} <{shlex.quote(str(given))}")
    with running_program(command, ports=list(ports.values()), log=folder / "start.log"):
        yield Nodemailer(authority=authority, **ports)
