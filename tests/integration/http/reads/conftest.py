from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.config_api.bootstrap import build
from services.config_api.http.reads.layer import ReadLayer
from tests.integration.http.reads.both import Both, register
from tests.support.relaybook import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.config_api.bootstrap import Relaybook
    from tests.integration.http.asking import Service


@pytest.fixture
def layer(service: Service) -> Iterator[ReadLayer]:
    """The layer in front of the service's app, sure of what it sees."""
    made = ReadLayer(service.app, service.relaybook, 1024 * 1024)
    made.start()
    eventually(lambda: made.keeps)
    yield made
    made.close()


@pytest.fixture
def both(service: Service, layer: ReadLayer) -> Both:
    """A service that has the setting of `acme`."""
    register(service, "acme")
    return Both(service, layer)


@pytest.fixture
def elsewhere(service: Service) -> Iterator[Relaybook]:
    """The same service in another process of this host."""
    other = build(service.relaybook.settings, clock=service.watch)
    yield other
    other.close()
