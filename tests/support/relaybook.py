"""The whole application on a database and a broker of the test's own, its clock under control."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

import pytest

from events.envelope import Cause
from services.config_api.application.context import Context
from services.config_api.bootstrap import build, check
from services.config_api.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from services.config_api.bootstrap import Relaybook

T = TypeVar("T")

MASTER_KEY = base64.b64encode(bytes(range(32))).decode()
ALICE = "user:alice"
PATIENCE_SECONDS = 20.0


@dataclass
class Watch:
    """A clock that stands still until it is put forward."""

    now: datetime = field(default=datetime(2026, 3, 1, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(frozen=True)
class House:
    """The service and its clock."""

    relaybook: Relaybook
    watch: Watch

    def ctx(self, *, actor: str = ALICE) -> Context:
        """Return the context of a command that `actor` gives now."""
        return context(self.watch(), actor=actor)

    @contextmanager
    def relay(self) -> Iterator[None]:
        """Run the relay meanwhile."""
        stop = Event()
        thread = Thread(target=self.relaybook.relay.run, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def context(at: datetime, *, actor: str = ALICE, story: str = "story-1") -> Context:
    """Return the context of a command."""
    cause = Cause(
        actor=actor,
        source_ip="192.0.2.1",
        correlation_id=story,
        causation_id=None,
        traceparent=None,
    )
    return Context(cause=cause, at=at)


def eventually(question: Callable[[], T | None]) -> T:
    """Return the first answer that is neither None nor False; fails after 20 s."""
    until = monotonic() + PATIENCE_SECONDS
    while monotonic() < until:
        answer = question()
        if answer is not None and answer is not False:
            return answer
        sleep(0.02)
    pytest.fail("it did not happen in time")


@contextmanager
def a_house(
    database_url: str, broker_url: str | None, data_dir: Path, **environment: str
) -> Iterator[House]:
    """Give the application on a migrated database; no broker is the embedded one."""
    watch = Watch()
    environ = {
        "RELAYBOOK_DATA_DIR": str(data_dir),
        "RELAYBOOK_DATABASE_URL": database_url,
        "RELAYBOOK_BROKER_URL": broker_url or "",
        "RELAYBOOK_MASTER_KEY": MASTER_KEY,
        **environment,
    }
    relaybook = build(read_settings(environ), clock=watch)
    check(relaybook)
    yield House(relaybook, watch)
    relaybook.close()


@pytest.fixture
def embedded_house(sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """The application on SQLite and the embedded bus."""
    with a_house(sqlite_url, None, tmp_path) as house:
        yield house


@pytest.fixture
def server_house(postgres_url: str, rabbitmq_vhost: str, tmp_path: Path) -> Iterator[House]:
    """The application on PostgreSQL and RabbitMQ."""
    with a_house(postgres_url, rabbitmq_vhost, tmp_path) as house:
        yield house


@pytest.fixture(params=["embedded", "server"])
def house(request: pytest.FixtureRequest) -> House:
    """The application, once on each set-up."""
    built: House = request.getfixturevalue(f"{request.param}_house")
    return built
