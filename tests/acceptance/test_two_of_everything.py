"""Two of each process on PostgreSQL and RabbitMQ; one tester and one relay are killed half-way."""

from __future__ import annotations

import base64
import secrets
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from deploy.demo.arrangement import Arrangement, arrange
from events.store.sql.opening import open_store
from tests.support.ports import free_port
from tests.support.processes import RELAYBOOK, TESTER, Processes, is_ready, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TESTS = 200
#: What a killed tester held comes back by RabbitMQ at once, or after its deadline and 10 s.
DEADLINE_MS = 5_000
ALL_DONE_SECONDS = 90.0


@pytest.fixture
def sink(tmp_path: Path) -> Arrangement:
    return arrange(tmp_path / "sink", datetime.now(UTC))


@pytest.fixture
def processes(
    tmp_path: Path, postgres_url: str, rabbitmq_vhost: str, sink: Arrangement
) -> Iterator[Processes]:
    environment = {
        "RELAYBOOK_DATA_DIR": str(tmp_path),
        "RELAYBOOK_DATABASE_URL": postgres_url,
        "RELAYBOOK_BROKER_URL": rabbitmq_vhost,
        "RELAYBOOK_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "RELAYBOOK_PROBE_ALLOW": sink.probe_allow(),
        "RELAYBOOK_PROBE_DEADLINE_MS": str(DEADLINE_MS),
        "RELAYBOOK_TEST_RATE": "off",
    }
    with Processes(environment, tmp_path) as running:
        yield running


def setting_of(sink: Arrangement) -> dict[str, Any]:
    return {
        "id": "sink",
        "host": "127.0.0.1",
        "port": sink.ports.starttls,
        "ca_pem": sink.ca_pem,
        "auth": {"method": "password", "user": sink.user, "password": sink.password},
    }


@pytest.mark.timeout(240)
def test_two_hundred_tests_complete_once_each_while_a_tester_and_a_relay_are_killed(
    processes: Processes, sink: Arrangement, postgres_url: str
) -> None:
    processes.run("migrate")
    operator = create_token(processes, "operator")
    tester = create_token(processes, "tester")
    processes.start([sys.executable, "-m", "deploy.demo.sink", str(sink.folder)])
    urls = [serve(processes), serve(processes)]
    relays = [processes.start([*RELAYBOOK, "relay"]) for _ in urls]
    testers = [processes.start(TESTER, RELAYBOOK_URL=url, RELAYBOOK_TOKEN=tester) for url in urls]
    for url in urls:
        wait_until(lambda url=url: is_ready(url), seconds=30, what="serve is ready")  # type: ignore[misc]  # a closure over the loop's value
    headers = {"Authorization": f"Bearer {operator}"}

    with httpx.Client(headers=headers, trust_env=False, timeout=30) as client:
        client.post(f"{urls[0]}/v1/smtp-settings", json=setting_of(sink)).raise_for_status()
        requested = request_tests(client, urls)
        wait_until(lambda: completed(postgres_url) >= TESTS // 4, seconds=25, what="a quarter")
        processes.kill(testers[0])
        processes.kill(relays[0])
        wait_until(
            lambda: completed(postgres_url) >= TESTS, seconds=ALL_DONE_SECONDS, what="all tests"
        )
        verdicts = Counter(
            client.get(f"{urls[1]}/v1/connection-tests/{test_id}").json()["verdict"]
            for test_id in requested
        )

    assert verdicts == {"passed": TESTS}
    assert facts_by_stream(postgres_url) == {
        f"connection_test-{test_id}": ["connection_test.requested", "connection_test.completed"]
        for test_id in requested
    }


def create_token(processes: Processes, role: str) -> str:
    return processes.run("tokens", "create", "--role", role, "--name", role).strip()


def serve(processes: Processes) -> str:
    bind = f"127.0.0.1:{free_port()}"
    processes.start([*RELAYBOOK, "serve"], RELAYBOOK_BIND=bind)
    return f"http://{bind}"


def request_tests(client: httpx.Client, urls: list[str]) -> list[str]:
    def request(number: int) -> str:
        url = f"{urls[number % 2]}/v1/connection-tests"
        answer = client.post(url, json={"setting_id": "sink"})
        answer.raise_for_status()
        test_id: str = answer.json()["id"]
        return test_id

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(request, range(TESTS)))


def facts_by_stream(url: str) -> dict[str, list[str]]:
    opened = open_store(url)
    try:
        found: dict[str, list[str]] = {}
        for event in opened.store.read_all(after=0, limit=10_000).events:
            if event.type.startswith("connection_test."):
                found.setdefault(event.stream, []).append(event.type)
        return found
    finally:
        opened.close()


def completed(url: str) -> int:
    return sum("connection_test.completed" in facts for facts in facts_by_stream(url).values())
