from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from services.config_api.bootstrap import build, prepare
from services.config_api.http.app import create_app
from services.config_api.settings import read_settings
from tests.integration.http.asking import Asker, Service, Watch
from tests.support.authorization_server import Client, Provider, authorization_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return the database to use; a module that matters on both overrides it by `store_url`."""
    return sqlite_url


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A real authorization server that knows the client `relaybook`."""
    with authorization_server() as running:
        running.clients["relaybook"] = Client("relaybook", secret="s3cret-one")
        yield running


@pytest.fixture
def environ() -> dict[str, str]:
    """Return further variables of the service; a module that needs some overrides it."""
    return {}


@pytest.fixture
def service(tmp_path: Path, database_url: str, environ: dict[str, str]) -> Iterator[Service]:
    watch = Watch()
    settings = read_settings(
        {
            "RELAYBOOK_DATA_DIR": str(tmp_path),
            "RELAYBOOK_DATABASE_URL": database_url,
            "RELAYBOOK_MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
            **environ,
        }
    )
    prepare(settings, clock=watch)
    relaybook = build(settings, clock=watch)
    yield Service(create_app(relaybook), relaybook, watch)
    relaybook.close()


@pytest.fixture
def operator(service: Service) -> Asker:
    return service.asker("operator")


@pytest.fixture
def admin(service: Service) -> Asker:
    return service.asker("admin")


@pytest.fixture
def reader(service: Service) -> Asker:
    return service.asker("reader")


@pytest.fixture
def auditor(service: Service) -> Asker:
    return service.asker("auditor")
