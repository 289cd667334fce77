"""The real processes on one set-up, all that they write under one folder, all answers recorded."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpx
from sqlalchemy import create_engine, make_url, text

from services.config_api.bootstrap import prepare
from services.config_api.settings import read_settings
from tests.integration.security.canaries import Canaries
from tests.integration.security.echoes import (
    TokenEndpoint,
    echoing_mail_server,
    token_endpoint,
)
from tests.integration.security.recording import Recorder, recording
from tests.integration.security.sinks import wal_position
from tests.support.commands import relaybook
from tests.support.openid import CLIENT_ID, Served
from tests.support.otlp import collecting
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, TESTER, Processes, is_ready, wait_until
from tests.support.smtp.peer import Peer, running_peer
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from tests.support.openid import Provider
    from tests.support.otlp import Collector

ROOT: Final = Path(__file__).resolve().parents[3]
_FOLDERS: Final = ("data", "logs", "tmp", "out", "browser", "doors")
_READY_S: Final = 60.0
_NOT_FOR_TESTER: Final = ("RELAYBOOK_DATABASE_URL", "RELAYBOOK_MASTER_KEY")


@dataclass
class Printed:
    """What a command of the CLI printed, as a place to search."""

    name: str
    content: bytes


@dataclass
class House:
    """Everything that a run plants by and is searched in.

    `folder` holds `data`, `logs`, `tmp`, `out` and `browser`, which are searched, and `doors`, what
    people bring, which is not.
    """

    folder: Path
    canaries: Canaries
    variables: dict[str, str]
    recorder: Recorder
    processes: Processes
    openid: Provider
    tokens: TokenEndpoint
    echoing: Peer
    welcoming: Peer
    spans: Collector
    wal_since: int = 0
    printed: list[Printed] = field(default_factory=list)

    @property
    def database_url(self) -> str:
        return self.variables["RELAYBOOK_DATABASE_URL"]

    @property
    def broker_url(self) -> str | None:
        return self.variables.get("RELAYBOOK_BROKER_URL")

    def client(self, token: str | None = None) -> httpx.Client:
        """Return a client of the API that comes with a token, by default the administrator's."""
        client = self.stranger()
        client.headers["Authorization"] = f"Bearer {token or self.file('data/admin.token')}"
        return client

    def stranger(self) -> httpx.Client:
        """Return a client that says nothing of who it is."""
        return httpx.Client(base_url=self.recorder.url, trust_env=False, timeout=30)

    def file(self, name: str) -> str:
        return (self.folder / name).read_text().strip()

    def door(self, name: str, content: str | bytes) -> Path:
        """Write a file that somebody brings."""
        path = self.folder / "doors" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def cli(self, *line: str, stdin: str = "", status: int = 0) -> str:
        """Run a command of the CLI, keep what it prints, and return its standard output."""
        done = relaybook(*line, environment=environment(self.variables), stdin=stdin.encode())
        name = f"printed by {' '.join(line[:2])}"
        self.printed.append(Printed(name, done.stdout + b"\n" + done.stderr))
        assert done.returncode == status, (line, done.stdout, done.stderr)
        return done.stdout.decode()


def environment(variables: dict[str, str]) -> dict[str, str]:
    """Return the environment of a program: this one's, but for what is Relaybook's."""
    clean = {one: text for one, text in os.environ.items() if not one.startswith("RELAYBOOK_")}
    return {**clean, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **variables}


