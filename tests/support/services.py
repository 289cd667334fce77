"""Databases and brokers of a test's own, on the servers of this machine.

`RELAYBOOK_TEST_DATABASE_URL` and `RELAYBOOK_TEST_BROKER_URL` name other servers on loopback. A
server that is missing skips the tests that need it, or fails them if RELAYBOOK_REQUIRE_SERVICES
is 1.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NoReturn

import psycopg
import pytest
from sqlalchemy import URL, make_url

from deploy.migrations import migrate
from events.store.sql.sqlite.engine import driver

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

POSTGRES = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
_RABBITMQ = "amqp://guest:guest@127.0.0.1:5672/"
_CONNECT_SECONDS = 5
_RABBITMQCTL_SECONDS = 60
_AHEAD = 3
_VIRTUAL_HOSTS_AT_ONCE = 6


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where services are required."""
    if os.environ.get("RELAYBOOK_REQUIRE_SERVICES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


class PostgresServer:
    """Makes and drops databases with random names."""

    def __init__(self, url: URL) -> None:
        self._url = url

    def connect(self, database: str | None = None) -> psycopg.Connection[tuple[object, ...]]:
        url = self._url.set(drivername="postgresql", database=database or self._url.database)
        address = url.render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=True, connect_timeout=_CONNECT_SECONDS)

    def create(self, *, template: str = "template1", name: str | None = None) -> str:
        """Return the URL of a new database that looks like `template`."""
        return self.create_like(f'TEMPLATE "{template}"', name=name)

    def create_like(self, options: str, *, name: str | None = None) -> str:
        """Return the URL of a new database, made with options of CREATE DATABASE."""
        name = name or f"relaybook_test_{secrets.token_hex(6)}"
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{name}" {options}'.encode())
        return self._url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database, also under connections that a failed test left open."""
        name = make_url(url).database
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


class DatabasesAhead:
    """Migrated databases, made while tests run: to make one takes longer than most tests."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server = server
        self._template = template
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="databases")
        self._made: deque[Future[str]] = deque()
        self._left: list[Future[None]] = []

    def take(self) -> str:
        """Return the URL of a database that nobody has used."""
        while len(self._made) <= _AHEAD:
            self._made.append(self._pool.submit(self._server.create, template=self._template))
        return self._made.popleft().result()

    def leave(self, url: str) -> None:
        """Have a database dropped."""
        self._left.append(self._pool.submit(self._server.drop, url))

    def close(self) -> None:
        """Drop what nobody took; fails where a database could not be dropped."""
        for made in self._made:
            self.leave(made.result())
        for left in self._left:
            left.result()
        self._pool.shutdown()


def named_postgres() -> PostgresServer:
    """Return the server that the environment names, or that of this machine."""
    return PostgresServer(make_url(os.environ.get("RELAYBOOK_TEST_DATABASE_URL", POSTGRES)))


