"""The running tester: a loop for probes, a thread a queue that receives, one that sends."""

from __future__ import annotations

import asyncio
import socket
import ssl
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

import structlog

from events.bus.open import open_bus
from events.bus.topology import CONNECTION_TESTS, DETECTIONS
from services.conn_tester.claims import Claims
from services.conn_tester.consumer import Consumer
from services.conn_tester.contexts import Contexts
from services.conn_tester.courier import Courier
from services.conn_tester.figures import CAPACITY
from services.conn_tester.hosts_file import HostsFile
from services.conn_tester.names import Names
from services.conn_tester.secret import Secret
from services.conn_tester.stops import Stops
from services.conn_tester.tools import Tools

if TYPE_CHECKING:
    from events.bus.port import Bus
    from events.bus.port import Consumer as BusConsumer
    from services.conn_tester.settings import Settings

_HOSTS_FILE: Final = Path("/etc/hosts")
_MOST_DETECTIONS: Final = 8
_PATIENCE_S: Final = 5.0
_SEND_S: Final = 5.0

_log = structlog.get_logger(__name__)


class Service:
    """Runs until `stop`; nothing is connected before `run`."""

    def __init__(self, settings: Settings, *, bus: Bus | None = None) -> None:
        self._settings = settings
        CAPACITY.set(settings.concurrency)
        self._stopping = Event()
        self._failed = False
        self._loop = asyncio.new_event_loop()
        self._bus = open_bus(settings.broker_url) if bus is None else bus
        self._courier = Courier(self._bus, clock=time.monotonic, now=_now)
        self._receiving = (
            self._bus.consumer(CONNECTION_TESTS, prefetch=settings.concurrency),
            self._bus.consumer(DETECTIONS, prefetch=min(settings.concurrency, _MOST_DETECTIONS)),
        )
        self._consumer = Consumer(
            loop=self._loop,
            claims=_claims(settings),
            tools=_tools(settings),
            courier=self._courier,
            deadline_s=settings.deadline_ms / 1000,
            system=self._bus.system,
        )
        self._stops = Stops(self._bus, self._consumer.stop_test)

    def stop(self) -> None:
        """Make `run` drain and return; from any thread or signal handler."""
        self._stopping.set()

    def run(self) -> bool:
        """Receive and probe until `stop`; return False where receiving ended by itself."""
        threads = [
            Thread(target=self._loop.run_forever, name="probes", daemon=True),
            Thread(target=self._courier.run, name="courier", daemon=True),
            *(
                Thread(target=self._receive, args=(consumer,), name="receiving", daemon=True)
                for consumer in self._receiving
            ),
        ]
        stops = Thread(target=self._stops.run, name="stops", daemon=True)
        for thread in (*threads, stops):
            thread.start()
        _log.info("tester ready", url=self._settings.url, concurrency=self._settings.concurrency)
        self._stopping.wait()
        self._stops.stop()
        self._drain(*threads)
        stops.join(timeout=_SEND_S)
        _log.info("tester stopped")
        return not self._failed

    def _receive(self, consumer: BusConsumer) -> None:
        try:
            consumer.run(self._consumer.handle)
        finally:
            self._failed = not self._stopping.is_set()
            self._stopping.set()

    def _drain(self, probes: Thread, courier: Thread, *receiving: Thread) -> None:
        """End probes, send their results, and only then stop receiving: it also acknowledges."""
        drained = asyncio.run_coroutine_threadsafe(self._consumer.drain(_PATIENCE_S), self._loop)
        drained.result(timeout=2 * _PATIENCE_S)
        self._courier.stop()
        courier.join(timeout=_SEND_S)
        for consumer in self._receiving:
            consumer.stop()
        for thread in receiving:
            thread.join(timeout=_SEND_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        probes.join(timeout=_SEND_S)
        if not self._loop.is_running():
            self._loop.close()


def _now() -> datetime:
    return datetime.now(UTC)


def _claims(settings: Settings) -> Claims:
    tls = None
    if settings.url.startswith("https:"):
        tls = ssl.create_default_context()
        if settings.ca_pem is not None:
            tls.load_verify_locations(cadata=settings.ca_pem)

    def token() -> Secret:
        return settings.token or Secret(settings.token_path.read_text("ascii").strip())

    return Claims(url=settings.url, token=token, tls=tls)


def _tools(settings: Settings) -> Tools:
    contexts = Contexts(extra_ca_pem=settings.ca_pem)
    contexts.verifying((), None)  # the first test shall not wait for it
    return Tools(
        policy=settings.reach,
        web_policy=settings.web_reach,
        names=Names(servers=settings.dns_servers, hosts=HostsFile(_HOSTS_FILE)),
        contexts=contexts,
        clock=time.monotonic,
        now=_now,
        machine=socket.gethostname(),
    )
