"""nginx with the configuration of `deploy/proxy`, on loopback, with a certificate of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import ssl
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import trustme

from tests.integration.cli.running import ROOT
from tests.support.ports import free_port
from tests.support.processes import wait_until
from tests.support.services import missing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

EXAMPLE: Final = ROOT / "deploy" / "proxy" / "nginx.conf"
HOST: Final = "localhost"
_AROUND: Final = """
daemon off;
user {user};
pid {folder}/nginx.pid;
error_log {folder}/start.log;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    include {folder}/relaybook.conf;
}}
"""
_PATIENCE_S: Final = 15.0


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A running nginx: `url` is https, `trust` knows its authority, `log` is its access log."""

    url: str
    plain_url: str
    trust: ssl.SSLContext
    log: Path
    process: subprocess.Popen[bytes]

    def forward_to(self, ports: Sequence[int]) -> None:
        """Send requests that come from now on to these, as an operator who edits and reloads."""
        config = self.log.with_name("relaybook.conf")
        config.write_text(_with_upstreams(config.read_text(), ports))
        self.process.send_signal(1)  # SIGHUP: new workers take over, old ones finish


@contextmanager
def proxied(folder: Path, ports: Sequence[int]) -> Iterator[Proxy]:
    """Run nginx in front of services on these ports until the block ends."""
    if shutil.which("nginx") is None:
        missing("no nginx")
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST)
    certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / "relaybook.pem"))
    https, http = free_port(), free_port()
    (folder / "relaybook.conf").write_text(_with_upstreams(_example(folder, https, http), ports))
    user = pwd.getpwuid(os.getuid()).pw_name
    (folder / "nginx.conf").write_text(_AROUND.format(folder=folder, user=user))
    trust = ssl.create_default_context()
    authority.configure_trust(trust)
    command = ["nginx", "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log")]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(https, process), seconds=_PATIENCE_S, what="nginx listens")
        yield Proxy(
            url=f"https://{HOST}:{https}",
            plain_url=f"http://127.0.0.1:{http}",
            trust=trust,
            log=folder / "relaybook.log",
            process=process,
        )
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)


def _example(folder: Path, https: int, http: int) -> str:
    """Return the example with the names, ports and paths of this test."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ssl http2;", f"listen 127.0.0.1:{https} ssl http2;"),
        ("/etc/nginx/tls/relaybook.crt", f"{folder}/relaybook.pem"),
        ("/etc/nginx/tls/relaybook.key", f"{folder}/relaybook.pem"),
        ("/var/log/nginx", str(folder)),
        ("relaybook.example", HOST),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return text


def _with_upstreams(text: str, ports: Sequence[int]) -> str:
    head, _, rest = text.partition("    server 127.0.0.1:")
    lines = rest.splitlines(keepends=True)
    options = lines[0].partition(" ")[2]
    others = "".join(lines[1:])
    others = others[others.index("}\n") :]
    return head + "".join(f"    server 127.0.0.1:{port} {options}" for port in ports) + others


def _listens(port: int, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "nginx ended; see start.log"
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