@pytest.fixture(scope="session")
def postgres_server() -> PostgresServer:
    server = named_postgres()
    try:
        server.connect().close()
    except psycopg.OperationalError as error:
        missing(f"no PostgreSQL: {error}")
    return server


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> Iterator[str]:
    """Name of a migrated database that nothing is connected to."""
    url = postgres_server.create()
    migrate(url)
    yield str(make_url(url).database)
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def databases_ahead(
    postgres_server: PostgresServer, postgres_template: str
) -> Iterator[DatabasesAhead]:
    ahead = DatabasesAhead(postgres_server, postgres_template)
    yield ahead
    ahead.close()


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database without a table."""
    url = postgres_server.create()
    yield url
    postgres_server.drop(url)


@pytest.fixture
def application_role(postgres_server: PostgresServer, empty_postgres_url: str) -> Iterator[str]:
    """A role that may sign in and owns nothing, beside the owner of `empty_postgres_url`."""
    role = f"relaybook app {secrets.token_hex(4)}"
    with postgres_server.connect() as connection:
        connection.execute(f'CREATE ROLE "{role}" LOGIN'.encode())
    yield role
    postgres_server.drop(empty_postgres_url)  # and with it the rights that the role has there
    with postgres_server.connect() as connection:
        connection.execute(f'DROP ROLE "{role}"'.encode())


@pytest.fixture
def application_url(empty_postgres_url: str, application_role: str) -> str:
    """`empty_postgres_url` as that role reaches it."""
    address = make_url(empty_postgres_url).set(username=application_role)
    return address.render_as_string(hide_password=False)


@pytest.fixture
def postgres_url(databases_ahead: DatabasesAhead) -> Iterator[str]:
    """A migrated database of the test's own."""
    url = databases_ahead.take()
    yield url
    databases_ahead.leave(url)


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A database file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.db'}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file."""
    path = tmp_path_factory.mktemp("template") / "store.db"
    migrate(f"sqlite:///{path}")
    with contextlib.closing(driver().connect(str(path))) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated database file of the test's own."""
    path = tmp_path / "store.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """A migrated database, once on each kind."""
    name = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_store_url(request: pytest.FixtureRequest) -> str:
    """A database without a table, once on each kind."""
    name = {"sqlite": "empty_sqlite_url", "postgresql": "empty_postgres_url"}[request.param]
    url: str = request.getfixturevalue(name)
    return url


class VirtualHosts:
    """Makes virtual hosts of RabbitMQ, some at a time: each call of its program takes a second."""

    def __init__(self) -> None:
        self._address = make_url(os.environ.get("RELAYBOOK_TEST_BROKER_URL", _RABBITMQ))
        self._unused: list[str] = []
        self._made: list[str] = []

    def take(self, *, among: int = _VIRTUAL_HOSTS_AT_ONCE) -> str:
        """Return the URL of one that nobody has used; raises LookupError where there is none."""
        if not self._unused:
            self._unused = [f"relaybook-test-{secrets.token_hex(6)}" for _ in range(among)]
            self._made += self._unused
            user = self._address.username or "guest"
            _for_each(
                self._unused,
                'rabbit_vhost:add(Name, <<"tests">>), rabbit_auth_backend_internal:set_permissions('
                f'<<"{user}">>, Name, <<".*">>, <<".*">>, <<".*">>, <<"tests">>)',
            )
        return self._address.set(database=self._unused.pop()).render_as_string(hide_password=False)

    def close(self) -> None:
        """Delete all that were made."""
        if self._made:
            _for_each(self._made, 'rabbit_vhost:delete(Name, <<"tests">>)')


def _for_each(names: list[str], expression: str) -> None:
    """Have RabbitMQ evaluate an expression of Erlang for each Name; raises LookupError."""
    if shutil.which("rabbitmqctl") is None:
        raise LookupError("no rabbitmqctl, so no virtual host for this test process")
    all_names = ", ".join(f'<<"{name}">>' for name in names)
    program = f"lists:foreach(fun(Name) -> {expression} end, [{all_names}])."
    try:
        subprocess.run(
            ["rabbitmqctl", "--quiet", "eval", program],
            check=True,
            capture_output=True,
            timeout=_RABBITMQCTL_SECONDS,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise LookupError(f"no RabbitMQ: {error}") from error


@contextlib.contextmanager
def a_virtual_host() -> Iterator[str]:
    """URL of a new virtual host of RabbitMQ; raises LookupError where there is none to have."""
    hosts = VirtualHosts()
    try:
        yield hosts.take(among=1)
    finally:
        hosts.close()


@pytest.fixture(scope="session")
def virtual_hosts() -> Iterator[VirtualHosts]:
    hosts = VirtualHosts()
    yield hosts
    hosts.close()


@pytest.fixture(scope="module")
def rabbitmq_vhost(virtual_hosts: VirtualHosts) -> str:
    """URL of a virtual host that only one file of tests knows: no consumer of another is left."""
    try:
        return virtual_hosts.take()
    except LookupError as reason:
        missing(str(reason))


@pytest.fixture
def embedded_broker_url(tmp_path: Path) -> str:
    """The embedded bus on a file of the test's own."""
    return f"relaybook+sqlite:///{tmp_path / 'bus.db'}"


@pytest.fixture(params=["embedded", "rabbitmq"])
def broker_url(request: pytest.FixtureRequest) -> str:
    """A broker without old messages for the embedded one; on RabbitMQ the process's own host."""
    name = {"embedded": "embedded_broker_url", "rabbitmq": "rabbitmq_vhost"}[request.param]
    url: str = request.getfixturevalue(name)
    return url
