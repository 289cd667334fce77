from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.acceptance.journey import Scene, listening
from tests.support.relaybook import embedded_house, house, server_house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.relaybook import House

__all__ = ["embedded_house", "house", "server_house"]


@pytest.fixture
def scene(house: House) -> Iterator[Scene]:
    with listening(house) as ear, house.relay():
        yield Scene(house, ear)
