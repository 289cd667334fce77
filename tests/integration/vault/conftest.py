from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from events.store.sql.opening import open_store
from services.config_api.vault.key_ring import KeyRing
from services.config_api.vault.vault import Vault
from tests.support.settings import BEGIN
from tests.support.vault import KEY, Boxes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from events.store.sql.opening import OpenedStore


@pytest.fixture
def opened(store_url: str) -> Iterator[OpenedStore]:
    store = open_store(store_url)
    yield store
    store.close()


@pytest.fixture
def boxes(opened: OpenedStore) -> Boxes:
    """A vault on an empty database, and what is around it."""
    vault = Vault(
        KeyRing.from_text(KEY),
        engine=opened.engine,
        read_engine=opened.read_engine,
        clock=lambda: BEGIN,
    )
    return Boxes(vault=vault, opened=opened)
