"""Where the demo's SMTP server listens and who may sign in; the same after a restart."""

from __future__ import annotations

import json
import secrets
import socket
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

from deploy.demo.authority import ensure_certificates
from deploy.demo.files import write_private

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime
    from pathlib import Path

HOST: Final = "127.0.0.1"
USER: Final = "demo@relaybook.example"
_FILE: Final = "demo.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ports:
    """Ports on loopback: nothing listens on `closed`."""

    starttls: int = 2525
    implicit_tls: int = 4650
    closed: int = 2526


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrangement:
    """The demo of one data directory; the certificate in `ca_pem` signs the server's."""

    folder: Path
    ports: Ports
    user: str
    password: str
    ca_pem: str

    def probe_allow(self) -> str:
        """Return what `RELAYBOOK_PROBE_ALLOW` needs so that tests reach these ports."""
        return ",".join(f"{HOST}/32:{port}" for port in asdict(self.ports).values())


def arrange(folder: Path, at: datetime) -> Arrangement:
    """Return the demo in a folder; makes what it lacks and moves from ports that others took."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority, _ = ensure_certificates(folder, at)
    ports, password = _stored(folder)
    arrangement = Arrangement(
        folder=folder,
        ports=_free(ports),
        user=USER,
        password=password,
        ca_pem=authority.certificate.read_text(encoding="ascii"),
    )
    _store(arrangement)
    return arrangement


def load(folder: Path) -> Arrangement:
    """Return the demo that was arranged in a folder."""
    ports, password = _stored(folder)
    ca_pem = (folder / "ca.pem").read_text(encoding="ascii")
    return Arrangement(folder=folder, ports=ports, user=USER, password=password, ca_pem=ca_pem)


def _stored(folder: Path) -> tuple[Ports, str]:
    try:
        kept = json.loads((folder / _FILE).read_bytes())
    except FileNotFoundError:
        return Ports(), secrets.token_urlsafe(12)
    return Ports(**kept["ports"]), kept["password"]


def _store(arrangement: Arrangement) -> None:
    kept = {"ports": asdict(arrangement.ports), "password": arrangement.password}
    write_private(arrangement.folder / _FILE, json.dumps(kept).encode())


def _free(ports: Ports) -> Ports:
    """Return the ports, with another one for each that somebody else holds."""
    used: set[int] = set()
    for name, port in asdict(ports).items():
        ports = replace(ports, **{name: _free_port(port, used)})
        used.add(getattr(ports, name))
    return ports


def _free_port(wanted: int, used: Collection[int]) -> int:
    for port in (wanted, 0, 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            found: int = probe.getsockname()[1]
            if found not in used:
                return found
    raise OSError(f"no free port on {HOST}")
