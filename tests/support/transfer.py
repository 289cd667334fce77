"""A running `relaybook serve` and files of many settings, for what measures imports and exports."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from events.smtp_setting import Auth, SettingValues
from services.config_api.bootstrap import build, prepare
from services.config_api.domain.secret import Secret
from services.config_api.formats.age import sealed
from services.config_api.formats.port import WrittenSetting
from services.config_api.formats.registry import FORMATS
from services.config_api.settings import read_settings
from tests.support.memory import child_of, cpu_seconds, forget_peak, peak_mib, taken_mib
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until
from tests.support.relaybook import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSPHRASE = "correct horse battery staple"
_PATIENCE_S = 1_800.0


@dataclass(frozen=True, kw_only=True)
class Took:
    """What one request took: seconds, those on a processor, and MiB above the server at rest."""

    seconds: float
    cpu_seconds: float
    mib: float


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server process and a token that may do everything."""

    url: str
    pid: int
    token: str
    rest_mib: float

    def send(self, file: Path, query: str, into: Path, **headers: str) -> Took:
        """Import a file; the answer goes into another."""
        return self._measured(
            "POST", f"/v1/imports?{query}", into, headers=headers, content=_pieces(file)
        )

    def refused(self, file: Path, query: str, into: Path, **headers: str) -> Took:
        """Import a file that is refused; the problem goes into another."""
        path = f"/v1/imports?{query}"
        return self._measured(
            "POST", path, into, expected=422, headers=headers, content=_pieces(file)
        )

    def fetch(self, document: dict[str, Any], into: Path) -> Took:
        """Export into a file."""
        return self._measured("POST", "/v1/exports", into, json=document)

    def _measured(
        self, method: str, path: str, into: Path, *, expected: int | None = None, **more: Any
    ) -> Took:
        forget_peak(self.pid)
        worked = cpu_seconds(self.pid)
        headers = {"Authorization": f"Bearer {self.token}"} | more.pop("headers", {})
        with (
            httpx.Client(base_url=self.url, timeout=_PATIENCE_S, trust_env=False) as client,
            client.stream(method, path, headers=headers, **more) as answer,
            into.open("wb") as out,
        ):
            for piece in answer.iter_bytes():
                out.write(piece)
            fits = answer.is_success if expected is None else answer.status_code == expected
            assert fits, into.read_bytes()[:2_000]
        return Took(
            seconds=answer.elapsed.total_seconds(),
            cpu_seconds=cpu_seconds(self.pid) - worked,
            mib=peak_mib(self.pid) - self.rest_mib,
        )


@contextmanager
def serving(data_dir: Path, database_url: str | None = None) -> Iterator[Server]:
    """Start a server on a database; without one on SQLite in its folder."""
    port = free_port()
    environ = {
        "RELAYBOOK_DATA_DIR": str(data_dir),
        "RELAYBOOK_BIND": f"127.0.0.1:{port}",
        "RELAYBOOK_MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
    }
    if database_url is not None:
        environ["RELAYBOOK_DATABASE_URL"] = database_url
    data_dir.mkdir(exist_ok=True)
    token = _prepared(environ)
    with Processes(environ, data_dir) as processes:
        process = processes.start([*RELAYBOOK, "serve"])
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: is_ready(url), seconds=60, what="relaybook serve")
        pid = child_of(process.pid)
        yield Server(url=url, pid=pid, token=token, rest_mib=taken_mib(pid))


def write_file(
    path: Path, format_name: str, count: int, *, first: int = 0, seal: bool = False
) -> None:
    """Write a file of so many settings from a number on, each with a password."""
    pieces = FORMATS[format_name].write(map(_setting, range(first, first + count)))
    with path.open("wb") as file:
        for piece in sealed(pieces, Secret(PASSPHRASE)) if seal else pieces:
            file.write(piece)


def _setting(number: int) -> WrittenSetting:
    name = f"tenant-{number:06}"
    values = SettingValues(
        host=f"smtp.{name}.example",
        host_unicode=f"smtp.{name}.example",
        port=587,
        tls_protocols=("TLSv1.2", "TLSv1.3"),
        auth=Auth(method="password", user=f"mailer@{name}.example"),
        x_mailer="Platform mailer 8.0",
        connection_timeout_ms=5_000,
        timeout_ms=10_000,
        session_properties={"mail.smtp.localhost": f"app.{name}.example"},
    )
    secrets = {"password": Secret(f"not-a-real-password-{number}")}
    return WrittenSetting(setting_id=name, values=values, secrets=secrets)


def _prepared(environ: dict[str, str]) -> str:
    settings = read_settings(environ)
    prepare(settings)
    relaybook = build(settings)
    _, token = relaybook.access.create_token(
        name="transfer",
        roles=("operator", "credentials"),
        tenants=None,
        days=None,
        ctx=context(relaybook.clock()),
    )
    relaybook.close()
    return token.reveal()


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(256 * 1024):
            yield piece
