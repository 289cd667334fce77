"""A tester as a process of its own, its work on a real bus, its claims answered by a stand-in."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Final, Self

from events.bus.open import open_bus
from events.bus.topology import CONNECTION_TEST_RESULTS
from events.bus.work import decode_work, work_outgoing
from events.messages import TestDispatched, TestReported
from tests.bench._frame import Measured
from tests.support.memory import cpu_seconds, forget_peak, peak_mib, taken_mib
from tests.support.processes import TESTER, Processes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from events.bus.port import Delivery

AT_ONCE: Final = 1000
_PAGE: Final = 200
_PATIENCE_S: Final = 120.0
_PATIENCE_EACH_S: Final = 0.1
_REST_S: Final = 3.0


class Results:
    """Counts what testers report; anything but a pass ends the benchmark."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left = 0
        self._done = Event()
        self._other: str | None = None

    def expect(self, count: int) -> None:
        self._left, self._other = count, None
        self._done.clear()

    def take(self, delivery: Delivery) -> None:
        message = decode_work(delivery.message)
        delivery.ack()
        with self._lock:
            self._left -= 1
            if not isinstance(message, TestReported) or message.result.code != "ok":
                self._other = str(message)
            if self._left == 0 or self._other:
                self._done.set()

    def wait(self) -> None:
        """Return when all came; raises RuntimeError where one did not pass, or none came."""
        if not self._done.wait(_PATIENCE_S + self._left * _PATIENCE_EACH_S) or self._other:
            raise RuntimeError(self._other or f"{self._left} results did not come")


class Testing:
    """One tester at work on one bus, against one mail server."""

    def __init__(self, broker_url: str, tester_pid: int, server_pid: int, now: datetime) -> None:
        self._bus = open_bus(broker_url)
        self._pids = {"tester": tester_pid, "server": server_pid}
        self._now = now
        self._results = Results()
        self._receiving = self._bus.consumer(CONNECTION_TEST_RESULTS, prefetch=256)
        self._thread = Thread(target=self._receiving.run, args=(self._results.take,), daemon=True)
        self._number = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self.measure(1)  # it is up, and the bus and the TLS context are ready
        time.sleep(_REST_S)
        self.rest_mib = taken_mib(self._pids["tester"])
        return self

    def __exit__(self, *_: object) -> None:
        self._receiving.stop()
        self._thread.join(timeout=10)

    def measure(self, count: int) -> Measured:
        """Dispatch so many tests at once and wait for all results."""
        pid = self._pids["tester"]
        forget_peak(pid)
        before = self._cpu()
        self._results.expect(count)
        begun = time.monotonic()
        self._dispatch(count)
        self._results.wait()
        seconds = time.monotonic() - begun
        spent = {part: after - before[part] for part, after in self._cpu().items()}
        memory = {"tester, at most": peak_mib(pid)}
        return Measured(count=count, seconds=seconds, cpu_s=spent, memory_mib=memory)

    def _dispatch(self, count: int) -> None:
        publisher = self._bus.publisher()
        numbers = range(self._number, self._number + count)
        self._number += count
        for first in range(0, count, _PAGE):
            page = numbers[first : first + _PAGE]
            messages = [TestDispatched(test_id=f"t-{number}", attempt=1) for number in page]
            publisher.publish([work_outgoing(message, at=self._now) for message in messages])
        publisher.close()

    def _cpu(self) -> dict[str, float]:
        return {part: cpu_seconds(pid) for part, pid in self._pids.items()}


@contextmanager
def a_tester(
    broker_url: str, claim: Mapping[str, Any], folder: Path, *, server_pid: int, now: datetime
) -> Iterator[Testing]:
    """Run a tester that gets this answer to each claim, until the block ends."""
    folder.mkdir()
    (folder / "claim.json").write_text(json.dumps(claim), encoding="utf-8")
    with a_program("tests.bench._claims_api", str(folder / "claim.json")) as (_, api_port):
        environment = {
            "RELAYBOOK_DATA_DIR": str(folder),
            "RELAYBOOK_URL": f"http://127.0.0.1:{api_port}",
            "RELAYBOOK_TOKEN": "rb_bench",
            "RELAYBOOK_BROKER_URL": broker_url,
            "RELAYBOOK_PROBE_ALLOW": "127.0.0.0/8:*",
            "RELAYBOOK_PROBE_CONCURRENCY": str(AT_ONCE),
            "RELAYBOOK_LOG_LEVEL": "warning",
        }
        with Processes(environment, folder) as processes:
            tester = processes.start(TESTER)
            with Testing(broker_url, tester.pid, server_pid, now) as testing:
                yield testing


@contextmanager
def a_program(module: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """Run a program that prints its port and ends with its input; yields its process and port."""
    command = (sys.executable, "-m", module, *arguments)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.pid, int(process.stdout.readline())
        process.communicate(timeout=10)
