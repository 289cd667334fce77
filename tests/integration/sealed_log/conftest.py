from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.sealed_log import sealed_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.sealed_log import Kept


@pytest.fixture
def kept(store_url: str, tmp_path: Path) -> Iterator[Kept]:
    """A log on each kind of database; its newest checkpoint also goes to a file."""
    file = str(tmp_path / "outside.checkpoint")
    with sealed_log(store_url, tmp_path, RELAYBOOK_CHECKPOINT_FILE=file) as kept:
        yield kept


@pytest.fixture
def on_sqlite(sqlite_url: str, tmp_path: Path) -> Iterator[Kept]:
    with sealed_log(sqlite_url, tmp_path) as kept:
        yield kept
