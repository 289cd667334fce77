"""How long it takes from a request to the first live step, through the whole product."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

import httpx

from events.bus.open import open_bus
from events.bus.topology import PROGRESS
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, Processes, is_ready, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from events.bus.port import Delivery

_REQUESTS: Final = 30
_PAUSE_S: Final = 0.2
_START_S: Final = 240.0  # of a machine that does much else


class Steps:
    """Notes when a step was told; a request waits for the first after it."""

    def __init__(self) -> None:
        self._told = Event()
        self.at = 0.0

    def take(self, _delivery: Delivery) -> None:
        if not self._told.is_set():
            self.at = time.monotonic()
            self._told.set()

    def expect(self) -> None:
        self._told.clear()

    def wait(self) -> None:
        if not self._told.wait(_START_S):
            raise RuntimeError("no step was told")


def milliseconds(
    folder: Path, broker_url: str | None, draft: Mapping[str, Any], *, allow: str
) -> list[float]:
    """Start the product, ask for some tests one after the other; return how long each took."""
    with _running(folder, broker_url, allow=allow) as (client, url):
        steps = Steps()
        listener = open_bus(broker_url or _embedded(folder)).listener([(PROGRESS, "#")])
        thread = Thread(target=listener.run, args=(steps.take,), daemon=True)
        thread.start()
        try:
            time.sleep(1)
            took = [_one(client, url, draft, steps) for _ in range(_REQUESTS)]
        finally:
            listener.stop()
            thread.join(timeout=10)
    return took[1:]  # the first one opens connections


def _one(client: httpx.Client, url: str, draft: Mapping[str, Any], steps: Steps) -> float:
    time.sleep(_PAUSE_S)
    steps.expect()
    begun = time.monotonic()
    answer = client.post(f"{url}/v1/connection-tests", json={"draft": draft, "depth": "connect"})
    answer.raise_for_status()
    steps.wait()
    took = (steps.at - begun) * 1000
    time.sleep(_PAUSE_S)  # the test's own steps are over
    return took


@contextmanager
def _running(
    folder: Path, broker_url: str | None, *, allow: str
) -> Iterator[tuple[httpx.Client, str]]:
    folder.mkdir()
    bind = f"127.0.0.1:{free_port()}"
    environment = {
        "RELAYBOOK_PROBE_ALLOW": allow,
        "RELAYBOOK_TEST_RATE": "off",
        **({"RELAYBOOK_BROKER_URL": broker_url} if broker_url else {}),
    }
    data = folder / "data"
    with Processes(environment, folder) as processes:
        processes.start([*RELAYBOOK, "up", "--bind", bind, "--data-dir", str(data)])
        url = f"http://{bind}"
        wait_until(lambda: is_ready(url), seconds=_START_S, what="relaybook up is ready")
        token = (data / "admin.token").read_text("ascii").strip()
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(headers=headers, trust_env=False, timeout=30) as client:
            yield client, url


def _embedded(folder: Path) -> str:
    return f"relaybook+sqlite:///{folder / 'data' / 'bus.db'}"
