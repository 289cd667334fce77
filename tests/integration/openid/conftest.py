from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tests.integration.openid.house import House, a_house
from tests.support.openid import Provider, Served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def provider() -> Iterator[Provider]:
    served = Served()
    served.provider.claims = {"groups": ["staff", "mail-ops"], "preferred_username": "alice"}
    yield served.provider
    served.close()


@pytest.fixture
def house(provider: Provider, store_url: str, tmp_path: Path) -> Iterator[House]:
    """The service with this provider, once on each kind of database."""
    with a_house(provider, store_url, tmp_path, now=datetime.now(UTC)) as house:
        yield house


@pytest.fixture
def watch_start() -> datetime:
    return datetime.now(UTC)
