from __future__ import annotations

import base64
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from services.config_api.bootstrap import build, prepare
from services.config_api.http.app import create_app
from services.config_api.settings import read_settings
from tests.integration.http.asking import Service, Watch

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def a_service(folder: Path, database_url: str) -> Iterator[Service]:
    """Give a service that takes any number of tests a minute."""
    watch = Watch()
    settings = read_settings(
        {
            "RELAYBOOK_DATA_DIR": str(folder),
            "RELAYBOOK_DATABASE_URL": database_url,
            "RELAYBOOK_MASTER_KEY": base64.b64encode(bytes(range(32))).decode(),
            "RELAYBOOK_TEST_RATE": "off",
        }
    )
    prepare(settings, clock=watch)
    relaybook = build(settings, clock=watch)
    yield Service(create_app(relaybook), relaybook, watch)
    relaybook.close()


@pytest.fixture
def service(tmp_path: Path, sqlite_url: str) -> Iterator[Service]:
    with a_service(tmp_path, sqlite_url) as service:
        yield service
