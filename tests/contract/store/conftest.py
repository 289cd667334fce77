"""Every implementation of the store, one after the other."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from events.store.sql.opening import open_store
from tests.contract.store.kit import in_memory, on_database, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.store.port import EventStore
    from events.store.sql.opening import OpenedStore
    from tests.contract.store.kit import Tested


@pytest.fixture
def opened_store(store_url: str) -> Iterator[OpenedStore]:
    store = opened(store_url)
    yield store
    store.close()


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[OpenedStore]:
    store = opened(postgres_url)
    yield store
    store.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[OpenedStore]:
    store = opened(sqlite_url)
    yield store
    store.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def tested(request: pytest.FixtureRequest) -> Tested:
    if request.param == "memory":
        return in_memory()
    return on_database(request.getfixturevalue(request.param))


@pytest.fixture
def store(tested: Tested) -> EventStore:
    return tested.store


@pytest.fixture
def unreachable() -> Iterator[OpenedStore]:
    """A store on a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    store = open_store(f"postgresql://nobody@127.0.0.1:{port}/nothing")
    yield store
    store.close()
