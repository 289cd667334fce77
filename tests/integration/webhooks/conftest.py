from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.integration.webhooks.telling import Told
from tests.support.relaybook import a_house
from tests.support.webhook_receiver import Receiver, receiving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    with receiving(tmp_path / "ca.pem") as running:
        yield running


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return the database to use; a class that matters on both overrides it by `store_url`."""
    return sqlite_url


@pytest.fixture
def told(database_url: str, tmp_path: Path, receiver: Receiver) -> Iterator[Told]:
    """The application, allowed to reach the receiver and trusting its authority."""
    environ = {
        "RELAYBOOK_PROBE_ALLOW": f"127.0.0.1/32:{receiver.port},[::1]/128:{receiver.port}",
        "RELAYBOOK_CA_FILE": str(tmp_path / "ca.pem"),
    }
    with a_house(database_url, None, tmp_path, **environ) as house:
        yield Told(house, receiver)
