from __future__ import annotations

import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from events.bus.cloudevents import to_outgoing
from events.bus.embedded.bus import embedded_url
from events.bus.open import open_bus
from events.bus.topology import (
    CONNECTION_TEST_RESULTS,
    CONNECTION_TESTS,
    DEAD_LETTERS,
    DETECTIONS,
    PROGRESS,
)
from events.bus.work import decode_work, work_outgoing
from events.connection_test import ConnectionTestCancelled
from events.messages import (
    DetectionDispatched,
    DetectionReported,
    TestDispatched,
    TestProgressed,
    TestReported,
)
from services.conn_tester.service import Service
from services.conn_tester.settings import read_settings
from tests.support.events import a_recorded_event
from tests.support.smtp.name_server import running_name_server
from tests.support.smtp.peer import Connection, running_peer
from tests.support.smtp.probing import claim_answer
from tests.support.smtp.script import SmtpScript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from events.bus.port import Bus, Delivery
    from events.messages import WorkMessage
    from tests.support.smtp.name_server import Zone

TOKEN = "rb_tester"


class Api:
    """Answers claims as the API does; `answer` is a document or a status."""

    def __init__(self) -> None:
        self.answers: list[dict[str, Any] | int] = []
        self.claims: list[tuple[str, str | None, dict[str, Any]]] = []
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                api.claims.append((self.path, self.headers["Authorization"], body))
                answer = api.answers.pop(0) if len(api.answers) > 1 else api.answers[0]
                status, content = (200, answer) if isinstance(answer, dict) else (answer, {})
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(content).encode())

            def log_message(self, *_args: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()
    thread = Thread(target=api.server.serve_forever, daemon=True)
    thread.start()
    yield api
    api.server.shutdown()
    api.server.server_close()
    thread.join()


@contextmanager
def running_tester(
    tmp_path: Path, api: Api, broker: str | None = None, **environment: str
) -> Iterator[Bus]:
    (tmp_path / "tester.token").write_text(TOKEN + "\n")
    settings = read_settings(
        {
            "RELAYBOOK_DATA_DIR": str(tmp_path),
            "RELAYBOOK_URL": api.url,
            "RELAYBOOK_PROBE_ALLOW": "127.0.0.0/8:*",
            "RELAYBOOK_PROBE_CONCURRENCY": "8",
            **({"RELAYBOOK_BROKER_URL": broker} if broker else {}),
            **environment,
        }
    )
    service = Service(settings)
    thread = Thread(target=service.run)
    thread.start()
    try:
        yield open_bus(broker or embedded_url(tmp_path / "bus.db"))
    finally:
        service.stop()
        thread.join(timeout=20)
        assert not thread.is_alive()


def dispatch(bus: Bus, *, attempt: int = 1) -> None:
    send(bus, TestDispatched(test_id="t-1", attempt=attempt))


def send(bus: Bus, message: WorkMessage) -> None:
    publisher = bus.publisher()
    publisher.publish([work_outgoing(message, at=datetime.now(UTC))])
    publisher.close()


@contextmanager
def gathering(consumer: Any, handle: Callable[[Delivery], None]) -> Iterator[None]:
    thread = Thread(target=consumer.run, args=(handle,))
    thread.start()
    try:
        yield
    finally:
        consumer.stop()
        thread.join(timeout=20)


def taken(bus: Bus, queue: str) -> Delivery:
    found: list[Delivery] = []
    arrived = Event()

    def take(delivery: Delivery) -> None:
        found.append(delivery)
        delivery.ack()
        arrived.set()

    with gathering(bus.consumer(queue, prefetch=1), take):
        assert arrived.wait(timeout=20)
    return found[0]


def result_of(bus: Bus) -> TestReported:
    report = decode_work(taken(bus, CONNECTION_TEST_RESULTS).message)
    assert isinstance(report, TestReported)
    return report


def last_steps(report: TestReported) -> TestProgressed:
    """Return the live steps that are the last ones; those before them may have been overtaken."""
    return TestProgressed(test_id=report.test_id, attempt=report.attempt, steps=report.result.steps)


def test_a_dispatched_detection_is_claimed_searched_and_reported(tmp_path: Path, api: Api) -> None:
    api.answers = [{"id": "d-1", "attempt": 2, "domain": "acme.example", "deadline_ms": 10_000}]
    zone: Zone = {
        ("_submission._tcp.acme.example", "SRV"): ["0 0 587 smtp.acme.example."],
        ("acme.example", "MX"): ["0 ."],
    }
    with (
        running_name_server(zone) as (address, port),
        running_tester(tmp_path, api, RELAYBOOK_DNS_SERVERS=f"{address}:{port}") as bus,
    ):
        send(bus, DetectionDispatched(detection_id="d-1", attempt=2))
        report = decode_work(taken(bus, CONNECTION_TEST_RESULTS).message)
        assert eventually(lambda: bus.depth(DETECTIONS) == 0)
    assert isinstance(report, DetectionReported)
    assert (report.detection_id, report.attempt) == ("d-1", 2)
    (proposal,) = report.result.proposals
    assert (proposal.host, proposal.port, proposal.security) == (
        "smtp.acme.example", 587, "starttls",
    )  # fmt: skip
    assert [note.code for note in report.result.notes] == ["null_mx"]
    assert api.claims == [("/v1/detections/d-1/claim", f"Bearer {TOKEN}", {"attempt": 2})]


def settled(bus: Bus) -> bool:
    return eventually(lambda: bus.depth(CONNECTION_TESTS) == 0)


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_a_dispatched_test_is_claimed_probed_and_reported(tmp_path: Path, api: Api) -> None:
    steps: list[WorkMessage] = []
    with running_peer(SmtpScript()) as peer, running_tester(tmp_path, api) as bus:
        api.answers = [claim_answer(peer.port, host="127.0.0.1")]
        with gathering(
            bus.listener([(PROGRESS, "#")]), lambda got: steps.append(decode_work(got.message))
        ):
            time.sleep(0.5)  # a listener hears only what comes after it
            dispatch(bus)
            report = result_of(bus)
            assert eventually(lambda: steps[-1:] == [last_steps(report)])
    assert (report.test_id, report.attempt, report.result.code) == ("t-1", 1, "ok")
    assert api.claims == [("/v1/connection-tests/t-1/claim", f"Bearer {TOKEN}", {"attempt": 1})]
    last = steps[-1]
    assert isinstance(last, TestProgressed)
    assert last.steps == report.result.steps


@pytest.mark.parametrize("status", [404, 409])
def test_a_claim_that_is_refused_is_forgotten(tmp_path: Path, api: Api, status: int) -> None:
    api.answers = [status]
    with running_tester(tmp_path, api) as bus:
        dispatch(bus)
        assert eventually(lambda: len(api.claims) == 1)
        assert settled(bus)
    assert bus.depth(CONNECTION_TEST_RESULTS) == 0
    assert bus.depth(DEAD_LETTERS) == 0


def test_a_claim_is_tried_again_until_the_api_answers(tmp_path: Path, api: Api) -> None:
    with running_peer(SmtpScript()) as peer, running_tester(tmp_path, api) as bus:
        api.answers = [503, claim_answer(peer.port, host="127.0.0.1")]
        dispatch(bus)
        assert result_of(bus).result.code == "ok"
    assert len(api.claims) == 2


@pytest.mark.parametrize(
    "change", [{"depth": "submit"}, {"token_failure": {"code": 1}}, {"setting": {}}]
)
def test_a_claim_that_is_not_understood_is_parked(
    tmp_path: Path, api: Api, change: dict[str, object]
) -> None:
    api.answers = [claim_answer(25) | change]
    with running_tester(tmp_path, api) as bus:
        dispatch(bus)
        assert eventually(lambda: bus.depth(DEAD_LETTERS) == 1)


def cancel(bus: Bus, test_id: str) -> None:
    publisher = bus.publisher()
    cancelled = a_recorded_event(
        stream=f"connection_test-{test_id}", type=ConnectionTestCancelled.TYPE
    )
    publisher.publish([to_outgoing(cancelled)])
    publisher.close()


@pytest.mark.parametrize("transport", ["embedded", "rabbitmq"])
def test_a_test_that_somebody_stops_lets_go_of_the_server_at_once(
    tmp_path: Path, api: Api, transport: str, request: pytest.FixtureRequest
) -> None:
    gone = Event()

    async def silent(connection: Connection) -> None:
        await connection.gone()
        gone.set()

    broker = request.getfixturevalue("rabbitmq_vhost") if transport == "rabbitmq" else None
    with running_peer(silent) as peer, running_tester(tmp_path, api, broker) as bus:
        api.answers = [
            claim_answer(peer.port, host="127.0.0.1", timeout_ms=None, deadline_ms=60_000)
        ]
        dispatch(bus)
        assert eventually(lambda: peer.connections > 0)
        cancel(bus, "another")
        assert not gone.wait(0.3)
        cancel(bus, "t-1")
        assert gone.wait(5)
        assert settled(bus)
    assert bus.depth(CONNECTION_TEST_RESULTS) == 0


def test_a_test_that_outlasts_the_patience_of_a_stop_is_handed_back(
    tmp_path: Path, api: Api
) -> None:
    async def silent(connection: Connection) -> None:
        await connection.gone()

    with running_peer(silent) as peer:
        answer = claim_answer(peer.port, host="127.0.0.1", timeout_ms=None, deadline_ms=60_000)
        api.answers = [answer]
        begun = time.monotonic()
        with running_tester(tmp_path, api) as bus:
            dispatch(bus)
            assert eventually(lambda: peer.connections > 0)
        assert time.monotonic() - begun < 15
        assert eventually(lambda: bus.depth(CONNECTION_TESTS) == 1)
    assert bus.depth(CONNECTION_TEST_RESULTS) == 0