@contextmanager
def a_swept_house(
    folder: Path, database_url: str | None, broker_url: str | None
) -> Iterator[House]:
    """Run the service, the relay and a tester at debug level; None is what is embedded."""
    for name in _FOLDERS:
        (folder / name).mkdir()
    canaries = Canaries()
    with ExitStack() as stack:
        port = free_port()
        recorder = stack.enter_context(recording(port))
        served = stack.enter_context(closing(Served()))
        served.provider.client_secret = canaries.new("OpenID client secret", kind="jagged")
        tokens = stack.enter_context(token_endpoint(TokenEndpoint(
            canaries.new("OAuth access token", kind="visible"),
            canaries.new("OAuth rotated refresh token", kind="visible"),
        )))  # fmt: skip
        echoing = stack.enter_context(running_peer(echoing_mail_server()))
        welcoming = stack.enter_context(running_peer(
            SmtpScript(extensions=("AUTH PLAIN",), answers={"AUTH": "235 2.7.0 welcome\r\n"})
        ))  # fmt: skip
        variables = _variables(folder, canaries, recorder, served.provider.issuer, port)
        spans = stack.enter_context(collecting())
        variables |= {"OTEL_EXPORTER_OTLP_ENDPOINT": spans.url, "OTEL_BSP_SCHEDULE_DELAY": "200"}
        variables |= _set_up(folder, canaries, database_url, broker_url, welcoming.port)
        since = stack.enter_context(_kept_log(database_url))
        prepare(read_settings(variables))
        processes = stack.enter_context(Processes(environment(variables), folder / "logs"))
        processes.start([*RELAYBOOK, "serve"])
        processes.start([*RELAYBOOK, "relay"])
        processes.start(TESTER, **dict.fromkeys(_NOT_FOR_TESTER, ""),
                        RELAYBOOK_TOKEN_FILE=str(folder / "data" / "tester.token"))  # fmt: skip
        wait_until(lambda: is_ready(f"http://127.0.0.1:{port}"), seconds=_READY_S, what="ready")
        house = House(
            folder, canaries, variables, recorder, processes, served.provider, tokens,
            echoing, welcoming, spans, since,
        )  # fmt: skip
        _note_made(house)
        yield house


def _variables(
    folder: Path, canaries: Canaries, recorder: Recorder, issuer: str, port: int
) -> dict[str, str]:
    key = os.urandom(32)
    text = base64.b64encode(key).decode()
    canaries.add("master key", text.encode())
    canaries.add("master key's bytes", key)
    return {
        "RELAYBOOK_DATA_DIR": str(folder / "data"),
        "RELAYBOOK_BIND": f"127.0.0.1:{port}",
        "RELAYBOOK_URL": recorder.url,
        "RELAYBOOK_PUBLIC_URL": recorder.url,
        "RELAYBOOK_MASTER_KEY": text,
        "RELAYBOOK_PROBE_ALLOW": "127.0.0.1/32:*",
        "RELAYBOOK_TEST_RATE": "off",
        "RELAYBOOK_LOG_LEVEL": "debug",
        "RELAYBOOK_OIDC_ISSUER": issuer,
        "RELAYBOOK_OIDC_CLIENT_ID": CLIENT_ID,
        "RELAYBOOK_OIDC_CLIENT_SECRET": canaries.text("OpenID client secret"),
        "RELAYBOOK_OIDC_ROLES": "groups=mail-admins:admin",
        "TMPDIR": str(folder / "tmp"),
    }


def _set_up(
    folder: Path, canaries: Canaries, database_url: str | None, broker_url: str | None, port: int
) -> dict[str, str]:
    """Return the variables of the stores, and a defaults file with a password."""
    password = canaries.new("defaults file: password")
    setting: dict[str, Any] = {
        "id": "default", "host": "127.0.0.1", "port": port, "security": "none",
        "auth": {"method": "password", "user": "mailer@acme.example", "password": password},
    }  # fmt: skip
    defaults = folder / "doors" / "defaults.json"
    defaults.write_text(json.dumps({"relaybook": 1, "settings": [setting]}))
    found = {"RELAYBOOK_DEFAULTS_FILE": str(defaults)}
    url = f"sqlite:///{folder / 'data' / 'relaybook.db'}"
    if database_url is not None:
        told = canaries.new("database password", kind="visible")
        url = make_url(database_url).set(password=told).render_as_string(hide_password=False)
    found["RELAYBOOK_DATABASE_URL"] = url
    return found if broker_url is None else found | {"RELAYBOOK_BROKER_URL": broker_url}


@contextmanager
def _kept_log(database_url: str | None) -> Iterator[int]:
    """Give where the write-ahead log is now, and keep the server from recycling it from there on.

    A checkpoint of another user of the server would take away what was not searched yet.
    """
    if database_url is None:
        yield 0
        return
    engine = create_engine(database_url)
    with engine.connect() as connection:
        slot = f"sweep_{os.urandom(6).hex()}"
        keep = text("SELECT pg_create_physical_replication_slot(:slot, true, true)")
        connection.execute(keep, {"slot": slot})
        since = wal_position(connection)
        connection.commit()  # the slot lasts as long as the connection, the transaction need not
        yield since
    engine.dispose()


def _note_made(house: House) -> None:
    """Note the secrets that the product made at its start."""
    for name in ("admin.token", "tester.token"):
        house.canaries.add(name, house.file(f"data/{name}").encode())
    link = house.file("data/sign-in.link").partition("link=")[2]
    house.canaries.add("sign-in link", link.encode())
