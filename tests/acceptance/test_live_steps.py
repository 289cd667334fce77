"""Steps are seen while they happen: real processes, and a server that waits for the watcher."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import statistics
import time
from threading import Event
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, TESTER, Processes, is_ready, wait_until
from tests.support.smtp.peer import Connection, Peer, running_peer
from tests.support.smtp.script import PASSWORD, USER, SmtpScript

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

_PATIENCE_S = 15.0
_ROUNDS = 5


class Watched:
    """What the server said when, and when the watcher heard of it; seconds on one clock."""

    def __init__(self) -> None:
        self.said: dict[str, float] = {}
        self.heard: dict[str, float] = {}
        self._heard = {name: Event() for name in ("banner", "ehlo", "auth")}

    def hear(self, step: str) -> None:
        self.heard.setdefault(step, time.monotonic())
        if step in self._heard:
            self._heard[step].set()

    def answer(self, step: str, text: str, *, after: str) -> Callable[..., Awaitable[None]]:
        """Answer so that a step ends, once the watcher has heard of the step before."""

        async def behave(connection: Connection, _line: str) -> None:
            if await asyncio.to_thread(self._heard[after].wait, _PATIENCE_S):
                self.said[step] = time.monotonic()
                await connection.send(text)

        return behave

    async def __call__(self, connection: Connection) -> None:
        extensions = "250-mx.acme.example\r\n250 AUTH PLAIN\r\n"
        script = SmtpScript(
            banner="",
            answers={
                "EHLO": self.answer("ehlo", extensions, after="banner"),
                "AUTH": self.answer("auth", "235 yes\r\n", after="ehlo"),
                "QUIT": self.answer("quit", "221 bye\r\n", after="auth"),
            },
        )
        self.said["banner"] = time.monotonic()
        await connection.send("220 mx.acme.example ESMTP\r\n")
        await script(connection)

    @property
    def delays_ms(self) -> dict[str, float]:
        """Milliseconds from the server's word to the watcher's event, for steps of the dialogue."""
        return {
            name: (self.heard[name] - said) * 1000
            for name, said in self.said.items()
            if name in self.heard
        }


@pytest.fixture(params=["embedded", "servers"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The API's address and an operator's token, with every process running."""
    environment = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "RELAYBOOK_PROBE_ALLOW": "127.0.0.0/8:*",
        "RELAYBOOK_TEST_RATE": "off",
    }
    if request.param == "servers":
        environment["RELAYBOOK_DATABASE_URL"] = request.getfixturevalue("postgres_url")
        environment["RELAYBOOK_BROKER_URL"] = request.getfixturevalue("rabbitmq_vhost")
    bind = f"127.0.0.1:{free_port()}"
    with Processes(environment, tmp_path) as processes:
        processes.run("migrate")
        operator, tester = (
            processes.run("tokens", "create", "--role", role, "--name", role).strip()
            for role in ("operator", "tester")
        )
        processes.start([*RELAYBOOK, "serve"], RELAYBOOK_BIND=bind)
        processes.start([*RELAYBOOK, "relay"])
        processes.start(TESTER, RELAYBOOK_URL=f"http://{bind}", RELAYBOOK_TOKEN=tester)
        wait_until(lambda: is_ready(f"http://{bind}"), seconds=60, what="serve is ready")
        yield f"http://{bind}", operator


def watch(client: httpx.Client, peer: Peer, watched: Watched) -> dict[str, Any]:
    """Ask for a test of a draft and follow it; returns the test at its end."""
    draft = {
        "host": "127.0.0.1", "port": peer.port, "security": "none",
        "auth": {"method": "password", "user": USER, "password": PASSWORD},
    }  # fmt: skip
    asked = client.post("/v1/connection-tests", json={"draft": draft})
    asked.raise_for_status()
    name = ""
    with client.stream("GET", f"/v1/connection-tests/{asked.json()['id']}/stream") as stream:
        for line in stream.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data" and name == "step":
                step = json.loads(value)
                if step["state"] != "skipped":
                    watched.hear(step["name"])
            elif field == "data":
                told: dict[str, Any] = json.loads(value)
                return told
    raise AssertionError("the stream ended without the test")


@pytest.mark.timeout(180)
def test_each_step_is_told_before_the_next_one_begins(
    url: tuple[str, str], record_property: Callable[[str, object], None]
) -> None:
    base_url, token = url
    headers = {"Authorization": f"Bearer {token}"}
    delays: list[float] = []
    with httpx.Client(base_url=base_url, headers=headers, trust_env=False, timeout=60) as client:
        for _ in range(_ROUNDS):
            watched = Watched()
            with running_peer(watched) as peer:
                told = watch(client, peer, watched)
            assert told["code"] == "ok", told
            assert {"dns", "tcp", "banner", "ehlo", "auth", "quit"} <= set(watched.heard)
            delays += watched.delays_ms.values()
    median, worst = statistics.median(delays), max(delays)
    record_property("step_to_event_ms", f"median {median:.1f}, most {worst:.1f}, n {len(delays)}")
